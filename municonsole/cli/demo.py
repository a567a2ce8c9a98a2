"""`municonsole demo …`: a made-up municipality on a server of its own, to look at and to try."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from municonsole.cli.output import print_json, print_table, say
from municonsole.cli.root import Root
from municonsole.domain.errors import InvalidInput
from municonsole.domain.values import Role

if TYPE_CHECKING:
    from municonsole.demo.server import Demo, DemoServer

ROLES = {
    Role.OPERATOR: "logs citizens' reports and answers them",
    Role.MANAGER: "assigns, escalates, closes and watches deadlines",
    Role.ADMIN: "does all that, imports and looks after people",
    Role.SAPS_LIAISON: "alone sees reports of gender-based violence",
}


@click.group(invoke_without_command=True)
@click.option(
    "--role",
    type=click.Choice([role.value for role in ROLES]),
    help="At whose desk to sit; asked when left out.",
)
@click.pass_context
def demo(ctx: click.Context, role: str | None) -> None:
    """Open the console on a made-up municipality, on a PostgreSQL of its own.

    The server goes on running when the console is left; `demo down` stops it.
    """
    _forget_environment()
    if ctx.invoked_subcommand is None:
        _open(ctx.ensure_object(Root), role)
    elif role is not None:
        raise click.UsageError("--role stands with `demo` alone, not with a command after it", ctx)


def _open(root: Root, role: str | None) -> None:
    _require_terminal(role)
    chosen = _ask_for_role() if role is None else role
    config = root.config()
    with _server() as server:
        there = server.up()
    login = there.login(chosen)

    from municonsole import bootstrap
    from municonsole.credentials import Dsn

    bootstrap.run_console(config, Dsn(there.dsn(login.username), "the demo"), login.password)


@demo.command()
@click.option("--tickets", type=click.IntRange(0, 10_000_000), help="How many tickets; 5000.")
@click.option("--seed", type=click.IntRange(0), help="What the dice start from; 1.")
@click.option("--json", "as_json", is_flag=True, help="Print where it is and every login, as JSON.")
def up(tickets: int | None, seed: int | None, as_json: bool) -> None:
    """Start the demo's server, fill it the first time, and leave it running."""
    with _server() as server:
        there = server.up(tickets, seed)
    if as_json:
        print_json(_as_json(there))
        return
    print_table(
        ("LOGIN", "ROLE", "MUNICIPALITY", "NAME"),
        ((who.username, who.role, who.municipality, who.full_name) for who in there.logins),
    )
    say()
    say(f"Running at {there.host}:{there.port}, database {there.dbname}.")
    say("The console: municonsole demo    Passwords: municonsole demo up --json")


@demo.command()
@click.option("--wipe", is_flag=True, help="Remove the database and everything of the demo.")
def down(wipe: bool) -> None:
    """Stop the demo's server; consoles that are open lose it."""
    from municonsole.demo.server import DemoServer

    was_running = DemoServer(say=_tell).down(wipe=wipe)
    stopped = "The demo is stopped" if was_running else "The demo was not running"
    say(f"{stopped} and removed." if wipe else f"{stopped}.")


@demo.command()
@click.option(
    "--rate",
    type=click.FloatRange(0, min_open=True),
    default=30.0,
    show_default=True,
    metavar="PER_MINUTE",
    help="How much happens in a minute.",
)
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="For how long; until Ctrl-C when left out.",
)
def simulate(rate: float, seconds: float | None) -> None:
    """Let residents call and colleagues work, so that an open console has something to show."""
    from municonsole.demo import simulate as simulation

    with _server() as server:
        there = server.up()
    if seconds is None:
        _tell("Residents call and colleagues work until Ctrl-C …")
    say(simulation.run(there.logins, there.dsn, rate=rate, seconds=seconds).sentence())


def _as_json(there: Demo) -> dict[str, object]:
    """What other programs read (docs/reference/cli.md, `demo up --json`)."""
    from dataclasses import asdict

    return asdict(there)


def _tell(sentence: str) -> None:
    click.echo(sentence, err=True)


@contextmanager
def _server() -> Iterator[DemoServer]:
    """The demo's server, telling on standard error what it does; a bar only on a terminal."""
    from municonsole.demo.server import DemoServer

    if not sys.stderr.isatty():
        yield DemoServer(say=_tell)
        return
    with _bar() as progress:
        yield DemoServer(say=_tell, progress=progress)


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """A bar that appears with the first ticket and is gone at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4)
    task = None
    try:

        def show(done: int, total: int) -> None:
            nonlocal task
            if task is None:
                bar.start()
                task = bar.add_task("", total=total)
            bar.update(task, completed=done)
            if done >= total:
                bar.stop()  # what is told next begins a line of its own

        yield show
    finally:
        bar.stop()


def _require_terminal(role: str | None) -> None:
    """Say before anything is started that nobody could look at the console, or answer."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        return
    if role is None:
        raise InvalidInput(
            "nobody can be asked for a role here, since standard input is no terminal: "
            f"add --role {'|'.join(ROLES)}"
        )
    raise InvalidInput(
        "the console needs a terminal on standard input and output; "
        "municonsole demo up starts the demo's server without it"
    )


def _ask_for_role() -> str:
    """The role whose number or name is typed; Enter alone takes the first."""
    roles = list(ROLES)
    click.echo("At whose desk do you want to sit?")
    for number, role in enumerate(roles, 1):
        click.echo(f"  {number}  {role.value:<13} {ROLES[role]}")
    while True:
        typed = click.prompt("Role", default="1", show_default=True).strip().lower()
        if typed in map(str, range(1, len(roles) + 1)):
            return roles[int(typed) - 1].value
        matches = [role for role in roles if role.value.startswith(typed)]
        if len(matches) == 1:
            return matches[0].value
        click.echo("Please type one of the numbers or names above.")


def _forget_environment() -> None:
    """Keep libpq's variables out: they lead to other databases, and the demo is complete in itself."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]
