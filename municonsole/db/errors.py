"""What an SQLSTATE means to a person: PostgreSQL's errors as the domain's, nothing of the row in the words."""

from __future__ import annotations

from typing import Final

import psycopg

from municonsole.domain.errors import (
    REFUSAL,
    InvalidInput,
    MuniconsoleError,
    Refused,
    Stale,
    Unreachable,
)

LOST = "the connection to the database was lost"


# Raised by the law itself, in words for people.
_OUR_WORDS: Final = {"22023", "55000"}

_LOST: Final = {"53300", "57P01", "57P02", "57P03"}

_MEANINGS: Final[tuple[tuple[str, type[MuniconsoleError], str], ...]] = (
    (
        "57014",
        MuniconsoleError,
        "the database took too long and was stopped; narrow it down or try again",
    ),
    ("55P03", Stale, "someone else is changing it at this moment; try again"),
    ("40", Stale, "someone else is changing it at this moment; try again"),
    ("23", InvalidInput, "a value is missing, too long or not one of those allowed"),
    ("22", InvalidInput, "a value cannot be stored: too large, or not text the database accepts"),
)


def translate(error: psycopg.Error) -> MuniconsoleError:
    """The domain's error for one of psycopg's.

    Messages that the law itself raised are sentences for people and pass; those of PostgreSQL may
    quote a row and are replaced.
    """
    state = error.sqlstate
    said = error.diag.message_primary
    if state == "42501":
        return Refused(REFUSAL if said is None or said.startswith("permission denied") else said)
    if state == "MU001":
        return Stale(said or "someone else changed it first")
    if state in _OUR_WORDS and said is not None:
        return InvalidInput(said)
    if state is None or state in _LOST or state.startswith("08"):
        return Unreachable(LOST)
    for prefix, kind, sentence in _MEANINGS:
        if state.startswith(prefix):
            return kind(sentence)
    return MuniconsoleError(
        f"the database refused the request (SQLSTATE {state}); municonsole doctor may tell why"
    )
