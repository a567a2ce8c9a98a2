"""Whatever people of two municipalities do, in whatever order: nobody reads what they must not, and history holds."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from support import world
from support.database import Database, Server

from law import desk, replay
from municonsole.db import evidence

PEOPLE = {
    person.username: person
    for person in world.PEOPLE
    if person.is_active and not person.username.endswith("_teamless")
}
READERS = ("report", "notes", "ticket", "events", "reporters")
REFUSALS = frozenset({"42501", "22023", "MU001"})
STATUSES = ("open", "in_progress", "on_hold", "escalated", "resolved", "closed")
MUNICIPAL = ("water", "roads", "other")

logins = st.sampled_from(sorted(PEOPLE))
chances = st.integers(0, 10**6)
"""Which ticket, opening or word, of however many there are by then."""


@dataclass(slots=True)
class Told:
    """What the machine knows of a ticket: its number, where it is, and a word only it contains."""

    id: uuid.UUID
    number: str
    code: str
    sensitive: bool
    mark: str


class CallCentres(RuleBasedStateMachine):
    """Two municipalities at work; every rule is somebody's attempt, whether they may or not."""

    server: Server

    def __init__(self) -> None:
        super().__init__()
        self.database: Database = self.server.fresh()
        self.owner = self.database.connect_owner()
        # Walks all chains, which takes an isolation level of its own.
        self.walker = self.database.connect(self.database.owner)
        self.connections: dict[str, psycopg.Connection] = {}
        self.tickets: list[Told] = []
        self.openings: list[tuple[uuid.UUID, str, Told]] = []
        self.disabled: set[str] = set()
        self.teams = [row[0] for row in self.owner.execute("select id from teams order by id")]
        self.readable = {name: self._readable(name) for name in PEOPLE}

    def teardown(self) -> None:
        """Hold every opening against everybody, and leave the roles as they were."""
        try:
            for opening in self.openings:
                for name in PEOPLE:
                    self._read(name, opening)
        finally:
            for (
                name
            ) in self.disabled:  # PostgreSQL 15 lets an administrator bar logins not made here
                self.server.admin.execute(f"alter role {name} login")
            self.server.drop(self.database)

    # ------------------------------------------------------------------ what people do

    @rule(login=logins, category=st.sampled_from((*MUNICIPAL, "gbv", "gbv")), shift=chances)
    def log(self, login: str, category: str, shift: int) -> None:
        """Somebody logs a report: SAPS of violence alone."""
        person = PEOPLE[login]
        mark = f"mark{len(self.tickets)}x{shift}"
        latitude, longitude = world.CENTRES[person.municipality]
        may = self._active(login) and (person.role != "saps_liaison" or category == "gbv")
        number = self._attempt(
            login,
            may,
            "select muni.log_ticket(%s, 'medium', %s, %s, %s, %s, %s, %s)",
            category,
            *(f"{mark} story", f"{mark} street", latitude + shift % 7 / 10 - 0.3, longitude),
            *(f"{mark} caller", "0115550100"),
        )
        if number is not None:
            known = Told(
                desk.id_of(self.database, number),
                number,
                person.municipality,
                category == "gbv",
                mark,
            )
            self.tickets.append(known)

    @precondition(lambda self: self.tickets)
    @rule(login=logins, which=chances, to=st.sampled_from(STATUSES), stale=st.booleans())
    def change_status(self, login: str, which: int, to: str, stale: bool) -> None:
        """Somebody moves a ticket on, perhaps one that has changed meanwhile."""
        ticket = self._ticket(which)
        version = 1 if stale else None
        self._act(
            login,
            ticket,
            *("select muni.change_status(%s, %s, %s, %s)", to, f"{ticket.mark} status", version),
        )

    @precondition(lambda self: self.tickets)
    @rule(login=logins, which=chances, team=chances, to=st.none() | logins)
    def assign(self, login: str, which: int, team: int, to: str | None) -> None:
        """Somebody hands a ticket over, or lets it be routed."""
        ticket = self._ticket(which)
        choice = [*self.teams, None, None][team % (len(self.teams) + 2)]
        self._act(
            login,
            ticket,
            *("select muni.assign_ticket(%s, %s, %s, %s)", choice, to, f"{ticket.mark} hand-over"),
            granted="assign_ticket",
        )

    @precondition(lambda self: self.tickets)
    @rule(
        login=logins,
        which=chances,
        kind=st.sampled_from(
            (
                *("take", "unassign", "note", "contact", "reporter", "escalate"),
                *("override", "clear", "miss", "miss"),
            )
        ),
    )
    def work(self, login: str, which: int, kind: str) -> None:
        """Somebody does one of the smaller things on a ticket."""
        clock = ("response", "resolution")[which % 2]
        ticket = self._ticket(which)
        name, call, *given = {
            "take": ("take_ticket", "(%s)"),
            "unassign": ("unassign_ticket", "(%s, %s)", f"{ticket.mark} back"),
            "note": ("add_note", "(%s, %s, true)", f"{ticket.mark} note"),
            "contact": ("record_contact", "(%s, %s)", f"{ticket.mark} called"),
            "reporter": ("add_reporter", "(%s, %s, null)", f"{ticket.mark} neighbour"),
            "escalate": ("escalate", "(%s, %s)", f"{ticket.mark} urgent"),
            "override": (
                "override_deadline",
                "(%s, 'resolution', now() + interval '5 days', %s)",
                f"{ticket.mark} promised",
            ),
            # Late at once: the next sweep finds it.
            "miss": (
                "override_deadline",
                f"(%s, '{clock}', clock_timestamp() + interval '1 ms', %s)",
                f"{ticket.mark} now",
            ),
            "clear": (
                "override_deadline",
                "(%s, 'resolution', null, %s)",
                f"{ticket.mark} no longer",
            ),
        }[kind]
        self._act(login, ticket, f"select muni.{name}{call}", *given, granted=name)

    @precondition(lambda self: self.tickets)
    @rule(login=logins, which=chances, category=st.sampled_from((*MUNICIPAL, "gbv")))
    def reclassify(self, login: str, which: int, category: str) -> None:
        """Somebody gives a ticket another category, never that of the other side."""
        ticket = self._ticket(which)
        self._act(
            login,
            ticket,
            *("select muni.reclassify(%s, %s, %s)", category, f"{ticket.mark} other"),
            granted="reclassify",
        )

    @precondition(lambda self: self.tickets)
    @rule(login=logins, which=chances)
    def mark_sensitive(self, login: str, which: int) -> None:
        """Somebody finds out that it is a report of violence; from then on it is gone for them."""
        ticket = self._ticket(which)
        may = (
            not ticket.sensitive
            and self._works_on(login, ticket)
            and self._may(login, "mark_sensitive")
        )
        done = self._attempt(
            login,
            may,
            "select muni.mark_sensitive(%s, %s)",
            ticket.id,
            f"{ticket.mark} she told more",
        )
        ticket.sensitive = ticket.sensitive or done is not None

    @rule(login=logins)
    def sweep(self, login: str) -> None:
        """Somebody's console looks after the clocks, of whichever municipality is next."""
        done = self._attempt(
            login, self._active(login), "select count(*) from muni.sweep_sla('0 seconds')"
        )
        assert done in {None, 1}

    # ------------------------------------------------------------------ who looks behind the wall

    @precondition(lambda self: self.tickets)
    @rule(login=logins, which=chances)
    def open_report(self, login: str, which: int) -> None:
        """Somebody opens a report by its number and reads it, or is refused."""
        ticket = self._ticket(which)
        person = PEOPLE[login]
        there = (ticket.sensitive, ticket.code) == (True, person.municipality)
        # To an administrator a number that is no report's gets an opening too, which opens nothing.
        may = self._active(login) and person.role in desk.OPENERS
        may = may and (there or person.role == "admin")
        opening = self._attempt(
            login,
            may,
            "select muni.open_confidential_report(%s, %s)",
            ticket.number,
            f"{ticket.mark} for the case file",
        )
        assert (opening is not None) == may
        if opening is not None:
            self.openings.append((opening, login if there else "nobody", ticket))
            self._read(login, self.openings[-1])

    @precondition(lambda self: self.openings)
    @rule(login=logins, which=chances)
    def read_by_an_opening(self, login: str, which: int) -> None:
        """Somebody has got hold of an opening, perhaps a colleague's."""
        self._read(login, self.openings[which % len(self.openings)])

    @precondition(lambda self: self.tickets)
    @rule(login=logins, which=chances)
    def ask_in_vain(self, login: str, which: int) -> None:
        """Somebody looks a number up that shows them nothing, which is recorded."""
        ticket = self._ticket(which)
        self._attempt(login, self._active(login), "select muni.record_denied(%s)", ticket.number)

    @rule(login=logins)
    def settle(self, login: str) -> None:
        """What was asked in vain is written where it belongs."""
        may = self._active(login) and PEOPLE[login].role in desk.GRANTED["settle_denials"]
        self._attempt(login, may, "select muni.settle_denials()")

    # ------------------------------------------------------------------ who comes and goes

    @rule(login=logins, who=logins, able=st.booleans())
    def disable_or_enable(self, login: str, who: str, able: bool) -> None:
        """An administrator shuts a colleague out or lets them in again; nobody else can."""
        person, other = PEOPLE[login], PEOPLE[who]
        may = (
            self._active(login)
            and person.role == "admin"
            and person.municipality == other.municipality
            and other.role in {"operator", "manager"}
        )
        verb = "enable" if able else "disable"
        is_admin = self._active(login) and person.role == "admin"
        # To an administrator whoever is beyond their reach is not there, which is no valid change.
        refusals = frozenset({"22023" if is_admin else "42501"})
        self._attempt(login, may, f"select muni.{verb}_operator(%s)", who, refusals=refusals)
        if may:
            self.disabled = self.disabled - {who} if able else self.disabled | {who}

    # ------------------------------------------------------------------ what always holds

    @invariant()
    def everybody_reads_their_own_alone(self) -> None:
        """By table and search: exactly one's tickets, and no word, id or number of any other."""
        for name in PEOPLE:
            connection = self._connection(name)
            if connection is None:
                continue
            mine = [ticket for ticket in self.tickets if self._sees(name, ticket)]
            others = [ticket for ticket in self.tickets if not self._sees(name, ticket)]
            seen = {row[0] for row in connection.execute("select id from muni.tickets")}
            assert seen == {ticket.id for ticket in mine}, name
            text = self._everything(connection, name)
            for ticket in others:
                for mark in (ticket.mark, ticket.number, str(ticket.id)):
                    assert mark not in text, (name, mark)
            for ticket in mine:
                # Not even SAPS reads words of a report without opening it.
                assert (f"{ticket.mark} story" in text) is not ticket.sensitive, name
            if self._active(name):
                found = connection.execute("select * from muni.search_tickets('TKT-', 200)")
                assert {row[0] for row in found} == seen, name

    @invariant()
    def history_holds(self) -> None:
        """Every chain is whole, and every ticket is what its events say, in its own place."""
        assert evidence.verify(self.walker).broken == []
        tickets, events = replay.everything(self.owner)
        assert {row["id"]: row["is_sensitive"] for row in tickets} == {
            ticket.id: ticket.sensitive for ticket in self.tickets
        }
        for row in tickets:
            history = events[row["id"]]
            assert replay.broken_links(row, history) == []
            said = replay.told(row, history)
            assert {name: row[name] for name in said} == said
            assert {(event["is_sensitive"], event["municipality_id"]) for event in history} == {
                (row["is_sensitive"], row["municipality_id"])
            }

    # ------------------------------------------------------------------ how it is found out

    def _ticket(self, which: int) -> Told:
        return self.tickets[which % len(self.tickets)]

    def _active(self, login: str) -> bool:
        return login not in self.disabled

    def _may(self, login: str, function: str) -> bool:
        return PEOPLE[login].role in desk.GRANTED[function]

    def _sees(self, login: str, ticket: Told) -> bool:
        person = PEOPLE[login]
        return (
            self._active(login)
            and ticket.code == person.municipality
            and ticket.sensitive == (person.role == "saps_liaison")
        )

    def _works_on(self, login: str, ticket: Told) -> bool:
        """Whether somebody may act on it at all: what they see, and a report they have opened."""
        return self._sees(login, ticket) or (
            self._active(login)
            and ticket.sensitive
            and PEOPLE[login].role == "admin"
            and any((by, of) == (login, ticket) for _, by, of in self.openings)
        )

    def _act(
        self, login: str, ticket: Told, call: str, *given: object, granted: str = "change_status"
    ) -> None:
        """Let somebody act on a ticket: refused when they may not, else done or no valid change."""
        may = self._works_on(login, ticket) and self._may(login, granted)
        self._attempt(login, may, call, ticket.id, *given)

    def _attempt(
        self,
        login: str,
        may: bool,
        call: str,
        *given: object,
        refusals: frozenset[str] = frozenset({"42501"}),
    ) -> Any:
        """What a call gives; None when it is refused, which it must be, in this way, when they may not."""
        connection = self._connection(login)
        if connection is None:
            assert not self._active(login)
            return None
        refused = None
        result = None
        try:
            result = desk.value(connection, call, *given)
        except psycopg.Error as error:
            refused = error
        if isinstance(refused, psycopg.errors.AdminShutdown):
            assert not self._active(login)
        elif refused is not None:
            assert refused.sqlstate in (REFUSALS if may else refusals), (login, call, refused)
        else:
            assert may, (login, call, given)
        return result

    def _read(self, login: str, opening: tuple[uuid.UUID, str, Told]) -> None:
        """Read all parts by an opening: whole by its owner, nothing by anybody else."""
        key, by, ticket = opening
        connection = self._connection(login)
        if connection is None:
            return
        for what in READERS:
            query = f"select t::text from muni.read_confidential_{what}(%s) as t"
            if by == login and self._active(login):
                text = "\n".join(row[0] for row in connection.execute(query, (key,)))
                words = {"report": f"{ticket.mark} story", "ticket": ticket.number}
                assert words.get(what, "") in text
                for other in self.tickets:
                    assert other is ticket or other.mark not in text
            else:
                assert desk.refusal(connection, query, (key,)).sqlstate == "42501"

    def _readable(self, name: str) -> list[str]:
        rows = self._connect(name).execute(
            "select relname from pg_class where relnamespace = 'muni'::regnamespace"
            " and relkind in ('r', 'p', 'v', 'm') and has_table_privilege(oid, 'select') order by 1"
        )
        return [str(relation) for (relation,) in rows]

    def _everything(self, connection: psycopg.Connection, name: str) -> str:
        query = " union all ".join(
            f"select t::text from muni.{relation} as t" for relation in self.readable[name]
        )
        return "\n".join(str(text) for (text,) in connection.execute(query))

    def _connect(self, name: str) -> psycopg.Connection:
        self.connections[name] = self.database.connect(name)
        return self.connections[name]

    def _connection(self, name: str) -> psycopg.Connection | None:
        """Somebody's connection, a new one when the old was ended; None when they are not let in."""
        connection = self.connections[name]
        try:
            connection.execute("select")
        except psycopg.OperationalError:
            connection.close()
            try:
                return self._connect(name)
            except psycopg.OperationalError:
                assert not self._active(name)
                return None
        return connection


@pytest.fixture
def call_centres(server: Server) -> type[CallCentres]:
    """The machine, each of whose runs has a database of its own."""

    class Here(CallCentres):
        pass

    Here.server = server
    return Here


def _settings(examples: int, steps: int, *, repeatable: bool) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=repeatable,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.law
def test_whatever_people_do_the_wall_stands_and_history_holds(
    call_centres: type[CallCentres],
) -> None:
    """A few hundred steps of everybody in two municipalities, the same each time."""
    run_machine(call_centres, settings=_settings(6, 25, repeatable=True))


@pytest.mark.prove
def test_however_long_they_go_on(call_centres: type[CallCentres]) -> None:
    """Ten thousand steps, others each time."""
    run_machine(call_centres, settings=_settings(100, 100, repeatable=False))
