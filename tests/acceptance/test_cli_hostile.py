"""Hostile text on its way out: no command prints a character that drives a terminal."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from support.database import Database
from support.program import Outcome, Run

HOSTILE = "\x1b]52;c;cm0gLXJm\x07 \x9b2J \u202eesrever\u2066 \u2028 \x7f"
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]"
)


def harmless(done: Outcome) -> bool:
    """Whether neither of its outputs, nor a text within its JSON, holds such a character."""
    texts = [done.output, done.complaint]
    if done.output.startswith(("{", "[")):
        texts.append(json.dumps(done.json, ensure_ascii=False))
    return not any(UNSAFE.search(text) for text in texts)


@pytest.fixture
def number(database: Database) -> str:
    """A ticket whose every text is hostile, written past the program as another system may."""
    with database.connect("tvd_operator") as operator:
        row = operator.execute(
            "select muni.log_ticket('water', 'high', %(t)s, %(t)s, null, null, %(t)s, %(p)s)",
            {"t": HOSTILE, "p": "\x1b[2J9"},
        ).fetchone()
        assert row is not None
        given = {"n": row[0], "t": HOSTILE}
        for call in ("add_note(id, %(t)s)", "record_contact(id, %(t)s)", "escalate(id, %(t)s)"):
            operator.execute(
                f"select muni.{call} from muni.tickets where tracking_number = %(n)s", given
            )
    with database.connect_owner() as owner:
        owner.execute("update teams set name = name || %s where name = 'Water 1'", (HOSTILE,))
        owner.execute("update operators set full_name = full_name || %s", (HOSTILE,))
        owner.execute("update municipalities set name = name || %s", (HOSTILE,))
    return str(row[0])


def test_nothing_that_is_printed_drives_a_terminal(as_: Run, database: Database, number: str):
    """Lists, one ticket, its history, people, doctor and errors; for people and as JSON."""
    moved = as_("tvd_manager", "tickets", "assign", number, "--to", "tvd_operator")
    done = [
        as_(who, *words, *more)
        for who, *words in (
            ("tvd_operator", "tickets", "list"),
            ("tvd_operator", "tickets", "list", "--search", "esrever"),
            ("tvd_operator", "tickets", "show", number),
            ("tvd_operator", "tickets", "history", number),
            ("tvd_admin", "operators", "list"),
            (database.owner, "operators", "list"),
            ("tvd_operator", "doctor"),
        )
        for more in ((), ("--json",))
    ]
    year = ("--from", "2026-01-01", "--to", "2099-12-31", "--by", "team")
    done += [
        as_("tvd_manager", "export", "tickets"),
        as_("tvd_manager", "export", "tickets", "--format", "jsonl"),
        as_("tvd_manager", "export", "tickets", "--search", HOSTILE, "--assigned-to", HOSTILE),
        *(
            as_("tvd_manager", "report", "sla", *year, *form)
            for form in ((), ("--csv",), ("--json",))
        ),
        as_("tvd_manager", "report", "sla", "--from", HOSTILE, "--to", HOSTILE),
        as_("tvd_manager", "tickets", "assign", number, "--team", HOSTILE),
        as_("tvd_manager", "tickets", "list", "--status", HOSTILE),
        as_("tvd_manager", "tickets", "show", HOSTILE),
        as_("tvd_manager", HOSTILE),
        as_("tvd_admin", "operators", "disable", HOSTILE),
        as_("tvd_admin", "operators", "add", HOSTILE, "--name", "x", stdin="made up here"),
        as_(database.owner, "operators", "set-team", "tvd_operator", HOSTILE),
        as_("tvd_manager", "tickets", "list", MUNICONSOLE_CONFIG=f"/{HOSTILE}"),
        as_("tvd_manager", "tickets", "list", MUNICONSOLE_DSN=f"host={HOSTILE}"),
        as_(database.owner, "audit", "export", f"/nowhere/{HOSTILE}"),
    ]

    assert moved.status == 0
    assert [one.status in (0, 1, 2, 3, 5) for one in done] == [True] * len(done)
    assert [one for one in done if not harmless(one)] == []
    assert "fault" not in "".join(one.complaint for one in done)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("tickets", "list", "--team", "\udcff"), 2),
        (("tickets", "list", "--assigned-to", "\udcff"), 2),
        (("export", "tickets", "--assigned-to", "\udcff"), 2),
        (("report", "sla", "--from", "\udcff", "--to", "2026-01-01"), 2),
        (("tickets", "assign", "TKT-20200101-0A1B2C", "--to", "\udcff"), 2),
        (("tickets", "show", "\udcff"), 3),
        (("operators", "set-team", "tvd_operator", "\udcff"), 2),
        (("--dsn", "host=\udcff", "tickets", "list"), 2),
        (("--config", "\udcff", "tickets", "list"), 2),
    ],
)
def test_bytes_that_are_no_text_are_no_fault_of_the_program(
    process_as: Run, words: tuple[str, ...], status: int
):
    """A mistyped or hostile argument gets one sentence."""
    done = process_as("tvd_admin", *words)

    assert (done.status, done.complaint.count("\n")) == (status, 1)
    assert "fault" not in done.complaint


def test_what_an_import_rejects_runs_in_no_spreadsheet(as_: Run, tmp_path: Path):
    """Ids of the other system that begin like a formula are text in the file of rejects."""
    requests = tmp_path / "requests.json"
    requests.write_text(
        json.dumps(
            [
                {"service_request_id": f"{start}HYPERLINK()\x1b", "description": "x"}
                for start in "=+-@\t"
            ]
        )
    )
    rejects = tmp_path / "rejects.csv"
    done = as_("tvd_admin", "import", str(requests), "--rejects", str(rejects), "--json")
    with rejects.open(newline="") as file:
        rows = list(csv.reader(file))

    assert done.json["rejected"] == 5
    assert not [cell for row in rows for cell in row if cell.startswith(tuple("=+-@\t\r"))]
    assert not UNSAFE.search(rejects.read_text())
