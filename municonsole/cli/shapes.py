"""The shapes of tickets on the command line: the JSON of docs/reference/cli.md, and columns for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from municonsole.cli.output import for_people, in_zone
from municonsole.domain.records import (
    Assignment,
    Page,
    TicketDetail,
    TicketRow,
    TimelineEntry,
)
from municonsole.domain.supervising import Why
from municonsole.domain.views import Standing

LIST_HEADERS = (
    "NUMBER",
    "CREATED",
    "SLA",
    "DUE",
    "SEVERITY",
    "CATEGORY",
    "STATUS",
    "TEAM",
    "ASSIGNEE",
    "DESCRIPTION",
)
TICKET_FIELDS = (
    *("tracking_number", "category", "status", "severity", "is_sensitive", "description"),
    *("address", "latitude", "longitude", "language", "reporter_name", "reporter_phone"),
    *("created_at", "updated_at", "version", "assigned_team", "assigned_to"),
    *("first_responded_at", "resolved_at", "escalated_at", "escalation_reason", "sla_status"),
    *("sla_response_deadline", "sla_resolution_deadline"),
)
"""Those of `ticket`, in order."""
AROUND_THE_CLOCK = "around the clock"
VIEW_HEADERS = ("KEY", "VIEW", "TICKETS", "OWN", "LEFT OUT")
HISTORY_HEADERS = ("TIME", "WHAT", "WHO", "FROM", "TO", "TEAM", "ASSIGNEE", "NOTE")


def page(found: Page, zone: ZoneInfo) -> dict[str, object]:
    """`{"tickets": […], "next": CURSOR or null}`."""
    return {"tickets": [ticket(row, zone) for row in found.tickets], "next": found.next}


def ticket(row: TicketRow, zone: ZoneInfo) -> dict[str, object]:
    """The fields of one ticket, in the order of docs/reference/cli.md; times in the municipality's zone."""
    return {
        "tracking_number": row.tracking_number,
        "category": row.category,
        "status": row.status,
        "severity": row.severity,
        "is_sensitive": row.is_sensitive,
        "description": row.description,
        "address": row.address,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "language": row.language,
        "reporter_name": row.reporter_name,
        "reporter_phone": row.reporter_phone,
        "created_at": in_zone(row.created_at, zone),
        "updated_at": in_zone(row.updated_at, zone),
        "version": row.version,
        "assigned_team": row.assigned_team,
        "assigned_to": row.assigned_to,
        "first_responded_at": in_zone(row.first_responded_at, zone),
        "resolved_at": in_zone(row.resolved_at, zone),
        "escalated_at": in_zone(row.escalated_at, zone),
        "escalation_reason": row.escalation_reason,
        "sla_status": row.sla_status,
        "sla_response_deadline": in_zone(row.sla_response_deadline, zone),
        "sla_resolution_deadline": in_zone(row.sla_resolution_deadline, zone),
    }


def detail(shown: TicketDetail, zone: ZoneInfo) -> dict[str, object]:
    """One ticket with its suburb, whether its reporter may be sent messages, and its assignment history.

    Of a GBV report that was opened the narrative and the contact details stand in the fields they
    have in any ticket, and two more say whether and how it is safe to get in touch. Of a municipal
    ticket with clocks those of its policy and calendar are added.
    """
    fields = ticket(shown.ticket, zone)
    fields |= {"suburb": shown.ticket.suburb, "may_message": shown.ticket.may_message}
    if (report := shown.confidential) is not None:
        fields |= {
            "description": report.description,
            "address": report.address,
            "latitude": report.latitude,
            "longitude": report.longitude,
            "reporter_name": report.reporter_name,
            "reporter_phone": report.reporter_phone,
            "safe_to_contact": report.safe_to_contact,
            "contact_instructions": report.contact_instructions,
            "suburb": report.suburb,
        }
    if (terms := shown.terms) is not None:
        fields |= {
            "sla_policy": terms.policy,
            "sla_policy_in_force": terms.in_force,
            "sla_calendar": terms.calendar or AROUND_THE_CLOCK,
            "sla_response_target_seconds": int(terms.response.target.total_seconds()),
            "sla_resolution_target_seconds": int(terms.resolution.target.total_seconds()),
            "sla_response_by_hand": terms.response.by_hand,
            "sla_resolution_by_hand": terms.resolution.by_hand,
            "sla_response_breached_at": in_zone(terms.response.breached_at, zone),
            "sla_resolution_breached_at": in_zone(terms.resolution.breached_at, zone),
        }
    fields["assignment_history"] = [
        {
            "team_name": step.team_name,
            "assigned_to_name": step.assigned_to_name,
            "assigned_by": step.assigned_by,
            "reason": step.reason,
            "created_at": in_zone(step.created_at, zone),
            "until": in_zone(step.until, zone),
            "held_seconds": int(_held(step).total_seconds()),
            "route": _route(step.why),
        }
        for step in shown.assignment_history
    ]
    return fields


def _held(step: Assignment) -> timedelta:
    """How long it has held, until now where it still does."""
    return step.held if step.held is not None else datetime.now(UTC) - step.created_at


def _route(why: Why | None) -> dict[str, object] | None:
    """Why a report was routed as it was; null where somebody named the team."""
    if why is None:
        return None
    return {
        "rule": why.rule,
        "open": why.open,
        "load": why.load,
        "of": why.of,
        "metres": why.metres,
    }


def entry(event: TimelineEntry, zone: ZoneInfo) -> dict[str, object]:
    """One line of a ticket's timeline."""
    return {
        "at": in_zone(event.at, zone),
        "kind": event.kind,
        "actor": event.actor,
        "via": event.via,
        "from_status": event.from_status,
        "to_status": event.to_status,
        "team_name": event.team_name,
        "assigned_to_name": event.assigned_to_name,
        "note": event.note,
    }


def list_line(row: TicketRow, zone: ZoneInfo) -> tuple[str, ...]:
    """One ticket under LIST_HEADERS."""
    return (
        row.tracking_number,
        for_people(row.created_at, zone),
        row.sla_status or "",
        for_people(row.next_deadline, zone),
        row.severity,
        row.category,
        row.status,
        row.assigned_team or "",
        row.assigned_to_name or row.assigned_to or "",
        row.description or "",
    )


def history_line(event: TimelineEntry, zone: ZoneInfo) -> tuple[str, ...]:
    """One event under HISTORY_HEADERS."""
    return (
        for_people(event.at, zone),
        event.kind,
        event.actor,
        event.from_status or "",
        event.to_status or "",
        event.team_name or "",
        event.assigned_to_name or "",
        event.note or "",
    )


def view(standing: Standing, count: int, cap: int) -> dict[str, object]:
    """One view of the console; `tickets` null stands for more than are counted."""
    own = standing.view.place is not None
    return {
        "key": standing.key,
        "name": standing.view.title,
        "own": own,
        "tickets": count if count <= cap else None,
        "left_out": list(standing.view.lost),
    }


def view_line(standing: Standing, count: int, cap: int) -> tuple[str, ...]:
    """One view under VIEW_HEADERS."""
    return (
        str(standing.key or ""),
        standing.view.title,
        str(count) if count <= cap else f"{cap}+",
        "" if standing.view.place is None else "own",
        "; ".join(standing.view.lost),
    )


def detail_lines(shown: TicketDetail, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """One ticket for people: names and values, what is empty left out."""
    for name, value in detail(shown, zone).items():
        if name == "assignment_history" or value is None:
            continue
        label = name.replace("_", " ").capitalize().replace("Sla", "SLA")
        yield (
            label,
            {True: "yes", False: "no"}.get(value, str(value))
            if isinstance(value, bool)
            else str(value),
        )
    for step in shown.assignment_history:
        to = ", ".join(part for part in (step.team_name, step.assigned_to_name) if part) or "nobody"
        because = [step.why.said(step.team_name)] if step.why is not None else []
        why = "; ".join([*because, *([step.reason] if step.reason else [])])
        said = f"{for_people(step.created_at, zone)} to {to} by {step.assigned_by}"
        said += f" ({why})" if why else ""
        yield "Assigned", f"{said}, {'held' if step.until else 'for'} {_span(_held(step))}"


def _span(held: timedelta) -> str:
    """Two units at most: `3 d 4 h`, `4 h 10 min`, `10 min`."""
    minutes = int(held.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
