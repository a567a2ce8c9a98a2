"""`python -m municonsole` is `municonsole`."""

from __future__ import annotations

from municonsole.cli import main

main()
