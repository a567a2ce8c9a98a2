"""The console: what an operator sees and the keys that work. It knows the services, never the database."""
