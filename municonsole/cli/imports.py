"""`municonsole import FILE`: service requests of another system become tickets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from municonsole.cli.output import complain, print_json, say
from municonsole.cli.root import Root, pass_root
from municonsole.domain.errors import InvalidInput

if TYPE_CHECKING:
    from municonsole.services.desk import Desk
    from municonsole.services.importing import RequestFile
    from municonsole.services.importing.mapping import Mapping
    from municonsole.services.importing.rejects import RejectsFile
    from municonsole.services.imports import Imported

_BY_ENDING = {".json": "open311", ".csv": "csv"}


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["csv", "open311"]),
    help="What FILE is; by default as its ending or the mapping says.",
)
@click.option(
    "--mapping",
    metavar="FILE",
    help="How columns become fields: a TOML file, or the name of one that is shipped (nyc_311.toml, "
    "open311.toml); by default a shipped one that fits.",
)
@click.option("--dry-run", is_flag=True, help="Read and check, import nothing.")
@click.option(
    "--sla", "with_sla", is_flag=True, help="Start clocks, counted from the reports' own times."
)
@click.option(
    "--rejects",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where rejected rows are named, with reasons; by default NAME.rejects.csv in this folder.",
)
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON.")
@pass_root
def import_command(
    root: Root,
    file: Path,
    file_format: str | None,
    mapping: str | None,
    *,
    dry_run: bool,
    with_sla: bool,
    rejects: Path | None,
    json_wanted: bool,
) -> None:
    """Bring service requests of another system in as tickets of your municipality.

    For administrators. A request is imported once: give the same command again after a lost
    connection, or with a newer file. Rows that cannot be imported are named in the rejects file,
    also by a dry run. GBV reports are never imported.
    """
    from municonsole.services.importing import RequestFile
    from municonsole.services.importing.rejects import RejectsFile

    rules = _mapping(file, file_format, mapping)
    with (
        closing(RequestFile(file, rules)) as requests,
        closing(RejectsFile(rejects or Path(f"{file.name}.rejects.csv"))) as rejected,
    ):

        async def work(desk: Desk) -> Imported:
            with _progress(requests) as on_progress:
                return await desk.imports.run(
                    requests,
                    with_sla=with_sla,
                    dry_run=dry_run,
                    on_rejection=rejected.add,
                    on_progress=on_progress,
                )

        done = root.at_desk(work)
        rejected.finish()
    _tell(done, rejected, dry_run=dry_run, json_wanted=json_wanted)


def _mapping(file: Path, file_format: str | None, name: str | None) -> Mapping:
    """The mapping that was named, or one that is shipped and fits."""
    from municonsole.services.importing import fitting, mapping

    expected = file_format or _BY_ENDING.get(file.suffix.lower())
    name = name or fitting(file, expected)
    if name is None:
        raise InvalidInput(
            "--mapping FILE is needed: it says which column is what, and of those that are shipped "
            f"({', '.join(mapping.shipped())}) none fits the file"
        )
    rules = mapping.load(name)
    if expected is not None and rules.format != expected:
        raise InvalidInput(
            f"{name} is a mapping for --format {rules.format}, and the file is {expected}; name a "
            "mapping for it with --mapping"
        )
    return rules


@contextmanager
def _progress(requests: RequestFile) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, where a person sees it."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=requests.size, label="Importing", file=sys.stderr) as bar:

        def on_progress(position: int) -> None:
            bar.update(position - bar.pos)

        yield on_progress


def _tell(done: Imported, rejected: RejectsFile, *, dry_run: bool, json_wanted: bool) -> None:
    where = f"; why is in {rejected.name}" if done.rejected else ""
    if json_wanted:
        print_json(asdict(done))
        if where:
            complain(f"{done.rejected:,} of {done.read:,} rows were rejected{where}")
        return
    rows = "1 row" if done.read == 1 else f"{done.read:,} rows"
    if dry_run:
        say(
            f"{rows} read: {done.imported:,} would be imported, {done.skipped:,} are in already, "
            f"{done.rejected:,} would be rejected{where}. Nothing was imported."
        )
    else:
        say(
            f"{rows} read: {done.imported:,} imported, {done.skipped:,} in already, "
            f"{done.rejected:,} rejected{where}."
        )
