"""History cannot be rewritten unseen: every kind of tampering is found and named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.database import Database

from municonsole.domain.errors import InvalidInput, Refused
from municonsole.services import audit

pytestmark = pytest.mark.law

HISTORY = (
    "select muni.log_ticket('water', 'high', 'burst pipe', '12 Long Street')",
    "select muni.take_ticket(id) from muni.tickets",
    "select muni.change_status(id, 'in_progress', 'on my way') from muni.tickets",
    "select muni.add_note(id, 'it is the main') from muni.tickets",
    "select muni.change_status(id, 'resolved', 'mended') from muni.tickets",
)


@pytest.fixture
def written(database: Database) -> Database:
    """Write a municipal ticket with seven events, a GBV report with two, and two lines about people."""
    operator = database.connect("tvd_operator")
    operator.execute(HISTORY[0])
    manager = database.connect("tvd_manager")
    manager.execute(
        "select muni.assign_ticket(t.id, m.id) from muni.tickets as t, muni.teams as m where m.name = 'Water 1'"
    )
    for step in HISTORY[1:]:
        operator.execute(step)
    operator.execute("select muni.log_ticket('gbv', 'high', 'neutral words')")
    admin = database.connect("tvd_admin")
    admin.execute("select muni.set_operator_team('tvd_operator2', 'Water 1')")
    admin.execute("select muni.set_operator_team('tvd_operator2', 'Roads 1')")
    return database


def _verify(database: Database, against: Path | None = None) -> list[str]:
    return audit.verify(database.owner_dsn, database.owner_password, against).broken


def test_untouched_history_is_whole(written: Database) -> None:
    """Nothing was done to it, nothing is found."""
    found = audit.verify(written.owner_dsn, written.owner_password)

    assert found.broken == []
    assert (found.tickets, found.events) == (2, 9)


MUNICIPAL = "(select id from tickets where not is_sensitive)"
LAST_NOTE = f"(select id from ticket_events where ticket_id = {MUNICIPAL} and seq = 7)"
TAMPERINGS: dict[str, tuple[str, ...]] = {
    "event 5 (status_changed) was edited": (
        f"update ticket_events set to_status = 'on_hold' where ticket_id = {MUNICIPAL} and seq = 5",
    ),
    "event 6 (noted) was edited": (
        f"""
        update ticket_events set at = at + interval '1 us'
        where ticket_id = {MUNICIPAL} and seq = 6
        """,
    ),
    "event 4 (assigned) was edited": (
        f"update ticket_events set actor = 'tvd_manager' where ticket_id = {MUNICIPAL} and seq = 4",
    ),
    "event 4 is missing": (f"delete from ticket_events where ticket_id = {MUNICIPAL} and seq = 4",),
    "event 1 is missing": (f"delete from ticket_events where ticket_id = {MUNICIPAL} and seq = 1",),
    "the tail is cut: 7 events were written, 6 are there": (
        f"delete from ticket_notes where event_id = {LAST_NOTE}",
        f"delete from ticket_events where ticket_id = {MUNICIPAL} and seq = 7",
    ),
    "event 2 was reordered with event 3": (
        f"update ticket_events set seq = 99 where ticket_id = {MUNICIPAL} and seq = 2",
        f"update ticket_events set seq = 2 where ticket_id = {MUNICIPAL} and seq = 3",
        f"update ticket_events set seq = 3 where ticket_id = {MUNICIPAL} and seq = 99",
    ),
    "was inserted past the recorded end": (
        f"""
        insert into ticket_events
            (id, municipality_id, is_sensitive, ticket_id, seq, kind, actor, via, at, chain)
        select 1000000, municipality_id, false, ticket_id, 8, 'noted', actor, via, at,
            event_digest(chain, 8, 'noted', actor, via, at, null, null, null, null, null, null)
        from ticket_events where ticket_id = {MUNICIPAL} and seq = 7
        """,
    ),
    "its note was edited": (
        "update ticket_notes set note = 'it is not the main' where note = 'it is the main'",
    ),
    "its note is missing": ("delete from ticket_notes where note = 'it is the main'",),
    "the ticket says closed, its history resolved": (
        "update tickets set status = 'closed' where not is_sensitive",
    ),
    "is with somebody else": ("update tickets set assigned_to = null where not is_sensitive",),
    "all of its history is missing": (
        "delete from ticket_notes",
        "delete from ticket_events where not is_sensitive",
    ),
    "is missing": (
        "delete from ticket_notes",
        "delete from ticket_search where not is_sensitive",
        "delete from ticket_events where not is_sensitive",
        "delete from tickets where not is_sensitive",
    ),
    "a number that was never issued": (
        """
        delete from tracking_numbers
        where tracking_number = (select tracking_number from tickets where is_sensitive)
        """,
    ),
    "event 2 (assigned) was edited": (
        "update ticket_events set team_id = null where is_sensitive and seq = 2",
    ),
    "audit log of tvd: line 1 (operator_moved) was edited": (
        "update audit_log set data = '{}' where seq = 1",
    ),
    "audit log of tvd: line 1 is missing": ("delete from audit_log where seq = 1",),
    "audit log of tvd: the tail is cut": ("delete from audit_log where seq = 2",),
    "audit log of tvd: all lines are missing": ("delete from audit_log",),
}


@pytest.mark.parametrize("said", list(TAMPERINGS))
def test_every_kind_of_tampering_is_named(written: Database, said: str) -> None:
    """Even the owner, who may write anything, cannot do it unseen."""
    owner = written.connect_owner()
    for statement in TAMPERINGS[said]:
        owner.execute(statement)
    broken = _verify(written)

    assert len(broken) >= 1
    assert any(said in sentence for sentence in broken), broken


def test_a_chain_computed_anew_is_found_by_the_heads_kept_elsewhere(
    written: Database, tmp_path: Path
) -> None:
    """Whoever rewrites a whole chain consistently is still found against the exported heads."""
    heads = tmp_path / "heads.jsonl"
    count = audit.export(written.owner_dsn, written.owner_password, heads)
    owner = written.connect_owner()
    owner.execute(
        f"""
        update ticket_events as e set actor = 'tvd_manager',
            chain = event_digest(p.chain, 7, e.kind, 'tvd_manager', e.via, e.at, e.from_status, e.to_status,
                e.team_id, e.assignee, e.data, e.note_digest)
        from ticket_events as p
        where e.ticket_id = {MUNICIPAL} and e.seq = 7 and p.ticket_id = e.ticket_id and p.seq = 6
        """
    )
    owner.execute(
        f"update tickets set chain = (select chain from ticket_events where ticket_id = {MUNICIPAL} and seq = 7) "
        "where not is_sensitive"
    )
    unseen = _verify(written)
    broken = _verify(written, heads)

    assert count == 3, "two tickets and the audit log of one municipality"
    assert unseen == []
    assert [sentence.split(": ", 1)[1] for sentence in broken] == [
        "its history up to event 7 is not the one the file knows"
    ]


def test_a_ticket_removed_with_its_number_is_found_by_the_heads(
    written: Database, tmp_path: Path
) -> None:
    """Nothing in the database knows of it any more; the file does."""
    heads = tmp_path / "heads.jsonl"
    audit.export(written.owner_dsn, written.owner_password, heads)
    owner = written.connect_owner()
    for statement in (*TAMPERINGS["is missing"], "delete from tracking_numbers"):
        owner.execute(statement)
    owner.execute("insert into tracking_numbers select tracking_number from tickets")

    assert _verify(written) == []
    assert _verify(written, heads) == ["a ticket of 7 events that the file knows is missing"]


def test_what_happens_after_the_export_is_no_finding(written: Database, tmp_path: Path) -> None:
    """Chains grow; a report that has moved behind the wall meanwhile is still the one the file knows."""
    heads = tmp_path / "heads.jsonl"
    audit.export(written.owner_dsn, written.owner_password, heads)
    operator = written.connect("tvd_operator")
    operator.execute("select muni.add_note(id, 'one more') from muni.tickets")
    operator.execute("select muni.mark_sensitive(id, 'she told more') from muni.tickets")
    operator.execute("select muni.log_ticket('roads', 'low', 'pothole')")

    assert _verify(written, heads) == []


def test_the_exported_heads_tell_of_no_ticket_that_it_is_a_gbv_report(
    written: Database, tmp_path: Path
) -> None:
    """Digests, counts and links, in the order of the digests; readable by its owner alone."""
    heads = tmp_path / "heads.jsonl"
    audit.export(written.owner_dsn, written.owner_password, heads)
    lines = [json.loads(line) for line in heads.read_text().splitlines()[1:]]

    assert lines == sorted(lines)
    assert all(len(name) == 64 and len(link) == 64 for name, _, link in lines)
    assert heads.stat().st_mode & 0o077 == 0
    assert "TKT" not in heads.read_text()


def test_an_export_never_overwrites(written: Database, tmp_path: Path) -> None:
    """Heads kept yesterday are not replaced by today's."""
    heads = tmp_path / "heads.jsonl"
    heads.write_text("kept")

    with pytest.raises(InvalidInput, match="exists already"):
        audit.export(written.owner_dsn, written.owner_password, heads)
    assert heads.read_text() == "kept"


@pytest.mark.parametrize(
    "text", ["", "{}", "not json", '{"format": "municonsole chain heads 1"}\n[1]']
)
def test_another_file_is_no_file_of_heads(written: Database, tmp_path: Path, text: str) -> None:
    """One sentence instead of a wrong verdict."""
    file = tmp_path / "other"
    file.write_text(text)

    with pytest.raises(InvalidInput, match="chain head"):
        _verify(written, file)


def test_only_the_owner_verifies(written: Database, tmp_path: Path) -> None:
    """Both commands see both sides of the wall, so they are for nobody at a desk."""
    with pytest.raises(Refused, match="owns the database"):
        audit.verify(written.dsn("tvd_admin"), written.password("tvd_admin"))
    with pytest.raises(Refused, match="owns the database"):
        audit.export(written.dsn("tvd_saps"), written.password("tvd_saps"), tmp_path / "x")
    assert not (tmp_path / "x").exists()
