"""Mapping files: those that are shipped, those a person writes, and what is said about wrong ones."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from municonsole.domain.errors import InvalidInput
from municonsole.domain.values import Category, Status
from municonsole.services.importing import mapping

GOOD = """
source = "works"
format = "csv"
description = "{What}: {More}"
[columns]
source_id = "No"
created_at = "Logged"
[category]
column = "What"
[category.values]
"Leak" = "water"
[status]
column = "State"
[status.values]
"Done" = "closed"
"""


@pytest.fixture
def write(tmp_path: Path):
    """Write a mapping file and give its path."""

    def write(text: str | bytes) -> str:
        file = tmp_path / "mapping.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(file)

    return write


def changed(old: str, new: str) -> str:
    """The good mapping with one thing changed."""
    assert old in GOOD
    return GOOD.replace(old, new)


def test_a_mapping_is_read(write):
    """A person's own mapping file says what is what."""
    rules = mapping.load(write(GOOD))

    assert rules.source == "works"
    assert rules.category.values == {"Leak": Category.WATER}
    assert rules.category.default is Category.OTHER
    assert rules.status.values == {"Done": Status.CLOSED}
    assert {column for column, _ in rules.columns_used()} == {
        "No",
        "Logged",
        "What",
        "More",
        "State",
    }


@pytest.mark.parametrize("name", ["nyc_311.toml", "open311.toml"])
def test_what_is_shipped_is_valid_and_found_by_its_bare_name(
    name: str, tmp_path: Path, monkeypatch
):
    """The two mappings that come with the program work from any folder."""
    monkeypatch.chdir(tmp_path)

    assert mapping.load(name).format in name.replace("nyc_311", "csv")
    assert name in mapping.shipped()


def test_a_file_in_the_folder_goes_before_a_shipped_one_of_its_name(tmp_path: Path, monkeypatch):
    """Whoever copies a shipped mapping and changes it gets the changed one."""
    monkeypatch.chdir(tmp_path)
    Path("nyc_311.toml").write_text(GOOD)

    assert mapping.load("nyc_311.toml").source == "works"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            GOOD.replace('"water"', '"gbv"'),
            "[category.values] 'Leak': GBV reports are never imported",
        ),
        (
            changed('column = "What"', 'column = "What"\ndefault = "gbv"'),
            "[category] default: GBV reports are never imported",
        ),
        (
            changed('"water"', '"wather"'),
            (
                "[category.values] 'Leak': expected one of water, roads, electricity, waste, sanitation, "
                "other, got 'wather'"
            ),
        ),
        (
            changed('"closed"', '"shut"'),
            "[status.values] 'Done': expected one of open, in_progress",
        ),
        (changed("source_id", "sourceid"), "[columns] sourceid: unknown key"),
        (changed('source_id = "No"', ""), "[columns] source_id: this key is missing"),
        (changed('"No"', "5"), "[columns] source_id: expected text in quotes, got a whole number"),
        (changed('"Logged"', "5"), "[columns] created_at: expected the name of a column or a list"),
        (changed('"works"', '""'), "source: expected text in quotes of length >= 1"),
        (changed('"works"', '"a\\u001b[2Jb"'), "source: expected one line of plain text"),
        (changed('"csv"', '"xml"'), "format: expected one of csv, open311, got 'xml'"),
        (changed("{More}", "{More"), "description: a column stands between { and }"),
        (GOOD + '[time]\nzone = "Mars/Base"', "[time] zone: expected a time zone such as"),
        (GOOD + '[time]\nzone = "../../etc/passwd"', "[time] zone: expected a time zone such as"),
        (GOOD + '[time]\nformat = "%Q"', "[time] format: expected iso or a pattern with day"),
        (GOOD + '[time]\nformat = "%H:%M"', "[time] format: expected iso or a pattern with day"),
        (GOOD + '[csv]\ndelimiter = "x"', "[csv] delimiter: expected one of comma, semicolon"),
        (GOOD + '[[notes]]\ncolum = "x"', "[notes] colum: unknown key"),
        (GOOD + "[time", "not valid TOML"),
        (b"source = '\xff'", "the mapping file is not UTF-8 text"),
    ],
)
def test_a_wrong_mapping_is_refused_with_file_and_key(write, text: str | bytes, sentence: str):
    """Whoever wrote the mapping is told in one line where it is wrong."""
    file = write(text)
    with pytest.raises(InvalidInput) as refused:
        mapping.load(file)

    assert str(refused.value).startswith(f"{file}: {sentence}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["nowhere.toml", "/nowhere/nyc_311.toml"])
def test_a_mapping_that_is_not_there_is_said_with_those_that_are(name: str):
    """A typing error in the name shows the names there are."""
    with pytest.raises(
        InvalidInput, match=r"there is no such mapping file.*nyc_311\.toml, open311"
    ):
        mapping.load(name)


def test_a_folder_is_no_mapping(tmp_path: Path):
    """What cannot be read is said in a sentence."""
    with pytest.raises(InvalidInput, match="cannot read the mapping file: " + os.strerror(21)):
        mapping.load(str(tmp_path))


def test_the_mapping_in_the_manual_is_valid(write):
    """Whoever copies the example from docs/how-to/import.md has one that works."""
    manual = Path(__file__).parents[2] / "docs" / "how-to" / "import.md"
    [example] = re.findall(r"```toml\n(.*?)```", manual.read_text("utf-8"), re.DOTALL)

    assert mapping.load(write(example)).columns.status_at == ("Closed", "Changed")
