"""The command line: what stands before every command, and what becomes of errors."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from municonsole import __version__
from municonsole.cli.lazy import LazyGroup
from municonsole.cli.root import Root
from municonsole.domain.errors import ConfigError, InvalidInput, MuniconsoleError
from municonsole.domain.text import clean_line

COMMANDS = {
    "demo": ("municonsole.cli.demo:demo", "Try it: a made-up municipality on a server of its own."),
    "tickets": ("municonsole.cli.tickets:tickets", "List, read, log and change tickets."),
    "import": ("municonsole.cli.imports:import_command", "Bring in service requests from a file."),
    "login": ("municonsole.cli.login:login", "Keep your password in the keyring."),
    "logout": ("municonsole.cli.login:logout", "Remove your password from the keyring."),
    "doctor": ("municonsole.cli.doctor:doctor", "Check what the console needs; say what mends it."),
    "operators": ("municonsole.cli.operators:operators", "People: add, disable, move."),
    "municipality": (
        "municonsole.cli.municipality:municipality",
        "Calendars, SLA policies and teams from one file.",
    ),
    "sla": ("municonsole.cli.sla:sla", "Try what the SLA clocks say."),
    "report": ("municonsole.cli.report:report", "How tickets were answered and resolved."),
    "export": ("municonsole.cli.export:export", "Write tickets into a file."),
    "worker": ("municonsole.cli.worker:worker", "Look after the clocks without a screen."),
    "audit": ("municonsole.cli.audit:audit", "Owner: prove that history is whole."),
    "db": ("municonsole.cli.db:db", "Owner: upgrade the database, or prove that it is right."),
}

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""What a disk says that takes no more."""

INTERRUPTED = 130
"""The exit status of whatever Ctrl-C ended, as shells report it."""


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--dsn", metavar="DSN", help="libpq connection string or URI, without a password.")
@click.option(
    "--config",
    "config_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Configuration file to use.",
)
@click.version_option(__version__, prog_name="municonsole", message="%(prog)s %(version)s")
@click.pass_context
def municonsole(ctx: click.Context, dsn: str | None, config_file: Path | None) -> None:
    """The screen on which a municipality's call centre works. Without a command: the console."""
    ctx.obj = Root(dsn, config_file)
    if ctx.invoked_subcommand is None:
        ctx.exit(_open_console(ctx.obj))


def _open_console(root: Root) -> int:
    from municonsole import bootstrap

    config = root.config()
    dsn = root.dsn(config)
    try:
        return bootstrap.run_console(config, dsn)
    except ConfigError as error:  # a key map the console has no use for: only it knows its actions
        raise ConfigError(f"{root.config_file()}: {error}") from None


municonsole.commands_at = COMMANDS


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line and end the process with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A locale that lacks a letter of a street name is no reason to show no ticket.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # both are text files here
    try:
        status = run(arguments)
    except BrokenPipeError:
        status = MuniconsoleError.exit_status  # the reader has seen enough (head, less)
    try:
        sys.stdout.flush()
    except OSError as error:
        # Python would complain about it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if status == 0 and not isinstance(error, BrokenPipeError):
            _fail(_unwritten(error), MuniconsoleError.exit_status)
        status = status or MuniconsoleError.exit_status
    sys.exit(status)


def run(arguments: Sequence[str] | None) -> int:
    """The exit status of a command line; every error has become one line on standard error."""
    try:
        status = municonsole.main(args=arguments, prog_name="municonsole", standalone_mode=False)
    except MuniconsoleError as error:
        return _fail(str(error), error.exit_status)
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        where = f" (see {context.command_path} --help)" if context is not None else ""
        return _fail(error.format_message() + where, error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except UnicodeEncodeError:
        # Python carries such bytes of an argument as lone surrogates, which nothing lets out again.
        return _fail("an argument or setting is not UTF-8 text", InvalidInput.exit_status)
    except Exception as error:  # noqa: BLE001  the last resort: no traceback reaches a screen
        return _fault(error)
    return status if isinstance(status, int) else 0


def _fault(error: Exception) -> int:
    from municonsole import faults

    if isinstance(error, OSError) and error.errno in _FULL:
        return _fail(_unwritten(error), MuniconsoleError.exit_status)
    return _fail(faults.record(error), MuniconsoleError.exit_status)


def _unwritten(error: OSError) -> str:
    return f"the output could not be written: {error.strerror}; what is there of it is not all"


def _fail(sentence: str, status: int) -> int:
    click.echo(f"municonsole: {clean_line(sentence)}", err=True)
    return status
