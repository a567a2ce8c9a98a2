"""`municonsole municipality apply FILE`: calendars, SLA policies and teams from one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from municonsole.cli.output import print_json, say
from municonsole.cli.params import as_json
from municonsole.cli.root import Root, pass_root
from municonsole.domain.errors import NotAnOperator

if TYPE_CHECKING:
    from municonsole.services.municipality import Change, MunicipalFile

_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MARKS = {"added": "+", "changed": "~", "retired": "-"}
_TOLD_BY_OTHERS = ("name", "time_zone", "known_from", "known_until")
"""Of what is new: a calendar has its municipality's zone, and its country says what is known."""


@click.group()
def municipality() -> None:
    """Set a municipality up: calendars, SLA policies, teams.

    For its administrators. The login that owns the database sets up new ones, and SAPS teams.
    """


@municipality.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, change nothing.")
@click.option(
    "--recompute",
    is_flag=True,
    help="Also give open tickets the deadlines of the policies that are now in force.",
)
@as_json
@pass_root
def apply(root: Root, file: Path, *, dry_run: bool, recompute: bool, json_wanted: bool) -> None:
    """Bring the municipality to what FILE says, all of it or nothing, and print the difference.

    Doing it again changes nothing. Policies and calendars that FILE does not name are retired, teams
    that it does not name are left. Tickets that are open keep their deadlines without --recompute.
    """
    from municonsole.services.municipality import MunicipalFile

    changes = _apply(root, MunicipalFile.read(file), dry_run=dry_run, recompute=recompute)
    if json_wanted:
        print_json(
            {
                "changes": [asdict(change) for change in changes if change.change != "left"],
                "left": [change.name for change in changes if change.change == "left"],
                "recomputed": sum(
                    change.detail["tickets"] for change in changes if change.what == "tickets"
                ),
                "dry_run": dry_run,
            }
        )
        return
    for line in _told(changes):
        say(line)
    say(_summary(changes, dry_run=dry_run, recompute=recompute))


def _apply(
    root: Root, file: MunicipalFile, *, dry_run: bool, recompute: bool
) -> tuple[Change, ...]:
    """At an administrator's desk, or else as the owner, who has no desk."""
    from municonsole import bootstrap
    from municonsole.db import owner
    from municonsole.services.municipality import apply_as_owner

    config = root.config()
    dsn = root.dsn(config)
    password = bootstrap.owner_password(dsn, config)  # asked once, whoever it turns out to be
    try:
        with bootstrap.open_desk_of(config, dsn, password) as (desk, run):
            return run(desk.setting_up.apply(file, dry_run=dry_run, recompute=recompute))
    except NotAnOperator:
        with owner.as_owner(dsn.text, password) as connection:
            return apply_as_owner(connection, file, dry_run=dry_run, recompute=recompute)


def _summary(changes: tuple[Change, ...], *, dry_run: bool, recompute: bool) -> str:
    recomputed = sum(change.detail["tickets"] for change in changes if change.what == "tickets")
    count = sum(change.change not in {"left", "recomputed"} for change in changes)
    would = "would be " if dry_run else ""
    words = {0: "Nothing differs", 1: f"1 thing {would}changed"}.get(
        count, f"{count} things {would}changed"
    )
    if recompute:
        tickets = "1 open ticket" if recomputed == 1 else f"{recomputed:,} open tickets"
        words += f"; {tickets} {would}dated anew"
    elif count and any(change.what in {"policy", "calendar"} for change in changes):
        words += "; open tickets keep their deadlines (--recompute dates them anew)"
    return f"{words}."


def _told(changes: tuple[Change, ...]) -> Iterator[str]:
    """A line each change, and indented ones with what differs."""
    for change in changes:
        if change.change in _MARKS:
            retired = " (retired)" if change.change == "retired" else ""
            yield f'{_MARKS[change.change]} {change.what} "{change.name}"{retired}'
            for fact, value in change.detail.items():
                words = (
                    _middle(change, value)
                    if change.what == "suburbs"
                    else _fact(change, fact, value)
                )
                if words:
                    yield f"    {fact.removesuffix('_id')}: {words}"
    left = ", ".join(change.name for change in changes if change.change == "left")
    if left:
        yield f"Teams that the file does not name are left as they are: {left}."


def _fact(change: Change, fact: str, value: Any) -> str | None:  # noqa: ANN401  JSON of many kinds
    """What differs, in words; None for what says nothing to a person."""
    if not isinstance(value, dict):
        return None
    if fact == "holidays":
        added, removed = (_days(value[key]) for key in ("added", "removed"))
        return "; ".join(
            part for part in (added and f"now {added}", removed and f"no more {removed}") if part
        )
    if fact == "calendar_id":
        return None if "calendar" in change.detail else "as changed above"
    if fact == "area":
        return "drawn" if change.change == "added" else "drawn anew"
    was, now = (_value(fact, value[key]) for key in ("from", "to"))
    if change.change != "added":
        return f"{was} -> {now}"
    return now if value["to"] and fact not in _TOLD_BY_OTHERS else None


def _middle(change: Change, value: Mapping[str, Any]) -> str:
    """Where a suburb lies; it is told apart since its name may be any word."""
    points = [value["from"], value["to"]]
    was, now = ("none" if point is None else f"{point[0]}, {point[1]}" for point in points)
    return now if change.change == "added" else f"{was} -> {now}"


def _days(days: list[str] | int) -> str:
    return f"{days:,} days" if isinstance(days, int) else ", ".join(days)


def _value(fact: str, value: Any) -> str:  # noqa: ANN401  JSON of many kinds
    if value is None:
        return "around the clock" if fact == "calendar" else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    write = _WORDS.get(fact, str)
    return write(value)


def _length(minutes: int) -> str:
    parts = zip(divmod(minutes, 60), ("h", "min"), strict=True)
    return " ".join(f"{part} {unit}" for part, unit in parts if part)


def _windows(windows: list[tuple[int, str, str]]) -> str:
    """The windows of each day, days that are alike and follow each other told together."""
    if not windows:
        return "none"
    days = dict.fromkeys(range(1, 8), "") | {
        weekday: " ".join(f"{opens[:5]}-{closes[:5]}" for _, opens, closes in group)
        for weekday, group in groupby(windows, key=itemgetter(0))
    }
    told = []
    for hours, alike in groupby(days, key=days.__getitem__):
        names = [_WEEK[weekday - 1] for weekday in alike]
        if hours:
            told.append(f"{'-'.join(dict.fromkeys((names[0], names[-1])))} {hours}")
    return ", ".join(told)


_WORDS: dict[str, Callable[[Any], str]] = {
    "response": _length,
    "resolution": _length,
    "windows": _windows,
    "warning_percent": lambda percent: f"{percent} %",
    "depot": lambda point: f"{round(point[0], 5)}, {round(point[1], 5)}",
}
