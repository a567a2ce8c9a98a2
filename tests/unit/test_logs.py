"""Log lines: which fields, into which file, by how many consoles at once."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from municonsole import logs
from municonsole.config import LogTable
from municonsole.domain.text import clean, clean_line

LOG = logging.getLogger("municonsole.tickets")
NUMBER = "TKT-20260921-0A1B2C"


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    """No test writes into the file of another."""
    yield
    logs.start(LogTable(level="OFF"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "log" / "mine.log"


def lines(file: Path) -> list[dict[str, object]]:
    """What a machine that collects the file reads."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def escalate(**more: object) -> None:
    """The line of an escalation, with whatever a caller attaches."""
    LOG.warning("escalation", extra={"number": NUMBER, **more})


def test_a_line_is_an_object_with_time_level_event_and_transition(file: Path):
    """What a machine needs, in UTC; what is not set is left out."""
    logs.start(LogTable(str(file)))
    LOG.info(
        "status",
        extra={"number": NUMBER, "from_status": "open", "to_status": "on_hold", "team": None},
    )
    [line] = lines(file)

    assert list(line) == ["at", "level", "event", "number", "from_status", "to_status"]
    assert str(line["at"]).endswith("+00:00")
    assert list(line.values())[1:] == ["INFO", "status", NUMBER, "open", "on_hold"]


def test_nothing_but_the_named_fields_is_written(file: Path):
    """A description that somebody attaches by mistake stays out; so do arguments and exceptions."""
    logs.start(LogTable(str(file)))
    try:
        int("SECRET")
    except ValueError:
        LOG.exception("fault", extra={"description": "SECRET", "phone": "SECRET"})
    escalate(note="SECRET", reporter_name="SECRET")

    assert "SECRET" not in file.read_text()
    assert len(lines(file)) == 2


@given(st.text(), st.text())
def test_no_text_breaks_a_line_or_drives_a_terminal(number: str, event: str):
    """One record is one line, whatever is in it."""
    record = logging.LogRecord("x", logging.INFO, "", 0, event, (), None)
    record.number = number
    text = logs.JsonLines().format(record)

    assert text.splitlines() == [text]
    assert clean(text) == text
    assert json.loads(text)["number"] == clean_line(number)


def test_the_level_decides(file: Path):
    """WARNING leaves escalations, OFF nothing, and an empty name no file."""
    for table in (LogTable(str(file), "OFF"), LogTable("")):
        logs.start(table)
        escalate()

        assert not file.parent.exists()
        assert not LOG.isEnabledFor(logging.CRITICAL)
    logs.start(LogTable(str(file), "WARNING"))
    LOG.info("status", extra={"number": NUMBER})
    escalate()

    assert [line["event"] for line in lines(file)] == ["escalation"]


def test_a_name_lies_in_the_log_folder_and_a_path_where_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """By default beside the file of faults; `~` is the user's folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    found = [logs.log_file(LogTable(name)) for name in ("", "a.log", "/x/a.log", "~/a.log")]

    folder = logs.log_file(LogTable())
    assert folder is not None
    assert folder.name == "municonsole.log"
    assert found == [None, folder.parent / "a.log", Path("/x/a.log"), tmp_path / "a.log"]


def test_only_its_owner_reads_it(file: Path):
    """Whatever the umask; so with those that are set aside."""
    before = os.umask(0)
    try:
        logs.start(LogTable(str(file)))
        escalate()
    finally:
        os.umask(before)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("kind", ["folder", "pipe", "below a file", "nobody's home"])
def test_where_it_cannot_be_written_there_are_none_and_work_goes_on(
    tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]
):
    """A console without a log still takes calls, and nothing is written over its screen."""
    file = tmp_path / "mine.log"
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind == "below a file":
        file.touch()
        file /= "mine.log"
    name = "~nobody_by_this_name/mine.log" if kind == "nobody's home" else str(file)
    logs.start(LogTable(name))
    escalate()

    assert capfd.readouterr() == ("", "")
    assert not LOG.isEnabledFor(logging.CRITICAL)


FULL = """
import logging, resource, sys
from municonsole import logs
from municonsole.config import LogTable
resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
logs.start(LogTable(sys.argv[1]))
for count in range(20):
    logging.getLogger("municonsole.tickets").warning("escalation", extra={"team": count})
"""


def test_a_full_disk_stops_nobody(file: Path):
    """Lines that cannot be written are lost, and nothing is said on the screen."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FULL, str(file)], capture_output=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert file.stat().st_size == 500


def test_a_full_file_is_set_aside(file: Path, monkeypatch: pytest.MonkeyPatch):
    """Five are kept beside it, the oldest go; each is its owner's alone."""
    monkeypatch.setattr(logs, "BYTES", 1_000)
    logs.start(LogTable(str(file)))
    for count in range(200):
        escalate(team=count)
    kept = sorted(file.parent.iterdir())
    teams = [line["team"] for name in reversed(kept[1:]) for line in lines(name)]
    teams += [line["team"] for line in lines(file)]

    assert [name.name for name in kept] == ["mine.log", *(f"mine.log.{n}" for n in range(1, 6))]
    assert all(name.stat().st_size < 1_200 for name in kept)
    assert {stat.S_IMODE(name.stat().st_mode) for name in kept} == {0o600}
    assert teams == list(range(200 - len(teams), 200))


def test_a_file_that_somebody_moved_away_is_made_anew(file: Path):
    """logrotate, or a person, may take it."""
    logs.start(LogTable(str(file)))
    escalate(team=1)
    file.rename(file.with_suffix(".old"))
    escalate(team=2)
    file.unlink()
    escalate(team=3)

    assert [line["team"] for line in lines(file)] == [3]
    assert [line["team"] for line in lines(file.with_suffix(".old"))] == [1]


WRITER = """
import logging, sys
from municonsole import logs
from municonsole.config import LogTable
logs.BYTES = 40_000
logs.start(LogTable(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for count in range(400):
    logging.getLogger("municonsole.tickets").warning(
        "escalation", extra={"number": sys.argv[2], "team": count}
    )
"""


def test_consoles_that_write_the_same_file_lose_and_tear_no_line(file: Path):
    """Each line is whole and there once, also where several set the file aside at one moment."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", WRITER, str(file), f"console {n}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(4)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.communicate("go\n")

    assert [writer.returncode for writer in writers] == [0, 0, 0, 0]
    written = [line for name in file.parent.iterdir() for line in lines(name)]
    assert len(list(file.parent.iterdir())) > 2
    assert sorted((str(line["number"]), int(str(line["team"]))) for line in written) == [
        (f"console {n}", count) for n in range(4) for count in range(400)
    ]
