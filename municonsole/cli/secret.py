"""A new password: asked for twice on a terminal, or one line on standard input."""

from __future__ import annotations

import sys
from typing import Final

import click

from municonsole.domain.errors import InvalidInput

MIN_LENGTH: Final = 10


def new_password(login: str) -> str:
    """A password of at least ten characters for `login`; never taken from the command line."""
    if sys.stdin.isatty():
        password: str = click.prompt(
            f"New password for {login}", hide_input=True, confirmation_prompt=True, err=True
        )
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < MIN_LENGTH:
        raise InvalidInput(f"a password has at least {MIN_LENGTH} characters")
    if not password.isprintable():
        raise InvalidInput("a password has no control characters")
    return password
