"""After whatever everybody has tried: the history holds, tickets say what it says, and the wall stands."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from support import world
from support.database import Database

from law import desk, replay

pytestmark = pytest.mark.law

STEPS = 150
PEOPLE = {person.username: person for person in world.PEOPLE}
REFUSALS = {None, "42501", "22023", "MU001"}
STATUSES = ("open", "in_progress", "on_hold", "escalated", "resolved", "closed")


def outcome(work: Callable[[], Any]) -> tuple[Any, str | None]:
    """What a call gives, or the SQLSTATE by which it was refused."""
    try:
        return work(), None
    except psycopg.Error as error:
        return None, error.sqlstate


@dataclass
class Walk:
    """Random work of everybody on everything: tickets of either side, either municipality."""

    database: Database
    chance: random.Random
    connections: dict[str, psycopg.Connection] = field(default_factory=dict)
    tickets: dict[uuid.UUID, tuple[str, str, bool]] = field(default_factory=dict)
    openings: list[object] = field(default_factory=list)
    opened: set[tuple[str, uuid.UUID]] = field(default_factory=set)
    teams: list[int] = field(default_factory=list)
    done: int = 0

    def __post_init__(self) -> None:
        for name in (*PEOPLE, world.INTAKE):
            self.connections[name] = self.database.connect(name)
            zone = self.chance.choice(("UTC", "America/New_York", "Asia/Kolkata"))
            self.connections[name].execute(f"set time zone '{zone}'")
        self.owner = self.database.connect_owner()
        self.teams = [row[0] for row in self.owner.execute("select id from teams").fetchall()]

    def step(self) -> None:
        """Let somebody do something, and hold the outcome against what they may."""
        name = self.chance.choice(list(self.connections))
        if not self.tickets or self.chance.random() < 0.15:
            self.log(name)
        elif self.chance.random() < 0.12:
            self.open(name)
        else:
            self.act(name)

    def log(self, name: str) -> None:
        """Somebody logs a report."""
        category = self.chance.choice(("water", "roads", "other", "gbv", "gbv"))
        code = self.chance.choice(desk.CODES)
        latitude, longitude = world.CENTRES[code]
        given = {
            "latitude": latitude + self.chance.uniform(-0.3, 0.3),
            "longitude": longitude + self.chance.uniform(-0.3, 0.3),
        }
        person = PEOPLE.get(name)
        if person is None:
            given["municipality"] = code
        else:
            code = person.municipality
        may = person is None or (
            person.is_active and (person.role != "saps_liaison" or category == "gbv")
        )
        number, state = outcome(
            lambda: desk.log(self.connections[name], category, "it's broken 🚰", **given)
        )
        assert state == (None if may else "42501")
        if state is not None:
            return
        ticket = desk.id_of(self.database, number)
        self.tickets[ticket] = (number, code, category == "gbv")
        self.done += 1

    def open(self, name: str) -> None:
        """Somebody opens a report, or tries to, and reads by some opening."""
        ticket = self.chance.choice(list(self.tickets))
        number, code, sensitive = self.tickets[ticket]
        person = PEOPLE.get(name)
        may = (
            person is not None
            and sensitive
            and person.municipality == code
            and person.role in {"admin", "saps_liaison"}
        )
        opening, state = outcome(
            lambda: desk.value(
                self.connections[name],
                "select muni.open_confidential_report(%s, 'for the case file')",
                number,
            )
        )
        # An administrator always gets an opening; one of nothing reads nothing.
        is_admin = person is not None and person.role == "admin"
        assert state == (None if may or is_admin else "42501")
        if state is not None:
            return
        self.openings.append(opening)
        if not may:
            return
        self.opened.add((name, ticket))
        self.done += 1

    def act(self, name: str) -> None:
        """Somebody acts on a ticket that may be hidden, with arguments that may be wrong."""
        touchable = [ticket for ticket in self.tickets if self.may_touch(name, ticket)]
        anything = list(self.tickets)
        ticket = self.chance.choice(self.chance.choice((touchable, anything)) or anything)
        call, given = self.action(ticket)
        may = self.may_touch(name, ticket)
        _, state = outcome(lambda: self.connections[name].execute(call, given))
        assert state in REFUSALS if may else state == "42501", (name, call, given)
        self.done += state is None

    def action(self, ticket: uuid.UUID) -> tuple[str, tuple[object, ...]]:
        """A call with arguments drawn at random."""
        people = (*PEOPLE, None, None, None)
        version = self.chance.choice((None, None, None, 2))
        kind = self.chance.randrange(4)
        if kind == 0:
            note = self.chance.choice((None, "back soon", "  ", "dringend \u202e é"))
            status = self.chance.choice(STATUSES)
            return "select muni.change_status(%s, %s, %s, %s)", (ticket, status, note, version)
        if kind == 1:
            team = self.chance.choice((*self.teams, None))
            who = self.chance.choice(people)
            return (
                "select muni.assign_ticket(%s, %s, %s, %s, %s)",
                (ticket, team, who, self.chance.choice((None, "nearest")), version),
            )
        if kind == 2:
            return desk.TAKE, (ticket,)
        return "select muni.add_note(%s, %s, %s)", (ticket, "seen by 3 people", True)

    def may_touch(self, name: str, ticket: uuid.UUID) -> bool:
        """Whether somebody may act on a ticket at all."""
        person = PEOPLE.get(name)
        _, code, sensitive = self.tickets[ticket]
        if person is None or not person.is_active or person.municipality != code:
            return False
        if sensitive and person.role == "admin":
            return (name, ticket) in self.opened
        return sensitive == (person.role == "saps_liaison")

    def assert_everybody_sees_their_own(self) -> None:
        """Nobody reads a ticket, event or note that they must not, by table, search or opening."""
        for name, person in PEOPLE.items():
            side = person.role == "saps_liaison"
            mine = {
                ticket
                for ticket, (_, code, sensitive) in self.tickets.items()
                if person.is_active and (code, sensitive) == (person.municipality, side)
            }
            connection = self.connections[name]
            seen = {row[0] for row in connection.execute("select id from muni.tickets")}
            assert seen == mine, name
            for query in (
                "select distinct ticket_id from muni.ticket_events",
                *([] if side else ["select distinct ticket_id from muni.ticket_notes"]),
                *(["select * from muni.search_tickets('TKT-', 200)"] if person.is_active else []),
            ):
                assert {row[0] for row in connection.execute(query)} <= mine, (name, query)
            for opening in self.openings:
                try:
                    (row,) = connection.execute(
                        "select ticket_id from muni.read_confidential_report(%s)", (opening,)
                    ).fetchall()
                except psycopg.errors.InsufficientPrivilege:
                    continue
                assert (name, row[0]) in self.opened

    def assert_history_holds(self) -> None:
        """Every chain recomputed is the one stored, and every ticket is what its events say."""
        tickets, events = replay.everything(self.owner)
        assert {row["id"] for row in tickets} == set(self.tickets)
        for row in tickets:
            assert replay.broken_links(row, events[row["id"]]) == []
            said = replay.told(row, events[row["id"]])
            assert {name: row[name] for name in said} == said
            assert {event["is_sensitive"] for event in events[row["id"]]} == {row["is_sensitive"]}
            assert {event["municipality_id"] for event in events[row["id"]]} == {
                row["municipality_id"]
            }


@pytest.mark.parametrize("seed", range(4))
def test_after_anything_anybody_tries_the_history_holds(database: Database, seed: int) -> None:
    """Random people of two municipalities try random things; what is kept is consistent, and walled."""
    walk = Walk(database, random.Random(seed))
    for _ in range(STEPS):
        walk.step()

    assert walk.done > STEPS / 6
    assert {sensitive for _, _, sensitive in walk.tickets.values()} == {False, True}
    walk.assert_history_holds()
    walk.assert_everybody_sees_their_own()


@pytest.mark.parametrize(
    "forgery",
    [
        "update ticket_events set to_status = 'closed' where seq = 3",
        "update ticket_events set at = at + interval '1 microsecond' where seq = 2",
        "update ticket_events set actor = 'tvd_admin' where seq = 3",
        "update ticket_events set via = 'sweep' where seq = 1",
        "update ticket_events set team_id = 2 where seq = 2",
        "update ticket_notes set note = note || '.'",
        "update ticket_notes set salt = decode(repeat('00', 16), 'hex')",
        "delete from ticket_notes; delete from ticket_events where seq = 4",
        "delete from ticket_events where seq = 3",
        (
            "update ticket_events set seq = 9 where seq = 3; update ticket_events set seq = 3 where seq = 2;"
            " update ticket_events set seq = 2 where seq = 9"
        ),
        "update tickets set last_seq = 3",
    ],
    ids=lambda text: text[:60],
)
def test_a_forged_history_does_not_hold(database: Database, forgery: str) -> None:
    """Whoever edits, removes or reorders what happened, the owner too, breaks the chain."""
    operator = database.connect("tvd_operator")
    ticket = desk.new_ticket(database, "operator", "in_progress")
    operator.execute(desk.NOTE, (ticket, "words"))
    owner = database.connect_owner()
    tickets, events = replay.everything(owner)
    assert [replay.broken_links(row, events[row["id"]]) for row in tickets] == [[]]
    owner.execute(forgery)
    tickets, events = replay.everything(owner)

    assert [replay.broken_links(row, events[row["id"]]) for row in tickets] != [[]]


def test_the_same_chain_is_computed_in_any_session(database: Database) -> None:
    """Time zone, date style and byte format of a session leave no mark in the hash."""
    ticket = desk.new_ticket(database, "operator")
    for setting in (
        "set time zone 'Asia/Kathmandu'",
        "set datestyle = 'German, DMY'",
        "set bytea_output = 'escape'",
        "set intervalstyle = 'iso_8601'",
        "set extra_float_digits = -15",
        "set client_encoding = 'LATIN1'",
        "set lc_numeric = 'C'",
        "set search_path = public",
    ):
        person = database.connect("tvd_operator")
        person.execute(setting)
        person.execute("select muni.add_note(%s, 'déjà vu')", (ticket,))
    tickets, events = replay.everything(database.connect_owner())

    assert len(events[ticket]) == 10
    assert replay.broken_links(tickets[0], events[ticket]) == []


def test_text_behind_a_digest_can_be_forgotten(database: Database) -> None:
    """What was written can be removed later, the digest stays, and so does every link."""
    operator = database.connect("tvd_operator")
    ticket = desk.new_ticket(database, "operator")
    operator.execute(desk.NOTE, (ticket, "the caller's name"))
    row = operator.execute(
        "select e.note_digest = sha256(n.salt || convert_to(n.note, 'UTF8')), length(n.salt)"
        " from muni.ticket_events as e join muni.ticket_notes as n on n.event_id = e.id"
    )

    assert row.fetchall() == [(True, 16)]
