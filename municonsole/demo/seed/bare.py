"""Takes plain indexes and foreign keys off tables for a load; PostgreSQL makes and checks them at the end.

All within the load's transaction: nobody ever sees a table without them. Row by row they are four
fifths of what a load costs the server; all at once, a key is one join. Primary keys, unique and check
constraints stay in place.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

_INDEXES = """
select
    format('drop index %%s', x.indexrelid::regclass),
    replace(pg_get_indexdef(x.indexrelid), ' ON ONLY ', ' ON ')
from pg_catalog.pg_index as x
join pg_catalog.pg_class as c on c.oid = x.indexrelid
where
    x.indrelid = any (%(tables)s::regclass[])
    and not c.relispartition
    and not exists (select from pg_catalog.pg_constraint as k where k.conindid = x.indexrelid)
order by x.indexrelid
"""
_FOREIGN_KEYS = """
select
    format('alter table %%s drop constraint %%I', k.conrelid::regclass, k.conname),
    format(
        'alter table %%s add constraint %%I %%s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)
    )
from pg_catalog.pg_constraint as k
where k.contype = 'f' and k.conparentid = 0 and k.conrelid = any (%(tables)s::regclass[])
order by k.oid
"""


def strip(connection: psycopg.Connection[tuple[object, ...]], tables: Sequence[str]) -> list[str]:
    """Strip `tables` (qualified names); the statements that put everything back, in order.

    The order is that of their first making, so that PostgreSQL gives the partitions' indexes and
    keys the same names again. An index's `only` goes: it would leave the partitions without.
    """
    statements: list[str] = []
    for question in (_INDEXES, _FOREIGN_KEYS):
        for drop, make in connection.execute(question, {"tables": list(tables)}).fetchall():
            connection.execute(str(drop))
            statements.append(str(make))
    return statements
