"""The parts screens are made of; each draws lines and knows no service."""
