"""What an owner and a troubled operator use: db upgrade, db check, doctor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.database import Database
from support.program import Open, Run, environment

ROOT = Path(__file__).parents[2]
OF_A_CONNECTION = ["TLS", "server", "schema", "role", "statistics", "server log", "lock"]
CHECKS = ["configuration", "log", "connection", *OF_A_CONNECTION, "keyring", "terminal"]


def test_an_upgraded_database_passes_the_check_and_another_upgrade(as_: Run, database: Database):
    """The owner may upgrade as often as they like."""
    done = [as_(database.owner, "db", command) for command in ("upgrade", "check", "upgrade")]

    assert [outcome.status for outcome in done] == [0, 0, 0]
    assert done[1].output == "The database is as this program makes it.\n"


def test_a_hand_made_change_is_found_and_undone(as_: Run, database: Database):
    """`db check` names what somebody changed by hand, `db upgrade` states the rule again."""
    with database.connect_owner() as owner:
        owner.execute("grant insert on tickets to muni_manager")
    found = as_(database.owner, "db", "check")
    as_(database.owner, "db", "upgrade")

    assert found.status == 1
    assert "tickets" in found.output
    assert "municonsole db upgrade states the rules anew" in found.complaint
    assert as_(database.owner, "db", "check").status == 0


def test_an_operator_cannot_upgrade(as_: Run):
    """Only the owner changes the house."""
    done = as_("tvd_admin", "db", "upgrade")

    assert done.status == 3
    assert done.complaint.startswith("municonsole: this login may not upgrade the database")
    assert done.complaint.count("\n") == 1


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and install it, and nothing else, into a folder."""
    folder = tmp_path_factory.mktemp("installed")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps")
    build = (*quiet, "--no-build-isolation", "--wheel-dir", str(folder / "wheels"), str(ROOT))
    subprocess.run([sys.executable, "-m", "pip", "wheel", *build], check=True)
    [wheel] = (folder / "wheels").glob("municonsole-*.whl")
    place = (*quiet, "--target", str(folder / "site"), str(wheel))
    subprocess.run([sys.executable, "-m", "pip", "install", *place], check=True)
    return folder / "site"


def test_db_upgrade_works_from_an_installed_wheel_in_an_empty_folder(
    installed: Path, blank_database: Database, tmp_path: Path
):
    """A production machine has the wheel and no checkout: tables and rules are in it."""
    env = environment(
        tmp_path,
        PYTHONPATH=str(installed),
        MUNICONSOLE_DSN=blank_database.owner_dsn,
        PGPASSWORD=blank_database.owner_password,
    )

    def python(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-P", *arguments],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert Path(python("-c", "import municonsole; print(municonsole.__file__)").strip()) == (
        installed / "municonsole" / "__init__.py"
    )
    assert python("-m", "municonsole", "db", "upgrade").endswith("up to date.\n")
    assert python("-m", "municonsole", "db", "check") == (
        "The database is as this program makes it.\n"
    )


def findings(as_: Run, username: str, status: int, **env: str) -> dict[str, dict[str, str]]:
    """What doctor says, by check."""
    done = as_(username, "doctor", "--json", **env)

    assert (done.status, done.complaint.count("Traceback")) == (status, 0)
    assert [finding["check"] for finding in done.json] == CHECKS
    return {finding["check"]: finding for finding in done.json}


def test_doctor_finds_nothing_amiss_at_a_working_desk(as_: Run):
    """Where everything works, every line is ok, or a note: no keyring, PostgreSQL's open statistics."""
    found = findings(as_, "tvd_manager", 0)
    states = {check: finding["state"] for check, finding in found.items()}

    notes = {"keyring": "note", "terminal": "skipped", "statistics": "note"}
    assert states == dict.fromkeys(CHECKS, "ok") | notes
    assert found["role"]["found"] == "TVD Manager 1, manager of Testville District"


def test_doctor_tells_people_one_line_a_check(as_: Run):
    """Without --json each check is a line that begins with its state."""
    lines = as_("tvd_manager", "doctor").output.splitlines()

    assert [line.split(":")[0].split(maxsplit=1)[1] for line in lines] == CHECKS
    assert {line.split()[0] for line in lines} == {"ok", "note", "skipped"}


def test_doctor_goes_on_after_a_broken_configuration(as_: Run, tmp_path: Path):
    """One thing that is amiss does not hide the others."""
    file = tmp_path / "mine.toml"
    file.write_text("[databas]\n")
    found = findings(as_, "tvd_manager", 2, MUNICONSOLE_CONFIG=str(file))

    assert found["configuration"]["state"] == "fail"
    assert found["configuration"]["mend"] == "correct it; config.example.toml describes every key"
    assert found["role"]["state"] == "ok"


def test_doctor_says_that_nobody_is_there(as_: Run):
    """What needs a connection is skipped where there is none."""
    found = findings(as_, "tvd_manager", 5, MUNICONSOLE_DSN="host=127.0.0.1 port=1")

    assert found["connection"]["state"] == "fail"
    assert "PGHOST" in found["connection"]["mend"]
    assert {found[check]["state"] for check in OF_A_CONNECTION} == {"skipped"}


@pytest.mark.parametrize("username", ["tvd_disabled", "test_stranger"])
def test_doctor_says_that_a_login_is_nobody_here(as_: Run, username: str):
    """A login that opens nothing is told who can change that."""
    found = findings(as_, username, 3)

    assert found["role"]["state"] == "fail"
    assert "ask an admin" in found["role"]["mend"]


def test_doctor_says_which_schema_is_missing(
    as_: Run, database: Database, blank_database: Database
):
    """An empty, an old and a changed database are told apart."""
    empty = findings(as_, database.owner, 1, MUNICONSOLE_DSN=blank_database.owner_dsn)
    with database.connect_owner() as owner:
        owner.execute("update law_version set digest = 'another'")
        changed = findings(as_, "tvd_manager", 1)
        owner.execute("update schema_version set version_num = '0000'")
        old = findings(as_, "tvd_manager", 1)

    assert "the database is empty" in empty["schema"]["found"]
    assert "its rules are another version's" in changed["schema"]["found"]
    assert "at schema 0000" in old["schema"]["found"]


def test_doctor_looks_at_the_terminal(terminal: Open, database: Database):
    """A terminal that cannot show the console is named."""
    password = database.password("tvd_manager")
    good = terminal("tvd_manager", "doctor", PGPASSWORD=password)
    dumb = terminal("tvd_manager", "doctor", PGPASSWORD=password, TERM="dumb")

    assert (good.wait(), dumb.wait()) == (0, 1)
    assert "ok      terminal: xterm-256color, 80×24" in good.shown()
    assert "fail    terminal: dumb, 80×24; use a terminal that knows" in dumb.shown()
