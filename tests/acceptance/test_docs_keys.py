"""The reference of keys says what the console's registry says; MUNICONSOLE_SNAPSHOTS=write writes it anew."""

from __future__ import annotations

import os
from pathlib import Path

from support import keys_page

PAGE = Path(__file__).parents[2] / "docs/reference/keys.md"


def test_the_reference_of_keys_is_what_the_console_answers_to() -> None:
    """Whoever looks up a key reads what it does, where, and for whom."""
    expected = keys_page.write()
    if os.environ.get("MUNICONSOLE_SNAPSHOTS") == "write":
        PAGE.write_text(expected)

    assert PAGE.read_text() == expected
