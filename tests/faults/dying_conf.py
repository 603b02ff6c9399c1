"""gunicorn's settings as they are, with an application that dies when it is told to (see dying_wsgi.py)."""

from pathlib import Path

_own = Path(__file__).resolve().parents[2] / "gunicorn.conf.py"
__file__ = str(_own)
exec(compile(_own.read_text(encoding="utf-8"), _own, "exec"))
wsgi_app = "tests.faults.dying_wsgi:app"
