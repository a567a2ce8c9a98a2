"""Fitting text into terminal cells: what is measured here is what every terminal draws.

Citizen text comes in through `line` and `paragraph` only. They clean it (domain/text.py) and make
it steady: characters whose width terminals disagree about are left out or replaced by ones they
agree about, so that a column never shifts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rich.cells import cached_cell_len, cell_len

from municonsole.domain.text import REPLACEMENT, clean, clean_line

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

# Left out: soft hyphen and every zero-width joiner, space or mark; variation selectors (they change
# the width of the sign before them in some terminals only); skin tones; the enclosing keycap; tags.
_LEFT_OUT = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2064\u206a-\u206f\u20e3"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001f3fb-\U0001f3ff"
    "\U0001171e\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
_FLAG_BASE = 0x1F1E6
_MARKS = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
# A third mark on one letter is not writing; it overflows the line above and below.
_PILED_MARKS = re.compile(f"({_MARKS}{{2}}){_MARKS}+")
# Not assigned, private use, surrogate, and the spacing marks of Indic scripts: each is as wide as
# the terminal's font engine makes it.
_UNSETTLED = frozenset(("Cn", "Co", "Cs", "Mc"))


@lru_cache(maxsize=4096)
def steady(text: str) -> str:
    """`text` with the same width in every terminal: the sum of its characters' widths."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text)
    text = _LEFT_OUT.sub("", text)
    text = _FLAG.sub(lambda found: chr(ord("A") + ord(found.group()) - _FLAG_BASE), text)
    text = _PILED_MARKS.sub(r"\1", text)
    return "".join(
        REPLACEMENT if unicodedata.category(character) in _UNSETTLED else character
        for character in text
    )


def forget() -> None:
    """Let go of every text that was measured or made steady: it may be about somebody."""
    steady.cache_clear()
    cached_cell_len.cache_clear()


def line(text: str | None) -> str:
    """Someone else's text as one harmless line; empty for None."""
    return steady(clean_line(text)) if text else ""


def paragraph(text: str | None) -> str:
    """Someone else's text of any number of lines, harmless, tabs as blanks; empty for None."""
    return steady(clean(text).replace("\t", "    ").strip()) if text else ""


def cut(text: str, width: int) -> str:
    """Steady `text` in at most `width` cells; what does not fit ends in an ellipsis."""
    if cell_len(text) <= width:
        return text
    if width <= 0:
        return ""
    used = 0
    for index, character in enumerate(text):
        used += cell_len(character)
        if used > width - 1:
            return text[:index].rstrip() + ELLIPSIS
    return text


def fit(text: str, width: int) -> str:
    """Steady `text` in exactly `width` cells: cut, then filled up with blanks."""
    short = cut(text, width)
    return short + " " * (width - cell_len(short))


def wrap(text: str, width: int) -> list[str]:
    """Steady `text` in lines of at most `width` cells; a word longer than that is folded."""
    width = max(width, 2)
    lines: list[str] = []
    for piece in text.split("\n"):
        current, used = "", 0
        for word in piece.split():
            size = cell_len(word)
            if current and used + 1 + size <= width:
                current, used = f"{current} {word}", used + 1 + size
                continue
            if current:
                lines.append(current)
            *folded, current = _fold(word, width) if size > width else [word]
            lines.extend(folded)
            used = cell_len(current)
        lines.append(current)
    return lines


def _fold(word: str, width: int) -> list[str]:
    """`word` in pieces of at most `width` cells; the last one is never empty."""
    pieces: list[str] = []
    start = used = 0
    for index, character in enumerate(word):
        size = cell_len(character)
        if used + size > width:
            pieces.append(word[start:index])
            start, used = index, 0
        used += size
    pieces.append(word[start:])
    return pieces
