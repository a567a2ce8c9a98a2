"""The wall and the rights, tried as everybody: no write, no row of the other side, nothing for nobody."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from support import world
from support.database import Database, Server

from law import desk, house

pytestmark = pytest.mark.law

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


@pytest.mark.parametrize("login", ALL_LOGINS)
def test_every_write_is_refused(lookable: Database, login: str) -> None:
    """Whoever logs in cannot write, change, remove, empty, lock or copy into any table or partition."""
    connection = lookable.connect(login)
    columns = house.first_columns(lookable)
    for relation in house.relations(lookable):
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
    for relation in house.relations(lookable):
        text = house.whole(connection, relation)
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
    text = "\n".join(house.whole(connection, relation) for relation in house.relations(lookable))
    for story in told[1].values():
        assert [mark for mark in story.municipal_marks if mark in text] == []
        assert f"{story.code}secret" not in text
        assert (story.sensitive in text) == login.startswith(story.code)


@pytest.mark.parametrize("login", LOGINS)
def test_every_row_is_of_the_own_municipality(lookable: Database, login: str) -> None:
    """Whatever table belongs to a municipality shows the rows of one's own, teams and policies too."""
    connection = lookable.connect(login)
    with lookable.connect_owner() as owner:
        own = desk.value(owner, "select id from municipalities where code = %s", login[:3])
        rows = owner.execute(
            "select c.relname from pg_class as c join pg_attribute as a on a.attrelid = c.oid"
            " where c.relnamespace = 'muni'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')"
            " and a.attname = 'municipality_id'"
        ).fetchall()
    readable = [
        str(name)
        for (name,) in rows
        if desk.value(
            connection, "select has_table_privilege(to_regclass(%s), 'select')", f"muni.{name}"
        )
    ]

    assert {"tickets", "teams", "operators"} <= set(readable)
    for relation in readable:
        seen = connection.execute(
            sql.SQL("select distinct municipality_id from {}").format(
                sql.Identifier("muni", relation)
            )
        ).fetchall()
        assert {number for (number,) in seen} <= {own}, relation
    codes = connection.execute("select code from muni.municipalities").fetchall()
    assert codes == [(login[:3],)]


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
    for relation in house.relations(database):
        if relation not in house.WITHOUT_ROW_SECURITY:
            assert house.whole(connection, relation) == "", relation
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
    owner = database.connect_owner()
    # By key nobody changes sides while a ticket is with them.
    owner.execute("update tickets set assigned_to = null where assigned_to = %s", (name,))
    owner.execute("update operators set role = %s where username = %s", (role, name))
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
    assert set(desk.GRANTED) - set(desk.CALLS) == {
        *("municipality_as", "planner_prunes", "sla_state", "whoami"),
    }
