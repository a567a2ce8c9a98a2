from __future__ import annotations

import pytest

from municonsole.domain.errors import ConfigError
from municonsole.domain.filters import MUNICIPAL_VIEWS, SAPS_VIEWS
from municonsole.ui.actions import ACTIONS, Registry, Where, bindings
from municonsole.ui.keys import key_name
from municonsole.ui.settings import UiSettings


def test_every_action_has_an_id_of_its_own() -> None:
    """A keymap names one action, never two."""
    ids = [action.id for action in ACTIONS]

    assert len(ids) == len(set(ids))


def test_no_key_has_two_meanings_in_one_place() -> None:
    """The keys as delivered do not contradict each other."""
    for views in (MUNICIPAL_VIEWS, SAPS_VIEWS):
        registry = Registry(views, {})
        for where in Where:
            keys = [key for action in registry.at(where) for key in action.keys]

            assert len(keys) == len(set(keys)), where


def test_every_view_has_its_digit() -> None:
    """The views stand on the keys 1 to 9 in their order."""
    registry = Registry(MUNICIPAL_VIEWS, {})

    assert registry.by_id("view.1").label == "My tickets"
    assert registry.by_id("view.6").keys == ("6",)
    with pytest.raises(StopIteration):
        registry.by_id("view.7")


def test_an_operator_can_give_an_action_other_keys() -> None:
    """The key in the help is the key that works."""
    registry = Registry(MUNICIPAL_VIEWS, {"find.search": "z, ctrl+f", "console.help": "/"})

    assert registry.by_id("find.search").shown_keys == "z, Ctrl+F"
    assert registry.by_id("console.help").shown_keys == "/"


@pytest.mark.parametrize(
    ("keymap", "said"),
    [
        ({"find.serach": "z"}, "'find.serach', which does not exist"),
        ({"find.search": " , "}, "leaves 'find.search' without a key"),
        ({"find.search": "f"}, "the key 'f' to 'find.search' and to 'find.filter'"),
        ({"find.search": "z, z"}, "gives 'find.search' the key 'z' twice"),
        ({"console.refresh": "r, f9"}, "the key 'F9' to 'console.refresh' and to 'console.lock'"),
    ],
)
def test_a_keymap_that_cannot_be_is_refused_in_one_sentence(
    keymap: dict[str, str], said: str
) -> None:
    """A mistake in the configuration file is named, not guessed around."""
    with pytest.raises(ConfigError, match=said):
        Registry(MUNICIPAL_VIEWS, keymap)


def test_exchanging_two_keys_is_no_clash() -> None:
    """Somebody may want search on f and filter on the slash."""
    registry = Registry(MUNICIPAL_VIEWS, {"find.search": "f", "find.filter": "slash"})

    assert registry.by_id("find.filter").shown_keys == "/"


def test_bindings_carry_the_ids_that_a_keymap_names() -> None:
    """Textual finds an action by the id that help shows."""
    ids = {binding.id for binding in bindings(Where.QUEUE) if not isinstance(binding, tuple)}

    assert {"find.search", "ticket.open", "view.1", "view.9"} <= ids
    assert "dialog.cancel" not in ids


def test_keys_are_written_as_on_the_keyboard() -> None:
    """Help is for people."""
    named = [key_name(key) for key in ("question_mark", "ctrl+p", "pagedown", "G", "escape")]

    assert named == ["?", "Ctrl+P", "PgDn", "G", "Esc"]


def test_an_unknown_theme_is_refused() -> None:
    """A spelling mistake is named with what there is."""
    with pytest.raises(ConfigError, match=r"'drak'; it must be one of dark, light"):
        UiSettings(theme="drak")
