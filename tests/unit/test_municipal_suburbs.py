"""The suburbs of a municipality's file: read, and every fault said with its key."""

from __future__ import annotations

import tomllib

import pytest

from municonsole.domain import municipal
from municonsole.domain.desk import Suburb
from municonsole.domain.errors import InvalidInput

PLACE = """
[municipality]
code = "tvd"
name = "Testville District"
time_zone = "Africa/Johannesburg"

[[suburb]]
name = "Hilltop"
"""


def test_suburbs_are_read_with_their_middles() -> None:
    """Whole degrees are degrees too."""
    plan = municipal.read(tomllib.loads(f"{PLACE}latitude = -26\nlongitude = 28.05"), "a.toml")

    assert plan.suburbs == (Suburb("Hilltop", -26.0, 28.05),)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("latitude = -26", '[[suburb]] "Hilltop" longitude: this key is missing'),
        (
            'latitude = "south"\nlongitude = 1',
            "latitude: expected degrees such as -28.02, got text",
        ),
        ("latitude = 91\nlongitude = 1", "latitude: expected -90 to 90 degrees, got 91"),
        ("latitude = nan\nlongitude = 1", "latitude: expected -90 to 90 degrees, got nan"),
        ("latitude = true\nlongitude = 1", "latitude: expected degrees"),
        ("latitude = 1\nlongitude = 1\nmiddle = 1", "middle: unknown key"),
        (
            'latitude = 1\nlongitude = 1\n[[suburb]]\nname = "hilltop"\nlatitude = 1\nlongitude = 1',
            "[[suburb]] name: 'hilltop' is there twice",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_key(keys: str, sentence: str) -> None:
    """File, table, key and reason."""
    with pytest.raises(InvalidInput, match=r"^a\.toml: ") as caught:
        municipal.read(tomllib.loads(PLACE + keys), "a.toml")

    assert sentence in str(caught.value)
