"""Small counts of GBV reports: what is told, and that nobody can work out what is not."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from municonsole.domain.reports import SMALLEST, told, told_alone


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((), ()),
        ((5,), (5,)),
        ((4,), (None,)),
        ((5, 12, 7), (5, 12, 7)),
        # The least of the others goes with the small one, and whatever equals it.
        ((4, 12, 7), (None, 12, None)),
        ((7, 4, 12, 7), (None, None, 12, None)),
        ((0, 100), (None, None)),
        # All are small: all are held back, and their sum need not be.
        ((4, 4, 4), (None, None, None)),
    ],
)
def test_with_a_small_count_the_least_of_the_others_is_held_back(
    counts: tuple[int, ...], shown: tuple[int | None, ...]
) -> None:
    """What is left does not give the small one away."""
    assert told(counts) == shown


def test_one_count_alone_is_told_from_five_on() -> None:
    """Four reports are fewer than five, and so are none."""
    assert [told_alone(count) for count in (0, 1, 4, 5, 6)] == [None, None, None, 5, 6]


@settings(deadline=None)  # the machine may have other things to do
@given(st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_no_count_that_is_held_back_can_be_worked_out(counts: list[int]) -> None:
    """Whoever knows the sum, all that is shown and this very rule has two answers at least for each group.

    Every way in which so many reports could be spread is tried.
    """
    shown, total = told(counts), sum(counts)
    possible = [
        other
        for other in itertools.product(range(total + 1), repeat=len(counts))
        if sum(other) == total and told(other) == shown
    ]

    assert tuple(counts) in possible
    if total >= SMALLEST:
        for group, count in enumerate(shown):
            values = {other[group] for other in possible}
            assert (len(values) == 1) == (count is not None)


@given(st.lists(st.integers(0, 1000)))
def test_what_is_told_is_true(counts: list[int]) -> None:
    """A number that is shown is the number, and never a small one."""
    for count, shown in zip(counts, told(counts), strict=True):
        assert shown in {count, None}
        assert shown is None or shown >= SMALLEST
