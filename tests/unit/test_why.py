"""Why a report was routed as it was, in words."""

from __future__ import annotations

import pytest

from municonsole.domain.supervising import RouteRule, Why

SAID = {
    "in area North; 12 open, least of 3": Why(RouteRule.AREA, open=12, of=3, load=20),
    "in area North; 0 open": Why(RouteRule.AREA, open=0, of=1, load=0),
    "nearest of 2, 4.3 km away; 5 open": Why(RouteRule.NEAR, open=5, of=2, metres=4320, load=9),
    "nearest, 999 m away; 5 open": Why(RouteRule.NEAR, open=5, of=1, metres=999, load=9),
    "nearest of 2": Why(RouteRule.NEAR, of=2),
    "by category; 1 open, least of 2": Why(RouteRule.CATEGORY, open=1, of=2, load=1),
    "by category": Why(RouteRule.CATEGORY, of=2),
    "no team of the category; 3 open": Why(RouteRule.OTHER, open=3, of=1, load=6),
    "no active team takes it": Why(RouteRule.NONE),
}


@pytest.mark.parametrize("said", SAID)
def test_the_reason_is_said_in_a_few_words(said: str) -> None:
    """The rule first, then what decided among equals; of a station what it has is not said."""
    assert SAID[said].said("North") == said
