"""The database's own rules, tried as each role over raw connections."""
