"""A report comes in: what is taken, what is refused, where it goes, and the number it gets."""

from __future__ import annotations

import datetime as dt
import json
import re
from zoneinfo import ZoneInfo

import psycopg
import pytest
from support import world
from support.database import Database

from law import desk

pytestmark = pytest.mark.law

LOG = "select muni.log_ticket('water', 'low', 'words')"


@pytest.mark.parametrize("login", ["tvd_operator", "tvd_manager", "tvd_admin"])
def test_a_report_is_stored_as_told(database: Database, login: str) -> None:
    """A new ticket is open, has its clocks and first event, and belongs to its author's municipality."""
    person = database.connect(login)
    number = desk.log(
        person,
        "water",
        "a burst pipe",
        "high",
        address="  12 Long Street ",
        latitude=-26.1,
        longitude=28.1,
        reporter_name="Resident 1",
        reporter_phone="+27 11 000 0000",
        language="zu",
    )
    row = person.execute(
        "select t.category, t.severity, t.description, t.address, t.latitude, t.longitude, t.language,"
        " t.reporter_name, t.reporter_phone, t.status, t.is_sensitive, m.code, t.sla_response_deadline"
        " - t.created_at, t.sla_resolution_deadline - t.created_at from muni.tickets as t"
        " join muni.municipalities as m on m.id = t.municipality_id where tracking_number = %s",
        (number,),
    )
    events = person.execute(
        "select seq, kind, actor, via, to_status from muni.ticket_events order by seq"
    )

    assert row.fetchone() == (
        *("water", "high", "a burst pipe", "12 Long Street", -26.1, 28.1, "zu"),
        *("Resident 1", "+27 11 000 0000", "open", False, "tvd"),
        *(dt.timedelta(hours=2), dt.timedelta(days=1)),
    )
    assert events.fetchall() == [
        (1, "created", login, "console", "open"),
        (2, "assigned", login, "console", None),
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"category": "crime"}, "category"),
        ({"category": None}, "a value"),
        ({"category": "GBV"}, "category"),
        ({"severity": "urgent"}, "severity"),
        ({"language": "fr"}, "language"),
        ({"description": None}, "needs a description"),
        ({"description": " \n\t "}, "needs a description"),
        ({"description": "x" * 10_001}, "description"),
        ({"address": "x" * 501}, "address"),
        ({"reporter_name": "x" * 201}, "reporter name"),
        ({"reporter_phone": "1" * 33}, "reporter phone"),
        ({"latitude": -26.1}, "go together"),
        ({"longitude": 28.1}, "go together"),
        ({"latitude": 90.1, "longitude": 0}, "latitude"),
        ({"latitude": 0, "longitude": -180.1}, "longitude"),
        ({"latitude": "NaN", "longitude": 0}, "latitude"),
        ({"latitude": 0, "longitude": "Infinity"}, "longitude"),
        ({"municipality": "ksb"}, "one's own municipality"),
        ({"municipality": "nowhere"}, "one's own municipality"),
    ],
    ids=str,
)
@pytest.mark.parametrize("category", ["water", "gbv"])
def test_what_cannot_be_stored_is_refused_in_words(
    database: Database, category: str, given: dict[str, object], words: str
) -> None:
    """Each wrong value is named; the caller's words and phone number are in no error, and nothing is kept."""
    whole = {
        "category": category,
        "severity": "low",
        "description": "a secret story",
        "reporter_phone": "0110000000",
        **given,
    }
    named = ", ".join(f"{name} => %({name})s" for name in whole)
    error = desk.refusal(
        database.connect("tvd_operator"), f"select muni.log_ticket({named})", whole
    )
    with database.connect_owner() as owner:
        kept = desk.value(owner, "select count(*) from tracking_numbers")

    assert (error.sqlstate, kept) == ("22023", 0)
    assert words in str(error.diag.message_primary)
    assert "secret" not in f"{error} {error.diag.message_detail} {error.diag.context}"
    assert "0110000000" not in f"{error} {error.diag.message_detail} {error.diag.context}"


def test_an_empty_choice_is_the_ordinary_one(database: Database) -> None:
    """Without a severity or language a report is of medium severity, in English."""
    operator = database.connect("tvd_operator")
    operator.execute(
        "select muni.log_ticket('water', null, 'words', '', null, null, ' ', '', null, null)"
    )
    row = operator.execute(
        "select severity, language, address, reporter_name, reporter_phone from muni.tickets"
    )

    assert row.fetchone() == ("medium", "en", None, None, None)


def test_saps_logs_gbv_only(database: Database) -> None:
    """A police liaison logs GBV reports and nothing else."""
    saps = database.connect("tvd_saps")
    number = desk.log(saps, "gbv")
    error = desk.refusal(saps, LOG)

    assert desk.ticket(database, number)["is_sensitive"]
    assert error.sqlstate == "42501"


@pytest.mark.parametrize("login", ["tvd_operator", "tvd_manager", "tvd_admin", "test_intake"])
def test_a_gbv_report_is_unseen_by_its_author(database: Database, login: str) -> None:
    """Who logs a GBV report gets its number and never sees it again; its words are behind the wall."""
    given = {"municipality": "tvd"} if login == world.INTAKE else {}
    author = database.connect(login)
    number = desk.log(
        author,
        "gbv",
        "a secret story",
        address="a secret street",
        reporter_name="a secret caller",
        safe_to_contact=True,
        contact_instructions="after six",
        **given,
    )
    row = desk.ticket(database, number)
    with database.connect_owner() as owner:
        kept = owner.execute(
            "select description, address, reporter_name, safe_to_contact, contact_instructions"
            " from confidential_reports where ticket_id = %s",
            (row["id"],),
        ).fetchone()

    assert kept == ("a secret story", "a secret street", "a secret caller", True, "after six")
    assert (row["description"], row["sla_response_deadline"], row["category"]) == (
        None,
        None,
        "gbv",
    )
    if login != world.INTAKE:
        assert desk.value(author, "select count(*) from muni.tickets") == 0
        assert author.execute("select * from muni.search_tickets(%s)", (number,)).fetchall() == []
        desk.assert_refused(author, desk.NOTE, (row["id"], "words"))


# ------------------------------------------------------------------------------------- intake


def test_another_system_logs_for_a_municipality(database: Database) -> None:
    """A chat bot logs a report for the municipality it names; the timeline says where it came from."""
    intake = database.connect(world.INTAKE)
    number = desk.log(intake, municipality="ksb")
    events = database.connect("ksb_operator").execute(
        "select e.kind, e.actor, e.via from muni.ticket_events as e join muni.tickets as t"
        " on t.id = e.ticket_id where t.tracking_number = %s order by e.seq",
        (number,),
    )

    assert events.fetchall() == [
        ("created", world.INTAKE, "intake"),
        ("assigned", world.INTAKE, "intake"),
    ]


@pytest.mark.parametrize("code", [None, "", "nowhere", "KSB", "ksb' or true"])
def test_another_system_must_name_the_municipality(database: Database, code: str | None) -> None:
    """Without a municipality that exists, nothing is logged."""
    intake = database.connect(world.INTAKE)

    desk.assert_invalid(
        intake,
        "select muni.log_ticket('water', 'low', 'words', municipality => %s)",
        (code,),
        "unknown municipality",
    )


def test_another_system_does_nothing_else(database: Database) -> None:
    """The intake login reads no ticket and no person, and calls no other function."""
    intake = database.connect(world.INTAKE)
    given = {**desk.NOBODY, "id": desk.new_ticket(database, "operator")}
    for name, call in desk.CALLS.items():
        if name != "log_ticket":
            assert desk.refusal(intake, call, given).sqlstate == "42501"
    assert desk.refusal(intake, "select muni.whoami()").sqlstate == "42501"
    assert desk.refusal(intake, "select muni.municipality_as('admin')").sqlstate == "42501"


def test_the_worker_does_the_jobs_of_the_house_and_nothing_else(database: Database) -> None:
    """The worker's login sweeps and keeps up; it has no desk, and no other function to call."""
    worker = database.connect(world.WORKER)
    for name, call in (*desk.CALLS.items(), ("whoami", "select muni.whoami()")):
        if "worker" in desk.GRANTED[name]:
            worker.execute(call)
        else:
            assert desk.refusal(worker, call, desk.NOBODY).sqlstate == "42501"


# ------------------------------------------------------------------------------------- numbers


def test_numbers_are_unique_over_both_sides(database: Database) -> None:
    """A number belongs to one ticket, GBV or not, and is of the form everybody knows."""
    operator = database.connect("tvd_operator")
    numbers = [desk.log(operator, ("water", "gbv")[i % 2]) for i in range(40)]
    with database.connect_owner() as owner:
        known = owner.execute("select tracking_number from tracking_numbers").fetchall()

    assert len(set(numbers)) == 40
    assert {number for (number,) in known} == set(numbers)
    assert all(re.fullmatch(r"TKT-\d{8}-[0-9A-F]{6}", number) for number in numbers)


def test_the_owner_cannot_give_a_number_twice(database: Database) -> None:
    """The number of a GBV report is no municipal ticket's, even by the owner's hand."""
    desk.log(database.connect("tvd_operator"), "gbv")

    with pytest.raises(psycopg.errors.UniqueViolation), database.connect_owner() as owner:
        owner.execute("insert into tracking_numbers select tracking_number from tickets")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Africa/Johannesburg"])
def test_the_date_in_a_number_is_the_municipalitys(database: Database, zone: str) -> None:
    """Half past midnight belongs to the day that has begun there, whatever the day is elsewhere."""
    database.connect_owner().execute("update municipalities set time_zone = %s", (zone,))
    operator = database.connect("tvd_operator")
    operator.execute("set time zone 'America/New_York'")
    number = desk.log(operator)
    created = desk.value(operator, "select created_at from muni.tickets")

    assert number[4:12] == created.astimezone(ZoneInfo(zone)).strftime("%Y%m%d")


def test_a_report_of_half_past_midnight_is_of_the_new_day(database: Database) -> None:
    """00:30 on 1 March in South Africa is 22:30 on 28 February in Greenwich; the number says 1 March."""
    row = database.connect("tvd_admin").execute(
        "select detail from muni.import_tickets('old', %s)",
        (
            json.dumps(
                [
                    {
                        "source_id": "1",
                        "category": "water",
                        "description": "a leak",
                        "created_at": "2026-03-01T00:30:00+02:00",
                    }
                ]
            ),
        ),
    )

    assert str((row.fetchone() or ("",))[0]).startswith("TKT-20260301-")


def test_a_number_says_nothing_about_how_many_there_are(database: Database) -> None:
    """Numbers are drawn, not counted: one GBV report between two tickets leaves no gap."""
    operator = database.connect("tvd_operator")
    ids = []
    for category in ("water", "gbv", "gbv", "water"):
        number = desk.log(operator, category)
        if category == "water":
            ids.append(
                desk.value(
                    operator,
                    "select max(e.id) from muni.ticket_events as e join muni.tickets as t"
                    " on t.id = e.ticket_id where t.tracking_number = %s",
                    number,
                )
            )

    assert ids[1] - ids[0] == 2
