"""Options and arguments that several commands share."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

import click

from municonsole.domain.text import clean_line

Command = TypeVar("Command", bound=Callable[..., Any] | click.Command)


class AnyOf(click.ParamType[tuple[StrEnum, ...]]):
    """Members of one of the field's closed lists, separated by commas."""

    name = "values"

    def __init__(self, values: type[StrEnum]) -> None:
        self._values = values

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        """What the help shows: every value there is."""
        return f"[{'|'.join(self._values)}],…"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[StrEnum, ...]:
        """The members of these names."""
        if isinstance(value, tuple):
            return value
        members = []
        for name in str(value).split(","):
            try:
                members.append(self._values(name.strip()))
            except ValueError:
                self.fail(f"{name!r} is not one of {', '.join(self._values)}", param, ctx)
        return tuple(members)


class Degrees(click.FloatRange):
    """A latitude or longitude; `nan`, which Python calls a float, is none."""

    def convert(
        self, value: float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number."""
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number", param, ctx)
        return number


def one_of(values: type[StrEnum]) -> click.Choice[str]:
    """One of a closed list, by its value."""
    return click.Choice([member.value for member in values])


as_json = click.option("--json", "json_wanted", is_flag=True, help="Print JSON.")


def cleaned(ctx: click.Context, param: click.Parameter, value: str) -> str:  # noqa: ARG001  click's
    """A name as one line without control characters, and of text that every encoder lets out."""
    return clean_line(value)


def words_option(name: str, *, required: bool = False) -> Callable[[Command], Command]:
    """A text beside a change, which may come by standard input."""
    return click.option(
        name, required=required, metavar="TEXT", help="`-` reads it from standard input."
    )


number_argument = click.argument("number", callback=cleaned)
if_version = click.option(
    "--if-version",
    type=int,
    metavar="N",
    help="Change nothing, with exit status 4, unless the ticket is still at version N.",
)
