"""A fault of the program: what is kept about it, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from municonsole import faults


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return faults.log_file()


def fault() -> Exception:
    """An error with personal data in its text, its arguments and the variables around it."""
    caller = "Thandi of 12 Kerkstraat"
    try:
        try:
            raise KeyError(caller)  # noqa: TRY301  the error itself is what is tested
        except KeyError as error:
            raise ValueError(f"unknown caller {caller}") from error
    except ValueError as error:
        return error


def test_a_fault_leaves_its_kind_and_place_and_no_words(log: Path):
    """A maintainer sees where it broke; nobody sees whose ticket it was."""
    sentence = faults.record(fault())
    written = log.read_text()

    assert sentence == (
        f"municonsole has a fault (ValueError); where it happened, without any data, is in {log}"
    )
    assert "builtins.KeyError" in written
    assert "builtins.ValueError" in written
    assert "test_faults.py" in written
    assert "Thandi" not in written + sentence


def test_faults_are_added_until_the_file_is_long(log: Path, monkeypatch: pytest.MonkeyPatch):
    """The log of a console that breaks every day does not fill the disk."""
    for _ in range(2):
        faults.record(fault())
    before = log.read_text().count("builtins.ValueError")
    monkeypatch.setattr(faults, "LIMIT", 10)
    faults.record(fault())

    assert before == 2
    assert log.read_text().count("builtins.ValueError") == 1


def test_a_log_that_cannot_be_written_is_said(log: Path):
    """On a full or read-only disk there is still one sentence."""
    log.parent.parent.parent.joinpath("municonsole").write_text("in the way")

    assert faults.record(fault()) == (
        "municonsole has a fault (ValueError) and could not write where to its log."
    )
