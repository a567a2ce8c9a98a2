"""Which widget shows a field of a form."""

from __future__ import annotations

from typing import TypeAlias

from municonsole.ui import form
from municonsole.ui.dialogs.form_fields import FormChoice, FormLine, FormWords
from municonsole.ui.dialogs.give_field import FormGive
from municonsole.ui.theme import Palette

FormField: TypeAlias = FormLine | FormWords | FormChoice | FormGive


def widget_of(palette: Palette, spec: form.Field) -> FormField:
    """The widget of a field."""
    match spec:
        case form.Line():
            return FormLine(spec)
        case form.Words():
            return FormWords(spec)
        case form.Give():
            return FormGive(palette, spec)
        case _:
            return FormChoice(palette, spec)
