"""What a caller says, read so that nobody else does: standard input or a prompt.

A command line stands in the process list and in the shell's history. What a GBV report says, and
notes about one, are therefore never taken from there.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

import click
import msgspec
from msgspec import structs

from municonsole.domain.errors import InvalidInput

if TYPE_CHECKING:
    from municonsole.services.desk import Desk

LIMIT = 1_000_000
"""Bytes read from standard input at most: more is a file sent here by mistake."""
SPOKEN = (
    "what is said about a confidential report is not taken from the command line, where the process list "
    "shows it: {instead}"
)
BY_STANDARD_INPUT = "write - in its place and send it on standard input"


class Spoken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parts of a report in a caller's words; None where nothing was said.

    Asked about a GBV report only: whether and how the caller can be reached without danger.
    """

    description: str | None = None
    address: str | None = None
    name: str | None = None
    phone: str | None = None
    safe_to_contact: bool = False
    contact_instructions: str | None = None
    suburb: str | None = None

    def __repr__(self) -> str:
        return "Spoken(…)"


class Reporter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A further person who reported the same; None where nothing was said."""

    name: str | None = None
    phone: str | None = None

    def __repr__(self) -> str:
        return "Reporter(…)"


Said = TypeVar("Said", Spoken, Reporter)


def read_spoken(given: Spoken, *, sensitive: bool, json_wanted: bool) -> Spoken:
    """The report in full: what the options did not say comes from standard input or a prompt.

    On a terminal each missing part of a sensitive report, and of another the description, is asked
    for. Otherwise standard input is the description, or with `json_wanted` a JSON object of
    description, address, suburb, name, phone, safe_to_contact and contact_instructions.
    """
    if sensitive and given != Spoken():
        raise InvalidInput(
            "what a GBV report says is not taken from the command line, where the process list "
            "shows it: leave out --description, --address, --suburb, --name and --phone, and answer the "
            "questions, or send the description on standard input (all of it: --stdin-json)"
        )
    if json_wanted:
        if given != Spoken():
            raise InvalidInput(
                "with --stdin-json, description, address, suburb, name and phone come from standard input"
            )
        return _from_json(
            Spoken,
            "description and, where known, address, suburb, name, phone, contact_instructions, each a text, "
            "and safe_to_contact, true or false",
        )
    if given.description is not None:
        return given
    if not sys.stdin.isatty():
        return structs.replace(given, description=read_stdin())
    description = _ask("Description")
    if not sensitive:
        return structs.replace(given, description=description)
    # Asked in this order.
    return Spoken(
        description=description,
        address=_ask("Address (empty: none)"),
        suburb=_ask("Suburb (empty: none)"),
        name=_ask("Name (empty: none)"),
        phone=_ask("Phone (empty: none)"),
        safe_to_contact=click.confirm(
            "Is it safe to contact this person?", default=False, err=True
        ),
        contact_instructions=_ask("How, and when (empty: nothing was said)"),
    )


def read_reporter(given: Reporter, *, json_wanted: bool) -> Reporter:
    """The person: as given, else asked for on a terminal, else with `json_wanted` a JSON object."""
    if json_wanted:
        if given != Reporter():
            raise InvalidInput("with --stdin-json, name and phone come from standard input")
        return _from_json(Reporter, "name, phone or both, each a text")
    if given == Reporter() and sys.stdin.isatty():
        return Reporter(_ask("Name (empty: none)"), _ask("Phone (empty: none)"))
    return given


async def refuse_spoken(
    desk: Desk,
    number: str,
    *given: str | None,
    instead: str = BY_STANDARD_INPUT,
) -> None:
    """Refuse words about a confidential report that stood on the command line, saying what to do instead."""
    if all(words in (None, "-") for words in given):
        return
    if (await desk.tickets.row(number)).is_sensitive:
        raise InvalidInput(SPOKEN.format(instead=instead))


def free_text(given: str | None, what: str) -> str | None:
    """`given`; `-` reads standard input, on a terminal it asks for `what`."""
    if given != "-":
        return given
    return _ask(what) if sys.stdin.isatty() else read_stdin()


def read_stdin() -> str:
    """Standard input as text. Raises InvalidInput when it is not UTF-8 or implausibly long."""
    data = sys.stdin.buffer.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise InvalidInput(f"standard input is longer than {LIMIT} bytes; is it the right file?")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("standard input is not UTF-8 text") from None


def _from_json(kind: type[Said], fields: str) -> Said:
    try:
        return msgspec.json.decode(read_stdin().encode(), type=kind, strict=True)
    except msgspec.MsgspecError:  # its message may quote the report
        raise InvalidInput(f"standard input is not a JSON object with {fields}") from None


def _ask(what: str) -> str | None:
    answer: str = click.prompt(what, default="", show_default=False, err=True)
    return answer or None
