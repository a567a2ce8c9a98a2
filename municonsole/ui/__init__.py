"""The console: what an operator sees and the keys that work. It never knows the database."""

import os

# Textual's switches for developers: one writes every key, a password among them, to a file, one takes
# pictures of the screen, one presses keys by itself.
for _switch in ("LOG", "SCREENSHOT", "SCREENSHOT_LOCATION", "PRESS", "DEBUG", "DRIVER"):
    os.environ.pop(f"TEXTUAL_{_switch}", None)
