"""What an operator may do, as data. Each permission is the name of the `muni` function it is granted on.

The database is asked at login (`has_function_privilege`); nothing is granted here.
"""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """One member a granted function, alphabetised; the value is the function's name in schema `muni`."""

    ADD_NOTE = "add_note"
    ADD_NOTES = "add_notes"
    ADD_REPORTER = "add_reporter"
    APPLY_MUNICIPALITY = "apply_municipality"
    ASSIGN_TICKET = "assign_ticket"
    ASSIGN_TICKETS = "assign_tickets"
    BEGIN_EXPORT = "begin_export"
    CHANGE_STATUS = "change_status"
    CHANGE_STATUSES = "change_statuses"
    CREATE_OPERATOR = "create_operator"
    DISABLE_OPERATOR = "disable_operator"
    ENABLE_OPERATOR = "enable_operator"
    ESCALATE = "escalate"
    IMPORT_TICKETS = "import_tickets"
    LOG_TICKET = "log_ticket"
    MARK_SENSITIVE = "mark_sensitive"
    OPEN_CONFIDENTIAL_REPORT = "open_confidential_report"
    OVERRIDE_DEADLINE = "override_deadline"
    PROPOSE_TEAM = "propose_team"
    READ_ALERTS = "read_alerts"
    RECLASSIFY = "reclassify"
    RECORD_CONTACT = "record_contact"
    REPORT_SLA = "report_sla"
    RESET_OPERATOR_PASSWORD = "reset_operator_password"  # noqa: S105 — the name of a function
    SAVE_DRAFT = "save_draft"
    SEARCH_TICKETS = "search_tickets"
    SET_OPERATOR_TEAM = "set_operator_team"
    SIMILAR_TICKETS = "similar_tickets"
    SLA_PREVIEW = "sla_preview"
    TAKE_TICKET = "take_ticket"
    UNASSIGN_TICKET = "unassign_ticket"
    UNDO_ASSIGNMENT = "undo_assignment"
    UNDO_ASSIGNMENTS = "undo_assignments"


_MANAGERS = "managers and administrators, on GBV reports the SAPS liaison"
_ADMINS = "administrators"

WHO_MAY: dict[Permission, str] = {
    Permission.ADD_NOTES: f"many tickets at once are for {_MANAGERS}",
    Permission.APPLY_MUNICIPALITY: f"a municipality is set up by its {_ADMINS}",
    Permission.ASSIGN_TICKET: f"assigning is for {_MANAGERS}",
    Permission.ASSIGN_TICKETS: f"many tickets at once are for {_MANAGERS}",
    Permission.CHANGE_STATUSES: f"many tickets at once are for {_MANAGERS}",
    Permission.BEGIN_EXPORT: "exporting is for managers and administrators",
    Permission.CREATE_OPERATOR: f"adding people is for {_ADMINS}",
    Permission.DISABLE_OPERATOR: f"disabling people is for {_ADMINS}",
    Permission.ENABLE_OPERATOR: f"enabling people is for {_ADMINS}",
    Permission.IMPORT_TICKETS: f"importing is for {_ADMINS}",
    Permission.MARK_SENSITIVE: "marking as sensitive is for operators, managers and administrators",
    Permission.OPEN_CONFIDENTIAL_REPORT: (
        "GBV reports are opened by the SAPS liaison, and by administrators with a reason"
    ),
    Permission.OVERRIDE_DEADLINE: "setting a deadline is for managers and administrators",
    Permission.PROPOSE_TEAM: f"assigning is for {_MANAGERS}",
    Permission.RECLASSIFY: "another category is given by managers and administrators",
    Permission.REPORT_SLA: (
        "reports are for managers and administrators; the SAPS liaison is told how many GBV reports there were"
    ),
    Permission.RESET_OPERATOR_PASSWORD: f"resetting a password is for {_ADMINS}",
    Permission.SET_OPERATOR_TEAM: f"moving people is for {_ADMINS}",
    Permission.SLA_PREVIEW: "clocks are tried by operators, managers and administrators",
    Permission.UNASSIGN_TICKET: f"taking a ticket from somebody is for {_MANAGERS}",
    Permission.UNDO_ASSIGNMENT: f"assigning is for {_MANAGERS}",
    Permission.UNDO_ASSIGNMENTS: f"assigning is for {_MANAGERS}",
}
"""Who may do what is not for everybody: the sentence for whoever tries all the same."""

FOR: dict[Permission, str] = {
    Permission.ADD_NOTES: "for managers, administrators, SAPS",
    Permission.ASSIGN_TICKET: "for managers, administrators, SAPS",
    Permission.ASSIGN_TICKETS: "for managers, administrators, SAPS",
    Permission.CHANGE_STATUSES: "for managers, administrators, SAPS",
    Permission.MARK_SENSITIVE: "not for SAPS",
    Permission.OPEN_CONFIDENTIAL_REPORT: "for administrators",
    Permission.OVERRIDE_DEADLINE: "for managers and administrators",
    Permission.READ_ALERTS: "not for SAPS",
    Permission.RECLASSIFY: "for managers and administrators",
    Permission.UNDO_ASSIGNMENT: "for managers, administrators, SAPS",
}
"""The same in few words, of what stands in the console: why it is offered to others only."""
