"""The console: what an operator sees and the keys that work. It never knows the database."""
