"""gunicorn's settings as they are, with the application that notes its statements (counted_wsgi.py)."""

from pathlib import Path

_own = Path(__file__).resolve().parents[1] / "gunicorn.conf.py"
__file__ = str(_own)
exec(compile(_own.read_text(encoding="utf-8"), _own, "exec"))
wsgi_app = "bench.counted_wsgi:app"
