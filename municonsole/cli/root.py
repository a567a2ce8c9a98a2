"""What the options before the command say, and the way from there to a logged-in desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from municonsole.config import Config
    from municonsole.credentials import Dsn
    from municonsole.services.desk import Desk

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Root:
    """`--dsn` and `--config`, as given; everything else is looked up when a command asks."""

    dsn_option: str | None = None
    config_option: Path | None = None

    def config_file(self) -> Path | None:
        """The configuration file in force."""
        from municonsole import config

        return config.find(self.config_option)

    def config(self) -> Config:
        """The settings in force. Raises ConfigError."""
        from municonsole import config

        return config.load(self.config_file())

    def dsn(self, config: Config) -> Dsn:
        """The connection string in force. Raises InvalidInput."""
        from municonsole.credentials import choose_dsn

        return choose_dsn(self.dsn_option, config.database.dsn)

    def at_desk(self, work: Callable[[Desk], Awaitable[T]]) -> T:
        """What `work` returns, done at the desk of whoever logs in."""
        from municonsole import bootstrap

        config = self.config()
        return bootstrap.at_desk(config, self.dsn(config), work)


pass_root = click.make_pass_decorator(Root, ensure=True)
