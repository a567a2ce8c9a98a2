"""`municonsole import` as an administrator gives it: real files, a real database, a real terminal."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from support.database import Database
from support.program import Open, Run

MAPPING = """
source = "works"
format = "csv"
description = "{What}"
[columns]
source_id = "No"
created_at = "Logged"
[time]
zone = "Africa/Johannesburg"
[category]
column = "Kind"
[category.values]
"Leak" = "water"
"""
ROWS = """\
No,Logged,Kind,What
1,2020-01-01T08:00,Leak,Water runs down the street
2,soon,Leak,A tap drips
3,2020-01-03T08:00,Domestic Violence,Words for nobody
4,2020-01-04T08:00,Tree,A tree fell over
"""
REQUEST = {
    "service_request_id": "14-1",
    "status": "open",
    "service_name": "Pothole in Street",
    "requested_datetime": "2014-05-09T19:02:21-05:00",
    "updated_datetime": "2014-05-09T19:02:21-05:00",
    "address": "1 Made-up Street",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file, its mapping, one in the wrong encoding, and Open311 requests."""
    (tmp_path / "works.toml").write_text(MAPPING)
    (tmp_path / "works.csv").write_text(ROWS)
    (tmp_path / "windows.csv").write_bytes(ROWS.encode() + b"5,,,caf\xe9\n")
    (tmp_path / "requests.json").write_text(json.dumps([REQUEST]))
    return tmp_path


def works(folder: Path, *options: str, name: str = "works.csv") -> list[str]:
    """The command that imports works.csv."""
    return [
        *("import", str(folder / name), "--mapping", str(folder / "works.toml")),
        *("--rejects", str(folder / "rejects.csv"), *options),
    ]


def descriptions(as_: Run) -> list[str]:
    """What the tickets in the list say, newest first."""
    listed = as_("tvd_admin", "tickets", "list", "--json").json["tickets"]
    return [ticket["description"] for ticket in listed]


def test_a_file_is_imported_and_its_rejects_are_named(as_: Run, folder: Path) -> None:
    """The good rows are tickets, the bad ones are in a file with their reasons, and one line says so."""
    done = as_("tvd_admin", *works(folder))
    rejects = list(csv.reader(io.StringIO((folder / "rejects.csv").read_text())))

    assert (done.status, done.complaint) == (0, "")
    assert done.output == (
        f"4 rows read: 2 imported, 0 in already, 2 rejected; why is in {folder}/rejects.csv.\n"
    )
    assert descriptions(as_) == ["A tree fell over", "Water runs down the street"]
    assert rejects == [
        ["row", "source_id", "reason"],
        ["3", "2", "Logged: not a time of the form ISO 8601"],
        ["4", "3", "GBV reports are never imported"],
    ]


def test_a_script_reads_the_counts_as_json(as_: Run, folder: Path) -> None:
    """Standard output has the four numbers alone; where the reasons are stands beside it."""
    first = as_("tvd_admin", *works(folder, "--json"))
    second = as_("tvd_admin", *works(folder, "--json"))

    assert first.json == {"read": 4, "imported": 2, "skipped": 0, "rejected": 2}
    assert second.json == {"read": 4, "imported": 0, "skipped": 2, "rejected": 2}
    assert second.complaint == f"2 of 4 rows were rejected; why is in {folder}/rejects.csv\n"


def test_a_dry_run_imports_nothing_and_says_what_it_would(as_: Run, folder: Path) -> None:
    """The reasons are there to be mended before anything is imported."""
    done = as_("tvd_admin", *works(folder, "--dry-run"))

    assert done.status == 0
    assert done.output == (
        "4 rows read: 2 would be imported, 0 are in already, 2 would be rejected; why is in "
        f"{folder}/rejects.csv. Nothing was imported.\n"
    )
    assert descriptions(as_) == []
    assert (folder / "rejects.csv").exists()


def test_open311_needs_no_more_than_the_file(as_: Run, folder: Path) -> None:
    """The ending says what the file is, and the shipped mapping is taken."""
    done = as_(
        "tvd_admin",
        *("import", str(folder / "requests.json"), "--rejects", str(folder / "rejects.csv")),
    )

    assert (done.status, done.complaint) == (0, "")
    assert done.output == "1 row read: 1 imported, 0 in already, 0 rejected.\n"
    assert descriptions(as_) == ["Pothole in Street"]
    assert not (folder / "rejects.csv").exists()


def test_a_csv_file_that_a_shipped_mapping_fits_needs_none(as_: Run, folder: Path) -> None:
    """New York's columns are recognised by themselves."""
    columns = {
        "Unique Key": "1",
        "Created Date": "06/26/2018 10:58:54 AM",
        "Closed Date": "",
        "Resolution Action Updated Date": "",
        "Resolution Description": "",
        "Complaint Type": "Sewer",
        "Descriptor": "Sewer Backup",
        "Incident Address": "",
        "Intersection Street 1": "",
        "Intersection Street 2": "",
        "City": "",
        "Latitude": "",
        "Longitude": "",
        "Status": "Open",
    }
    file = folder / "new_york.csv"
    file.write_text(",".join(columns) + "\n" + ",".join(columns.values()) + "\n")
    done = as_("tvd_admin", "import", str(file), "--json", "--rejects", str(folder / "r.csv"))

    assert done.json == {"read": 1, "imported": 1, "skipped": 0, "rejected": 0}
    assert descriptions(as_) == ["Sewer: Sewer Backup"]


def test_clocks_run_only_when_asked_for(as_: Run, folder: Path) -> None:
    """--sla is what starts them."""
    as_("tvd_admin", *works(folder, "--sla"))
    listed = as_("tvd_admin", "tickets", "list", "--json").json["tickets"]

    assert {ticket["sla_status"] for ticket in listed} == {"breached_resolution"}


@pytest.mark.parametrize("username", ["tvd_operator", "tvd_manager", "tvd_saps"])
def test_anybody_but_an_administrator_is_told_so(as_: Run, folder: Path, username: str) -> None:
    """Exit status 3 and one sentence; no rejects file is left behind."""
    done = as_(username, *works(folder))

    assert done.status == 3
    assert done.complaint == "municonsole: importing is for administrators\n"
    assert not (folder / "rejects.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.csv"], "nowhere.csv: there is no such file"),
        (["{folder}"], "{folder}: there is no such file"),
        (["{folder}/works.csv"], "--mapping FILE is needed: it says which column is what"),
        (["{folder}/windows.csv"], "windows.csv: not UTF-8 text; save it as UTF-8, or name its"),
        (
            ["{folder}/works.csv", "--mapping", "nyc_311.toml"],
            "works.csv: there is no column 'Unique Key', which the mapping uses for [columns]",
        ),
        (
            ["{folder}/works.csv", "--mapping", "open311.toml"],
            "open311.toml is a mapping for --format open311, and the file is csv; name",
        ),
        (["{folder}/works.csv", "--mapping", "x.toml"], "x.toml: there is no such mapping file"),
        (["{folder}/works.csv", "--format", "open311"], "works.csv: not JSON in UTF-8"),
        (
            ["{folder}/requests.json", "--rejects", "{folder}/works.csv"],
            "{folder}/works.csv: this file is no list of rejects and is not overwritten",
        ),
        (["{folder}/requests.json", "--format", "xml"], "Invalid value for '--format'"),
    ],
)
def test_wrong_input_is_one_sentence_and_status_2(
    as_: Run, folder: Path, arguments: list[str], sentence: str
) -> None:
    """Whoever mistypes reads what is wrong, before anybody logs in."""
    done = as_(
        "tvd_admin",
        *("import", *(argument.format(folder=folder) for argument in arguments)),
        MUNICONSOLE_DSN="host=127.0.0.1 port=1",
    )

    assert done.status == 2
    assert done.complaint.startswith(f"municonsole: {sentence.format(folder=folder)}")
    assert done.complaint.count("\n") == 1


def test_names_of_files_and_columns_drive_no_terminal(as_: Run, folder: Path) -> None:
    """Not even the name of a file that somebody sent is trusted."""
    file = folder / "a\x1b[2J.csv"
    file.write_text("No\x1b[2J,Kind\n")
    done = as_("tvd_admin", *works(folder, name=file.name))

    assert done.status == 2
    assert "\x1b" not in done.complaint


def test_an_unreachable_database_is_status_5(as_: Run, folder: Path) -> None:
    """The import can be given again later."""
    done = as_("tvd_admin", *works(folder), MUNICONSOLE_DSN="host=127.0.0.1 port=1")

    assert done.status == 5
    assert done.complaint.count("\n") == 1


def test_a_person_sees_progress(database: Database, terminal: Open, folder: Path) -> None:
    """At a terminal a bar fills while the file is read."""
    screen = terminal("tvd_admin", *works(folder), PGPASSWORD=database.password("tvd_admin"))

    assert screen.wait() == 0
    assert "Importing" in screen.shown()
    assert "100%" in screen.shown()
