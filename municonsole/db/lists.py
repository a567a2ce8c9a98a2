"""The list of tickets: one prepared statement a shape of filter and order, paged by keyset.

A shape is what the text of the statement depends on; values are parameters. Statuses, categories
and the like come from closed lists and stand in the text, so that the planner can match them with
partial indexes whatever plan it keeps.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    Select,
    SmallInteger,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from municonsole.db.tables import operators, teams, tickets
from municonsole.domain.errors import InvalidInput
from municonsole.domain.filters import Due, TicketFilter
from municonsole.domain.records import Page, TicketRow
from municonsole.domain.values import (
    UNFINISHED,
    Category,
    Language,
    Severity,
    SlaState,
    Sort,
    Status,
)

SEARCH_ROWS: Final = 200
"""A search inside a list looks at this many of the newest hits."""

NEVER: Final = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
"""What `next_deadline` and `next_warning` hold when nothing runs."""

_BREACHED = {SlaState.BREACHED_RESOLUTION, SlaState.BREACHED_RESPONSE}
_t = tickets.c
_now = func.now()


def _sla(t: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[Any]:
    return func.muni.sla_state(
        t.status,
        _now,
        t.sla_response_deadline,
        t.sla_resolution_deadline,
        t.sla_response_warning_at,
        t.sla_resolution_warning_at,
        t.first_responded_at,
        t.resolved_at,
        t.paused_at,
        type_=Text,
    )


def _rows(source: FromClause) -> Select[Any]:
    """Selects TicketRow's fields, in their order, from a source with the columns of `tickets`."""
    t = source.c
    return select(
        t.id,
        t.tracking_number,
        t.category,
        t.status,
        t.severity,
        t.is_sensitive,
        t.description,
        t.address,
        t.latitude,
        t.longitude,
        t.language,
        t.reporter_name,
        t.reporter_phone,
        t.created_at,
        t.updated_at,
        t.version,
        t.assigned_team_id,
        teams.c.name,
        t.assigned_to,
        operators.c.full_name,
        t.first_responded_at,
        t.resolved_at,
        t.escalated_at,
        t.escalation_reason,
        _sla(t),
        t.sla_response_deadline,
        t.sla_resolution_deadline,
        t.next_deadline,
        t.suburb,
        t.may_message,
    ).select_from(
        source.outerjoin(teams, teams.c.id == t.assigned_team_id).outerjoin(
            operators, operators.c.username == t.assigned_to
        )
    )


_sla_state = _sla(_t)
_FIELDS = len(fields(TicketRow))

_TIME = DateTime(timezone=True)
# Each order: the columns that make it, whether it descends, and the types its cursor is read with.
_ORDERS: dict[Sort, tuple[tuple[ColumnElement[Any], ...], bool, tuple[Any, ...]]] = {
    Sort.NEWEST: ((_t.created_at, _t.id), True, (_TIME, Uuid())),
    Sort.DEADLINE: ((_t.next_deadline, _t.id), False, (_TIME, Uuid())),
    Sort.SEVERITY: (
        (_t.severity_rank, _t.created_at, _t.id),
        True,
        (SmallInteger(), _TIME, Uuid()),
    ),
    Sort.CHANGED: ((_t.updated_at, _t.id), True, (_TIME, Uuid())),
}
_SEVERITY_RANK = {severity: rank for rank, severity in enumerate(Severity, start=1)}

BY_NUMBER = _rows(tickets).where(_t.tracking_number == bindparam("number", type_=Text))
"""One ticket as a row of the list."""

BY_IDS = _rows(tickets).where(_t.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
"""The tickets of these ids that may be seen, in no order."""

BY_OPENING = _rows(
    func.muni.read_confidential_ticket(bindparam("opening", type_=Uuid))
    .table_valued(*(Column(column.name, column.type) for column in tickets.columns))
    .alias("opened")
)
"""The ticket of an opened GBV report, for whom no list shows it."""

# An array, so that the function is called once and the tickets are found by their key.
_hits = select(
    func.muni.search_tickets(bindparam("search", type_=Text), SEARCH_ROWS)
).scalar_subquery()


# As the board counts them.
_DUE: dict[Due, tuple[ColumnElement[bool], ...]] = {
    Due.PASSED: (_t.next_deadline < _now,),
    Due.HOUR: (_t.next_deadline >= _now, _t.next_deadline < _now + timedelta(hours=1)),
}


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the text of a list statement depends on."""

    statuses: tuple[Status, ...]
    categories: tuple[Category, ...]
    severities: tuple[Severity, ...]
    sla: tuple[SlaState, ...]
    unassigned: bool
    teamless: bool
    due: Due | None
    bound: frozenset[str]


_BOUND = ("team_id", "assigned_to", "suburb", "search", "since", "until", "resolved_since")


def _shape(wanted: TicketFilter) -> _Shape:
    return _Shape(
        statuses=wanted.statuses,
        categories=wanted.categories,
        severities=wanted.severities,
        sla=wanted.sla,
        unassigned=wanted.unassigned,
        teamless=wanted.teamless,
        due=wanted.due,
        bound=frozenset(name for name in _BOUND if getattr(wanted, name) is not None),
    )


def parameters(wanted: TicketFilter) -> dict[str, object]:
    """The values that go with the statements of this filter."""
    return {name: value for name in _BOUND if (value := getattr(wanted, name)) is not None}


def _one_of(column: ColumnElement[Any], values: tuple[str, ...]) -> ColumnElement[bool]:
    return column.in_([literal_column(f"'{value}'", Text) for value in values])


def _conditions(shape: _Shape) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if shape.statuses:
        conditions.append(_one_of(_t.status, shape.statuses))
    if shape.categories:
        conditions.append(_one_of(_t.category, shape.categories))
    if shape.severities:
        conditions.append(_one_of(_t.severity, shape.severities))
    if shape.sla:
        conditions.append(_one_of(_sla_state, shape.sla))
        conditions.extend(_index_hints(shape))
    if shape.unassigned:
        conditions.append(_t.assigned_to.is_(None))
    if shape.teamless:
        conditions.append(_t.assigned_team_id.is_(None))
    if shape.due is not None:
        conditions.extend(_DUE[shape.due])
    bound = {
        "team_id": _t.assigned_team_id == bindparam("team_id", type_=Integer),
        "assigned_to": _t.assigned_to == bindparam("assigned_to", type_=Text),
        "suburb": _t.suburb == bindparam("suburb", type_=Text),
        "search": _t.id == func.any(func.array(_hits)),
        "since": _t.created_at >= bindparam("since", type_=_TIME),
        "until": _t.created_at < bindparam("until", type_=_TIME),
        "resolved_since": _t.resolved_at >= bindparam("resolved_since", type_=_TIME),
    }
    conditions.extend(condition for name, condition in bound.items() if name in shape.bound)
    return conditions


def _index_hints(shape: _Shape) -> list[ColumnElement[bool]]:
    """What follows for unfinished tickets from their SLA state, said in indexed columns.

    What a state is: rule 10 of docs/reference/sla.md.
    """
    if not shape.statuses or not set(shape.statuses) <= set(UNFINISHED):
        return []
    if set(shape.sla) <= _BREACHED:
        return [_t.next_deadline < _now]
    if set(shape.sla) == {SlaState.WARNING}:
        return [_t.next_warning <= _now, _t.next_deadline >= _now]
    return []


@lru_cache(maxsize=256)
def _page(shape: _Shape, sort: Sort, *, continued: bool) -> Select[Any]:
    columns, descending, types = _ORDERS[sort]
    statement = _rows(tickets).where(*_conditions(shape))
    if continued:
        after = tuple_(
            *(
                cast(bindparam(f"after_{place}", type_=Text), kind)
                for place, kind in enumerate(types)
            )
        )
        here = tuple_(*columns)
        statement = statement.where(here < after if descending else here > after)
    order = [column.desc() if descending else column.asc() for column in columns]
    return statement.order_by(*order).limit(bindparam("limit", type_=Integer))


@lru_cache(maxsize=256)
def _count(shape: _Shape) -> Select[Any]:
    inner = (
        select(literal_column("1"))
        .select_from(tickets)
        .where(*_conditions(shape))
        .limit(bindparam("limit", type_=Integer))
        .subquery()
    )
    return select(func.count()).select_from(inner)


def page_statement(wanted: TicketFilter, sort: Sort, *, continued: bool) -> Select[Any]:
    """The statement of a page; parameters `limit`, those of the filter, and `after_0…` if `continued`."""
    return _page(_shape(wanted), sort, continued=continued)


def count_statement(wanted: TicketFilter) -> Select[Any]:
    """Counts at most `limit` tickets of the filter."""
    return _count(_shape(wanted))


@lru_cache(maxsize=256)
def _belonging(shape: _Shape) -> Select[Any]:
    belongs = func.coalesce(and_(true(), *_conditions(shape)), false()).label("belongs")
    return BY_IDS.add_columns(belongs)


def belonging_statement(wanted: TicketFilter) -> Select[Any]:
    """The tickets of `ids`, each with one value more: whether it belongs to the filter."""
    return _belonging(_shape(wanted))


def ticket_row(row: Any) -> TicketRow:  # noqa: ANN401 — a row of a list statement
    """The frozen record of one row of a list statement."""
    values = list(row[:_FIELDS])
    values[2] = _CATEGORY[values[2]]
    values[3] = _STATUS[values[3]]
    values[4] = _SEVERITY[values[4]]
    values[10] = _LANGUAGE[values[10]]
    if values[24] is not None:
        values[24] = _SLA_STATE[values[24]]
    if values[27] == NEVER:
        values[27] = None
    return TicketRow(*values)


# A look-up in a dict costs a tenth of calling the enum, fifty rows times five columns a page.
_CATEGORY = {item.value: item for item in Category}
_STATUS = {item.value: item for item in Status}
_SEVERITY = {item.value: item for item in Severity}
_LANGUAGE = {item.value: item for item in Language}
_SLA_STATE = {item.value: item for item in SlaState}


def page(rows: list[TicketRow], sort: Sort, limit: int) -> Page:
    """A page of `limit` tickets out of the `limit` + 1 rows that were asked for."""
    if len(rows) <= limit:
        return Page(tuple(rows), None)
    return Page(tuple(rows[:limit]), cursor(rows[limit - 1], sort))


def cursor(last: TicketRow, sort: Sort) -> str:
    """Where a list goes on after `last`: opaque to whoever passes it back."""
    place: tuple[object, ...]
    match sort:
        case Sort.NEWEST:
            place = (last.created_at.isoformat(), str(last.id))
        case Sort.DEADLINE:
            place = ((last.next_deadline or NEVER).isoformat(), str(last.id))
        case Sort.SEVERITY:
            place = (_SEVERITY_RANK[last.severity], last.created_at.isoformat(), str(last.id))
        case Sort.CHANGED:
            place = (last.updated_at.isoformat(), str(last.id))
    text = json.dumps([sort.value, *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def after_parameters(after: str, sort: Sort) -> dict[str, object]:
    """The parameters `after_0…` of a cursor. Raises InvalidInput for one of another order or of nowhere."""
    try:
        given, *place = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        UUID(place[-1])
        datetime.fromisoformat(place[-2])
        ranks = [int(rank) for rank in place[:-2]]
    except (ValueError, TypeError, LookupError, AttributeError, binascii.Error):
        given, place, ranks = None, [], []
    if given != sort.value or len(place) != len(_ORDERS[sort][2]) or len(place) != len(ranks) + 2:
        raise InvalidInput(
            "--after is not a cursor of this list; take the one that the page before it printed, "
            "with the same --sort"
        )
    return {f"after_{index}": str(value) for index, value in enumerate(place)}
