"""Search finds what one may see, by any of its words, and nothing of the other side."""

from __future__ import annotations

import pytest
from support.database import Database

from law import desk

pytestmark = pytest.mark.law

SEARCH = "select muni.search_tickets(%s, %s)"


def found(database: Database, login: str, text: str | None, limit: int | None = 50) -> list[str]:
    """The numbers that a search finds, in its order."""
    connection = database.connect(login)
    ids = [row[0] for row in connection.execute(SEARCH, (text, limit)).fetchall()]
    numbers = dict(connection.execute("select id, tracking_number from muni.tickets").fetchall())
    return [numbers[ticket] for ticket in ids]


def test_every_word_of_a_ticket_finds_it(database: Database) -> None:
    """Number, description, address, caller and phone are all looked through, whatever the case."""
    number = desk.log(
        database.connect("tvd_operator"),
        "water",
        "Burst PIPE near the mill",
        address="12 Long Street",
        reporter_name="Resident Seven",
        reporter_phone="+27 (11) 555-0199",
    )
    for text in (
        *(number, number[-6:].lower(), "pipe", "PIPE near", "long street", "seven", "115550199"),
    ):
        assert found(database, "tvd_manager", text) == [number], text
    assert found(database, "tvd_manager", "nothing of it") == []


def test_a_suburb_finds_its_tickets(database: Database) -> None:
    """Also where the address does not say it."""
    number = desk.log(database.connect("tvd_operator"), suburb="Kestrel Point")

    assert found(database, "tvd_manager", "kestrel") == [number]


@pytest.mark.parametrize(
    "text",
    [
        *("082 123 4567", "0821234567", "082-123-4567", "(082) 123 4567", "+27 82 123 4567"),
        *("+27 (0)82 123 4567", "0027821234567", "27821234567", "123 4567", "4567", "45 67"),
        *("+2782 123", "082 12", " 82.123/4567 "),
    ],
)
def test_a_phone_number_is_found_in_any_spelling(database: Database, text: str) -> None:
    """However it was said then and is typed now, and by its last digits; also a further reporter's."""
    operator = database.connect("tvd_operator")
    stored, spoken, joined = (
        desk.log(operator, "water", "leak", reporter_phone=phone)
        for phone in ("+27821234567", "082 123-4567", None)
    )
    desk.log(operator, "water", "leak", reporter_phone="+27831112222")
    operator.execute(
        "select muni.add_reporter(%s, null, '+27821234567')", (desk.id_of(database, joined),)
    )

    assert found(database, "tvd_manager", text) == [joined, spoken, stored]


def test_digits_among_words_are_words(database: Database) -> None:
    """A house number with letters beside it is no telephone number, and few digits are none."""
    operator = database.connect("tvd_operator")
    desk.log(operator, "water", "leak", reporter_phone="+27112345678")
    number = desk.log(operator, "water", "leak", address="11-23 Mill Road")

    assert found(database, "tvd_operator", "11-23 mill") == [number]
    assert found(database, "tvd_operator", "0 0 8") == []


def test_wildcards_are_letters_like_others(database: Database) -> None:
    """A percent sign, an underscore or a backslash finds itself and not everything."""
    operator = database.connect("tvd_operator")
    numbers = {
        text: desk.log(operator, "water", text) for text in ("100% flooded", "a_b c", "back\\slash")
    }
    desk.log(operator, "water", "1000 flooded axb c backslash")
    for text, query in (
        ("100% flooded", "100% f"),
        ("a_b c", "a_b"),
        ("back\\slash", "k\\s"),
    ):
        assert found(database, "tvd_operator", query) == [numbers[text]]
    for query in ("%%%", "___", "\\\\\\", "%_%"):
        assert found(database, "tvd_operator", query) == []


@pytest.mark.parametrize("text", ["", "ab", "x" * 81])
def test_a_search_has_three_to_eighty_characters(database: Database, text: str) -> None:
    """Too short or too long a search is refused in words."""
    desk.assert_invalid(database.connect("tvd_operator"), SEARCH, (text, 50), "3 to 80 characters")


def test_a_search_for_nothing_finds_nothing(database: Database) -> None:
    """No text is no search."""
    desk.log(database.connect("tvd_operator"))

    assert found(database, "tvd_operator", None) == []


@pytest.mark.parametrize(("limit", "count"), [(2, 2), (0, 0), (-1, 0), (None, 5), (10_000, 5)])
def test_the_newest_come_first_and_not_too_many(
    database: Database, limit: int | None, count: int
) -> None:
    """A search gives the newest tickets, as many as asked for and never more than two hundred."""
    operator = database.connect("tvd_operator")
    numbers = [desk.log(operator, "water", f"leak {i}") for i in range(5)]

    assert found(database, "tvd_operator", "leak", limit) == numbers[::-1][:count]


def test_no_more_than_two_hundred(database: Database) -> None:
    """Whoever asks for everything gets two hundred."""
    database.connect("tvd_admin").execute(
        "select * from muni.import_tickets('old', (select jsonb_agg(jsonb_build_object('source_id', i,"
        " 'category', 'water', 'description', 'leak', 'created_at', '2026-03-01T08:00:00+02:00'))"
        " from generate_series(1, 210) as i))"
    )

    assert len(found(database, "tvd_operator", "leak", 10_000)) == 200


@pytest.mark.parametrize("login", ["tvd_operator", "tvd_manager", "tvd_admin"])
def test_no_word_finds_a_gbv_report(database: Database, login: str) -> None:
    """Neither number nor narrative, address, caller or phone of a GBV report finds anything."""
    number = desk.log(
        database.connect("tvd_operator"),
        "gbv",
        "a secret story",
        address="a secret street",
        reporter_name="a secret caller",
        reporter_phone="0115550199",
    )
    database.connect("tvd_saps").execute(desk.NOTE, (desk.id_of(database, number), "a secret note"))
    for text in (number, number[4:], "TKT-", "secret", "story", "0115550199", "gbv"):
        assert database.connect(login).execute(SEARCH, (text, 50)).fetchall() == []


def test_saps_finds_a_report_by_its_number_alone(database: Database) -> None:
    """A liaison finds GBV reports by number; words are not searched behind the wall, nor before it."""
    operator = database.connect("tvd_operator")
    number = desk.log(operator, "gbv", "a secret story")
    desk.log(operator, "water", "a secret leak")

    assert found(database, "tvd_saps", number[4:]) == [number]
    assert found(database, "tvd_saps", "TKT-") == [number]
    assert found(database, "tvd_saps", "secret") == []


def test_another_municipalitys_tickets_are_not_found(database: Database) -> None:
    """A search ends at the municipality."""
    number = desk.log(database.connect("ksb_operator"), "water", "a leak in the harbour")
    for login in ("tvd_operator", "tvd_admin", "tvd_saps"):
        for text in (number, "harbour"):
            assert database.connect(login).execute(SEARCH, (text, 50)).fetchall() == []
