"""The configuration file: one TOML file as frozen structs, every error naming file and key."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec

from municonsole.domain.errors import ConfigError

ENVIRONMENT_VARIABLE = "MUNICONSOLE_CONFIG"
SYSTEM_FILE = Path("/etc/municonsole/config.toml")

Theme = Literal["dark", "light", "high-contrast", "ansi"]
LogLevel = Literal["INFO", "WARNING", "OFF"]
Seconds = Annotated[int, msgspec.Meta(ge=1, le=3600)]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=1440)]


class DatabaseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[database]`: where the database is and how long to wait for it.

    `dsn` is a libpq connection string or URI; what it leaves out comes from libpq's environment.
    """

    dsn: str = ""
    connect_timeout: Seconds = 5
    statement_timeout: Seconds = 30


class UiTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[ui]`: how the console looks and which keys it listens to.

    After `idle_minutes` without a key the screen is locked; 0 for never. `keymap` maps the id of a
    binding to the keys that shall trigger it, separated by commas.
    """

    theme: Theme = "dark"
    mouse: bool = False
    bell: bool = True
    idle_minutes: Minutes = 10
    keymap: dict[str, str] = {}


class LogTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[log]`: where log lines go and which; an empty `file` or level OFF: none.

    A `file` without a folder lies in the user's log folder.
    """

    file: str = "municonsole.log"
    level: LogLevel = "INFO"


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file; a table or key that is missing has its default."""

    database: DatabaseSettings = DatabaseSettings()
    ui: UiTable = UiTable()
    log: LogTable = LogTable()


def user_file() -> Path:
    """`municonsole/config.toml` in the user's configuration folder."""
    import platformdirs

    return platformdirs.user_config_path("municonsole", appauthor=False) / "config.toml"


def find(explicit: Path | None, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The configuration file in force, None when there is none.

    `explicit` (`--config`), else MUNICONSOLE_CONFIG: these must be there, whatever `load` then says
    about them. Else the first that is there of the user's file and /etc/municonsole/config.toml.
    """
    if explicit is not None:
        return explicit
    if named := environment.get(ENVIRONMENT_VARIABLE):
        return Path(named)
    return next((file for file in (user_file(), SYSTEM_FILE) if file.exists()), None)


def load(file: Path | None) -> Config:
    """The settings of `file`; all defaults for None.

    Raises ConfigError, one sentence with file, key and what was expected.
    """
    if file is None:
        return Config()
    table = _read(file)
    _refuse_unknown_keys(file, table, Config, "")
    try:
        return msgspec.convert(table, Config, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{file}: {_explained(str(error))}") from None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode())
    except FileNotFoundError:
        raise ConfigError(f"{file}: there is no such configuration file") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(f"{file}: cannot read the configuration file: {reason}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file}: the configuration file is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from None


def _refuse_unknown_keys(
    file: Path, table: Mapping[str, Any], struct: type[msgspec.Struct], name: str
) -> None:
    """Say which key is unknown and which are known; msgspec would name only the first."""
    fields = {field.name: field.type for field in msgspec.structs.fields(struct)}
    for key, value in table.items():
        if key not in fields:
            place = f"in [{name}]" if name else "at the top"
            known = ", ".join(sorted(fields))
            raise ConfigError(f"{file}: unknown key {key!r} {place}; expected one of: {known}")
        kind = fields[key]
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
            _refuse_unknown_keys(file, value, kind, key)


_WORDS = {
    "`int`": "a whole number",
    "`str`": "text in quotes",
    "`bool`": "true or false",
    "`object`": "a table",
    "`float`": "a number with a decimal point",
    "`array`": "a list",
}


def _explained(message: str) -> str:
    """Msgspec's `Expected X, got Y - at `$.table.key`` as `[table] key: expected X, got Y`."""
    text, _, path = message.partition(" - at `$")
    if text.startswith("Invalid enum value"):
        given = text.removeprefix("Invalid enum value ")
        values = get_args(LogLevel if path.startswith(".log") else Theme)
        text = f"expected one of {', '.join(values)}, got {given}"
    for code, words in _WORDS.items():
        text = text.replace(code, words)
    text = text[:1].lower() + text[1:]
    *tables, key = re.findall(r"\w+", path) or [""]
    place = f"[{'.'.join(tables)}] {key}" if tables else f"[{key}]"
    each = " for each of its keys" if path.endswith("[...]`") else ""
    return f"{place}: {text}{each}"
