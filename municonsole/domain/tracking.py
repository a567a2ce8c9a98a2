"""Tracking numbers as people type them: whole, without `TKT`, in part, with blanks for hyphens."""

from __future__ import annotations

import re
from collections.abc import Sequence

from municonsole.domain.records import TicketRow

WHOLE = re.compile(r"TKT-\d{8}-[0-9A-F]{6}")
_BEGUN = re.compile(r"TKT(-\d{0,8}|-\d{8}-[0-9A-F]{0,6})?")
# Without the letters a short date needs its hyphen: 082123 4567 is a telephone number.
_DATED = re.compile(r"(\d{6}|20\d{6})-[0-9A-F]{1,6}")
_DIGITS = re.compile(r"[0-9A-F]{6}")


def as_number(text: str) -> str | None:
    """The piece of a tracking number that `text` is, as it is written there; None for other text.

    `tkt 20260918 ab12` is `TKT-20260918-AB12`, `260918-ab12ef` is `260918-AB12EF`, and six
    hexadecimal digits are the end of a number, even where they are a word as well.
    """
    typed = text.strip().upper()
    if typed.startswith("TKT") or re.match(r"20\d{6}\b", typed):
        typed = re.sub(r"[\s-]+", "-", typed)
    fits = _BEGUN.fullmatch(typed) or _DATED.fullmatch(typed) or _DIGITS.fullmatch(typed)
    return typed if fits else None


def meant(text: str, found: Sequence[TicketRow]) -> TicketRow | None:
    """The ticket whose number `text` is, out of what a search for it found; None where it may be another.

    With all six digits of its end the number decides; with fewer it has to be all that was found.
    """
    piece = as_number(text)
    if piece is None:
        return None
    rows = [row for row in found if piece in row.tracking_number]
    ended = _DIGITS.fullmatch(piece.rpartition("-")[2]) is not None
    return rows[0] if len(rows) == 1 and (ended or len(found) == 1) else None
