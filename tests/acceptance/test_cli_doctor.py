"""What doctor says of evidence leaking elsewhere: PostgreSQL's statistics, the server's log, ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from support.database import Database, Server
from support.program import Run
from support.trust import trusted

pytestmark = pytest.mark.law

STATEMENTS = "the server logs statements, without their values"
VALUES = "the server writes what citizens say into its log"


def finding(as_: Run, check: str, by: str = "tvd_manager", **env: str) -> dict[str, str]:
    """What doctor says of one check; nothing here makes it fail."""
    done = as_(by, "doctor", "--json", **env)

    assert (done.status, done.complaint) == (0, "")
    [found] = [found for found in done.json if found["check"] == check]
    return found


def configure(server: Server, database: Database, settings: dict[str, str]) -> None:
    """As whoever runs the server sets them."""
    for name, value in settings.items():
        server.admin.execute(
            sql.SQL("alter database {} set {} = {}").format(
                sql.Identifier(database.dbname), sql.Identifier(name), sql.Literal(value)
            )
        )


def test_open_statistics_are_named_with_the_command_that_closes_them(
    as_: Run, server: Server, database: Database
):
    """Until a superuser has run `db harden`, and not any more afterwards."""
    before = finding(as_, "statistics")
    dsn = make_conninfo(server.cluster.superuser_dsn(), dbname=database.dbname)
    as_(database.owner, "db", "harden", MUNICONSOLE_DSN=dsn)
    after = finding(as_, "statistics")

    assert (before["state"], after["state"], after["mend"]) == ("note", "ok", None)
    assert before["mend"] == "a superuser closes them with municonsole db harden"


@pytest.mark.parametrize(
    ("settings", "found", "mend"),
    [
        ({}, "neither statements nor their values", None),
        ({"log_statement": "ddl"}, "neither statements nor their values", None),
        ({"log_statement": "mod"}, VALUES, "set log_parameter_max_length = 0 on the server"),
        (
            {"log_min_duration_statement": "250ms"},
            VALUES,
            "set log_parameter_max_length = 0 on the server",
        ),
        (
            {"log_statement": "all", "log_parameter_max_length": "0"},
            STATEMENTS,
            "set log_statement = none on the server",
        ),
        (
            {
                "log_min_duration_sample": "1s",
                "log_transaction_sample_rate": "0.5",
                "log_parameter_max_length": "0",
            },
            STATEMENTS,
            "set log_min_duration_sample = -1 and log_transaction_sample_rate = 0 on the server",
        ),
        (
            {"log_parameter_max_length_on_error": "1kB"},
            VALUES,
            "set log_parameter_max_length_on_error = 0 on the server",
        ),
        (
            {"log_statement": "all", "log_parameter_max_length_on_error": "-1"},
            VALUES,
            (
                "set log_parameter_max_length = 0 and log_parameter_max_length_on_error = 0 "
                "on the server"
            ),
        ),
    ],
)
def test_a_server_that_logs_what_citizens_say_is_told_which_setting_to_change(
    as_: Run,
    server: Server,
    database: Database,
    settings: dict[str, str],
    found: str,
    mend: str | None,
):
    """Whatever the unit a setting is written in."""
    configure(server, database, settings)
    said = finding(as_, "server log")

    assert (found in said["found"], said["mend"]) == (True, mend)
    assert said["state"] == ("ok" if mend is None else "note")


def test_auto_explain_is_found_too(as_: Run, server: Server, database: Database):
    """Its plans carry values from PostgreSQL 16 on; on 15 they carry the statement alone."""
    configure(
        server,
        database,
        {"session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0"},
    )
    said = finding(as_, "server log")

    if server.admin.info.server_version >= 160_000:
        assert said["mend"] == "set auto_explain.log_parameter_max_length = 0 on the server"
    else:
        assert said["mend"] == "set auto_explain.log_min_duration = -1 on the server"


def test_another_versions_rules_are_named(as_: Run, database: Database):
    """The tables fit and the rules do not: the owner states them anew."""
    with database.connect_owner() as owner:
        owner.execute("update law_version set digest = 'another'")
    done = as_("tvd_manager", "doctor", "--json")
    [schema] = [found for found in done.json if found["check"] == "schema"]

    assert (done.status, schema["state"]) == (1, "fail")
    assert "municonsole db upgrade" in schema["mend"]


def test_the_log_file_is_tried(as_: Run, tmp_path: Path):
    """Where lines go; that it is off; or why none are written, and what mends it."""
    settings = tmp_path / "mine.toml"
    env = {"MUNICONSOLE_CONFIG": str(settings)}
    settings.write_text(f'[log]\nfile = "{tmp_path}/a/mine.log"\n')
    written = finding(as_, "log", **env)
    settings.write_text('[log]\nlevel = "OFF"\n')
    off = finding(as_, "log", **env)
    settings.write_text(f'[log]\nfile = "{tmp_path}"\n')
    folder = finding(as_, "log", **env)

    assert (written["state"], written["found"]) == ("ok", f"{tmp_path}/a/mine.log")
    assert (off["state"], off["found"]) == ("ok", "switched off by [log]")
    assert folder["state"] == "note"
    assert folder["found"] == f"{tmp_path} cannot be written, so no log line is: Is a directory"
    assert folder["mend"].startswith("name another file under [log]")


def test_a_superuser_is_told_that_nothing_is_hidden_from_it(
    as_: Run, server: Server, database: Database
):
    """The role fails; the statistics are no news to it."""
    dsn = make_conninfo(server.cluster.superuser_dsn(), dbname=database.dbname)
    done = as_(database.owner, "doctor", "--json", MUNICONSOLE_DSN=dsn)
    found = {one["check"]: one["state"] for one in done.json}

    assert (done.status, found["role"], found["statistics"]) == (1, "fail", "skipped")


def test_what_opens_a_locked_console_is_said(
    as_: Run, server: Server, database: Database, tmp_path: Path
):
    """The password; or, where the server asks for none, any key, with what mends it."""
    settings = tmp_path / "mine.toml"
    settings.write_text("[ui]\nidle_minutes = 0\n")
    asked = finding(as_, "lock", by="tvd_operator2")
    never = finding(as_, "lock", by="tvd_operator2", MUNICONSOLE_CONFIG=str(settings))
    with trusted(server, "tvd_operator2"):
        trusting = finding(as_, "lock", by="tvd_operator2", PGPASSWORD="")

    assert asked["state"] == never["state"] == "ok"
    assert (
        asked["found"]
        == "F9 or 10 minutes without a key lock the console, and the password opens it again"
    )
    assert never["found"] == "F9 locks the console, and the password opens it again"
    assert trusting["state"] == "note"
    assert "any key opens it: the server asks this login for no password" in trusting["found"]
    assert "let the desktop lock itself" in trusting["mend"]
