"""`municonsole audit …`: the owner proves that history is whole, and keeps its heads elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from municonsole.cli.output import counting, print_json, say
from municonsole.cli.root import Root, pass_root
from municonsole.domain.errors import MuniconsoleError


@click.group()
def audit() -> None:
    """Prove that nobody has rewritten history.

    Both commands are for the login that owns the database.
    """


@audit.command()
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Heads that `audit export` wrote and that were kept elsewhere.",
)
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON.")
@pass_root
def verify(root: Root, against: Path | None, json_wanted: bool) -> None:
    """Walk every ticket's chain and the audit log, naming the first broken link of each.

    Exit status 0 when all is whole, 1 otherwise.
    """
    from municonsole import bootstrap
    from municonsole.services import audit as evidence

    config = root.config()
    dsn = root.dsn(config)
    password = bootstrap.owner_password(dsn, config)
    with counting("events") as progress:
        found = evidence.verify(dsn.text, password, against, progress)
    if json_wanted:
        print_json({"tickets": found.tickets, "events": found.events, "broken": found.broken})
    else:
        for sentence in found.broken:
            say(sentence)
    if found.broken:
        chains = "1 chain is" if len(found.broken) == 1 else f"{len(found.broken):,} chains are"
        raise MuniconsoleError(
            f"{chains} broken, of {found.tickets:,} tickets with {found.events:,} events"
        )
    if not json_wanted:
        say(f"{found.tickets:,} tickets with {found.events:,} events: every chain is whole.")


@audit.command()
@click.argument("file", type=click.Path(path_type=Path))
@pass_root
def export(root: Root, file: Path) -> None:
    """Write the chain heads to FILE, to be kept where the database's owner cannot change it."""
    from municonsole import bootstrap
    from municonsole.services import audit as evidence

    config = root.config()
    dsn = root.dsn(config)
    password = bootstrap.owner_password(dsn, config)
    with counting("chain heads") as progress:
        count = evidence.export(dsn.text, password, file, progress)
    say(f"{count:,} chain heads are in {file}; keep it on another machine.")
