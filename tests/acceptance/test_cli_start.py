"""What every command does before its own work: the connection, the configuration, the errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.database import Database
from support.program import COMMAND, Open, Run, environment, run

HEAVY = ("textual", "sqlalchemy", "psycopg", "alembic", "holidays", "keyring", "rich", "msgspec")
LIST = ("tickets", "list", "--json")


def complaint_of(as_: Run, username: str, status: int, *arguments: str, **env: str) -> str:
    """The one line a command that fails with `status` leaves on standard error."""
    done = as_(username, *(arguments or LIST), **env)

    assert (done.status, done.output) == (status, "")
    assert done.complaint.count("\n") == 1
    assert "Traceback" not in done.complaint
    return done.complaint


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["tickets", "--help"]])
def test_the_command_line_starts_without_what_it_does_not_need(
    tmp_path: Path, arguments: list[str]
):
    """`municonsole --version` is there at once: nothing heavy is imported for it."""
    program = (
        "import sys\nfrom municonsole.cli import main\n"
        "try:\n    main(sys.argv[1:])\nfinally:\n    print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = set(HEAVY) - ({"msgspec"} if arguments[0] == "tickets" else set())

    assert done.stdout
    assert heavy & set(done.stderr.split()) == set()


def test_the_version_is_the_packages(tmp_path: Path):
    """Whoever reports a fault can say which version they have."""
    from municonsole import __version__

    assert run(["--version"], environment(tmp_path)).output == f"municonsole {__version__}\n"


def test_the_help_names_every_command_of_this_version(tmp_path: Path):
    """`--help` is the list of what there is."""
    output = run(["--help"], environment(tmp_path)).output

    for command in ("demo", "tickets", "import", "login", "logout", "doctor", "db"):
        assert f"\n  {command} " in output
        assert run([command, "--help"], environment(tmp_path)).status == 0


def test_the_console_needs_a_terminal(as_: Run):
    """A script that starts the console by mistake is told what it wants instead."""
    done = as_("tvd_operator")

    assert done.status == 2
    assert done.complaint.startswith("municonsole: the console needs a terminal")


def test_a_database_that_is_not_there_is_exit_status_5(as_: Run):
    """A script can tell a dead network from a refusal."""
    complaint = complaint_of(as_, "tvd_operator", 5, MUNICONSOLE_DSN="host=127.0.0.1 port=1")

    assert complaint.startswith("municonsole: the database at 127.0.0.1:1 cannot be reached")


def test_a_wrong_password_is_exit_status_5_and_not_repeated(as_: Run):
    """A mistyped password is not shown to whoever looks over the shoulder."""
    complaint = complaint_of(as_, "tvd_operator", 5, PGPASSWORD="guess")

    assert "did not accept the login of tvd_operator" in complaint
    assert "guess" not in complaint


def test_without_password_and_terminal_there_is_no_login(process_as: Run):
    """A script without a password is told so, instead of waiting for somebody to type one."""
    done = process_as("tvd_operator", *LIST, PGPASSWORD="")

    assert (done.status, done.output) == (5, "")
    assert done.complaint.splitlines()[-1] == (
        "municonsole: the database asks for a password and none was given"
    )


@pytest.mark.parametrize("username", ["test_stranger", "tvd_disabled", "test_worker"])
def test_a_login_that_is_no_active_operator_is_exit_status_3(as_: Run, username: str):
    """A PostgreSQL login alone opens nothing, nor does that of somebody who has left."""
    assert "not an active operator" in complaint_of(as_, username, 3)


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("0000", "its owner runs municonsole db upgrade"), ("9999", "install a newer municonsole")],
)
def test_a_schema_of_another_version_is_refused(
    as_: Run, database: Database, version: str, sentence: str
):
    """An old program does not write into a new database, nor a new one into an old."""
    with database.connect_owner() as owner:
        owner.execute("update schema_version set version_num = %s", (version,))

    assert sentence in complaint_of(as_, "tvd_operator", 1)


def test_a_password_in_dsn_is_refused(database: Database, tmp_path: Path):
    """Everybody on the machine reads command lines."""
    dsn = f"{database.dsn('tvd_operator')} password={database.password('tvd_operator')}"
    done = run(["--dsn", dsn, *LIST], environment(tmp_path))

    assert (done.status, done.output) == (2, "")
    assert done.complaint.startswith("municonsole: --dsn holds a password")
    assert database.password("tvd_operator") not in done.complaint


def test_an_unknown_configuration_key_is_refused_with_its_file(as_: Run, tmp_path: Path):
    """A mistyped key does not silently do nothing."""
    file = tmp_path / "mine.toml"
    file.write_text('[database]\ndns = "x"\n')
    by_option = complaint_of(as_, "tvd_operator", 2, "--config", str(file), *LIST)
    by_variable = complaint_of(as_, "tvd_operator", 2, MUNICONSOLE_CONFIG=str(file))

    assert by_option == by_variable
    assert by_option.startswith(f"municonsole: {file}: unknown key 'dns' in [database]")


def test_the_file_names_the_database_where_nothing_else_does(
    as_: Run, database: Database, tmp_path: Path
):
    """A machine is set up once, in its configuration file."""
    file = tmp_path / ".config/municonsole/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(f"[database]\ndsn = {json.dumps(database.dsn('tvd_operator'))}\n")
    done = as_("tvd_operator", *LIST, MUNICONSOLE_DSN="")

    assert (done.status, done.complaint) == (0, "")


def test_libpqs_own_conventions_pass_through(as_: Run, database: Database, tmp_path: Path):
    """~/.pgpass and PGHOST work as they do for psql."""
    password_file = tmp_path / ".pgpass"
    password_file.write_text(f"*:*:*:tvd_operator:{database.password('tvd_operator')}\n")
    password_file.chmod(0o600)
    done = as_(
        "tvd_operator",
        *LIST,
        MUNICONSOLE_DSN="",
        PGPASSWORD="",
        PGHOST=database.host,
        PGPORT=str(database.port),
        PGUSER="tvd_operator",
        PGDATABASE=database.dbname,
    )

    assert (done.status, done.complaint) == (0, "")


def test_a_question_that_takes_too_long_is_stopped(as_: Run, database: Database, tmp_path: Path):
    """[database] statement_timeout is in force: a stuck database does not hold a desk for ever."""
    file = tmp_path / "mine.toml"
    file.write_text("[database]\nstatement_timeout = 1\n")
    with database.connect(database.owner, autocommit=False) as owner:
        owner.execute("set role muni_owner")
        owner.execute("lock table muni.tickets in access exclusive mode")
        complaint = complaint_of(as_, "tvd_operator", 1, "--config", str(file), *LIST)

    assert "took too long" in complaint


def test_a_reader_who_has_seen_enough_is_no_error(as_: Run, database: Database, tmp_path: Path):
    """`tickets list | head` ends quietly."""
    as_("tvd_operator", "tickets", "create", "--category", "other", stdin="x" * 5000)
    variables = {
        "MUNICONSOLE_DSN": database.dsn("tvd_operator"),
        "PGPASSWORD": database.password("tvd_operator"),
    }
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, *LIST],
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.PIPE,
        env=environment(tmp_path, **variables),
        check=False,
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (1, b"")


def test_ctrl_c_ends_with_130(terminal: Open):
    """Whoever changes their mind at a question presses Ctrl-C once."""
    screen = terminal("tvd_operator", *LIST)
    screen.wait_for("Password for tvd_operator@")
    screen.type("\x03")

    assert screen.wait() == 130
    assert "Traceback" not in screen.shown()


def test_a_locale_without_the_letters_still_lists(as_: Run, process_as: Run):
    """JSON is UTF-8 whatever the locale; columns lose a letter rather than the list."""
    as_("tvd_operator", "tickets", "create", "--category", "other", stdin="Geyser é 🚰")
    as_json = process_as("tvd_operator", *LIST, PYTHONIOENCODING="koi8-r")
    columns = process_as("tvd_operator", "tickets", "list", PYTHONIOENCODING="koi8-r")

    assert as_json.json["tickets"][0]["description"] == "Geyser é 🚰"
    assert (columns.status, columns.complaint) == (0, "")
    assert "Geyser ? ?" in columns.output


def test_a_fault_of_the_program_is_one_sentence_and_leaves_no_data(
    as_: Run, database: Database, tmp_path: Path
):
    """What breaks says where it broke, in a file, without what anybody said."""
    number = as_(
        "tvd_operator", "tickets", "create", "--category", "other", stdin="words of a citizen"
    ).output.strip()
    with database.connect_owner() as owner:
        owner.execute(
            "alter table municipalities drop constraint if exists municipalities_time_zone_check"
        )
        owner.execute("update municipalities set time_zone = 'Nowhere/Citytown'")
    complaint = complaint_of(as_, "tvd_operator", 1, "tickets", "show", number)
    log = tmp_path / ".local/state/municonsole/log/faults.log"

    assert complaint.startswith("municonsole: municonsole has a fault (ZoneInfoNotFoundError)")
    assert str(log) in complaint
    written = log.read_text()
    assert "ZoneInfoNotFoundError" in written
    assert "municonsole/cli/reading.py" in written
    assert "citizen" not in written + complaint
    assert "Citytown" not in written + complaint
    assert log.stat().st_mode & 0o077 == 0
