"""What gunicorn and `flask --app wsgi` load."""

from multichat import create_app

app = create_app()
