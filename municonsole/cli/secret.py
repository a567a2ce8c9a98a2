"""A new password: asked for twice on a terminal, or one line on standard input."""

from __future__ import annotations

import sys
from typing import Final

import click

from municonsole.domain.errors import InvalidInput
from municonsole.domain.text import clean_line

MIN_LENGTH: Final = 10
MAX_LENGTH: Final = 200
"""Characters; what is longer is a file that was sent here by mistake."""


def new_password(login: str) -> str:
    """A password of at least ten characters for `login`; never taken from the command line."""
    if sys.stdin.isatty():
        password: str = click.prompt(
            f"New password for {clean_line(login)}",
            hide_input=True,
            confirmation_prompt="Once more, to be sure",
            err=True,
        )
    else:
        password = _line()
    if len(password) < MIN_LENGTH:
        raise InvalidInput(f"a password has at least {MIN_LENGTH} characters")
    if len(password) > MAX_LENGTH:
        raise InvalidInput(f"a password has at most {MAX_LENGTH} characters")
    if not password.isprintable():
        raise InvalidInput("a password has no control characters")
    if password.casefold() == login.casefold():
        raise InvalidInput("a password is not the login itself")
    return password


def _line() -> str:
    given = sys.stdin.buffer.readline(4 * MAX_LENGTH + 3)  # in UTF-8, and the end of the line
    try:
        return given.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise InvalidInput("the password on standard input is not UTF-8 text") from None
