"""What gunicorn and `flask --app wsgi` load."""

import sys

from multichat import create_app
from multichat.config import SettingsError

try:
    app = create_app()
except SettingsError as error:
    sys.exit(f"multichat: {error}")
