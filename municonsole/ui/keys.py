"""Names of keys: as Textual knows them, and as they are written on the keyboard."""

from __future__ import annotations

_KEY_NAMES = {
    "slash": "/",
    "question_mark": "?",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "escape": "Esc",
    "space": "Space",
    "enter": "Enter",
    "tab": "Tab",
    "home": "Home",
    "end": "End",
    "delete": "Del",
    "backspace": "Backspace",
    "asterisk": "*",
}
_CHARACTERS = {"/": "slash", "?": "question_mark", " ": "space", "*": "asterisk"}


def keys_of(text: str) -> tuple[str, ...]:
    """The keys of an entry of the keymap, `slash, ctrl+f` or `/,ctrl+f`, as Textual names them."""
    return tuple(_CHARACTERS.get(k.strip(), k.strip()) for k in text.split(",") if k.strip())


def key_name(key: str) -> str:
    """A key as it is written on the keyboard: `ctrl+p` is `Ctrl+P`, `question_mark` is `?`."""
    if "+" in key:
        *modifiers, last = key.split("+")
        return "+".join([*(m.capitalize() for m in modifiers), key_name(last).capitalize()])
    if key[:1] == "f" and key[1:].isdigit():
        return key.upper()
    return _KEY_NAMES.get(key, key)
