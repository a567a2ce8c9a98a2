"""A complete municipality on this machine: an embedded PostgreSQL, a schema, people and tickets."""
