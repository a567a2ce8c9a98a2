from __future__ import annotations

import itertools

import pytest
from rich.cells import cell_len
from rows import AT, NOW, gbv_row, row
from test_cells import HOSTILE

from municonsole.domain.values import Severity, Status
from municonsole.ui.columns import layout


@pytest.mark.parametrize("saps", [False, True])
@pytest.mark.parametrize("width", [60, 72, 80, 99, 100, 116, 120, 140, 200, 300])
def test_a_row_fills_the_width_exactly(width: int, *, saps: bool) -> None:
    """Whatever the terminal's width, no row is too long and none ends early."""
    columns = layout(width, saps=saps)
    ticket = gbv_row() if saps else row()
    drawn = "".join(text for text, _ in columns.spans(ticket, AT))

    assert cell_len(drawn) == width
    assert cell_len(columns.headings()) == width


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_columns_stay_aligned_whatever_people_write(text: str, width: int) -> None:
    """Hostile text in one cell leaves every other cell where it belongs."""
    columns = layout(width, saps=False)
    hostile = row(
        description=text,
        assigned_team=text,
        assigned_to="op1",
        assigned_to_name=text,
        status=Status.IN_PROGRESS,
    )
    drawn = columns.spans(hostile, AT)

    assert [cell_len(part) for part, _ in drawn] == [
        cell_len(part) for part, _ in columns.spans(row(), AT)
    ]
    assert all(part.isprintable() for part, _ in drawn)


def test_wider_terminals_show_more() -> None:
    """Each step in width brings columns, none takes one away."""
    shown = [
        {column.id for column in layout(width, saps=False).columns} for width in (60, 80, 100, 120)
    ]

    assert all(less < more for less, more in itertools.pairwise(shown))
    assert shown[-1] == {
        "number",
        "due",
        "severity",
        "category",
        "status",
        "age",
        "team",
        "assignee",
        "description",
    }


def test_a_saps_list_has_no_column_about_a_person() -> None:
    """A GBV report's row shows when and with whom it is, nothing else."""
    for width in (60, 80, 120, 200):
        shown = {column.id for column in layout(width, saps=True).columns}

        assert shown.isdisjoint({"description", "category", "due"})


def test_first_words_are_read_from_a_row() -> None:
    """The operator sees at a glance what it is about."""
    told = layout(120, saps=False)
    drawn = "".join(
        text
        for text, _ in told.spans(
            row(severity=Severity.CRITICAL, created_at=NOW, description="Two\nlines"), AT
        )
    )

    assert "TKT-20260921-000001" in drawn
    assert "· due 1 h" in drawn
    assert "crit water" in drawn
    assert "now" in drawn
    assert "Two lines" in drawn
