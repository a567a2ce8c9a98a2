"""What the page on threats says is not defended, tried: an honest page is one that a test holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from law import desk, house, late
from support.database import Database, Server

from municonsole.db import harden
from municonsole.services import audit

pytestmark = pytest.mark.law

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/explanation/threat-model.md"
SECRET = "tvdsecretstory"


@pytest.fixture
def told(database: Database) -> Database:
    """A database with a ticket and a GBV report in each municipality."""
    desk.tell_stories(database)
    return database


@pytest.fixture
def superuser(server: Server, told: Database) -> Iterator[psycopg.Connection[Any]]:
    """The superuser of the server, in that database."""
    with psycopg.connect(server.cluster.superuser_dsn(told.dbname), autocommit=True) as connection:
        yield connection


def test_every_proof_the_page_names_is_there() -> None:
    """A file or a test that stands on the page is in the project, the test in the file named with it."""
    text = PAGE.read_text()
    files = set(re.findall(r"`((?:migrations|municonsole|tests|docs)/[\w/.-]+)`", text))
    tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    stray = [
        f"{file}::{name}" for file, name in tests if f"def {name}(" not in (ROOT / file).read_text()
    ]

    assert len(tests) > 20
    assert [file for file in files if not (ROOT / file).exists()] == []
    assert stray == []


def test_the_owner_and_every_copy_hold_all_of_it(told: Database) -> None:
    """Not defended: the schema's owner reads every narrative."""
    owner = told.connect_owner()

    assert SECRET in house.whole(owner, "confidential_reports")


def test_hardening_leaves_estimates_roles_and_transaction_numbers(
    told: Database, server: Server, superuser: psycopg.Connection[Any]
) -> None:
    """Not defended, hardened or not: how many rows a table has, who is in which group, how busy all are."""
    superuser.execute("analyze")
    harden.harden(server.cluster.superuser_dsn(told.dbname), None)
    person = told.connect("tvd_operator")
    rows = "select reltuples from pg_class where oid = 'muni.tickets_sensitive'::regclass"
    liaisons = person.execute(
        "select member::regrole::text from pg_auth_members where roleid = 'muni_saps'::regrole"
    ).fetchall()
    before = desk.value(person, "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    desk.log(told.connect("tvd_operator2"), "gbv")
    after = desk.value(person, "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")

    assert desk.value(person, rows) == 2
    assert ("tvd_saps",) in liaisons
    assert after > before


def test_hardening_ends_at_the_database(
    told: Database, server: Server, superuser: psycopg.Connection[Any]
) -> None:
    """Not defended: another database of the same server, where an operator may connect, shows sessions and locks."""
    harden.harden(server.cluster.superuser_dsn(told.dbname), None)
    report = desk.value(superuser, "select 'muni.tickets_sensitive'::regclass::oid")
    liaison = told.connect("tvd_saps", autocommit=False)
    liaison.execute("select from muni.tickets")
    here = desk.refusal(told.connect("tvd_operator"), "select from pg_stat_activity")
    elsewhere = Database(told.host, told.port, "postgres", told.owner, told.passwords)
    try:
        person = elsewhere.connect("tvd_operator")
        sessions = desk.value(
            person, "select count(*) from pg_stat_activity where usename = 'tvd_saps'"
        )
        locks = desk.value(person, "select count(*) from pg_locks where relation = %s", report)
    finally:
        elsewhere.close()

    assert here.sqlstate == "42501"
    assert sessions > 0
    assert locks > 0


def test_without_hardening_statistics_count_reports(
    told: Database, superuser: psycopg.Connection[Any]
) -> None:
    """Not defended without `db harden`: rows, sizes, locks and who is connected."""
    superuser.execute("analyze")
    person = told.connect("tvd_operator")
    told.connect("tvd_saps").execute("select")

    assert desk.value(person, "select pg_relation_size('muni.tickets_sensitive')") > 0
    assert desk.value(
        person, "select n_live_tup from pg_stat_user_tables where relname = 'tickets_sensitive'"
    )
    assert desk.value(person, "select count(*) from pg_stat_activity where usename = 'tvd_saps'")


def test_a_server_that_logs_statements_logs_what_they_say(
    server: Server, told: Database, superuser: psycopg.Connection[Any]
) -> None:
    """Not defended: with log_statement a server writes the values of statements, a narrative among them."""
    for setting in (
        "log_statement = 'all'",
        "log_min_messages = 'log'",
        "log_error_verbosity = 'default'",
        "log_parameter_max_length = -1",
    ):
        superuser.execute(f"alter role tvd_operator in database {told.dbname} set {setting}")
    person = told.connect("tvd_operator")
    desk.log(person, "gbv", "words for a log of the server")

    assert "words for a log of the server" in server.cluster.log.read_text()


def test_a_log_of_errors_alone_quotes_nobody(
    server: Server, told: Database, superuser: psycopg.Connection[Any]
) -> None:
    """Defended: what is refused as too long is not in the server's log, whatever it logs of errors."""
    for login in ("tvd_operator", "tvd_saps"):
        for setting in ("log_min_messages = 'error'", "log_error_verbosity = 'verbose'"):
            superuser.execute(f"alter role {login} in database {told.dbname} set {setting}")
    operator, liaison = told.connect("tvd_operator"), told.connect("tvd_saps")
    ticket = desk.value(operator, "select id from muni.tickets")
    report = desk.value(liaison, "select id from muni.tickets")
    long = "Quoted " * 2000
    for person, one in ((operator, ticket), (liaison, report)):
        for call in (
            "select muni.add_reporter(%s, %s, null)",
            "select muni.add_reporter(%s, 'Quoted', '0000', %s)",
            "select muni.add_note(%s, %s)",
            "select muni.record_contact(%s, %s)",
            "select muni.escalate(%s, %s)",
        ):
            error = desk.refusal(person, call, (one, long))
            assert "Quoted" not in f"{error} {error.diag.message_detail} {error.diag.context}"
    desk.refusal(operator, "select muni.log_ticket('gbv', 'low', %s)", (long,))
    desk.refusal(operator, "select muni.mark_sensitive(%s, %s)", (ticket, long))
    said = server.cluster.log.read_text()

    assert "a note or reason has at most 10,000 characters" in said
    assert "Quoted" not in said


def test_a_person_copies_what_a_person_sees(told: Database) -> None:
    """Not defended: whoever may read a ticket may keep a copy of it."""
    with (
        told.connect("tvd_operator")
        .cursor()
        .copy("copy (select description from muni.tickets) to stdout") as copy
    ):
        kept = b"".join(bytes(block) for block in copy)

    assert b"tvdordinarystory" in kept


def test_whoever_looks_past_the_program_leaves_no_trace_of_having_asked(told: Database) -> None:
    """Not defended: a question by psql gets the same nothing, and nobody learns that it was asked."""
    owner = told.connect_owner()
    number = desk.value(owner, "select tracking_number from tickets where is_sensitive limit 1")
    person = told.connect("tvd_operator")
    found = person.execute(
        "select from muni.tickets where tracking_number = %s", (number,)
    ).fetchall()

    assert found == []
    assert desk.value(owner, "select count(*) from denials") == 0


def test_an_administrator_who_rolls_an_opening_back_can_tell_by_their_own_statistics(
    told: Database,
) -> None:
    """Not defended without `db harden`: a rolled-back opening leaves no trace, and wrote rows meanwhile."""
    owner = told.connect_owner()
    number = desk.value(
        owner,
        "select t.tracking_number from tickets as t join municipalities as m"
        " on m.id = t.municipality_id where t.is_sensitive and m.code = 'tvd'",
    )
    before = desk.value(owner, "select count(*) from confidential_openings")
    admin = told.connect("tvd_admin", autocommit=False)
    admin.execute("select muni.open_confidential_report(%s, 'a court order')", (number,))
    wrote = desk.value(
        admin,
        "select n_tup_ins from pg_stat_xact_user_tables where relname = 'confidential_openings'",
    )
    admin.rollback()
    drawn = {}
    for asked in (number, desk.NOBODY["number"]):
        admin.execute("select muni.open_confidential_report(%s, 'a court order')", (asked,))
        drawn[asked] = desk.value(admin, "select pg_current_xact_id_if_assigned() is not null")
        admin.rollback()

    assert set(drawn.values()) == {True}
    assert wrote == 1
    assert desk.value(owner, "select count(*) from confidential_openings") == before


def test_a_ticket_that_moved_leaves_its_event_numbers_missing(told: Database) -> None:
    """Not defended: colleagues who watched a ticket see it go, and a gap in the numbers of events."""
    person = told.connect("tvd_operator")
    before = person.execute("select id from muni.ticket_events order by id").fetchall()
    ticket = desk.value(person, "select id from muni.tickets")
    desk.log(person, "water")
    person.execute("select muni.mark_sensitive(%s, 'she told more')", (ticket,))
    after = person.execute("select id from muni.ticket_events order by id").fetchall()

    assert before
    assert set(before).isdisjoint(after)


def test_a_rewritten_audit_log_is_found_by_the_heads(told: Database, tmp_path: Path) -> None:
    """Defended: an owner who removes what was done to people is found against heads kept elsewhere."""
    told.connect("tvd_admin").execute("select muni.set_operator_team('tvd_operator', 'Roads 1')")
    heads = tmp_path / "heads.jsonl"
    audit.export(told.owner_dsn, told.owner_password, heads)
    whole = audit.verify(told.owner_dsn, told.owner_password, heads).broken
    owner = told.connect_owner()
    owner.execute("delete from audit_log")
    owner.execute("update municipalities set audit_seq = 0, audit_chain = null")
    alone = audit.verify(told.owner_dsn, told.owner_password).broken
    against = audit.verify(told.owner_dsn, told.owner_password, heads).broken

    assert whole == []
    assert alone == []
    assert against == ["audit log of tvd: the tail is cut: the file knows 1 events, 0 are there"]


def test_what_an_owner_writes_anew_after_the_export_is_not_found(
    told: Database, tmp_path: Path
) -> None:
    """Not defended: what happened after the last export, when the owner computes its chain anew."""
    heads = tmp_path / "heads.jsonl"
    audit.export(told.owner_dsn, told.owner_password, heads)
    person = told.connect("tvd_operator")
    ticket = desk.value(person, "select id from muni.tickets")
    person.execute("select muni.add_note(%s, 'after the export')", (ticket,))
    owner = told.connect_owner()
    owner.execute("delete from ticket_notes where note = 'after the export'")
    owner.execute(
        "delete from ticket_events as e using tickets as t"
        " where t.id = e.ticket_id and t.id = %s and e.seq = t.last_seq",
        (ticket,),
    )
    owner.execute(
        "update tickets as t set last_seq = e.seq, chain = e.chain from ticket_events as e"
        " where t.id = %s and e.ticket_id = t.id and e.seq = t.last_seq - 1",
        (ticket,),
    )

    assert audit.verify(told.owner_dsn, told.owner_password, heads).broken == []


def test_a_sweep_that_is_never_committed_keeps_one_municipality_waiting(told: Database) -> None:
    """Not defended: somebody's open transaction; found by the how-to's query, made up for when it ends."""
    found = late.ticket(told, 3)
    late.sweep(told)
    further = late.ticket(told, 3)
    idler = told.connect("ksb_operator", autocommit=False)
    idler.execute("select * from muni.sweep_sla('0')")
    page = Path(__file__).parents[2] / "docs/how-to/worker.md"
    query = page.read_text().split("```sql")[-1].split("```")[0]
    waiting = late.sweep(told)
    holders = told.connect(told.owner).execute(query).fetchall()

    assert late.row(told, found)["status"] == "escalated"
    assert [row[0] for row in waiting] == ["ksb", "ksb"]
    assert late.row(told, further)["status"] == "open"
    assert idler.info.backend_pid in [pid for _, pid, _ in holders]
    idler.close()
    assert late.sweep(told)[0] == ("tvd", 0, 0, 1, False)
