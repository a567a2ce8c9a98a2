"""Taking one thing out of SQL text: a check that raises, one condition of several, a detail by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

_FUNCTION = re.compile(r"^create function muni\.(\w+)", re.MULTILINE)
_CHECK = re.compile(
    r"perform muni\._deny\(\);|raise exception\s+'(?:[^']|'')*'(?:[^;']|'(?:[^']|'')*')*;"
)
_JOINT = re.compile(r"\b(?:and|or|where|if|elsif|when)\b")
_END = re.compile(
    r"(?<![\w.])(?:and|or|then|where|cross join|left join|join|union|for update|for no key update|order by"
    r"|limit|returning|group by|as)\b"
    r"|[;,]|\$\$"
)
_CASE = re.compile(r"(?<![\w.])case\b")
_CASE_END = re.compile(r"(?<![\w.])end\b")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Damage:
    """A text with one thing gone, and where that was."""

    kind: str
    what: str
    position: int
    text: str


def function_at(text: str, position: int) -> str | None:
    """The function in whose definition a position lies."""
    before = [match[1] for match in _FUNCTION.finditer(text, 0, position)]
    return before[-1] if before else None


def callers(files: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """For each function those that reach it, directly or not."""
    bodies: dict[str, str] = {}
    for text in files.values():
        starts = [*_FUNCTION.finditer(text)]
        for match, after in zip_longest(starts, starts[1:]):
            bodies[match[1]] = text[match.end() : after.start() if after else len(text)]
    calls = {
        name: {inner for inner in re.findall(r"muni\.(\w+)\(", body) if inner in bodies} - {name}
        for name, body in bodies.items()
    }
    reached: dict[str, tuple[str, ...]] = {}
    for name in bodies:
        found: list[str] = []
        layer = [name]
        while layer:
            layer = [f for f, inner in calls.items() if inner & set(layer) and f not in found]
            found += layer
        reached[name] = tuple(found)
    return reached


def without_checks(text: str) -> Iterator[Damage]:
    """The text without each statement that refuses."""
    for match in _CHECK.finditer(text):
        words = _SPACE.sub(" ", match[0])
        yield Damage(
            "check",
            f"no {words[:70]}",
            match.start(),
            text[: match.start()] + "null;" + text[match.end() :],
        )


def without_conditions(text: str) -> Iterator[Damage]:
    """The text without each of the conditions that are joined by `and` (now true) or `or` (now false)."""
    masked = _masked(text)
    for match in _JOINT.finditer(masked):
        word = match[0]
        end, closing = _end(masked, match.end())
        leads = word in {"where", "if", "elsif", "when"}
        if leads and closing not in {"and", "or"}:
            continue  # the only condition: nothing is left without it
        condition = text[match.end() : end].partition("--")[0].strip()
        neutral = "true" if (closing if leads else word) == "and" else "false"
        yield Damage(
            "condition",
            f"without {_SPACE.sub(' ', condition)[:70]}",
            match.start(),
            f"{text[: match.end()]} {neutral} {text[end:]}",
        )


def conjuncts(condition: str) -> Iterator[tuple[str, str]]:
    """Each part of a condition as the catalog writes it, and the condition without that part."""
    parts = _split(condition)
    if len(parts) > 1:
        for part in parts:
            rest = " and ".join(other for other in parts if other is not part)
            yield part[:60], rest


def _split(condition: str) -> list[str]:
    text = condition.strip()
    while text.startswith("(") and _closes(text) == len(text) - 1:
        text = text[1:-1].strip()
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0 and text.startswith(" AND ", place):
            parts.append(text[start:place].strip())
            start = place + 5
    return [*parts, text[start:].strip()]


def _closes(text: str) -> int:
    depth = 0
    for place, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return place
    return -1


def _end(masked: str, start: int) -> tuple[int, str]:
    """Where the condition that begins at `start` ends, and what ends it."""
    depth = 0
    place = start
    while place < len(masked):
        letter = masked[place]
        if letter == "(":
            depth += 1
        elif letter == ")":
            if depth == 0:
                return place, ")"
            depth -= 1
        elif _CASE.match(masked, place):
            depth += 1
        elif depth and _CASE_END.match(masked, place):
            depth -= 1
        elif depth == 0 and (match := _END.match(masked, place)):
            return place, match[0]
        place += 1
    return place, ""


def _masked(text: str) -> str:
    """The text, as long as it is, without what only looks like a condition: quotes, comments, `between`."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", "_", match[0])

    text = re.sub(r"--[^\n]*", lambda match: " " * len(match[0]), text)
    text = re.sub(r"'(?:[^']|'')*'", blank, text)
    # The causes of an error.
    text = re.sub(r"\bwhen (?:sqlstate )?\w+(?: or (?:sqlstate )?\w+)+ then\b", blank, text)
    return re.sub(r"\bbetween \S+ and\b", blank, text)


BY_HAND: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    (
        "65_confidential.sql",
        """            and o.opened_at > clock_timestamp() - interval '15 minutes'
            -- Acting""",
        """            and o.opened_at > clock_timestamp() - interval '16 minutes'
            -- Acting""",
        "acting for sixteen minutes",
        ("_has_opened", "change_status", "open_confidential_report"),
    ),
    (
        "65_confidential.sql",
        """        and o.opened_at > clock_timestamp() - interval '15 minutes'
        and o.tx is""",
        """        and o.opened_at > now() - interval '15 minutes'
        and o.tx is""",
        "fresh by the transaction's clock",
        ("_opened_ticket", "read_confidential_report"),
    ),
    (
        "65_confidential.sql",
        "if me.role = 'admin' and length(coalesce(btrim(reason, E' \\t\\r\\n'), '')) < 10 then",
        (
            "if me.role = 'admin' and length(coalesce(btrim(reason, E' \\t\\r\\n'), '')) < 10"
            " and exists (select from muni.tickets as x where x.is_sensitive"
            " and x.tracking_number = open_confidential_report.tracking_number) then"
        ),
        "a reason is asked for only where there is a report",
        ("open_confidential_report",),
    ),
    (
        "65_confidential.sql",
        "perform muni._append(t, 'viewed', note => nullif(btrim(reason), ''), changes_ticket => false);",
        "null;",
        "no trace of a look",
        ("open_confidential_report",),
    ),
    (
        "65_confidential.sql",
        "note => nullif(btrim(reason), ''), changes_ticket => false",
        "changes_ticket => false",
        "a look without its reason",
        ("open_confidential_report",),
    ),
    (
        "66_people.sql",
        "perform muni._end_sessions(person.username);",
        "null;",
        "a disabled person's sessions go on",
        ("disable_operator",),
    ),
    (
        "66_people.sql",
        "muni._alter_login(person.username, null, false)",
        "true",
        "a disabled person's login still opens",
        ("disable_operator",),
    ),
    (
        "66_people.sql",
        "set is_active = false where",
        "set is_active = is_active where",
        "a disabled person is still an operator",
        ("disable_operator",),
    ),
    (
        "67_sensitive.sql",
        "nextval('muni.ticket_events_sensitive_id'), e.municipality_id, true, e.ticket_id",
        "e.id, e.municipality_id, true, e.ticket_id",
        "events keep their ids behind the wall",
        ("mark_sensitive",),
    ),
    (
        "67_sensitive.sql",
        (
            "insert into muni.ticket_search (ticket_id, is_sensitive, municipality_id, created_at, doc)\n"
            "    values (t.id, true, t.municipality_id, t.created_at, muni._search_text(moved));"
        ),
        (
            "insert into muni.ticket_search (ticket_id, is_sensitive, municipality_id, created_at, doc)\n"
            "    values (t.id, true, t.municipality_id, t.created_at, muni._search_text(t));"
        ),
        "words of the report stay searchable",
        ("mark_sensitive",),
    ),
    (
        "68_denials.sql",
        "at => denial.at, actor",
        "actor",
        "a denial at the time at which it is settled",
        ("_settle", "settle_denials"),
    ),
    (
        "68_denials.sql",
        "    if (\n        select count(*) from (",
        (
            "    if exists (select from muni.tickets as t where"
            " t.tracking_number = record_denied.tracking_number) and (\n        select count(*) from ("
        ),
        "a number that was never issued takes less work",
        ("record_denied",),
    ),
    (
        "68_denials.sql",
        "            limit 30\n        ) as recent\n    ) < 30 then",
        "            limit 60\n        ) as recent\n    ) < 60 then",
        "sixty an hour",
        ("record_denied",),
    ),
    (
        "68_denials.sql",
        "at => denial.at, actor => denial.actor,",
        "at => denial.at,",
        "a denial in the name of who settles it",
        ("_settle", "settle_denials"),
    ),
    (
        "18_working_time.sql",
        "exit when pause_from >= place;",
        "exit when pause_from > place;",
        "a pause that begins at the deadline moves it",
        ("_reach",),
    ),
    (
        "18_working_time.sql",
        "s.worked_before < place",
        "s.worked_before <= place",
        "closing time is the next opening",
        ("_look_up", "_instant", "_reach"),
    ),
    (
        "18_working_time.sql",
        "select greatest(x.opens_at, z.starts_at), least(x.closes_at, z.ends_at)",
        "select x.opens_at, x.closes_at",
        "a clock change cuts no window",
        ("_windows", "_worked"),
    ),
    (
        "18_working_time.sql",
        "select x.* into c from muni.calendars as x where x.id = of_calendar for no key update;",
        "select x.* into c from muni.calendars as x where x.id = of_calendar;",
        "two make the same spans",
        ("_cover", "_reach"),
    ),
    (
        "18_working_time.sql",
        "perform muni._cover_instants(c.id, start, greatest(start, upper(pauses)));",
        "perform muni._cover_instants(c.id, start, start);",
        "pauses lie where nothing is known",
        ("_reach",),
    ),
    (
        "20_clock.sql",
        "if answered_at > t.sla_response_deadline then",
        "if answered_at >= t.sla_response_deadline then",
        "an answer at the deadline is late",
        ("_answer", "_append"),
    ),
    (
        "20_clock.sql",
        "if moved_at > t.sla_resolution_deadline then",
        "if moved_at >= t.sla_resolution_deadline then",
        "a resolution at the deadline is late",
        ("_move_clocks", "_append"),
    ),
    (
        "20_clock.sql",
        "muni._reach(terms.calendar_id, t.created_at, terms.response_target);",
        "muni._reach(terms.calendar_id, t.created_at, terms.response_target, coalesce(t.pauses, '{}'));",
        "the response pauses too",
        ("_date_clocks", "sla_preview"),
    ),
    (
        "62_supervising.sql",
        "changed.sla_policy_id := muni._policy(t.municipality_id, changed.category);",
        "null;",
        "another category keeps the old policy",
        ("reclassify",),
    ),
    (
        "71_sweep.sql",
        "case t.status when 'on_hold' then t.paused_at else moment end - t.sla_resolution_deadline",
        "moment - t.sla_resolution_deadline",
        "what is on hold grows later",
        ("_what_is_due", "sweep_sla"),
    ),
    (
        "72_preview.sql",
        "judged_at := coalesce(t.paused_at, judged_at);",
        "null;",
        "on hold the time left runs out",
        ("preview_override",),
    ),
)
"""File, text, what stands in its place, what that means, and by which functions tests of it are found."""
