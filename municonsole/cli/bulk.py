"""`municonsole tickets bulk status|assign|note`: many tickets at once, one result each."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from municonsole.cli.intake import BY_STANDARD_INPUT, SPOKEN, free_text, read_stdin
from municonsole.cli.output import complain, counting, print_json, print_table
from municonsole.cli.params import as_json, one_of, words_option
from municonsole.cli.root import Root, pass_root
from municonsole.domain.errors import InvalidInput
from municonsole.domain.supervising import Pick, Progress, Result
from municonsole.domain.text import clean_line
from municonsole.domain.values import Role, Status

if TYPE_CHECKING:
    from municonsole.services.desk import Desk

Command = TypeVar("Command", bound=Callable[..., object])

numbers_argument = click.argument("numbers", nargs=-1, metavar="[NUMBER]…")


def how(command: Command) -> Command:
    """The options that all of them have."""
    for option in (
        as_json,
        click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can be asked."),
        click.option("--atomic", is_flag=True, help="All of them, or none if one cannot be."),
    ):
        command = option(command)
    return command


@click.group()
def bulk() -> None:
    """Change many tickets at once: at most 500, each an event of its own, or a sentence why not.

    Numbers are given as arguments, or without any on standard input, apart by spaces or lines. Exit
    status 0: all were changed; 1: some were not.
    """


@bulk.command("status")
@click.argument("status", type=one_of(Status))
@numbers_argument
@words_option("--note")
@how
@pass_root
def status_(
    root: Root,
    status: str,
    numbers: tuple[str, ...],
    note: str | None,
    atomic: bool,
    yes: bool,
    json_wanted: bool,
) -> None:
    """Change the status of many tickets."""
    picks = _picks(numbers, note)
    words = free_text(note, "Note")
    _confirm(f"{_many(picks)} to {status}", yes=yes)

    async def work(desk: Desk, progress: Progress) -> tuple[Result, ...]:
        _refuse_spoken(desk, note)
        return await desk.bulk.change_status(
            picks, Status(status), words, atomic=atomic, progress=progress
        )

    _report(root, work, json_wanted=json_wanted)


@bulk.command()
@numbers_argument
@click.option("--team", metavar="NAME", help="Without it and --to, each is routed.")
@click.option("--to", metavar="OPERATOR")
@words_option("--reason")
@how
@pass_root
def assign(
    root: Root,
    numbers: tuple[str, ...],
    team: str | None,
    to: str | None,
    reason: str | None,
    atomic: bool,
    yes: bool,
    json_wanted: bool,
) -> None:
    """Assign many tickets to a team, a person, or each by the routing rules."""
    picks = _picks(numbers, reason)
    words = free_text(reason, "Reason")
    where = clean_line(to or team or "where the rules send them")
    _confirm(f"{_many(picks)} to {where}", yes=yes)

    async def work(desk: Desk, progress: Progress) -> tuple[Result, ...]:
        _refuse_spoken(desk, reason)
        return await desk.bulk.assign(picks, team, to, words, atomic=atomic, progress=progress)

    _report(root, work, json_wanted=json_wanted)


@bulk.command()
@click.argument("text")
@numbers_argument
@click.option("--public", is_flag=True, help="The citizens may read it.")
@how
@pass_root
def note(
    root: Root,
    text: str,
    numbers: tuple[str, ...],
    public: bool,
    atomic: bool,
    yes: bool,
    json_wanted: bool,
) -> None:
    """Add the same note to many tickets; `-` as TEXT reads it from standard input."""
    picks = _picks(numbers, text)
    words = free_text(text, "Note")
    _confirm(f"the note to {_many(picks)}", yes=yes)

    async def work(desk: Desk, progress: Progress) -> tuple[Result, ...]:
        _refuse_spoken(desk, text)
        return await desk.bulk.note(picks, words or "", public, atomic=atomic, progress=progress)

    _report(root, work, json_wanted=json_wanted)


def _picks(numbers: Sequence[str], words: str | None) -> tuple[Pick, ...]:
    """The tickets that were named, each once."""
    if not numbers:
        if words == "-":
            raise click.UsageError(
                "standard input is either the words or the numbers: give the numbers as arguments"
            )
        if sys.stdin.isatty():
            raise click.UsageError(
                "which tickets? Give their numbers, or send them on standard input"
            )
        numbers = read_stdin().split()
    picks = tuple(Pick(number) for number in dict.fromkeys(map(clean_line, numbers)))
    if not picks:
        raise click.UsageError("there is no number on standard input")
    return picks


def _many(picks: Sequence[Pick]) -> str:
    return "1 ticket" if len(picks) == 1 else f"{len(picks)} tickets"


def _confirm(what: str, *, yes: bool) -> None:
    """Ask, naming the count; where nobody can be asked, only what was confirmed beforehand is done."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise InvalidInput(f"{what}: nobody can be asked here whether that is meant; say --yes")
    if not click.confirm(f"{what[0].upper()}{what[1:]}?", default=False, err=True):
        complain("Nothing was changed.")
        click.get_current_context().exit(1)


def _refuse_spoken(desk: Desk, given: str | None) -> None:
    if given not in (None, "-") and desk.operator.role is Role.SAPS_LIAISON:
        raise InvalidInput(SPOKEN.format(instead=BY_STANDARD_INPUT))


def _report(
    root: Root,
    work: Callable[[Desk, Progress], Awaitable[tuple[Result, ...]]],
    *,
    json_wanted: bool,
) -> None:
    with counting("tickets") as count:
        results = root.at_desk(lambda desk: work(desk, lambda done, _: count(done)))
    failed = sum(not result.done for result in results)
    if json_wanted:
        print_json(
            [
                {
                    "tracking_number": result.number,
                    "done": result.done,
                    "error": result.sentence or None,
                }
                for result in results
            ]
        )
    else:
        print_table(
            ("NUMBER", "RESULT"), [(result.number, result.sentence or "done") for result in results]
        )
    if failed:
        complain(f"{len(results) - failed} done, {failed} not")
        click.get_current_context().exit(1)
