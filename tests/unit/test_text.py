"""Cleaning at the border: no character that drives a terminal, no cell that runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from municonsole.domain.text import REPLACEMENT, clean, clean_line, spreadsheet_cell

# Beside what hypothesis finds by itself: what terminals obey, and what changes the order of letters.
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.characters(max_codepoint=0xA0),
        st.sampled_from("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2069"),
        st.sampled_from("=+-@\t\r\n'"),
        st.characters(categories=["Cs"]),
    )
)
_ORDER = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_MARKS = {"\u061c", "\u200e", "\u200f"}


def unsafe(character: str) -> bool:
    """C0 (but tab and newline), DEL, C1; what changes the direction of writing; separators; surrogates.

    By Unicode's own classes, not by the list that the code has.
    """
    return (
        (unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} and character not in "\t\n")
        or unicodedata.bidirectional(character) in _ORDER
        or character in _MARKS
    )


@given(HOSTILE)
@example("\x1b]52;c;cm0gLXJm\x07")
@example("\r\n\r\n\r")
def test_what_is_clean_holds_no_unsafe_character_and_stays_as_it_is(text: str):
    """Cleaning twice is cleaning once, and everything harmless passes."""
    cleaned = clean(text)

    assert not [character for character in cleaned if unsafe(character)]
    assert clean(cleaned) == cleaned
    assert cleaned.encode().decode() == cleaned
    if not any(unsafe(character) for character in text):
        assert cleaned == text


@given(HOSTILE)
def test_every_character_of_unicode_that_is_unsafe_is_replaced_one_by_one(text: str):
    """A person sees that something was there, and how much; only CR LF becomes one newline."""
    assert len(clean(text)) == len(text.replace("\r\n", "\n"))


def test_all_of_unicode_is_sorted_right():
    """Each character by itself: the unsafe ones replaced, the others untouched."""
    for code in range(0x110000):
        character = chr(code)
        expected = REPLACEMENT if unsafe(character) else character

        assert clean(character) == ("\n" if character == "\r" else expected), hex(code)


@given(HOSTILE)
def test_a_line_is_one_line_without_ends(text: str):
    """Runs of white space are one blank; doing it again changes nothing."""
    line = clean_line(text)

    assert line.splitlines() in ([], [line])
    assert line == line.strip()
    assert clean_line(line) == line


@given(HOSTILE)
def test_no_cell_begins_like_a_formula(text: str):
    """Whatever a citizen or another system wrote, a spreadsheet shows it and runs nothing."""
    cell = spreadsheet_cell(text)

    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert not [p for p in re.split("[;\t\n]", cell) if p.startswith(("=", "+", "-", "@"))]
    assert not [character for character in cell if unsafe(character)]
    assert cell.replace("'", "") == clean(text).replace("'", "")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+27000000009", "'+27000000009"),
        ("-26.2", "'-26.2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\n'=1"),
        ("\n=1", "'\n'=1"),
        ("\tan indent", "'\tan indent"),
        ("a leak;=1+1", "a leak;'=1+1"),
        ("a leak\n-1+1\n\nnow", "a leak\n'-1+1\n\nnow"),
        ("between 8-9, +27 or so; then =", "between 8-9, +27 or so; then ="),
        ("\uff1dcmd", "'\uff1dcmd"),
        ("\x00=1", f"{REPLACEMENT}=1"),
        ("a=1", "a=1"),
        ("12 Long Street, a leak", "12 Long Street, a leak"),
        ("", ""),
    ],
)
def test_what_begins_like_a_formula_is_marked_as_text(text: str, cell: str):
    """An apostrophe in front; anything else stays as it is."""
    assert spreadsheet_cell(text) == cell


@given(st.lists(HOSTILE, min_size=1))
def test_cells_come_back_from_a_file_as_they_went_in(texts: list[str]):
    """Neutralising and the quoting of CSV don't get into each other's way."""
    cells = [spreadsheet_cell(text) for text in texts]
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerow(cells)
    file.seek(0)

    assert list(csv.reader(file)) == [cells]
