"""`municonsole operators …`: people, as an administrator, as the database's owner and as nobody."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import psycopg
import pytest
from support.database import Database, Server
from support.program import Open, Outcome, Run
from support.waiting import until

pytestmark = pytest.mark.law

PASSWORD = "correct horse battery"
NEW = ("new_one", "new_two", "new_liaison", "new_admin")
ADD = ("operators", "add", "new_one", "--name", "Operator 9")


@pytest.fixture(autouse=True)
def newcomers(server: Server, database: Database) -> Iterator[None]:
    """Logins that a test makes; roles are the server's, so they are dropped afterwards."""
    yield
    server.drop(database)  # what still logs in as one of them ends with it
    for name in NEW:
        server.admin.execute(f"drop role if exists {name}")


def refused(done: Outcome, status: int, sentence: str) -> bool:
    """Whether it ended like this, with one line on standard error and none on standard output."""
    assert (done.status, done.output) == (status, "")
    assert done.complaint.count("\n") == 1

    return sentence in done.complaint


def people(done: Outcome) -> dict[str, dict[str, object]]:
    """What `list --json` printed, by login."""
    assert (done.status, done.complaint) == (0, "")
    return {person["username"]: person for person in done.json}


def test_an_administrator_adds_somebody_who_works_at_once(process_as: Run):
    """One line of standard input is the first password; it stands on no command line."""
    added = process_as("tvd_admin", *ADD, "--team", "water 1", stdin=f"{PASSWORD}\n")
    listed = process_as("new_one", "tickets", "list", PGPASSWORD=PASSWORD)

    assert (added.status, added.output, added.complaint) == (0, "new_one can log in now.\n", "")
    assert listed.status == 0


def test_the_list_has_everybody_of_the_municipality_for_people_and_as_json(as_: Run):
    """Disabled people too, and no SAPS liaison: who they are is not for the town to know."""
    listed = as_("tvd_admin", "operators", "list")
    found = people(as_("tvd_admin", "operators", "list", "--json"))

    assert found["tvd_operator"] == {
        "username": "tvd_operator",
        "full_name": "TVD Operator 1",
        "role": "operator",
        "municipality": "tvd",
        "team": "Water 1",
        "is_active": True,
    }
    assert set(found) == {
        f"tvd_{name}"
        for name in ("admin", "manager", "operator", "operator2", "teamless", "disabled")
    }
    assert found["tvd_disabled"]["is_active"] is False
    header, *lines = listed.output.splitlines()
    assert header.split() == ["LOGIN", "ROLE", "PLACE", "TEAM", "STATE", "NAME"]
    assert len(lines) == len(found)


def test_the_owner_lists_all_municipalities_and_liaisons(as_: Run, database: Database):
    """The login that owns the database has no desk and sees everybody."""
    found = people(as_(database.owner, "operators", "list", "--json"))

    assert {person["municipality"] for person in found.values()} == {"tvd", "ksb"}
    assert (found["ksb_saps"]["role"], found["ksb_saps"]["team"]) == ("saps_liaison", "SAPS North")


def test_somebody_is_moved_disabled_enabled_and_given_a_password(as_: Run):
    """Each takes effect, and says so in one line."""
    as_("tvd_admin", *ADD, "--role", "manager", stdin=PASSWORD)
    said = [
        as_("tvd_admin", "operators", *words, stdin="another password").output
        for words in (
            ("set-team", "new_one", "roads 1"),
            ("reset-password", "new_one"),
            ("disable", "new_one"),
        )
    ]
    out = as_("new_one", "tickets", "list", PGPASSWORD="another password")
    said.append(as_("tvd_admin", "operators", "enable", "new_one").output)
    back = as_("new_one", "operators", "list", "--json", PGPASSWORD="another password")
    said.append(as_("tvd_admin", "operators", "set-team", "new_one").output)
    teamless = people(as_("tvd_admin", "operators", "list", "--json"))

    assert said == [
        "new_one is in roads 1.\n",
        "new_one has a new password.\n",
        "new_one is disabled.\n",
        "new_one is enabled.\n",
        "new_one is in no team.\n",
    ]
    assert out.status == 5
    assert people(back)["new_one"]["team"] == "Roads 1"
    assert teamless["new_one"]["team"] is None


def test_the_owner_makes_administrators_and_liaisons_anywhere(as_: Run, database: Database):
    """What an administrator may not make, in the municipality that is named."""
    liaison = ("new_liaison", "--name", "Liaison 9", "--role", "saps_liaison")
    place = ("--municipality", "ksb")
    made = [
        as_(database.owner, "operators", "add", *words, *place, stdin=PASSWORD)
        for words in (
            (*liaison, "--team", "saps south"),
            ("new_admin", "--name", "Admin 9", "--role", "admin"),
        )
    ]
    as_("new_admin", *ADD, PGPASSWORD=PASSWORD, stdin=PASSWORD)
    moved = as_(database.owner, "operators", "set-team", "new_liaison", "SAPS North")
    found = people(as_(database.owner, "operators", "list", "--json"))

    assert [done.status for done in (*made, moved)] == [0, 0, 0]
    assert [found[name]["municipality"] for name in ("new_one", "new_admin")] == ["ksb", "ksb"]
    assert (found["new_liaison"]["role"], found["new_liaison"]["team"]) == (
        "saps_liaison",
        "SAPS North",
    )


def test_the_owner_is_told_what_is_missing_or_wrong(as_: Run, database: Database):
    """Where, which team, which name: one sentence with what there is."""
    liaison = (*ADD, "--role", "saps_liaison")

    def told(sentence: str, *words: str, status: int = 2) -> bool:
        return refused(as_(database.owner, *words, stdin=PASSWORD), status, sentence)

    assert told("--municipality CODE; there are: ksb, tvd", *ADD)
    assert told("no municipality 'xyz'; there are: ksb, tvd", *ADD, "--municipality", "xyz")
    place = ("--municipality", "tvd")
    assert told("there are: SAPS North, SAPS South", *liaison, *place, "--team", "Water 1")
    taken = ("operators", "add", "tvd_saps", "--name", "Liaison 9", *place)
    assert told("the login tvd_saps is taken", *taken)
    assert told("the login test_stranger is taken", *taken[:2], "test_stranger", *taken[3:])
    assert told("1 to 100 characters", *ADD[:4], " ", *place)
    assert told("there is no operator 'test_stranger'", "operators", "disable", "test_stranger")


def test_an_administrator_stays_in_their_municipality_and_below_their_own_role(as_: Run):
    """Liaisons, administrators, SAPS teams and other towns are not theirs to say."""

    def told(status: int, sentence: str, *words: str) -> bool:
        return refused(as_("tvd_admin", *words, stdin=PASSWORD), status, sentence)

    assert told(3, "others are made by the database's owner", *ADD, "--role", "saps_liaison")
    assert told(3, "others are made by the database's owner", *ADD, "--role", "admin")
    assert told(2, "leave out --municipality", *ADD, "--municipality", "ksb")
    assert told(2, "no such active municipal team", *ADD, "--team", "SAPS North")
    for name in ("tvd_saps", "tvd_admin", "ksb_operator", "nobody", "test_owner"):
        for command in ("disable", "enable", "set-team", "reset-password"):
            assert told(2, f"there is no operator or manager {name}", "operators", command, name)


@pytest.mark.parametrize("username", ["tvd_operator", "tvd_manager", "tvd_saps"])
def test_everybody_else_is_refused_before_a_password_is_read(as_: Run, username: str):
    """They read who may, with exit status 3."""
    for words in (ADD, ("operators", "reset-password", "tvd_operator2")):
        # Too short a password: who may not do it at all is told that, not this.
        assert refused(as_(username, *words, stdin="short"), 3, "is for administrators")
    for command in ("disable", "enable", "set-team"):
        done = as_(username, "operators", command, "tvd_operator2")

        assert refused(done, 3, "is for administrators")


@pytest.mark.parametrize("username", ["tvd_disabled", "test_stranger", "test_worker"])
def test_a_login_that_is_nobody_here_is_told_so(as_: Run, username: str):
    """Neither an active operator nor the owner: nothing is listed and nothing done."""
    for words in (("list",), ("disable", "tvd_operator")):
        done = as_(username, "operators", *words)

        assert refused(done, 3, "neither an active operator nor the owner of the database")


def test_people_of_an_empty_database_are_asked_for_in_vain(
    as_: Run, database: Database, blank_database: Database
):
    """The owner is told to upgrade first."""
    done = as_(database.owner, "operators", "list", MUNICONSOLE_DSN=blank_database.owner_dsn)

    assert refused(done, 1, "municonsole db upgrade")


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        (b"", "at least 10 characters"),
        (b"123456789\n", "at least 10 characters"),
        (b"a long\x1b[2J password\n", "no control characters"),
        (b"a long\tpassword\n", "no control characters"),
        ("a long\u202e password\n".encode(), "no control characters"),
        (b"a long \xff password\n", "not UTF-8"),
        (b"x" * 5_000_000, "at most 200 characters"),
        (b"NEW_LOGIN_1\n", "not the login itself"),
    ],
)
def test_a_password_that_is_none_is_refused(
    process_as: Run, server: Server, password: bytes, sentence: str
):
    """One sentence, in which the password does not stand; nobody is added."""
    words = ("operators", "add", "new_login_1", "--name", "Operator 9")
    done = process_as("tvd_admin", *words, stdin=password)

    assert refused(done, 2, sentence)
    assert "long" not in done.complaint
    role = server.admin.execute("select from pg_roles where rolname = 'new_login_1'")
    assert role.fetchall() == []


@pytest.mark.parametrize("login", ["New_One", "x", "pg_monitor", "muni_saps", 'a"; drop', "å_name"])
def test_a_login_that_is_none_is_refused_whoever_asks(as_: Run, database: Database, login: str):
    """For an administrator and for the owner alike."""
    words = ("operators", "add", login, "--name", "Operator 9")
    owners = as_(database.owner, *words, "--municipality", "tvd", stdin=PASSWORD)

    assert refused(as_("tvd_admin", *words, stdin=PASSWORD), 2, "a login is 3 to 31")
    assert refused(owners, 2, "a login is 3 to 31")


def test_a_person_is_asked_twice_on_a_terminal(
    terminal: Open, as_: Run, database: Database, server: Server
):
    """Their own password once, the new one until it was typed the same twice; neither is shown."""
    screen = terminal("tvd_admin", *ADD)
    screen.wait_for("Password for tvd_admin@")
    screen.type(f"{database.password('tvd_admin')}\n")
    screen.wait_for("New password for new_one")
    screen.type(f"{PASSWORD}\n")
    screen.wait_for("Once more")
    screen.type("something else\n")
    screen.wait_for("New password for new_one", 2)
    screen.type(f"{PASSWORD}\n")
    screen.wait_for("Once more", 2)
    screen.type(f"{PASSWORD}\n")

    assert screen.wait() == 0
    assert "new_one can log in now." in screen.shown()
    assert PASSWORD.encode() not in screen.said
    assert screen.shown().count("Password for tvd_admin@") == 1
    assert as_("new_one", "tickets", "list", PGPASSWORD=PASSWORD).status == 0


def test_the_owner_is_asked_for_their_own_password_once(terminal: Open, database: Database):
    """Finding out that they have no desk costs no second question."""
    screen = terminal(database.owner, "operators", "list")
    screen.wait_for("Password for test_owner@")
    screen.type(f"{database.owner_password}\n")

    assert screen.wait() == 0
    assert screen.shown().count("Password for test_owner@") == 1
    assert "tvd_saps" in screen.shown()


def test_ctrl_c_at_the_question_adds_nobody(terminal: Open, database: Database, server: Server):
    """Changing one's mind is always possible."""
    screen = terminal("tvd_admin", *ADD, PGPASSWORD=database.password("tvd_admin"))
    screen.wait_for("New password for new_one")
    screen.type("\x03")

    assert screen.wait() == 130
    assert server.admin.execute("select from pg_roles where rolname = 'new_one'").fetchall() == []


@pytest.mark.parametrize("by_owner", [False, True])
def test_disabling_ends_an_open_console_and_its_connection(
    as_: Run, terminal: Open, database: Database, server: Server, by_owner: bool
):
    """No row and no action any more, and the console says why it shows nothing new."""
    as_("tvd_admin", *ADD, "--team", "Water 1", stdin=PASSWORD)
    screen = terminal("new_one", PGPASSWORD=PASSWORD)
    screen.wait_for("connected")
    disabled = as_(database.owner if by_owner else "tvd_admin", "operators", "disable", "new_one")
    # PostgreSQL tells a session to end and does not wait until it has.
    sessions = "select from pg_stat_activity where usename = 'new_one'"
    until(lambda: not server.admin.execute(sessions).fetchall())
    screen.type("5")
    screen.wait_for("lets new_one in no more")

    assert (disabled.status, disabled.complaint) == (0, "")
    assert as_("new_one", "tickets", "list", PGPASSWORD=PASSWORD).status == 5


def test_a_liaison_of_the_owners_is_shut_out_at_once(as_: Run, database: Database):
    """The owner ends sessions of those whom no administrator manages."""
    words = ("new_liaison", "--name", "L", "--role", "saps_liaison", "--municipality", "tvd")
    as_(database.owner, "operators", "add", *words, stdin=PASSWORD)
    with psycopg.connect(database.dsn("new_liaison"), password=PASSWORD) as open_one:
        done = as_(database.owner, "operators", "disable", "new_liaison")
        with pytest.raises(psycopg.errors.AdminShutdown):
            open_one.execute("select 1")
    held = database.connect(database.owner).execute(
        "select from pg_auth_members where roleid = 'new_liaison'::regrole and not admin_option"
    )

    assert done.status == 0
    assert held.fetchall() == []


def test_what_was_done_stands_in_the_audit_log_and_the_log_is_whole(as_: Run, database: Database):
    """By whom, to whom, by an administrator and by the owner."""
    as_("tvd_admin", *ADD, stdin=PASSWORD)
    as_("tvd_admin", "operators", "reset-password", "new_one", stdin=PASSWORD)
    as_(database.owner, "operators", "disable", "new_one")
    as_("tvd_admin", "operators", "disable", "nobody")
    lines = database.connect("tvd_admin").execute(
        "select actor, kind, subject, data::text from muni.audit_log order by seq"
    )
    found = lines.fetchall()

    assert [line[:3] for line in found] == [
        ("tvd_admin", "operator_created", "new_one"),
        ("tvd_admin", "password_reset", "new_one"),
        ("test_owner", "operator_disabled", "new_one"),
    ]
    assert not any("SCRAM" in data for *_, data in found)
    assert as_(database.owner, "audit", "verify").status == 0


def test_somebody_who_left_never_comes_back_as_another(
    as_: Run, database: Database, server: Server
):
    """A login name stays taken in the histories, even when the login itself is gone."""
    as_("tvd_admin", *ADD, stdin=PASSWORD)
    as_("tvd_admin", "operators", "disable", "new_one")
    server.admin.execute("drop role new_one")
    place = ("--municipality", "tvd")

    assert refused(as_("tvd_admin", *ADD, stdin=PASSWORD), 2, "the login new_one is taken")
    assert refused(as_(database.owner, *ADD, *place, stdin=PASSWORD), 2, "new_one is taken")


def test_no_password_is_an_argument_of_any_command(as_: Run):
    """What `ps` shows to everybody on the machine holds none."""
    for command in ("add", "reset-password"):
        words = as_("tvd_admin", "operators", command, "--help").output.split()

        assert not any("password" in option for option in words if option.startswith("--"))
        pairs = pairwise(words)
        assert ("standard", "input") in {(one, two.strip(".")) for one, two in pairs}
