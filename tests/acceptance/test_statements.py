"""What PostgreSQL shows of our sessions: a neutral name, and statements without anybody's words."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from support.database import Database, Server
from support.program import Open, Run
from support.tickets import log

from municonsole.domain.permissions import Permission
from municonsole.domain.values import (
    Category,
    EventKind,
    Language,
    Role,
    Severity,
    SlaState,
    Status,
)

pytestmark = pytest.mark.law

WORD = "zyzzyva"
"""Part of every text that is typed here, and of no statement."""
CLOSED_LISTS = {
    str(value)
    for values in (Category, EventKind, Language, Permission, Role, Severity, SlaState, Status)
    for value in values
}
OURS = {
    "",
    " ",
    "{}",
    "2 minutes",
    "YYYY-MM",
    "execute",
    "member",
    "muni",
    "muni.schema_version",
    "muni_owner",
}
"""Our own names and what stands for `never`; none of them comes from a person."""
DETAILS = ("--address", f"{WORD} Street", "--name", WORD, "--phone", "011 555 0177")


@contextmanager
def watched(server: Server, database: Database) -> Iterator[set[tuple[str, str, str]]]:
    """What pg_stat_activity shows meanwhile, to somebody who looks all the time.

    Who is logged in, under which application name, with which statement.
    """
    seen: set[tuple[str, str, str]] = set()
    done = threading.Event()

    def look() -> None:
        with psycopg.connect(server.cluster.superuser_dsn(), autocommit=True) as watcher:
            while not done.is_set():
                seen.update(
                    watcher.execute(
                        "select usename::text, application_name, query from pg_stat_activity "
                        "where datname = %s",
                        (database.dbname,),
                    ).fetchall()
                )

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


@contextmanager
def logged(server: Server, database: Database) -> Iterator[list[str]]:
    """Every statement that reaches the server meanwhile, as it was sent, without its parameters."""
    for name, value in (("log_statement", "all"), ("log_parameter_max_length", "0")):
        server.admin.execute(
            sql.SQL("alter database {} set {} = {}").format(
                sql.Identifier(database.dbname), sql.Identifier(name), sql.Literal(value)
            )
        )
    size = server.cluster.log.stat().st_size
    statements: list[str] = []
    yield statements
    with server.cluster.log.open("rb") as file:
        file.seek(size)
        text = file.read().decode()
    entries = re.split(r"(?m)^\d{4}-\d\d-\d\d [\d:.]+ UTC \[\d+\] ", text)
    statements += [entry for entry in entries if re.match(r"LOG:  (statement|execute)", entry)]


def work(as_: Run, folder: Path) -> str:
    """Everything that carries a person's words; the number of a ticket that is left open."""
    number = log(as_, *DETAILS)
    report = as_(
        "tvd_operator",
        *("tickets", "create", "--category", "gbv", "--stdin-json"),
        stdin=f'{{"description": "{WORD}", "name": "{WORD}", "contact_instructions": "{WORD}"}}',
    ).output.strip()
    requests = folder / "requests.json"
    requests.write_text(
        f'[{{"service_request_id": "{WORD}", "description": "{WORD}", "address": "{WORD}",'
        ' "requested_datetime": "2026-01-01T08:00:00+02:00", "status": "open", "lat": 1, "long": 1,'
        ' "service_name": "Pothole"}]'
    )
    for who, *words in (
        ("tvd_manager", "tickets", "assign", number, "--team", "Water 1", "--reason", WORD),
        ("tvd_operator", "tickets", "take", number),
        ("tvd_operator", "tickets", "note", number, WORD),
        ("tvd_operator", "tickets", "contact", number, "--outcome", WORD),
        ("tvd_operator", "tickets", "add-reporter", number, "--name", WORD),
        ("tvd_operator", "tickets", "status", number, "on_hold", "--note", WORD),
        ("tvd_operator", "tickets", "escalate", number, "--reason", WORD),
        ("tvd_manager", "tickets", "reclassify", number, "--category", "roads", "--reason", WORD),
        ("tvd_manager", "tickets", "unassign", number, "--reason", WORD),
        ("tvd_operator", "tickets", "list", "--search", WORD),
        ("tvd_operator", "tickets", "list", "--status", "open", "--assigned-to", WORD),
        ("tvd_manager", "export", "tickets", "--search", WORD),
        ("tvd_manager", "export", "tickets", "--suburb", WORD, "--format", "jsonl"),
        (
            "tvd_manager",
            "report",
            "sla",
            "--from",
            "2026-01-01",
            "--to",
            "2026-12-31",
            "--by",
            "month",
        ),
        (
            "tvd_saps",
            "report",
            "sla",
            "--from",
            "2026-01-01",
            "--to",
            "2026-12-31",
            "--by",
            "month",
        ),
        ("tvd_operator", "tickets", "show", number),
        ("tvd_operator", "tickets", "history", number),
        ("tvd_saps", "tickets", "show", report),
        ("tvd_saps", "tickets", "note", report, "-"),
        ("tvd_saps", "tickets", "history", report),
        ("tvd_admin", "tickets", "show", report, "--reason", f"{WORD} {WORD}"),
        ("tvd_operator", "tickets", "show", report),
        ("tvd_admin", "import", str(requests), "--rejects", str(folder / "rejects.csv")),
        ("tvd_admin", "operators", "set-team", "tvd_operator2", WORD),
        ("tvd_admin", "operators", "reset-password", WORD),
        ("tvd_admin", "operators", "list"),
        ("test_owner", "operators", "set-team", "tvd_saps", WORD),
        ("test_owner", "operators", "add", "tvd_saps", "--name", WORD, "--municipality", "tvd"),
    ):
        done = as_(who, *words, stdin=f"{WORD} {WORD}\n")

        assert done.status in (0, 2, 3), (words, done.complaint)
    marked = log(as_, *DETAILS)
    as_("tvd_operator", "tickets", "mark-sensitive", marked, stdin=WORD)
    return number


def test_pg_stat_activity_shows_no_word_and_a_neutral_name(
    as_: Run, terminal: Open, server: Server, database: Database, tmp_path: Path
):
    """Whoever may look at sessions reads neither what citizens said nor who works at which desk."""
    with watched(server, database) as seen:
        number = work(as_, tmp_path)
        screen = terminal("tvd_operator", PGPASSWORD=database.password("tvd_operator"))
        screen.wait_for("connected")
        screen.type(f"/{WORD}\r")
        screen.wait_for(number[-6:])
        screen.type("q")

        assert screen.wait() == 0

    assert "tvd_operator" in {user for user, *_ in seen}
    assert {name for user, name, _ in seen if user.startswith("tvd")} <= {"", "municonsole"}
    assert [query for *_, query in seen if WORD in query] == []
    assert any("muni." in query for *_, query in seen)


def test_no_statement_holds_a_value(
    as_: Run, terminal: Open, server: Server, database: Database, tmp_path: Path
):
    """Values travel as parameters; what stands in a statement comes from closed lists and our own names."""
    with logged(server, database) as statements:
        number = work(as_, tmp_path)
        screen = terminal("tvd_operator", PGPASSWORD=database.password("tvd_operator"))
        screen.wait_for("connected")
        screen.type(f"/{WORD}\r")
        screen.wait_for(number[-6:])
        screen.type("q")

        assert screen.wait() == 0

    assert len(statements) > 100
    assert [one for one in statements if WORD in one or "TKT-" in one] == []
    literals = {literal for one in statements for literal in re.findall(r"'((?:[^']|'')*)'", one)}
    assert sorted(literals - CLOSED_LISTS - OURS) == []
