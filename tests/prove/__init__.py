"""What takes long: run by `make prove` alone."""
