"""`municonsole audit verify|export`: the owner proves that nobody has rewritten history."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from support.database import Database
from support.program import Open, Outcome, Run
from support.tickets import log

GBV_WORDS = "a narrative nobody reads here"


@pytest.fixture
def number(as_: Run) -> str:
    """A ticket with three events, beside a GBV report."""
    made = log(as_)
    as_("tvd_operator", "tickets", "note", made, "called the plumber")
    as_("tvd_operator", "tickets", "create", "--category", "gbv", stdin=GBV_WORDS)
    return made


def tamper(database: Database, statement: str) -> None:
    """Rewrite history, as somebody with the owner's password could."""
    with database.connect_owner() as owner:
        owner.execute(statement)


def one_line(done: Outcome) -> str:
    """What was said on standard error, which is one line."""
    assert done.complaint.count("\n") == 1

    return done.complaint


def test_whole_history_is_said_to_be_whole(as_: Run, database: Database, number: str):
    """Exit status 0, how much was walked, and no progress where nobody watches."""
    said = as_(database.owner, "audit", "verify")
    found = as_(database.owner, "audit", "verify", "--json")

    assert (said.status, said.complaint) == (0, "")
    assert said.output == f"2 tickets with {found.json['events']} events: every chain is whole.\n"
    assert found.json == {"tickets": 2, "events": found.json["events"], "broken": []}


def test_an_empty_town_is_whole(as_: Run, database: Database):
    """Nothing has happened, and nothing is missing."""
    done = as_(database.owner, "audit", "verify")

    assert (done.status, done.output) == (0, "0 tickets with 0 events: every chain is whole.\n")


@pytest.mark.parametrize(
    ("statement", "link"),
    [
        ("update ticket_events set actor = 'tvd_manager' where seq = 2", "event 2"),
        ("update ticket_notes set note = 'called nobody'", "its note was edited"),
        (
            "delete from ticket_notes; delete from ticket_events where kind = 'noted'",
            "the tail is cut",
        ),
        ("update tickets set status = 'closed' where not is_sensitive", "its history"),
    ],
)
def test_a_broken_link_is_named_and_the_exit_status_is_1(
    as_: Run, database: Database, number: str, statement: str, link: str
):
    """Number and event stand on standard output, as text and as JSON; a script sees the status."""
    tamper(database, statement)
    said = as_(database.owner, "audit", "verify")
    found = as_(database.owner, "audit", "verify", "--json")

    assert (said.status, found.status) == (1, 1)
    assert any(line.startswith(f"{number}: ") and link in line for line in said.output.splitlines())
    assert found.json["broken"] == said.output.splitlines()
    assert "broken, of 2 tickets with" in one_line(said)
    assert one_line(found) == one_line(said)


def test_one_broken_chain_is_told_as_one(as_: Run, database: Database, number: str):
    """The summary is a sentence."""
    tamper(database, "update ticket_notes set note = 'called nobody'")

    done = as_(database.owner, "audit", "verify")

    assert one_line(done).startswith("municonsole: 1 chain is broken, of 2 tickets")


def test_no_word_of_anybody_is_said_of_a_broken_report(as_: Run, database: Database, number: str):
    """The owner learns which link is broken, not what stands in it."""
    tamper(database, "update confidential_notes set note = 'other words'")
    tamper(database, "update ticket_events set actor = 'tvd_manager'")
    done = as_(database.owner, "audit", "verify")

    assert done.status == 1
    assert not {"words", "narrative", "plumber"} & set((done.output + done.complaint).split())


def test_heads_kept_elsewhere_find_what_the_database_alone_cannot_show(
    as_: Run, database: Database, number: str, tmp_path: Path
):
    """A history cut together with its recorded end is whole by itself, and not against the file."""
    heads = tmp_path / "heads.jsonl"
    exported = as_(database.owner, "audit", "export", str(heads))
    whole = as_(database.owner, "audit", "verify", "--against", str(heads))
    tamper(
        database,
        """
        delete from ticket_notes;
        with gone as (delete from ticket_events where kind = 'noted' returning ticket_id)
        update tickets as t set last_seq = e.seq, chain = e.chain
        from ticket_events as e, gone
        where t.id = gone.ticket_id and e.ticket_id = t.id and e.seq = t.last_seq - 1
        """,
    )
    alone = as_(database.owner, "audit", "verify")
    against = as_(database.owner, "audit", "verify", "--against", str(heads), "--json")

    assert exported.output == f"2 chain heads are in {heads}; keep it on another machine.\n"
    assert (exported.status, whole.status, alone.status, against.status) == (0, 0, 0, 1)
    assert [line.startswith(f"{number}: the tail is cut") for line in against.json["broken"]] == [
        True
    ]


def test_the_file_is_for_its_owner_alone_and_names_no_ticket(
    as_: Run, database: Database, number: str, tmp_path: Path
):
    """Kept on another machine it tells nobody which tickets there are, nor which are GBV reports."""
    heads = tmp_path / "heads.jsonl"
    before = os.umask(0)
    try:
        as_(database.owner, "audit", "export", str(heads))
    finally:
        os.umask(before)

    assert stat.S_IMODE(heads.stat().st_mode) == 0o600
    text = heads.read_text()
    assert "TKT-" not in text
    assert "gbv" not in text
    assert len({len(line) for line in text.splitlines()[1:]}) == 1


def test_a_file_that_is_there_is_left_alone(
    as_: Run, database: Database, number: str, tmp_path: Path
):
    """Heads that were kept are never written over, nor through a link to something else."""
    kept = tmp_path / "heads.jsonl"
    kept.write_text("kept")
    link = tmp_path / "link.jsonl"
    link.symlink_to(tmp_path / "elsewhere")

    for file in (kept, link):
        done = as_(database.owner, "audit", "export", str(file))

        assert done.status == 2
        assert "exists already" in one_line(done)
    assert kept.read_text() == "kept"
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_not_there_is_named(as_: Run, database: Database, tmp_path: Path):
    """One sentence."""
    done = as_(database.owner, "audit", "export", str(tmp_path / "no" / "heads.jsonl"))

    assert done.status == 2
    assert "cannot be written: No such file or directory" in one_line(done)


@pytest.mark.parametrize("content", [None, "", "{}\n", "not heads", '{"format": "x"}\n', "\x00\n"])
def test_a_file_of_something_else_is_no_file_of_heads(
    as_: Run, database: Database, tmp_path: Path, content: str | None
):
    """Missing, empty or of another kind: which file, and what is wrong with it."""
    file = tmp_path / "heads.jsonl"
    if content is not None:
        file.write_text(content)
    done = as_(database.owner, "audit", "verify", "--against", str(file))

    assert (done.status, done.output) == (2, "")
    assert f"municonsole: {file} " in one_line(done)


@pytest.mark.parametrize("username", ["tvd_admin", "tvd_manager", "tvd_saps", "test_stranger"])
def test_nobody_else_looks_at_the_evidence(as_: Run, username: str, tmp_path: Path):
    """Neither an administrator nor a liaison sees both sides of the wall; no file is left."""
    heads = tmp_path / "heads.jsonl"
    verified = as_(username, "audit", "verify")
    exported = as_(username, "audit", "export", str(heads))

    assert (verified.status, exported.status) == (3, 3)
    assert "by the login that owns the database" in one_line(verified)
    assert "by the login that owns the database" in one_line(exported)
    assert not heads.exists()


def test_an_empty_database_has_no_evidence(
    as_: Run, database: Database, blank_database: Database, tmp_path: Path
):
    """The owner is told to upgrade first, and no file is left."""
    heads = tmp_path / "heads.jsonl"
    for words in (("verify",), ("export", str(heads))):
        done = as_(database.owner, "audit", *words, MUNICONSOLE_DSN=blank_database.owner_dsn)

        assert (done.status, done.output) == (1, "")
        assert "municonsole db upgrade" in one_line(done)
    assert not heads.exists()


def test_a_person_watches_it_count(terminal: Open, database: Database):
    """On a terminal the events are counted, and the count is gone when the answer is there."""
    with database.connect("tvd_operator") as operator:
        operator.execute(
            "select muni.log_ticket('roads', 'low', 'pothole ' || n) from generate_series(1, 1000) as n"
        )
    screen = terminal(database.owner, "audit", "verify", PGPASSWORD=database.owner_password)

    assert screen.wait() == 0
    assert screen.shown().startswith("1,000 tickets with")
    assert b" events \xe2\x80\xa6" in screen.said
    assert "…" not in screen.shown()
