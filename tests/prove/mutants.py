"""The law with one thing wrong at a time: every policy, grant, setting, transition, check and condition."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from law import desk

from prove import damage

STATUSES = ("open", "in_progress", "on_hold", "escalated", "resolved", "closed")
TABLES = "c.relnamespace = 'muni'::regnamespace and c.relkind in ('r', 'p')"
CHECKED_FILES = (
    *("10_identity", "50_logging", "60_handling", "62_supervising", "65_confidential"),
    *("66_people", "67_sensitive", "68_denials", "70_search", "75_import"),
    *("18_working_time", "20_clock", "70_alerts", "70_jobs", "71_sweep", "72_preview", "73_upkeep"),
    *("74_municipality", "76_recompute", "77_calendars", "78_reports", "79_exports"),
    *("52_intake", "56_drafts", "57_presence", "58_views"),
    *("40_routing", "57_duty", "61_undo", "63_bulk"),
)
"""Files whose checks decide who may do what, and when, and what is late."""
_UNIQUE = "a ticket's id is on one side alone: the side is named for the planner"
_TEAM = "by key a municipal ticket is with a municipal team of its own municipality"
_MUNICIPAL = "the ids are those of municipal tickets: the side is named for the planner"
_NOT_GBV = "by check a municipal ticket is of another category"
_NULL = "a comparison with null is not true either"
_ONE_IS_ENOUGH = "said twice: the other half of the condition alone leaves a report out"
_GRANTED = "no other role has a grant on it, and _actor refuses whose group and role differ"
EQUIVALENT = {
    "_end_sessions: security invoker": (
        "muni_owner, who alone may call it, is a member of muni_people and has its rights"
    ),
    "whoami: security invoker": "each role may read its own row of all that it looks up",
    "policy saps_liaison on operators: without ((role <> 'saps_liaison'::text) OR true)": (
        "for liaisons this part of the condition is always true"
    ),
    "add_reporter: without s.is_sensitive = false": _ONE_IS_ENOUGH,
    "add_reporter: without not t.is_sensitive": _ONE_IS_ENOUGH,
    "_store_clocks: without x.is_sensitive = false": _UNIQUE,
    "read_confidential_ticket: without t.is_sensitive": _UNIQUE,
    "read_confidential_events: without e.is_sensitive": _UNIQUE,
    "read_confidential_reporters: without r.is_sensitive": _UNIQUE,
    "mark_sensitive: without me.role = 'saps_liaison'": "a SAPS liaison has no grant on it",
    "mark_sensitive: without e.is_sensitive = false": _UNIQUE,
    "mark_sensitive: without e.is_sensitive = false #2": (
        "the statement that moves the events does not see what it has just inserted"
    ),
    "mark_sensitive: without r.is_sensitive = false": _UNIQUE,
    "_check_login: without verifier is not null": _NULL,
    "_ticket_for_write: without expected_version is not null": _NULL,
    "_issue_number: no raise exception 'no free tracking number was found; try again' using e": (
        "ten random numbers in a row would have to be taken"
    ),
    "import_tickets: no raise exception 'importing is for administrators' using errcode = '425": _GRANTED,
    "imported_before: no raise exception 'importing is for administrators' using errcode = '425": _GRANTED,
    "open_confidential_report: without x.is_sensitive #2": _UNIQUE,
    "fresh_opening: without t.is_sensitive": _UNIQUE,
    "settle_denials: without not x.is_settled": "what is settled already is settled once more",
    "_alter_login: without username !~ '^(pg_|muni_)'": (
        "from PostgreSQL 16 on it could not alter such a role anyway; this is for 15"
    ),
    "settle_denials: no perform muni._deny();": _GRANTED,
    "_admin: no raise exception 'people are managed by administrators' using errcode =": _GRANTED,
    "_ticket_for_write: without x.is_sensitive": (
        "what is not sensitive has been found before, and only reports are opened"
    ),
    "_settle: without x.is_sensitive": _UNIQUE,
    (
        "settle_denials: without x.tracking_number in "
        "( select d.tracking_number from muni.denials as d"
    ): "it spares looking at reports that nobody asked for",
    "open_confidential_report: no perform muni._deny();": _GRANTED,
    "_opened_ticket: without me.role not in ('saps_liaison', 'admin')": _GRANTED,
    "_local_times: without h.high - h.low = interval '1 second'": (
        "what is cut into more parts is worked as long"
    ),
    "_whom_to_tell: without tm.municipality_id = of_municipality": _TEAM,
    "_whom_to_tell: without not tm.is_saps": _TEAM,
    "_whom_to_tell: without d.manager = any(d.admins)": "an alert is there once, however often it is made",
    "_broken_histories: without e.is_sensitive = sensitive": _UNIQUE,
    "_redate: without t.is_sensitive = false": _MUNICIPAL,
    "_redate: without t.is_sensitive = false #2": _MUNICIPAL,
    "_cover_open: without t.is_sensitive = false": _NOT_GBV,
    "_cover_open: without x.line is not null": "around the clock there is nothing to make",
    "_reach_ahead: without t.is_sensitive = false": "a report has no policy, and so no calendar",
    "_for_setup: no raise exception 'a municipality is set up by its administrators' using": _GRANTED,
    "_date_missing: without t.is_sensitive = false": _MUNICIPAL,
    "_date_missing: without t.is_sensitive = false #2": _MUNICIPAL,
    "_what_is_due: without t.is_sensitive = false": _MUNICIPAL,
    "_find_late: without t.is_sensitive = false": _MUNICIPAL,
    "_find_late: without r.is_sensitive = false": _MUNICIPAL,
    "sweep_sla: without t.is_sensitive = false": "a report's next sweep is in the year 9999",
    "similar_tickets: without me.role = 'saps_liaison'": _GRANTED,
    "similar_tickets: without similar_tickets.category = 'gbv'": _NOT_GBV,
    "similar_tickets: without t.is_sensitive = false": _NOT_GBV,
    "similar_tickets: without t.is_sensitive = false #2": _NOT_GBV,
    "save_draft: without me.role = 'saps_liaison'": _GRANTED,
    "delete_draft: without d.kind = delete_draft.kind": "by check a note has a ticket, a report has none",
    "_forget_presences: without p.ticket_id = gone.ticket_id": "nobody has two tickets open",
    "_forget_presences: without p.is_sensitive = gone.is_sensitive": _UNIQUE,
    "save_view: without v.place <> save_view.place": "what is taken away is put in its place",
    "_kept_word: without e.municipality_id = of_municipality": (
        "only its own tickets are asked whether they were reopened: it is named for the index"
    ),
    "_kept_word: without e.is_sensitive = false": _UNIQUE,
    (
        "_candidates: without tm.service_area && "
        "polygon(box(point(longitude, latitude), point(longi"
    ): "it spares looking closely at areas that are elsewhere",
    "_standing: without t.municipality_id = in_municipality": _TEAM,
    "_standing: without t.is_sensitive = sensitive": _TEAM,
    "_standing: without e.kind = 'assigned'": "no other event names a team: it is named for the index",
    "_route: without t.is_sensitive = sensitive": _UNIQUE,
    "_undo: without e.is_sensitive = t.is_sensitive": _UNIQUE,
    "_undo: without e.is_sensitive = t.is_sensitive #2": _UNIQUE,
    "_tell_of_each: without x.is_sensitive = is_saps": _UNIQUE,
    "_tell_of_each: without action = 'assign_tickets'": "what is routed for nothing is given to nobody",
    "_cover_instants: without c.is_always": "what works always has no spans to make: _cover asks again",
}
"""Mutants by name, without file and line (#2: the second of that name), and why nobody can tell them apart."""
CONDITIONS_UNTRIED = ("50_logging", "75_import")
"""Of these the checks alone: their conditions choose how a report is stored, not who sees it."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One thing wrong with the law: statements run after it, or one of its files written anew."""

    kind: str
    name: str
    about: tuple[str, ...]
    """Words by which tests that may catch it are recognised: names of functions."""
    sql: str = ""
    file: str = ""
    text: str = ""
    equivalent: str = ""
    """Why nobody can tell it from the law; empty for all that must be caught."""

    def wire(self) -> dict[str, Any]:
        """It as JSON holds it."""
        return asdict(self)


def generate(owner: psycopg.Connection, law: Path) -> list[Mutant]:
    """Every mutant of the law in a folder; `owner` sees a database in which that law is stated."""
    files = {path.name: path.read_text() for path in sorted(law.glob("*.sql"))}
    callers = damage.callers(files)
    return [
        *_policies(owner),
        *_table_grants(owner),
        *_function_grants(owner),
        *_function_settings(owner, callers),
        *_transitions(owner),
        *_texts(files, callers),
    ]


def _rows(owner: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    return owner.execute(query.encode()).fetchall()


# --------------------------------------------------------------------------- who sees a row


def _policies(owner: psycopg.Connection) -> Iterator[Mutant]:
    for name, table, condition in _rows(
        owner,
        "select policyname, tablename, qual from pg_policies where schemaname = 'muni' order by 2, 1",
    ):
        at = f"policy {name} on {table}"
        about = (f"[{table}-{name}]", f"tvd_{desk.LOGIN_OF[name]}", f"muni.{table}")
        change = f"alter policy {name} on muni.{table} using"
        yield Mutant("policy", f"{at}: dropped", about, f"drop policy {name} on muni.{table}")
        yield Mutant("policy", f"{at}: true", about, f"{change} (true)")
        yield Mutant(
            "policy",
            f"{at}: to public",
            ("pg_policies",),
            f"alter policy {name} on muni.{table} to public",
        )
        for part, without in damage.conjuncts(condition):
            said = f"{at}: without {part}"
            yield Mutant(
                "policy",
                said,
                about,
                f"{change} ({without})",
                equivalent=EQUIVALENT.get(said, ""),
            )
        for before, after in (("false", "true"), ("true", "false")):
            if f"is_sensitive = {before}" in condition:
                flipped = condition.replace(f"is_sensitive = {before}", f"is_sensitive = {after}")
                yield Mutant(
                    "policy", f"{at}: is_sensitive flipped", about, f"{change} ({flipped})"
                )


# --------------------------------------------------------------------------- who may do what


def _table_grants(owner: psycopg.Connection) -> Iterator[Mutant]:
    for table, group, has in _rows(
        owner,
        "select c.relname, g.name, has_table_privilege(g.name, c.oid, 'select') from pg_class as c "
        f"cross join unnest(array[{_quoted(desk.GROUPS)}]) as g (name) where {TABLES} order by 1, 2",
    ):
        about = (f"muni.{table}",)
        if has:
            yield Mutant(
                "table grant",
                f"{group} may not read {table}",
                about,
                f"revoke select on muni.{table} from {group}",
            )
        else:
            yield Mutant(
                "table grant",
                f"{group} may read {table}",
                about,
                f"grant select on muni.{table} to {group}",
            )
        yield Mutant(
            "table grant",
            f"{group} may write {table}",
            about,
            f"grant insert, update, delete on muni.{table} to {group}",
        )


def _function_grants(owner: psycopg.Connection) -> Iterator[Mutant]:
    for signature, name, group, has in _rows(
        owner,
        "select p.oid::regprocedure::text, p.proname, g.name, has_function_privilege(g.name, p.oid, "
        "'execute') from pg_proc as p "
        f"cross join unnest(array[{_quoted(desk.GROUPS)}]) as g (name) "
        "where p.pronamespace = 'muni'::regnamespace order by 1, 3",
    ):
        if has:
            yield Mutant(
                "function grant",
                f"{group} may not call {name}",
                (name,),
                f"revoke execute on function {signature} from {group}",
            )
        else:
            yield Mutant(
                "function grant",
                f"{group} may call {name}",
                (name,),
                f"grant execute on function {signature} to {group}",
            )


def _function_settings(
    owner: psycopg.Connection, callers: Mapping[str, tuple[str, ...]]
) -> Iterator[Mutant]:
    for signature, name, owned_by, definer, fixed, granted in _rows(
        owner,
        "select p.oid::regprocedure::text, p.proname, p.proowner::regrole::text, p.prosecdef, "
        "coalesce(p.proconfig::text like '%search_path%', false), exists (select from unnest(array["
        f"{_quoted(desk.GROUPS)}]) as g (name) where has_function_privilege(g.name, p.oid, 'execute')) "
        "from pg_proc as p where p.pronamespace = 'muni'::regnamespace order by 1",
    ):
        if fixed:
            yield Mutant(
                "search_path",
                f"{name}: no search_path",
                (name,),
                f"alter function {signature} reset search_path",
            )
        if definer:
            mutant = f"{name}: security invoker"
            inner = not granted and owned_by == "muni_owner"
            yield Mutant(
                "definer",
                mutant,
                (name, *callers.get(name, ())),
                f"alter function {signature} security invoker",
                equivalent=(
                    "only functions of muni_owner may call it: it is muni_owner that runs it either way"
                    if inner
                    else EQUIVALENT.get(mutant, "")
                ),
            )


def _transitions(owner: psycopg.Connection) -> Iterator[Mutant]:
    legal = {
        (before, after): list(roles)
        for before, after, roles in _rows(
            owner, "select from_status, to_status, roles from muni.status_transitions order by 1, 2"
        )
    }
    for move in itertools.product(STATUSES, STATUSES):
        at = "{} to {}".format(*move)
        about = (f"[{move[0]}-manager]", "change_status")
        here = "from_status = '{}' and to_status = '{}'".format(*move)
        if move not in legal:
            made = "'{}', '{}', array['admin', 'manager', 'operator', 'saps_liaison']".format(*move)
            yield Mutant(
                "transition",
                f"{at}: added",
                about,
                f"insert into muni.status_transitions values ({made})",
            )
            continue
        yield Mutant(
            "transition",
            f"{at}: dropped",
            about,
            f"delete from muni.status_transitions where {here}",
        )
        for role in desk.ROLES:
            change, word = (
                ("array_remove", "not for") if role in legal[move] else ("array_append", "also for")
            )
            yield Mutant(
                "transition",
                f"{at}: {word} {role}",
                (f"[{move[0]}-{role}]", "change_status"),
                f"update muni.status_transitions set roles = {change}(roles, '{role}') where {here}",
            )


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


# --------------------------------------------------------------------------- what the functions check


def _texts(files: Mapping[str, str], callers: Mapping[str, tuple[str, ...]]) -> Iterator[Mutant]:
    for name, text in files.items():
        topic = name.removesuffix(".sql")
        if topic not in CHECKED_FILES:
            continue
        conditions = () if topic in CONDITIONS_UNTRIED else damage.without_conditions(text)
        met: Counter[str] = Counter()
        for found in itertools.chain(damage.without_checks(text), conditions):
            function = damage.function_at(text, found.position)
            if function is None:
                continue
            line = text.count("\n", 0, found.position) + 1
            said = f"{function}: {found.what}"
            met[said] += 1
            nth = f"{said} #{met[said]}" if met[said] > 1 else said
            yield Mutant(
                found.kind,
                f"{name}:{line} {said}",
                (function, *callers.get(function, ())),
                file=name,
                text=found.text,
                equivalent=EQUIVALENT.get(nth, ""),
            )
    for file, old, new, what, about in damage.BY_HAND:
        if files[file].count(old) != 1:
            raise ValueError(f"{file} has not exactly one {old!r}")
        yield Mutant(
            "by hand",
            f"{file} {about[0]}: {what}",
            about,
            file=file,
            text=files[file].replace(old, new),
        )
