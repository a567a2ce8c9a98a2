"""The statements by which tickets leave for a file, each page of which the law counts as it is read."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Boolean, Select, Text, Uuid, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB

from municonsole.db import lists
from municonsole.domain.filters import TicketFilter
from municonsole.domain.values import Sort

SORT: Final = Sort.NEWEST
"""By what never changes: no ticket is left out or comes twice, whatever is done to it meanwhile."""

_export = bindparam("export", type_=Uuid)

BEGIN_EXPORT: Final = select(
    func.muni.begin_export(
        cast(bindparam("filter", type_=Text), JSONB), bindparam("format", type_=Text)
    )
)
"""The export, which the audit log has once this is committed."""

END_EXPORT: Final = select(func.muni.end_export(_export, bindparam("is_complete", type_=Boolean)))
"""How many tickets were read for the export."""


@lru_cache(maxsize=64)
def _counted(statement: Select[Any]) -> Select[Any]:
    page = statement.cte("page")
    ids = select(func.array_agg(page.c.id)).scalar_subquery()
    counted = select(func.muni.count_exported(_export, ids)).scalar_subquery()
    return (
        select(page)
        .where(counted >= literal_column("0"))
        .order_by(page.c.created_at.desc(), page.c.id.desc())
    )


def page_statement(wanted: TicketFilter, *, continued: bool) -> Select[Any]:
    """A page of a list as lists.page_statement reads it, given out only where the law has counted it.

    Parameter `export` beside those of the list. Refused where the export was not begun and committed.
    """
    return _counted(lists.page_statement(wanted, SORT, continued=continued))
