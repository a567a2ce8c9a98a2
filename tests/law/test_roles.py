"""Who may do what and who sees a row: from the catalog, and by trying it as each of them."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from support import world
from support.database import Database, Server

from law import desk

pytestmark = pytest.mark.law

SELECTABLE = {
    "tickets": desk.EVERYBODY,
    "ticket_events": desk.EVERYBODY,
    "municipalities": desk.EVERYBODY,
    "teams": desk.EVERYBODY,
    "operators": desk.EVERYBODY,
    "status_transitions": desk.EVERYBODY,
    "ticket_notes": desk.EVERYBODY - {"saps_liaison"},
    "sla_policies": desk.EVERYBODY - {"saps_liaison"},
    "schema_version": desk.EVERYBODY | {"worker", "intake"},
    "law_version": desk.EVERYBODY | {"worker", "intake"},
}
"""Which tables may be read by whom, row by row as the policies say; what is not named, by nobody."""

WITHOUT_ROW_SECURITY = {"schema_version", "law_version"}
"""They hold a number each, about nobody."""

GROUP_OF = {**world.GROUPS, "worker": "muni_worker", "intake": "muni_intake"}
WRITES = (
    "insert into {name} default values",
    "insert into {name} default values on conflict do nothing",
    "update {name} set {column} = default",
    "delete from {name}",
    "merge into {name} using (select) as s on false when not matched then insert default values",
    "truncate {name}",
    "copy {name} from stdin",
    "lock table {name} in access exclusive mode",
    "select from {name} for update",
    "select from {name} for key share",
    "alter table {name} disable row level security",
    "alter table {name} owner to session_user",
    "create policy more on {name} using (true)",
    "create rule more as on insert to {name} do also nothing",
    (
        "create trigger more before insert on {name} for each row"
        " execute function suppress_redundant_updates_trigger()"
    ),
    "create index on {name} ({column})",
    "create statistics more on {column}, ({column} is null) from {name}",
    "create table public.more (like {name})",
    "create table public.more (other int references {name})",
    "create publication more for table {name}",
    "comment on table {name} is 'mine'",
    "drop table {name}",
)
"""What only a table's owner, or who was granted it, may do."""

LOGINS = tuple(person.username for person in world.PEOPLE if person.is_active)
ALL_LOGINS = (*LOGINS, world.WORKER, world.INTAKE, world.STRANGER)
MUNICIPAL = tuple(name for name in LOGINS if "saps" not in name)


@pytest.fixture(scope="module")
def told(server: Server) -> Iterator[tuple[Database, dict[str, desk.Story]]]:
    """A database with a ticket and a GBV report in each municipality; for looking only."""
    database = server.fresh()
    yield database, desk.tell_stories(database)
    server.drop(database)


@pytest.fixture
def lookable(told: tuple[Database, dict[str, desk.Story]]) -> Iterator[Database]:
    """The told database, its connections closed after the test."""
    yield told[0]
    told[0].close()


def relations(database: Database, kinds: str = "rpvmf") -> list[str]:
    """Every table, partition and view of the schema, whatever there will be."""
    with database.connect_owner() as owner:
        rows = owner.execute(
            "select relname from pg_class where relnamespace = 'muni'::regnamespace"
            " and relkind::text = any(%s) order by 1",
            (list(kinds),),
        ).fetchall()
    return [str(name) for (name,) in rows]


def functions(database: Database, condition: str) -> list[str]:
    """The functions of the schema for which a condition on pg_proc holds."""
    with database.connect_owner() as owner:
        rows = owner.execute(
            "select p.oid::regprocedure::text from pg_proc as p"
            f" where p.pronamespace = 'muni'::regnamespace and ({condition}) order by 1"
        ).fetchall()
    return [str(name) for (name,) in rows]


def whole(connection: psycopg.Connection, relation: str) -> str:
    """Everything a login can read of a relation, as one text: by rows, else by single columns."""
    name = sql.Identifier("muni", relation)
    try:
        rows = connection.execute(sql.SQL("select t::text from {} as t").format(name)).fetchall()
    except psycopg.errors.InsufficientPrivilege:
        rows = []
        columns = (
            connection.execute(
                "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0"
                " and not attisdropped and has_column_privilege(attrelid, attnum, 'select')",
                (f"muni.{relation}",),
            )
            if desk.value(connection, "select has_schema_privilege('muni', 'usage')")
            else ()
        )
        for (column,) in columns:
            rows += connection.execute(
                sql.SQL("select {}::text from {}").format(sql.Identifier(column), name)
            ).fetchall()
    return "\n".join(str(text) for (text,) in rows)


# ---------------------------------------------------------------------------------- the catalog


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
    for relation in relations(lookable):
        assert desk.refusal(stranger, f"select from muni.{relation}").sqlstate == "42501"
    for call in desk.CALLS.values():
        assert desk.refusal(stranger, call, desk.NOBODY).sqlstate == "42501"


def test_no_function_is_everybodys(lookable: Database) -> None:
    """PostgreSQL gives every new function to PUBLIC; none of ours is left so."""
    public = functions(
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

    assert functions(lookable, definers)
    assert functions(lookable, f"{definers} and ({fixed}) is not true") == []
    assert functions(lookable, f"not {owned}") == []
    # What is inlined into a caller's statement runs with the caller's rights and cannot fix anything.
    assert [name.split("(")[0] for name in functions(lookable, f"({fixed}) is not true")] == [
        "_distance",
        "sla_state",
    ]


def test_no_function_is_called_leakproof(lookable: Database) -> None:
    """Nothing of ours may be run on a row before its policy has been asked."""
    assert functions(lookable, "p.proleakproof") == []


def test_row_security_stands_on_every_table(lookable: Database) -> None:
    """Every table and every partition has row security, so that a forgotten policy shows nothing."""
    rows = lookable.connect_owner().execute(
        "select relname from pg_class where relnamespace = 'muni'::regnamespace"
        " and relkind in ('r', 'p') and not relrowsecurity"
    )

    assert {name for (name,) in rows} == WITHOUT_ROW_SECURITY


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


def first_columns(database: Database) -> dict[str, str]:
    """A column of each relation."""
    with database.connect_owner() as owner:
        rows = owner.execute(
            "select c.relname, a.attname from pg_class as c join pg_attribute as a"
            " on a.attrelid = c.oid and a.attnum = 1 where c.relnamespace = 'muni'::regnamespace"
        ).fetchall()
    return {str(name): str(column) for name, column in rows}


# ---------------------------------------------------------------------------------- by trying


@pytest.mark.parametrize("login", ALL_LOGINS)
def test_every_write_is_refused(lookable: Database, login: str) -> None:
    """Whoever logs in cannot write, change, remove, empty, lock or copy into any table or partition."""
    connection = lookable.connect(login)
    columns = first_columns(lookable)
    for relation in relations(lookable):
        name, column = sql.Identifier("muni", relation), sql.Identifier(columns[relation])
        for attempt in WRITES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(sql.SQL(attempt).format(name=name, column=column))


@pytest.mark.parametrize("login", [*MUNICIPAL, world.WORKER, world.INTAKE, world.STRANGER])
def test_nobody_municipal_sees_a_gbv_row(
    lookable: Database, told: tuple[Database, dict[str, desk.Story]], login: str
) -> None:
    """In no table, partition or view is there a word, id or number of a GBV report for a municipal login."""
    connection = lookable.connect(login)
    for relation in relations(lookable):
        text = whole(connection, relation)
        for story in told[1].values():
            assert [mark for mark in story.sensitive_marks if mark in text] == [], relation
            if story.code not in login:
                assert [mark for mark in story.municipal_marks if mark in text] == [], relation


@pytest.mark.parametrize("login", [name for name in LOGINS if "saps" in name])
def test_saps_sees_no_municipal_ticket(
    lookable: Database, told: tuple[Database, dict[str, desk.Story]], login: str
) -> None:
    """A SAPS liaison sees GBV reports of their municipality, no words of them, and nothing else."""
    connection = lookable.connect(login)
    text = "\n".join(whole(connection, relation) for relation in relations(lookable))
    for story in told[1].values():
        assert [mark for mark in story.municipal_marks if mark in text] == []
        assert f"{story.code}secret" not in text
        assert (story.sensitive in text) == login.startswith(story.code)


@pytest.mark.parametrize("login", MUNICIPAL)
def test_everybody_municipal_sees_their_own(
    lookable: Database, told: tuple[Database, dict[str, desk.Story]], login: str
) -> None:
    """An operator, manager and admin see the tickets of their municipality with their notes."""
    connection = lookable.connect(login)
    story = told[1][login[:3]]
    seen = connection.execute(
        "select t.tracking_number, n.note from muni.tickets as t"
        " join muni.ticket_notes as n on n.ticket_id = t.id order by n.event_id"
    )

    assert seen.fetchall() == [
        (story.municipal, f"{story.code}ordinarynote"),
        (story.municipal, f"{story.code}ordinaryhold"),
    ]


@pytest.mark.parametrize("login", MUNICIPAL)
def test_colleagues_do_not_learn_who_the_liaisons_are(lookable: Database, login: str) -> None:
    """The police liaisons are not among the people a municipal login can list."""
    people = lookable.connect(login).execute("select username, role from muni.operators").fetchall()

    assert people
    assert not [name for name, role in people if role == "saps_liaison"]
    assert all(str(name).startswith(login[:3]) for name, _ in people)


# ---------------------------------------------------------------------- who is nobody (any more)


def assert_nobody(database: Database, login: str) -> None:
    """A login that gets no row of anything and no function's answer but a refusal."""
    connection = database.connect(login)
    for relation in relations(database):
        if relation not in WITHOUT_ROW_SECURITY:
            assert whole(connection, relation) == "", relation
    for name, call in desk.CALLS.items():
        assert desk.refusal(connection, call, desk.NOBODY).sqlstate == "42501", name
    row = connection.execute("select w.username, w.role from muni.whoami() as w").fetchone()
    assert row == (None, None)


@pytest.mark.parametrize("code", desk.CODES)
def test_a_disabled_operator_is_nobody(lookable: Database, code: str) -> None:
    """Who has been disabled sees no row and can do nothing, though the login still works."""
    assert_nobody(lookable, f"{code}_disabled")


@pytest.mark.parametrize("role", desk.ROLES)
def test_disabling_takes_effect_in_an_open_session(database: Database, role: str) -> None:
    """The moment somebody is disabled, their open connection shows nothing and does nothing any more."""
    stories = desk.tell_stories(database)
    name = desk.login("tvd", role)
    connection = database.connect(name)
    number = stories["tvd"].sensitive if role == "saps_liaison" else stories["tvd"].municipal
    given = {**desk.NOBODY, "id": desk.id_of(database, number), "number": number}
    connection.execute(desk.CALLS["add_note"], given)
    count = "select count(*) from muni.tickets"
    connection.prepare_threshold = 0
    assert desk.value(connection, count) == 1
    database.connect_owner().execute(
        "update operators set is_active = false where username = %s", (name,)
    )

    assert desk.value(connection, count) == 0
    for call, roles in desk.GRANTED.items():
        if call in desk.CALLS and role in roles:
            assert desk.refusal(connection, desk.CALLS[call], given).sqlstate == "42501", call


@pytest.mark.parametrize("role", desk.ROLES)
def test_a_group_without_an_operator_is_nobody(database: Database, role: str) -> None:
    """A login that has been given a group but is nobody at a desk gets nothing."""
    desk.tell_stories(database)
    owner = database.connect(database.owner)
    group = sql.Identifier(world.GROUPS[role])
    owner.execute(sql.SQL("grant {} to test_stranger").format(group))
    try:
        assert_nobody(database, world.STRANGER)
    finally:
        owner.execute(sql.SQL("revoke {} from test_stranger").format(group))


@pytest.mark.parametrize("group", desk.ROLES)
@pytest.mark.parametrize("role", desk.ROLES)
def test_a_role_that_is_not_the_groups_gives_nothing(
    database: Database, role: str, group: str
) -> None:
    """Where a login's group and the role of its operator differ, neither role's rights are had."""
    stories = desk.tell_stories(database)
    name = desk.login("tvd", group)
    database.connect_owner().execute(
        "update operators set role = %s where username = %s", (role, name)
    )
    connection = database.connect(name)
    tickets = desk.value(connection, "select count(*) from muni.tickets")
    ordinary, secret = (
        {"id": desk.id_of(database, number), "number": number, "opening": desk.NOBODY["opening"]}
        for number in (stories["tvd"].municipal, stories["tvd"].sensitive)
    )

    assert tickets == (1 if role == group else 0)
    if role != group:
        for call in desk.CALLS.values():
            assert desk.refusal(connection, call, ordinary).sqlstate == "42501"
            assert desk.refusal(connection, call, secret).sqlstate == "42501"


@pytest.mark.parametrize("role", desk.ROLES)
@pytest.mark.parametrize("second", desk.ROLES)
def test_a_second_group_gives_nothing_of_the_other_role(
    database: Database, role: str, second: str
) -> None:
    """Two groups by mistake: no function of either, and no row but those of the operator's own role."""
    if role == second:
        return
    stories = desk.tell_stories(database)
    name = desk.login("tvd", role)
    owner = database.connect(database.owner)
    group = sql.Identifier(world.GROUPS[second])
    owner.execute(sql.SQL("grant {} to {}").format(group, sql.Identifier(name)))
    try:
        connection = database.connect(name)
        given = {**desk.NOBODY, "id": desk.id_of(database, stories["tvd"].municipal)}
        for call in desk.CALLS.values():
            assert desk.refusal(connection, call, given).sqlstate == "42501"
        seen = {row[0] for row in connection.execute("select is_sensitive from muni.tickets")}
        assert seen == {role == "saps_liaison"}
    finally:
        owner.execute(sql.SQL("revoke {} from {}").format(group, sql.Identifier(name)))


def test_every_granted_function_is_tried(lookable: Database) -> None:
    """The calls these tests make are all the functions that do or tell something."""
    assert set(desk.GRANTED) - set(desk.CALLS) == {"municipality_as", "sla_state", "whoami"}
