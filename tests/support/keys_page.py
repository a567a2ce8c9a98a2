"""`docs/reference/keys.md`: what each key of the console does, from the console's own registry."""

from __future__ import annotations

from collections.abc import Iterable

from law import desk

from municonsole.ui.actions import ACTIONS, Action, Group

PAGE = """\
# Keys

This page is written from the console's own registry (`make docs`). In the console, `?` shows the keys that work \
where you are, and `Ctrl+P` finds a command by its name. What does not work where you are is grey \
there and says why, and so does its key. To which roles an action is granted stands here.

Each key can be changed, by the id of its action: in the [configuration](configuration.md) file, `[ui.keymap]` with \
`"console.refresh" = "r,f5"`.

{groups}
"""


def write() -> str:
    """The page."""
    return PAGE.format(
        groups="\n\n".join(
            _group(group, [action for action in ACTIONS if action.group is group])
            for group in Group
        )
    )


def _group(group: Group, actions: Iterable[Action]) -> str:
    head = (
        f"## {group.value}\n\n| key | does | where | who | id |\n| --- | --- | --- | --- | --- |\n"
    )
    if group is Group.VIEWS:
        return f"{head}| `1` … `9` | the view of that number | queue | everybody | `view.1` … `view.9` |"
    return head + "\n".join(
        f"| {_keys(action)} | {action.tooltip} | {', '.join(sorted(action.where))} | {_who(action)} | `{action.id}` |"
        for action in actions
    )


def _keys(action: Action) -> str:
    return " ".join(f"`{key}`" for key in action.shown_keys.split(", ")).replace("|", "\\|")


def _who(action: Action) -> str:
    if action.permission is None:
        return "everybody"
    granted = desk.GRANTED[action.permission.value]
    return (
        "everybody"
        if granted >= desk.EVERYBODY
        else ", ".join(role for role in desk.ROLES if role in granted)
    )
