"""The operations console of a municipality's call centre."""

__version__ = "0.1.0"
