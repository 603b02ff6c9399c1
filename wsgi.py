"""What gunicorn and `flask --app wsgi` load."""

import os
import sys

from multichat.app import create_app
from multichat.config import SettingsError

# The database and its journals are nobody else's, whoever makes them first.
os.umask(0o077)

try:
    app = create_app()
except SettingsError as error:
    sys.exit(f"multichat: {error}")
