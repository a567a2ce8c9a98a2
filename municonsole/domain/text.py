"""Cleaning of text at the program's border: what a citizen wrote must never drive a terminal.

One function for both directions: text that comes in (forms, files, standard input) and text that
goes out (screen, JSON, logs). Measured with Textual 8: `[/x]` in a plain cell raises MarkupError,
`[@click=app.quit]` becomes a live link, and ESC, OSC and C1 pass through every widget untouched.
"""

from __future__ import annotations

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# C0 without tab and newline, DEL and C1; the bidi embeddings, overrides and isolates; the
# Unicode line and paragraph separators; lone surrogates, which no encoder lets out.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff]"
)


def clean(text: str) -> str:
    """`text` of any number of lines, every character that could drive a terminal replaced.

    CR LF and CR become newlines; tab and newline stay.
    """
    return _UNSAFE.sub(REPLACEMENT, text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_line(text: str) -> str:
    """`text` as a single line: cleaned, runs of white space folded to one blank, ends trimmed."""
    return " ".join(clean(text).split())


# What a spreadsheet takes for the beginning of a formula, the wide forms too; at the front also tab, CR and
# newline, since some leave them out before they look. Behind ; tab or newline a spreadsheet begins a cell that
# splits at another character than the comma, as those of South Africa do.
_FORMULA = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_BEGINS_FORMULA = re.compile(f"^(?=[{_FORMULA}\t\n])|(?<=[;\t\n])(?=[{_FORMULA}])")


def spreadsheet_cell(text: str) -> str:
    """`text` cleaned, as a cell of a CSV file that no spreadsheet runs as a formula.

    What begins like one gets an apostrophe in front, by which spreadsheets mark plain text; so does
    what stands like one behind a semicolon, a tab or a newline. Whoever reads the file by program
    takes them off.
    """
    return _BEGINS_FORMULA.sub("'", clean(text))
