"""Calls of the law's writing functions, one statement each: the number is looked up in the same trip.

Each returns no row when the number is hidden or was never issued; the caller cannot tell which.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    DateTime,
    Double,
    Executable,
    Integer,
    Text,
    Uuid,
    bindparam,
    func,
    null,
    select,
    text,
)

from municonsole.db.tables import tickets


def _text(name: str) -> object:
    return bindparam(name, type_=Text)


_version = bindparam("expected_version", type_=Integer)
_attempt = bindparam("attempt", type_=Uuid)
_by_number = tickets.c.tracking_number == bindparam("number", type_=Text)
_opened = bindparam("ticket_id", type_=Uuid)


@dataclass(frozen=True, slots=True)
class Call:
    """One action on a ticket, named by its tracking number or by an opening of a GBV report.

    With an `attempt` that is sent again it is done once.
    """

    by_number: Executable
    """Parameter `number`; no row where the number is hidden or was never issued."""

    by_id: Executable
    """Parameter `ticket_id`, which only an opening gives to an administrator."""


def _call(function: str, *arguments: object) -> Call:
    call = getattr(func.muni, function)
    return Call(
        select(call(tickets.c.id, *arguments, _attempt)).select_from(tickets).where(_by_number),
        select(call(_opened, *arguments, _attempt)),
    )


def by_number_or_id(function: str) -> Call:
    """A reading function of the law on one ticket, all its columns; by number no row where that is none."""
    named = text(
        f"select r.* from muni.tickets as t cross join lateral muni.{function}(t.id) as r "  # noqa: S608 — our own words
        "where t.tracking_number = :number"
    )
    return Call(
        named.bindparams(bindparam("number", type_=Text)),
        text(f"select r.* from muni.{function}(:ticket_id) as r").bindparams(_opened),  # noqa: S608 — our own words
    )


CHANGE_STATUS = _call("change_status", _text("to_status"), _text("note"), _version)
ASSIGN_TICKET = _call(
    "assign_ticket",
    bindparam("team_id", type_=Integer),
    _text("assignee"),
    _text("reason"),
    _version,
)
TAKE_TICKET = _call("take_ticket")
UNASSIGN_TICKET = _call("unassign_ticket", _text("reason"), _version)
UNDO_ASSIGNMENT = _call("undo_assignment", bindparam("event", type_=BigInteger))
RECORD_CONTACT = _call("record_contact", _text("outcome"))
ADD_REPORTER = _call(
    "add_reporter",
    _text("reporter_name"),
    _text("reporter_phone"),
    _text("language"),
    bindparam("may_message", type_=Boolean),
)
ESCALATE = _call("escalate", _text("reason"), _version)
OVERRIDE_DEADLINE = _call(
    "override_deadline",
    _text("clock"),
    bindparam("deadline", type_=DateTime(timezone=True)),
    _text("reason"),
    _version,
)
RECLASSIFY = _call("reclassify", _text("category"), _text("reason"), _version)
MARK_SENSITIVE = _call("mark_sensitive", _text("reason"))
ADD_NOTE = _call("add_note", _text("note"), bindparam("is_public", type_=Boolean))

LOG_TICKET = select(
    func.muni.log_ticket(
        _text("category"),
        _text("severity"),
        _text("description"),
        _text("address"),
        bindparam("latitude", type_=Double),
        bindparam("longitude", type_=Double),
        _text("reporter_name"),
        _text("reporter_phone"),
        _text("language"),
        bindparam("safe_to_contact", type_=Boolean),
        _text("contact_instructions"),
        null(),  # the municipality, which only another system names
        _text("suburb"),
        bindparam("may_message", type_=Boolean),
        _attempt,
    )
)

SETTLE_ATTEMPT = select(func.muni.settle_attempt(_attempt))

OPEN_CONFIDENTIAL_REPORT = select(
    func.muni.open_confidential_report(_text("number"), _text("reason"))
)

RECORD_DENIALS = select(
    func.muni.record_denied(func.unnest(bindparam("numbers", type_=ARRAY(Text))))
)
"""Each number that was asked for in vain."""
SETTLE_DENIALS = select(func.muni.settle_denials())

CREATE_OPERATOR = select(
    func.muni.create_operator(
        _text("username"), _text("full_name"), _text("role"), _text("team"), _text("verifier")
    )
)
DISABLE_OPERATOR = select(func.muni.disable_operator(_text("username")))
ENABLE_OPERATOR = select(func.muni.enable_operator(_text("username")))
SET_OPERATOR_TEAM = select(func.muni.set_operator_team(_text("username"), _text("team")))
RESET_OPERATOR_PASSWORD = select(
    func.muni.reset_operator_password(_text("username"), _text("verifier"))
)
