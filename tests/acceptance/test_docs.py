"""What the documentation says is what the program does."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
from support.database import Database
from support.program import Run, environment, run_inside

from municonsole.cli import municonsole
from municonsole.config import Config

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def test_the_reference_names_every_command_and_option():
    """Whoever looks up a command finds it, with all its options."""
    text = (DOCS / "reference/cli.md").read_text() + (DOCS / "how-to/import.md").read_text()
    missing = {
        f"{name} {option}"
        for name, command in commands(municonsole)
        for parameter in command.params
        for option in (*parameter.opts, "")
        if (option.startswith("--") and option not in text) or name not in text
    }

    assert missing == set()


def test_the_reference_names_every_configuration_key_with_its_default():
    """Whoever looks up a key finds it and what it is without them."""
    text = (DOCS / "reference/configuration.md").read_text()
    tables = msgspec.to_builtins(Config())
    keys = {
        f"| `[{table}] {key}` | `{str(value).lower() if not isinstance(value, str) else repr(value)}` |"
        for table, values in tables.items()
        for key, value in values.items()
        if key != "keymap"
    }

    assert {key for key in keys if key.replace("'", '"') not in text} == set()
    assert "`[ui.keymap]`" in text


def test_the_commands_in_the_pages_are_commands_of_the_program():
    """Whoever copies a line from a page gets no answer that there is no such command or option."""
    known = dict(commands(municonsole))
    top = {option for parameter in municonsole.params for option in parameter.opts}
    wrong = []
    for page in (ROOT / "README.md", *DOCS.rglob("*.md")):
        for block in re.findall(r"```\w*\n(.*?)```", page.read_text(), re.DOTALL):
            for line in re.findall(r"(?m)^\s*(?:\S*/)?municonsole(?: (?!\[)|$)(.*)", block):
                words = shlex.split(line)
                name, command = max(
                    (
                        (name, known[name])
                        for name in known
                        if f" {name} " in f" {' '.join(words)} "
                    ),
                    key=lambda found: len(found[0]),
                    default=("", municonsole),
                )
                options = top | {
                    option for parameter in command.params for option in parameter.opts
                }
                used = {word for word in words if word.startswith("--")}
                if not used <= options or (not name and words and words[0] not in top):
                    wrong.append(f"{page.name}: {line}")

    assert wrong == []


def test_the_pages_that_comments_name_are_there():
    """Whoever follows a comment to a page finds the page."""
    files = [
        file
        for folder in ("municonsole", "migrations", "tests", "benchmarks")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in {".py", ".sql", ".toml", ".tcss"}
    ]
    named = {
        f"{file.relative_to(ROOT)}: {page}"
        for file in files
        for page in re.findall(r"(?<![*\w./-])\w[\w/.-]*\.md\b", file.read_text())
        if not any(
            (folder / page).exists() for folder in (ROOT, DOCS, DOCS / "how-to", DOCS / "reference")
        )
    }

    assert named == set()


def test_every_environment_variable_of_ours_is_explained():
    """Whoever meets a variable in the program or its tests finds out what it does."""
    used = {
        variable
        for folder in ("municonsole", "tests")
        for file in (ROOT / folder).rglob("*.py")
        for variable in re.findall(r"\bMUNICONSOLE_[A-Z_]+\b", file.read_text())
    }
    pages = (DOCS / "reference/configuration.md", ROOT / "CONTRIBUTING.md")
    told = {
        variable
        for page in pages
        for variable in re.findall(r"(?m)^\| `(MUNICONSOLE_\w+)`", page.read_text())
    }

    assert used == told


def test_every_page_is_found_from_the_index():
    """No page is lost."""
    linked = set(re.findall(r"\]\(([\w/.-]+)\)", (DOCS / "index.md").read_text()))
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} - {"index.md"}
    unlinked = {page for page in pages if not page.startswith("decisions/")} - linked

    assert unlinked == set()
    assert all((DOCS / link).exists() for link in linked)


def test_links_between_pages_lead_somewhere():
    """A link of the documentation leads to a page."""
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"))
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
        if not (page.parent / link).exists()
    ]

    assert broken == []


def test_the_first_two_commands_are_targets_of_make():
    """What README and CONTRIBUTING tell to make can be made."""
    told = set(
        re.findall(
            r"(?m)^make (\w+)",
            (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text(),
        )
    )
    targets = set(re.findall(r"(?m)^(\w+):", (ROOT / "Makefile").read_text()))

    assert told >= {"demo", "test", "check", "prove", "bench"}
    assert told <= targets


def test_the_people_of_the_installation_page_can_work(
    as_: Run, blank_database: Database, tmp_path: Path
):
    """Whoever follows the page on an empty database has operators who see and log tickets."""
    made = as_(blank_database.owner, "db", "upgrade", MUNICONSOLE_DSN=blank_database.owner_dsn)
    page = (DOCS / "how-to/install.md").read_text()
    [content] = re.findall(r"```toml\n(\[municipality\].*?)```", page, re.DOTALL)
    file = tmp_path / "thornveld.toml"
    file.write_text(content)

    def at(username: str, *arguments: str, stdin: str = "") -> str:
        password = blank_database.passwords.get(username, "made up by us")
        env = {"MUNICONSOLE_DSN": blank_database.dsn(username), "PGPASSWORD": password}
        done = run_inside(arguments, environment(tmp_path, **env), stdin=stdin)

        assert (done.status, done.complaint) == (0, "")
        return done.output

    try:
        at(blank_database.owner, "municipality", "apply", str(file))
        for line in re.findall(r"(?m)^municonsole (.*operators add .*)$", page):
            _, login, words = re.split(r"(?:.*user=(\w+)' )?operators add ", line)
            at(
                login or blank_database.owner,
                *("operators", "add", *shlex.split(words)),
                stdin="made up by us\n",
            )
        number = at("operator1", "tickets", "create", "--category", "water", stdin="A leak")
        shown = at("operator1", "tickets", "show", number.strip())
        report = at("operator1", "tickets", "create", "--category", "gbv", stdin="A made-up text")
        listed = at("liaison1", "tickets", "list")
    finally:
        with blank_database.connect(blank_database.owner) as owner:
            owner.execute("drop role if exists admin1, operator1, liaison1")

    assert made.status == 0
    assert "Assigned team: Water" in shown
    assert report.strip() in listed
    assert number.strip() not in listed
