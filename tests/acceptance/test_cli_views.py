"""`tickets views` and `tickets list --view`: the console's lists, without the console."""

from __future__ import annotations

import json

from support.database import Database
from support.program import Run
from support.tickets import log, numbers


def keep(database: Database, place: int, name: str, **stored: object) -> None:
    """A view as the console keeps it."""
    database.connect("tvd_operator").execute(
        "select muni.save_view(%s, %s, %s, 'severity')",
        (place, name, json.dumps({"version": 1, **stored})),
    )


def test_the_views_of_the_console_are_listed_with_their_keys_and_counts(
    as_: Run, database: Database
):
    """An own one in the place it was saved under, a delivered one behind."""
    log(as_)
    keep(database, 2, "Leaks", categories=["water"], team=99)
    done = as_("tvd_operator", "tickets", "views", "--json")

    assert (done.status, done.complaint) == (0, "")
    assert [(view["key"], view["name"], view["own"]) for view in done.json] == [
        (1, "My tickets", False),
        (2, "Leaks", True),
        (3, "Due soon", False),
        (4, "Breached", False),
        (5, "All open", False),
        (6, "Resolved today", False),
        (7, "Unassigned", False),
    ]
    assert done.json[1] == {
        "key": 2,
        "name": "Leaks",
        "own": True,
        "tickets": 1,
        "left_out": ["its team is gone"],
    }
    people = as_("tvd_operator", "tickets", "views").output.splitlines()
    assert people[0].split() == ["KEY", "VIEW", "TICKETS", "OWN", "LEFT", "OUT"]
    assert people[2].split() == ["2", "Leaks", "1", "own", "its", "team", "is", "gone"]


def test_a_list_begins_with_a_view_and_is_narrowed_further(as_: Run, database: Database):
    """In the view's order, unless another is asked for; what is asked for takes the view's place."""
    mild = log(as_, "--severity", "low")
    worst = log(as_, "--severity", "critical")
    newest = log(as_, "--severity", "medium")
    roads = log(as_, category="roads")
    keep(database, 7, "Leaks", categories=["water"], severities=["low", "medium", "critical"])

    assert numbers(as_, "--view", "leaks") == [worst, newest, mild]
    assert numbers(as_, "--view", "leaks", "--sort", "newest") == [newest, worst, mild]
    assert numbers(as_, "--view", "Leaks", "--severity", "low") == [mild]
    assert numbers(as_, "--view", "Leaks", "--category", "roads", "--unassigned") == [roads]
    assert numbers(as_, "--view", "my tickets") == []


def test_a_view_that_lost_something_says_so_beside_the_list(as_: Run, database: Database):
    """On standard error, so that a script reads the list all the same."""
    log(as_)
    keep(database, 1, "Old", colour="red")
    done = as_("tvd_operator", "tickets", "list", "--json", "--view", "Old")

    assert done.status == 0
    assert done.complaint.rstrip() == "The view shows more than it did: 'colour' is not known here"
    assert len(done.json["tickets"]) == 1


def test_a_view_that_there_is_not_is_named_with_those_there_are(as_: Run):
    """A mistake is told so that the next try works."""
    done = as_("tvd_operator", "tickets", "list", "--view", "leaks\x1b[31m")

    assert done.status == 2
    assert "there is no view 'leaks\\ufffd[31m'" in done.complaint.encode("unicode_escape").decode()
    assert "My tickets, Unassigned, Due soon" in done.complaint


def test_a_list_of_one_suburb(as_: Run, database: Database):
    """As the municipality writes it, whatever the capitals."""
    with database.connect_owner() as owner:
        owner.execute("insert into suburbs select id, 'Kestrel Point', -30, 30 from municipalities")
    operator = database.connect("tvd_operator")
    for suburb in ("Kestrel Point", "Elsewhere"):
        operator.execute("select muni.log_ticket('water', 'low', 'leak', suburb => %s)", (suburb,))
    listed = as_("tvd_operator", "tickets", "list", "--json", "--suburb", " kestrel  POINT ")

    assert len(listed.json["tickets"]) == 1
    assert len(numbers(as_, "--suburb", "Elsewhere")) == 1
    assert numbers(as_, "--suburb", "elsewhere") == []
