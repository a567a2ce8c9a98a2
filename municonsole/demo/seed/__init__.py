"""Fills a new database with two fictitious municipalities and tickets whose histories make sense."""

from __future__ import annotations

from municonsole.demo.seed.load import run
from municonsole.demo.seed.world import Login, people

__all__ = ["Login", "people", "run"]
