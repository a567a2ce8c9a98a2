from __future__ import annotations

import pytest

from municonsole.domain.tracking import as_number


@pytest.mark.parametrize(
    ("typed", "piece"),
    [
        ("TKT-20260918-AB12EF", "TKT-20260918-AB12EF"),
        (" tkt 20260918 ab12ef ", "TKT-20260918-AB12EF"),
        ("tkt-2026", "TKT-2026"),
        ("tkt", "TKT"),
        ("TKT-20260918-", "TKT-20260918-"),
        ("20260918 ab1", "20260918-AB1"),
        ("260918-ab12ef", "260918-AB12EF"),
        ("ab12ef", "AB12EF"),
        ("facade", "FACADE"),
        ("123456", "123456"),
    ],
)
def test_a_number_is_known_however_it_is_typed(typed: str, piece: str) -> None:
    """Whole, in part, read out with blanks, in small letters."""
    assert as_number(typed) == piece


@pytest.mark.parametrize(
    "typed",
    [
        *("", "burst pipe", "ab12e", "ab12efa", "TKT-20260918-XYZ", "tktx", "2026-09-18"),
        *("082 123 4567", "082123 4567", "+27821234567", "20260918", "TKT-20260918-AB12EF0"),
    ],
)
def test_other_text_is_no_number(typed: str) -> None:
    """Words, days and telephone numbers are looked for as they are."""
    assert as_number(typed) is None
