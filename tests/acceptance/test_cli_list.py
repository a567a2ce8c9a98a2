"""`municonsole tickets list`: filters, orders, pages, and columns for people."""

from __future__ import annotations

import pytest
from support.database import Database
from support.program import Open, Run
from support.tickets import log, numbers


def test_a_municipality_without_tickets_has_an_empty_page(as_: Run):
    """A new municipality's list is empty, not broken."""
    done = as_("tvd_operator", "tickets", "list", "--json")

    assert (done.status, done.json) == (0, {"tickets": [], "next": None})


@pytest.fixture
def five(as_: Run, database: Database) -> dict[str, str]:
    """Five tickets of different kinds, logged on five days of September 2026."""
    made = {
        "leak": log(as_, "--severity", "critical"),
        "pothole": log(as_, "--description", "A pothole at the school", category="roads"),
        "dark": log(as_, "--severity", "low", category="electricity"),
        "late": log(as_),
        "done": log(as_, category="waste"),
    }
    as_("tvd_operator", "tickets", "status", made["done"], "resolved")
    as_("tvd_operator", "tickets", "status", made["dark"], "on_hold")
    as_("tvd_manager", "tickets", "assign", made["leak"], "--to", "tvd_operator")
    with database.connect_owner() as owner:
        for day, number in enumerate(made.values(), start=21):
            owner.execute(
                """
                update muni.tickets
                set
                    created_at = make_timestamptz(2026, 9, %s, 0, 30, 0, 'Africa/Johannesburg'),
                    sla_response_deadline = now() + make_interval(days => %s),
                    sla_resolution_deadline = now() + make_interval(days => 100 + %s),
                    sla_response_warning_at = now() + make_interval(days => %s),
                    sla_resolution_warning_at = now() + make_interval(days => 99)
                where tracking_number = %s
                """,
                (day, day, day, day, number),
            )
        owner.execute(
            """
            update muni.tickets set sla_response_deadline = now() - interval '1 h'
            where tracking_number = %s
            """,
            (made["late"],),
        )
    return made


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), {"leak", "pothole", "dark", "late", "done"}),
        (("--status", "open"), {"leak", "pothole", "late"}),
        (("--status", "on_hold,resolved"), {"dark", "done"}),
        (("--category", "water"), {"leak", "late"}),
        (("--category", "roads,waste", "--status", "open"), {"pothole"}),
        (("--severity", "critical,low"), {"leak", "dark"}),
        (("--sla", "breached_response"), {"late"}),
        (("--sla", "paused,breached_response"), {"dark", "late"}),
        (("--assigned-to", "tvd_operator"), {"leak"}),
        (("--mine",), {"leak"}),
        (("--mine", "--category", "roads"), set()),
        (("--team", "roads 1"), None),
        (("--search", "at the school"), {"pothole"}),
        (("--search", "POTHOLE", "--category", "water"), set()),
        (("--since", "2026-09-23"), {"dark", "late", "done"}),
        (("--until", "2026-09-23"), {"leak", "pothole", "dark"}),
        (("--until", "2026-09-23T00:00"), {"leak", "pothole"}),
        (("--since", "2026-09-22T00:30", "--until", "2026-09-22T00:30:01"), {"pothole"}),
        (("--since", "2026-09-21T22:30Z", "--until", "2026-09-22T22:30Z"), {"pothole"}),
        (("--unassigned", "--category", "water"), None),
    ],
)
def test_filters_narrow_the_list_together(
    as_: Run, five: dict[str, str], options: tuple[str, ...], expected: set[str] | None
):
    """Every filter of the list works, alone and with others; a time without offset is local."""
    found = as_("tvd_operator", "tickets", "list", "--json", *options).json["tickets"]
    names = {number: name for name, number in five.items()}
    if "--team" in options:
        assert {ticket["assigned_team"] for ticket in found} <= {"Roads 1"}
        expected = {"pothole"} if found else set()
    if "--unassigned" in options:
        assert {ticket["assigned_to"] for ticket in found} == {None}
        expected = {"late"}

    assert {names[ticket["tracking_number"]] for ticket in found} == expected


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("newest", ["done", "late", "dark", "pothole", "leak"]),
        ("severity", ["leak", "late", "pothole", "done", "dark"]),
    ],
)
def test_pages_follow_each_other_without_gap_or_repetition(
    as_: Run, five: dict[str, str], sort: str, expected: list[str]
):
    """A script walks through everything by `next`."""
    names = {number: name for name, number in five.items()}
    seen: list[str] = []
    after: tuple[str, ...] = ()
    while True:
        page = as_(
            "tvd_operator", "tickets", "list", "--json", "--sort", sort, "--limit", "2", *after
        )
        seen += [names[ticket["tracking_number"]] for ticket in page.json["tickets"]]
        if page.json["next"] is None:
            break
        after = ("--after", page.json["next"])

    if sort == "severity":
        assert seen[0] == "leak"
        assert seen[-1] == "dark"
        assert sorted(seen) == sorted(expected)
    else:
        assert seen == expected


@pytest.mark.parametrize("sort", ["deadline", "changed"])
def test_every_order_lists_everything(as_: Run, five: dict[str, str], sort: str):
    """No order loses a ticket."""
    assert set(numbers(as_, "--sort", sort)) == set(five.values())


def test_people_get_columns_that_line_up(as_: Run, five: dict[str, str]):
    """Without --json the list is plain text: headers, columns, no colours, no frames."""
    done = as_("tvd_operator", "tickets", "list", "--sort", "newest")
    header, *lines = done.output.splitlines()

    assert header.split() == [
        *("NUMBER", "CREATED", "SLA", "DUE", "SEVERITY", "CATEGORY", "STATUS", "TEAM"),
        *("ASSIGNEE", "DESCRIPTION"),
    ]
    assert len(lines) == 5
    column = header.index("DESCRIPTION")
    assert {line[column - 2 : column] for line in lines} == {"  "}
    assert all(line[column] != " " for line in lines)
    assert lines[0].startswith(five["done"])
    assert "2026-09-25 00:30" in lines[0]
    assert done.output.isascii()


def test_a_page_that_is_not_the_last_says_how_to_go_on(as_: Run, five: dict[str, str]):
    """The cursor is said beside the list, not in it."""
    done = as_("tvd_operator", "tickets", "list", "--limit", "2")

    assert len(done.output.splitlines()) == 3
    assert done.complaint.startswith("There are more: --after ")


def test_on_a_narrow_terminal_every_ticket_has_one_line(
    as_: Run, terminal: Open, five: dict[str, str], database: Database
):
    """On 80 columns the less important columns give way, and nothing wraps."""
    screen = terminal(
        "tvd_operator", "tickets", "list", PGPASSWORD=database.password("tvd_operator")
    )
    status = screen.wait()
    header, *lines = screen.shown().splitlines()

    assert status == 0
    assert header.split() == ["NUMBER", "SLA", "CATEGORY", "STATUS", "DESCRIPTION"]
    assert [line.split()[0] for line in lines] == list(reversed(five.values()))
    assert b"\x1b" not in screen.said
