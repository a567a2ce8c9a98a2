"""Who may do what and who sees a row: from the catalog, and by trying it as each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support import world
from support.database import Database, Server

from law import desk, house

pytestmark = pytest.mark.law

SELECTABLE = {
    "tickets": desk.EVERYBODY,
    "ticket_events": desk.EVERYBODY,
    "municipalities": desk.EVERYBODY,
    "teams": desk.EVERYBODY,
    "operators": desk.EVERYBODY,
    "status_transitions": desk.EVERYBODY,
    "ticket_notes": desk.EVERYBODY - {"saps_liaison"},
    "reporters": desk.EVERYBODY - {"saps_liaison"},
    "audit_log": desk.EVERYBODY - {"saps_liaison", "operator"},
    "sla_policies": desk.EVERYBODY - {"saps_liaison"},
    "calendars": desk.EVERYBODY - {"saps_liaison"},
    "calendar_windows": desk.EVERYBODY - {"saps_liaison"},
    "calendar_holidays": desk.EVERYBODY - {"saps_liaison"},
    "alerts": desk.EVERYBODY - {"saps_liaison"},
    "jobs": desk.EVERYBODY,
    "suburbs": desk.EVERYBODY,
    "presences": desk.EVERYBODY,
    "duties": desk.EVERYBODY,
    "saved_views": desk.EVERYBODY,
    "drafts": desk.EVERYBODY - {"saps_liaison"},
    "schema_version": desk.EVERYBODY | {"worker", "intake"},
    "law_version": desk.EVERYBODY | {"worker", "intake"},
}
"""Which tables may be read by whom, row by row as the policies say; what is not named, by nobody."""

GROUP_OF = {**world.GROUPS, "worker": "muni_worker", "intake": "muni_intake"}


@pytest.fixture(scope="module")
def lookable(server: Server) -> Iterator[Database]:
    """A database for looking only."""
    database = server.fresh()
    yield database
    server.drop(database)


def test_nobody_may_write_a_table(lookable: Database) -> None:
    """Nobody but the owner has any right on any table beyond reading, on the whole or on a column."""
    found = lookable.connect_owner().execute(
        """
        select r.rolname, c.relname, p.privilege
        from pg_roles as r
        cross join pg_class as c
        cross join unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger'])
            as p (privilege)
        where
            c.relnamespace = 'muni'::regnamespace
            and c.relkind in ('r', 'p', 'v', 'm', 'f')
            and not r.rolsuper
            and r.rolname <> all (array['muni_owner', %s, 'pg_write_all_data', 'pg_database_owner'])
            and (
                has_table_privilege(r.oid, c.oid, p.privilege)
                or p.privilege in ('insert', 'update', 'references')
                and has_any_column_privilege(r.oid, c.oid, p.privilege)
            )
        """,
        (lookable.owner,),
    )

    assert found.fetchall() == []


def test_nobody_may_use_a_sequence_or_make_an_object(lookable: Database) -> None:
    """Nobody but the owner draws a number, makes an object in the schema or a temporary table."""
    found = lookable.connect_owner().execute(
        """
        with people as (
            select r.oid, r.rolname from pg_roles as r
            where not r.rolsuper and r.rolname not like 'pg\\_%%' and r.rolname not in ('muni_owner', %s)
        )
        select p.rolname, c.relname
        from people as p, pg_class as c
        where c.relnamespace = 'muni'::regnamespace and c.relkind = 'S'
            and has_sequence_privilege(p.oid, c.oid, 'usage, select, update')
        union all
        select p.rolname, n.nspname
        from people as p, pg_namespace as n
        where has_schema_privilege(p.oid, n.oid, 'create')
        union all
        select p.rolname, 'database'
        from people as p
        where has_database_privilege(p.oid, current_database(), 'create, temporary')
        """,
        (lookable.owner,),
    )

    assert found.fetchall() == []


def test_reading_is_granted_as_written_here(lookable: Database) -> None:
    """Each group reads the tables of the list above and no other, no partition either."""
    rows = lookable.connect_owner().execute(
        "select c.relname, g.name from pg_class as c cross join unnest(%s::text[]) as g (name)"
        " where c.relnamespace = 'muni'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')"
        " and (has_table_privilege(g.name, c.oid, 'select')"
        " or has_any_column_privilege(g.name, c.oid, 'select'))",
        (list(desk.GROUPS),),
    )
    found = {(str(table), str(group)) for table, group in rows}

    assert found == {
        (table, GROUP_OF[role]) for table, roles in SELECTABLE.items() for role in roles
    }


def test_functions_are_granted_as_the_role_table_says(lookable: Database) -> None:
    """Each group may call the functions of the role table and no other."""
    rows = lookable.connect_owner().execute(
        "select p.proname, g.name from pg_proc as p cross join unnest(%s::text[]) as g (name)"
        " where p.pronamespace = 'muni'::regnamespace and has_function_privilege(g.name, p.oid, 'execute')",
        (list(desk.GROUPS),),
    )
    found = [(str(function), str(group)) for function, group in rows]

    assert sorted(found) == sorted(
        (function, GROUP_OF[role]) for function, roles in desk.GRANTED.items() for role in roles
    )


def test_a_stranger_may_nothing(lookable: Database) -> None:
    """A login that is in no group has not even the schema."""
    stranger = lookable.connect(world.STRANGER)

    assert not desk.value(stranger, "select has_schema_privilege('muni', 'usage')")
    for relation in house.relations(lookable):
        assert desk.refusal(stranger, f"select from muni.{relation}").sqlstate == "42501"
    for call in desk.CALLS.values():
        assert desk.refusal(stranger, call, desk.NOBODY).sqlstate == "42501"


def test_no_function_is_everybodys(lookable: Database) -> None:
    """PostgreSQL gives every new function to PUBLIC; none of ours is left so."""
    public = house.functions(
        lookable,
        "exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a"
        " where a.grantee = 0)",
    )

    assert public == []


def test_functions_that_act_for_the_owner_are_closed(lookable: Database) -> None:
    """A function that runs with the owner's rights looks names up in fixed schemas, temporary ones last."""
    definers = "p.prosecdef"
    fixed = "p.proconfig @> array['search_path=pg_catalog, pg_temp']"
    owned = "p.proowner = 'muni_owner'::regrole"

    assert house.functions(lookable, definers)
    assert house.functions(lookable, f"{definers} and ({fixed}) is not true") == []
    # These make and bar logins, with ADMIN on two groups and no right on any table.
    assert [name.split("(")[0] for name in house.functions(lookable, f"not {owned}")] == [
        "_alter_login",
        "_create_login",
        "_end_sessions",
    ]
    # What is inlined into a caller's statement runs with the caller's rights and cannot fix anything.
    assert [name.split("(")[0] for name in house.functions(lookable, f"({fixed}) is not true")] == [
        "_after",
        "_covers",
        "_distance",
        "_late_data",
        "_look_up",
        "_microseconds",
        "_place",
        "sla_state",
    ]


def test_no_function_is_called_leakproof(lookable: Database) -> None:
    """Nothing of ours may be run on a row before its policy has been asked."""
    assert house.functions(lookable, "p.proleakproof") == []


def test_row_security_stands_on_every_table(lookable: Database) -> None:
    """Every table and every partition has row security, so that a forgotten policy shows nothing."""
    rows = lookable.connect_owner().execute(
        "select relname from pg_class where relnamespace = 'muni'::regnamespace"
        " and relkind in ('r', 'p') and not relrowsecurity"
    )

    assert {name for (name,) in rows} == house.WITHOUT_ROW_SECURITY


def test_every_policy_names_its_group(lookable: Database) -> None:
    """No policy is for everybody, permits more than reading, or opens a partition by itself."""
    rows = lookable.connect_owner().execute(
        "select policyname, tablename, roles::text, cmd from pg_policies where schemaname = 'muni'"
    )
    policies = rows.fetchall()

    assert policies
    for name, table, roles, command in policies:
        assert (roles, command) == (f"{{{world.GROUPS[str(name)]}}}", "SELECT")
        assert not str(table).endswith(("_municipal", "_sensitive"))


def test_views_read_with_the_callers_rights(lookable: Database) -> None:
    """A view that ran with its owner's rights would pass by row security; there is none."""
    rows = lookable.connect_owner().execute(
        "select relname from pg_class where relnamespace = 'muni'::regnamespace and (relkind = 'm'"
        " or relkind = 'v' and not coalesce(reloptions @> array['security_invoker=true'], false))"
    )

    assert rows.fetchall() == []
