"""The configuration file: where it is found, what it holds, and what is said about a wrong one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from municonsole import config
from municonsole.config import Config
from municonsole.domain.errors import ConfigError
from municonsole.ui.settings import THEMES, UiSettings

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_without_a_file_everything_has_its_default():
    """A console needs no configuration file."""
    assert config.load(None) == Config()


def test_a_file_sets_what_it_names_and_nothing_else(file: Path):
    """One line in the file changes one thing."""
    file.write_text('[database]\nconnect_timeout = 9\n[ui.keymap]\nrefresh = "f5"\n')

    loaded = config.load(file)

    assert loaded.database.connect_timeout == 9
    assert loaded.database.statement_timeout == Config().database.statement_timeout
    assert loaded.ui.keymap == {"refresh": "f5"}


def test_settings_cannot_be_changed_once_loaded():
    """Nothing in the program rewrites the configuration behind our back."""
    with pytest.raises(AttributeError):
        Config().ui.bell = True


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("[databas]\n", "databas", "expected one of: database, log, ui"),
        ('[database]\ndns = ""\n', "dns", "connect_timeout, dsn, statement_timeout"),
        ("[ui]\nmice = true\n", "mice", "bell, idle_minutes, keymap, mouse, theme"),
        ('[database]\nconnect_timeout = "5"\n', "[database] connect_timeout", "a whole number"),
        ("[database]\nconnect_timeout = 5.5\n", "[database] connect_timeout", "a whole number"),
        ("[database]\nconnect_timeout = 0\n", "[database] connect_timeout", ">= 1"),
        ("[database]\nstatement_timeout = 4000\n", "[database] statement_timeout", "<= 3600"),
        ("[database]\ndsn = 7\n", "[database] dsn", "text in quotes"),
        ("[ui]\nmouse = 1\n", "[ui] mouse", "true or false"),
        ('[ui]\ntheme = "pink"\n', "[ui] theme", "dark, light, high-contrast, ansi"),
        ("[ui.keymap]\nrefresh = 5\n", "[ui] keymap", "text in quotes"),
        ('[log]\nlevel = "DEBUG"\n', "[log] level", "INFO, WARNING, OFF"),
        ("[log]\nfile = false\n", "[log] file", "text in quotes"),
        ("[log]\nfiles = 1\n", "files", "file, level"),
        ("ui = 3\n", "[ui]", "a table"),
        ("[[ui]]\n", "[ui]", "a table"),
    ],
)
def test_a_wrong_line_is_named_with_file_key_and_what_was_expected(
    file: Path, text: str, key: str, expected: str
):
    """Whoever mistypes a key is told where, which one, and what it should have been."""
    file.write_text(text)

    with pytest.raises(ConfigError) as refusal:
        config.load(file)

    sentence = str(refusal.value)
    assert sentence.startswith(f"{file}: ")
    assert key in sentence
    assert expected in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"[database\n", "not valid TOML"), (b'[ui]\ntheme = "\xff"\n', "not UTF-8")],
)
def test_a_file_that_is_no_toml_is_refused_by_name(file: Path, content: bytes, expected: str):
    """A file that is something else altogether is said to be so."""
    file.write_bytes(content)

    with pytest.raises(ConfigError, match=f"^{re.escape(str(file))}: .*{expected}"):
        config.load(file)


def test_a_file_that_was_asked_for_must_be_there(file: Path):
    """A mistyped --config does not quietly open a console with defaults."""
    with pytest.raises(ConfigError, match="there is no such configuration file"):
        config.load(config.find(file, {}))


def test_a_folder_is_no_configuration_file(tmp_path: Path):
    """What cannot be read is said with its reason."""
    with pytest.raises(ConfigError, match="Is a directory"):
        config.load(tmp_path)


def test_the_option_goes_before_the_variable_before_the_users_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """--config, else MUNICONSOLE_CONFIG, else the user's own file."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(config, "SYSTEM_FILE", tmp_path / "system.toml")
    own = config.user_file()
    named = {config.ENVIRONMENT_VARIABLE: "/elsewhere.toml"}
    found = [config.find(None, {})]
    config.SYSTEM_FILE.touch()
    found.append(config.find(None, {}))
    own.parent.mkdir(parents=True, exist_ok=True)
    own.touch()
    found += [config.find(None, {}), config.find(None, named), config.find(file, named)]

    assert found == [None, config.SYSTEM_FILE, own, Path("/elsewhere.toml"), file]


def test_the_example_loads_and_says_what_is_true_anyway():
    """Copying the example without changing anything changes nothing."""
    assert config.load(EXAMPLE) == Config()


def test_the_example_names_exactly_the_keys_there_are_each_with_its_default():
    """The example documents every key, none that is gone, and no default that is out of date."""
    uncommented = re.sub(r"(?m)^# (\w+ = .*)$", r"\1", EXAMPLE.read_text())

    defaults = msgspec.to_builtins(Config())

    assert tomllib.loads(uncommented) == defaults


def test_configuration_and_console_know_the_same_themes():
    """A theme that the file accepts is one that the console has."""
    assert get_args(config.Theme) == THEMES
    table, settings = Config().ui, UiSettings()

    assert (table.theme, table.mouse, table.bell) == (settings.theme, settings.mouse, settings.bell)
