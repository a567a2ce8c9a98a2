"""What an operator may do, as data. Each permission is the name of the `muni` function it is granted on.

The database is asked at login (`has_function_privilege`); nothing is granted here.
"""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """One member a granted function, alphabetised; the value is the function's name in schema `muni`."""

    ADD_NOTE = "add_note"
    ASSIGN_TICKET = "assign_ticket"
    CHANGE_STATUS = "change_status"
    IMPORT_TICKETS = "import_tickets"
    LOG_TICKET = "log_ticket"
    OPEN_CONFIDENTIAL_REPORT = "open_confidential_report"
    SEARCH_TICKETS = "search_tickets"
    TAKE_TICKET = "take_ticket"
