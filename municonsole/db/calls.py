"""Calls of the law's writing functions, one statement each: the number is looked up in the same trip.

Each returns no row when the number is hidden or was never issued; the caller cannot tell which.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Double, Integer, Select, Text, Uuid, bindparam, func, select

from municonsole.db.tables import tickets


def _text(name: str) -> object:
    return bindparam(name, type_=Text)


_version = bindparam("expected_version", type_=Integer)
_by_number = tickets.c.tracking_number == bindparam("number", type_=Text)
_opened = bindparam("ticket_id", type_=Uuid)


def _pair(function: str, *arguments: object) -> tuple[Select[tuple[int]], Select[tuple[int]]]:
    """The call by tracking number, and by the id that an opening of a GBV report gave."""
    call = getattr(func.muni, function)
    return (
        select(call(tickets.c.id, *arguments)).select_from(tickets).where(_by_number),
        select(call(_opened, *arguments)),
    )


CHANGE_STATUS = _pair("change_status", _text("to_status"), _text("note"), _version)
ASSIGN_TICKET = _pair(
    "assign_ticket",
    bindparam("team_id", type_=Integer),
    _text("assignee"),
    _text("reason"),
    _version,
)
TAKE_TICKET = _pair("take_ticket")
ADD_NOTE = _pair("add_note", _text("note"), bindparam("is_public", type_=Boolean))

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
    )
)

OPEN_CONFIDENTIAL_REPORT = select(
    func.muni.open_confidential_report(_text("number"), _text("reason"))
)
