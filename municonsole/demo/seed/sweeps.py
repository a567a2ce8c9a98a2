"""Mirrors the sweep for one ticket: `muni._what_is_due` and `muni._find_late` (migrations/law/71_sweep.sql)."""

from __future__ import annotations

from municonsole.demo.seed.cast import Squad
from municonsole.demo.seed.ledger import Alert, Ledger

_MICROSECOND = 1
_SECOND = 1_000_000
_WARNING, _BREACH = "sla_warning", "sla_breached"


def next_due(ticket: Ledger) -> int | None:
    """From when on a sweep has something to do for a municipal ticket; None when nothing."""
    if ticket.status in {"resolved", "closed"}:
        return None
    due = []
    if ticket.first_responded_at is None and ticket.response_breached_at is None:
        warned = ticket.response_warned_at is not None
        due.append(ticket.response_deadline if warned else ticket.response_warning_at)
    if ticket.resolution_breached_at is None:
        warned = ticket.resolution_warned_at is not None
        if ticket.status != "on_hold":
            due.append(ticket.resolution_deadline if warned else ticket.resolution_warning_at)
        elif _missed_before_it_was_held(ticket):
            due.append(ticket.resolution_deadline)
    return min((instant for instant in due if instant is not None), default=None)


def deadlines(ticket: Ledger) -> list[int]:
    """What may still be missed, the next one first."""
    running = (
        ticket.response_deadline
        if ticket.first_responded_at is None and ticket.response_breached_at is None
        else None,
        ticket.resolution_deadline if ticket.resolution_breached_at is None else None,
    )
    return sorted(instant for instant in running if instant is not None)


def find_late(ticket: Ledger, at: int, squad: Squad, admin: str) -> None:
    """Append what a sweep at an instant finds: warnings, breaches, the hand-over to the team's manager."""
    response, resolution = _response(ticket, at), _resolution(ticket, at)
    breached = [clock == _BREACH for clock in (response, resolution)]
    was_escalated = ticket.status == "escalated"
    hands_over = ticket.status != "on_hold" and (breached[0] or (breached[1] and not was_escalated))
    manager = squad.crew.manager
    told = () if manager is None else (manager,)
    if response == _WARNING:
        _warn(ticket, "response", at, told)
    elif response == _BREACH:
        _miss(ticket, "response", 1, at, told)
    at += 200 * _MICROSECOND
    if resolution == _WARNING:
        _warn(ticket, "resolution", at, told)
    elif resolution == _BREACH:
        again = was_escalated or ticket.response_breached_at is not None
        _miss(ticket, "resolution", 2 if again else 1, at, (admin, *told) if again else told)
    if hands_over and manager is not None and ticket.assigned_to != manager:
        at += 200 * _MICROSECOND
        ticket.append("assigned", "system", at, via="sweep", team_id=squad.id, assignee=manager)


def _response(ticket: Ledger, at: int) -> str | None:
    if ticket.first_responded_at is not None or ticket.response_breached_at is not None:
        return None
    if ticket.response_deadline is not None and ticket.response_deadline < at:
        return _BREACH
    warning_at = ticket.response_warning_at
    is_due = ticket.response_warned_at is None and warning_at is not None and warning_at <= at
    return _WARNING if is_due else None


def _resolution(ticket: Ledger, at: int) -> str | None:
    if ticket.resolution_breached_at is not None:
        return None
    if ticket.status == "on_hold":
        return _BREACH if _missed_before_it_was_held(ticket) else None
    if ticket.resolution_deadline is not None and ticket.resolution_deadline < at:
        return _BREACH
    warning_at = ticket.resolution_warning_at
    is_due = ticket.resolution_warned_at is None and warning_at is not None and warning_at <= at
    return _WARNING if is_due else None


def _missed_before_it_was_held(ticket: Ledger) -> bool:
    held, deadline = ticket.paused_at, ticket.resolution_deadline
    return held is not None and deadline is not None and held > deadline


def _warn(ticket: Ledger, clock: str, at: int, told: tuple[str, ...]) -> None:
    ticket.append(_WARNING, "system", at, via="sweep", data=f'{{"clock": "{clock}"}}')
    if clock == "response":
        ticket.response_warned_at = at
    else:
        ticket.resolution_warned_at = at
    ticket.alerts += [Alert(recipient, clock, 0, at) for recipient in told]


def _miss(ticket: Ledger, clock: str, level: int, at: int, told: tuple[str, ...]) -> None:
    is_response = clock == "response"
    deadline = ticket.response_deadline if is_response else ticket.resolution_deadline
    if deadline is None:
        raise ValueError("a clock without a deadline is missed")
    judged_at = at
    if ticket.status == "on_hold" and not is_response and ticket.paused_at is not None:
        judged_at = ticket.paused_at
    overdue = (judged_at - deadline + _SECOND // 2) // _SECOND
    moves = ticket.status in {"open", "in_progress"}
    ticket.append(
        _BREACH,
        "system",
        at,
        via="sweep",
        data=f'{{"clock": "{clock}", "level": {level}, "overdue_seconds": {overdue}}}',
        to_status="escalated" if moves else None,
    )
    if moves:
        hours, tenth = divmod((overdue * 10 + 1800) // 3600, 10)
        ticket.escalation_reason = f"{clock}_breach (overdue by {hours}.{tenth} h)"
    if is_response:
        ticket.response_breached_at = deadline
    else:
        ticket.resolution_breached_at = deadline
    ticket.alerts += [Alert(recipient, clock, level, at) for recipient in told]
