"""Rows become requests: categories, words, places, texts and notes, and why some do not."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from municonsole.domain.values import Category, Severity, Status
from municonsole.services.importing.build import NEVER, Builder
from municonsole.services.importing.mapping import (
    CategoryRules,
    ColumnRules,
    Mapping,
    NoteRules,
    SeverityRules,
    StatusRules,
)
from municonsole.services.importing.records import Rejection, Request, SourceNote, SourceRow

RULES = Mapping(
    source="works",
    format="csv",
    description="{What}: {More}",
    columns=ColumnRules(
        source_id="No",
        created_at="Logged",
        status_at=("Closed", "Updated"),
        address=("Street", "Town"),
        latitude="Lat",
        longitude="Lon",
        reporter_name="Who",
        reporter_phone="Phone",
    ),
    category=CategoryRules(
        column="What", values={"Burst  Pipe": Category.WATER}, refuse=("Family Matter",)
    ),
    severity=SeverityRules(column="Urgency", values={"1": Severity.CRITICAL}),
    status=StatusRules(column="State", values={"Done": Status.CLOSED}),
    notes=(NoteRules(column="Outcome", time="Closed"),),
)
ROW = {"No": "1", "Logged": "2020-01-01T08:00:00+02:00", "What": "Burst pipe", "State": "Open"}


def built(*notes: SourceNote, rules: Mapping = RULES, **values: str) -> Request | Rejection:
    """What becomes of the row with these values."""
    return Builder(rules).request(SourceRow(5, ROW | values, notes))


def ticket(*notes: SourceNote, rules: Mapping = RULES, **values: str) -> dict[str, Any]:
    """The request as the database reads it."""
    request = built(*notes, rules=rules, **values)

    assert isinstance(request, Request)
    return json.loads(request.ticket)


def reason(*notes: SourceNote, rules: Mapping = RULES, **values: str) -> str:
    """Why there is none."""
    rejection = built(*notes, rules=rules, **values)

    assert isinstance(rejection, Rejection)
    assert rejection.number == 5
    return rejection.reason


def test_a_row_becomes_a_request_in_our_words():
    """Every field of the row is found under its own name, times in UTC."""
    request = ticket(
        More="in the road",
        Urgency="1",
        State="DONE",
        Closed="2020-01-02T00:00:00Z",
        Street="1 Main Rd",
        Town="Testville",
        Lat="-26.1",
        Lon="28",
        Who="C. Caller",
        Phone="000",
        Outcome="Mended",
    )

    assert request == {
        "source_id": "1",
        "category": "water",
        "severity": "critical",
        "status": "closed",
        "status_at": "2020-01-02T00:00:00Z",
        "description": "Burst pipe: in the road",
        "address": "1 Main Rd, Testville",
        "latitude": -26.1,
        "longitude": 28.0,
        "language": "en",
        "reporter_name": "C. Caller",
        "reporter_phone": "000",
        "created_at": "2020-01-01T06:00:00Z",
        "notes": [{"note": "Mended", "at": "2020-01-02T00:00:00Z"}],
    }


def test_what_a_row_does_not_say_is_left_open():
    """An almost empty row is a request of medium severity with no place and nobody's name."""
    request = ticket()

    assert (request["severity"], request["status"], request["status_at"]) == (
        "medium",
        "open",
        None,
    )
    assert (request["address"], request["latitude"], request["reporter_name"]) == (None, None, None)
    assert request["description"] == "Burst pipe"
    assert request["notes"] == []


@pytest.mark.parametrize(
    ("value", "category"),
    [("burst PIPE", "water"), (" Burst\tpipe ", "water"), ("Roads", "roads"), ("Cake", "other")],
)
def test_values_are_found_whatever_their_case_and_white_space(value: str, category: str):
    """A category is known by the mapping, else by our own word for it, else it is other."""
    assert ticket(What=value)["category"] == category


@pytest.mark.parametrize(
    "value",
    [
        *("gbv", "GBV", " Gbv ", "family matter", "Domestic Violence", "Gender-Based Violence"),
        *("Police: sexual assault", "GBVF report"),
    ],
)
def test_what_is_gbv_is_rejected_whatever_it_is_called(value: str):
    """Such a report never lands among ordinary tickets, where every colleague would read it."""
    assert reason(What=value, More="somebody's words") == NEVER


def test_a_description_repeats_nothing_and_ends_in_nothing():
    """A column that says the same again, or nothing, leaves no trace."""
    assert ticket(More="Burst pipe")["description"] == "Burst pipe"
    assert ticket(More="  ")["description"] == "Burst pipe"
    rules = msgspec.structs.replace(RULES, description="{{{What}}} {More}")
    assert ticket(rules=rules, More="x")["description"] == "{Burst pipe} x"


def test_of_several_times_the_first_that_is_there_counts():
    """A request without a closing time takes that of its last change."""
    assert ticket(Updated="2020-03-01T00:00:00Z")["status_at"] == "2020-03-01T00:00:00Z"


def test_text_that_could_drive_a_terminal_is_made_harmless():
    """Control characters and turned-around text are replaced before anything is stored."""
    request = ticket(
        More="\x1b]0;owned\x07 [/x] \x9b31m \u202eevil\r\nsecond line 🚰",
        Street="1\x1b[2J Main\nRd",
        Outcome="a\x1b[2Jb",
        No="\x1b1",
    )

    assert (
        request["description"]
        == "Burst pipe: \ufffd]0;owned\ufffd [/x] \ufffd31m \ufffdevil\nsecond line 🚰"
    )
    assert request["address"] == "1\ufffd[2J Main Rd"
    assert request["notes"][0]["note"] == "a\ufffd[2Jb"
    assert request["source_id"] == "\ufffd1"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"No": " "}, "No: there is no id, without which a request is not known again"),
        ({"No": "x" * 201}, "No: 201 characters; a request's id has 200 at most"),
        ({"Logged": ""}, "Logged: there is no time"),
        ({"Logged": "soon"}, "Logged: not a time of the form ISO 8601"),
        ({"Closed": "soon"}, "Closed: not a time of the form ISO 8601"),
        ({"State": "Parked"}, "State: the mapping does not know this status"),
        ({"State": ""}, "State: the mapping does not know this status"),
        ({"Lat": "1"}, "Lat and Lon: one without the other"),
        ({"Lat": "91", "Lon": "1"}, "Lat: not a number from -90 to 90"),
        ({"Lat": "nan", "Lon": "1"}, "Lat: not a number from -90 to 90"),
        ({"Lat": "1", "Lon": "inf"}, "Lon: not a number from -180 to 180"),
        ({"Lat": "1", "Lon": "1_0"}, "Lon: not a number from -180 to 180"),
        ({"Lat": "40,7", "Lon": "1"}, "Lat: not a number from -90 to 90"),
        ({"What": "", "More": " "}, "description: none of its columns has a text"),
        (
            {"More": "x" * 10_000},
            "description: 10,012 characters; a description has 10,000 at most",
        ),
        ({"Street": "x" * 501}, "Street and Town: 501 characters; a place has 500 at most"),
        ({"Who": "x" * 201}, "Who: 201 characters; a name has 200 at most"),
        ({"Phone": "0" * 33}, "Phone: 33 characters; a phone number has 32 at most"),
        ({"Outcome": "x" * 10_001}, "Outcome: 10,001 characters; a note has 10,000 at most"),
    ],
)
def test_a_row_that_cannot_be_a_ticket_is_rejected_with_its_column(
    values: dict[str, str], expected: str
):
    """Whoever mends the data reads which column is wrong and how; nothing is cut in silence."""
    assert reason(**values) == expected


def note(at: str, *texts: str) -> SourceNote:
    """A note that came with the row."""
    return SourceNote("note 1", at, texts)


def test_notes_keep_their_own_times_and_nothing_is_said_twice():
    """What the other system wrote down, when it did; the outcome only if no note says it already."""
    request = ticket(
        note("2020-01-01T10:00:00+02:00", "Opened", "Opened"),
        note("2020-01-01T11:00:00+02:00", "Result", "Mended"),
        Closed="2020-01-02T00:00:00Z",
        Outcome="Mended",
    )

    assert request["notes"] == [
        {"note": "Opened", "at": "2020-01-01T08:00:00Z"},
        {"note": "Result\nMended", "at": "2020-01-01T09:00:00Z"},
    ]


def test_a_note_without_a_time_of_its_own_rejects_or_takes_the_status_time():
    """A note that came as one must say when; a column's note is as old as the status, or the report."""
    assert reason(note("", "Opened")) == "note 1: a note without a time"
    assert reason(note("soon", "Opened")) == "note 1: not a time of the form ISO 8601"
    assert ticket(Outcome="x", Updated="2020-02-01T00:00:00Z")["notes"][0]["at"] == (
        "2020-02-01T00:00:00Z"
    )
    assert ticket(Outcome="x")["notes"][0]["at"] == "2020-01-01T06:00:00Z"


def test_a_request_with_endless_notes_is_rejected():
    """One request cannot keep the database busy for minutes."""
    notes = [note("2020-01-01T10:00:00Z", str(number)) for number in range(1001)]

    assert reason(*notes) == "it has 1,001 notes; 1,000 at most"
