from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from support.hostile import HOSTILE as IN_A_DATABASE
from wcwidth import wcswidth

from municonsole.ui import cells

HOSTILE = {**IN_A_DATABASE, "surrogate": "\ud800\udfff"}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_has_one_width_in_every_terminal(text: str) -> None:
    """Whatever a citizen writes takes the same number of cells here and in the terminal."""
    shown = cells.line(text)

    assert cell_len(shown) == wcswidth(shown) == sum(map(cell_len, shown))


@given(st.text())
def test_any_text_has_one_width_in_every_terminal(text: str) -> None:
    """No text at all shifts a column."""
    shown = cells.line(text)

    assert cell_len(shown) == wcswidth(shown) == sum(map(cell_len, shown))


@given(st.text(max_size=60), st.integers(min_value=0, max_value=40))
def test_fitting_fills_a_column_exactly(text: str, width: int) -> None:
    """A cell is as wide as its column, whatever is in it."""
    assert cell_len(cells.fit(cells.line(text), width)) == width


@given(st.text(max_size=400), st.integers(min_value=2, max_value=30))
def test_wrapping_keeps_within_the_width_and_loses_no_word(text: str, width: int) -> None:
    """Text of any length is shown whole, in lines that fit."""
    told = cells.paragraph(text)
    lines = cells.wrap(told, width)

    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(told.split())


def test_a_cut_text_says_that_it_is_cut() -> None:
    """A reader sees where something is missing."""
    assert cells.cut("Burst pipe in the road", 12) == "Burst pipe…"


def test_a_wide_character_is_never_halved() -> None:
    """Half of a wide character is a blank."""
    assert cells.fit("\u6c34\u9053", 3) == "\u6c34…"
    assert cells.fit("a\u6c34\u9053\u7ba1", 5) == "a\u6c34… "


def test_a_flag_becomes_its_letters() -> None:
    """A flag is two cells in one terminal and four in another; letters are two everywhere."""
    assert cells.line("\U0001f1ff\U0001f1e6") == "ZA"


def test_lines_of_a_paragraph_stay_lines() -> None:
    """What a citizen wrote on two lines is read on two lines."""
    assert cells.wrap(cells.paragraph("one\r\n\r\ntwo"), 20) == ["one", "", "two"]
