"""The database side: connection, migrations, prepared reads and calls of `muni.*`. Hands out frozen records."""
