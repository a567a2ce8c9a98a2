"""Setting a municipality up from its file: what changed, or what would."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from municonsole.db import municipality as calls
from municonsole.domain.errors import InvalidInput
from municonsole.domain.permissions import Permission
from municonsole.domain.text import clean_line
from municonsole.services import municipal_file
from municonsole.services.access import Access


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that became different.

    `what` is municipality, calendar, policy, team, suburbs or tickets; `change` added, changed, retired,
    recomputed, or `left` for a team that the file does not name and that was left as it is. `detail`
    has each differing fact by name, with what it was under `from` and what it is under `to`.
    """

    what: str
    name: str
    change: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MunicipalFile:
    """A file that was read and found whole."""

    name: str
    plan: dict[str, object]

    @classmethod
    def read(cls, file: Path) -> MunicipalFile:
        """Read `file`; raises InvalidInput, one sentence with file, key and reason."""
        plan, free = municipal_file.load(file)
        return cls(clean_line(str(file)), municipal_file.payload(plan, free))

    def named(self, error: InvalidInput) -> InvalidInput:
        """What the database alone could find wrong, with the file in front."""
        return InvalidInput(f"{self.name}: {error}")


class SettingUp:
    """Applying files to the municipality of the operator, who is an administrator."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def apply(
        self, file: MunicipalFile, *, dry_run: bool = False, recompute: bool = False
    ) -> tuple[Change, ...]:
        """Apply a file, all of it or nothing; with `recompute` also to the tickets that are open.

        Raises Refused for anybody but an administrator of this municipality, InvalidInput for what
        the database alone can know is wrong: no such manager, a target that no calendar reaches.
        """
        self._access.require(Permission.APPLY_MUNICIPALITY)
        session = self._access.session
        if recompute:
            await session.read(calls.LIFT_TIMEOUT)
        values = {"plan": file.plan, "dry_run": dry_run, "recompute": recompute}
        try:
            return _changes(await session.write(calls.APPLY_MUNICIPALITY, values))
        except InvalidInput as error:
            raise file.named(error) from None
        finally:
            if recompute and session.connected:
                await session.read(calls.KEEP_TIMEOUT)


def apply_as_owner(
    connection: psycopg.Connection[Any],
    file: MunicipalFile,
    *,
    dry_run: bool = False,
    recompute: bool = False,
) -> tuple[Change, ...]:
    """The same as the login that owns the database: any municipality, a new one too, and SAPS teams."""
    try:
        return _changes(
            calls.apply_as_owner(connection, file.plan, dry_run=dry_run, recompute=recompute)
        )
    except InvalidInput as error:
        raise file.named(error) from None


def _changes(rows: Iterable[Any]) -> tuple[Change, ...]:
    return tuple(Change(*row) for row in rows)
