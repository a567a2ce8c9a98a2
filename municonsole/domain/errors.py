"""Everything that can go wrong, each with the one sentence a person is shown and an exit status.

The message of an error is safe to print: no SQL, no personal data, no traceback.
"""

from __future__ import annotations

from typing import ClassVar

REFUSAL = "not authorized to access sensitive reports, or no such ticket"
"""The one sentence for hidden and for missing: nobody learns which of the two it was."""


class MuniconsoleError(Exception):
    """Something failed."""

    exit_status: ClassVar[int] = 1


class InvalidInput(MuniconsoleError):
    """What was typed, or a file that was read, cannot be used: says what, where and what to do."""

    exit_status = 2


class ConfigError(InvalidInput):
    """The configuration file has an unknown key, a wrong type or cannot be read: names file and key."""


class Refused(MuniconsoleError):
    """Not permitted, or not there: the same words for both."""

    exit_status = 3

    def __init__(self, message: str = REFUSAL) -> None:
        super().__init__(message)


class NotAnOperator(MuniconsoleError):
    """The login works but belongs to nobody who may use the console, or is disabled."""

    exit_status = 3


class Stale(MuniconsoleError):
    """Someone else changed the ticket first."""

    exit_status = 4


class Unreachable(MuniconsoleError):
    """The database cannot be reached, or the connection was lost."""

    exit_status = 5


class Unanswered(Unreachable):
    """The connection was lost while something was saved: nobody knows whether it was."""


class Full(Unreachable):
    """The server answered, and has no connection left."""


class LoginFailed(Unreachable):
    """The server answered and did not accept user or password."""


class PasswordNeeded(LoginFailed):
    """The server wants a password and none was given."""


class LoginClosed(LoginFailed):
    """The login is there, and was switched off: disabling an operator does that."""


class SchemaMismatch(MuniconsoleError):
    """The database's schema is older or newer than this program."""
