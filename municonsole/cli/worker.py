"""`municonsole worker`: the jobs of the house without a screen."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from municonsole.cli.output import print_json, say
from municonsole.cli.root import Root, pass_root

if TYPE_CHECKING:
    from municonsole.domain.jobs import Swept


@click.command()
@click.option("--once", is_flag=True, help="Do everything once, now, and end.")
@click.option("--json", "as_json", is_flag=True, help="With --once: print what was done as JSON.")
@pass_root
def worker(root: Root, once: bool, as_json: bool) -> None:
    """Look after the clocks and do the daily work, as every open console does.

    For the worker's login. Ends cleanly at SIGTERM and Ctrl-C; log lines are JSON on standard error.
    """
    from municonsole import bootstrap

    if as_json and not once:
        raise click.UsageError("--json goes with --once")
    config = root.config()
    dsn = root.dsn(config)
    if not once:
        bootstrap.run_worker(config, dsn)
        return
    swept, kept_up = bootstrap.work_once(config, dsn)
    if as_json:
        print_json({"sweep": _summed(swept), "upkeep": [asdict(found) for found in kept_up]})
        return
    for line in _summed(swept):
        say(
            f"{line['municipality']}: {line['dated']} given deadlines, {line['warned']} warnings, "
            f"{line['breached']} breaches"
        )
    for found in kept_up:
        say(
            f"{found.municipality}: {found.extended} calendars extended, "
            f"{found.checked} histories checked, {found.broken} of them broken"
        )


def _summed(swept: list[Swept]) -> list[dict[str, object]]:
    """One entry a municipality; one with very much to do is swept in several parts."""
    sums: dict[str | None, list[int]] = {}
    for found in swept:
        numbers = (found.dated or 0, found.warned or 0, found.breached or 0)
        so_far = sums.get(found.municipality, [0, 0, 0])
        sums[found.municipality] = [a + b for a, b in zip(so_far, numbers, strict=True)]
    return [
        {"municipality": code, "dated": dated, "warned": warned, "breached": breached}
        for code, (dated, warned, breached) in sums.items()
    ]
