"""The first run's token: it opens the page that makes the first administrator and the first room.

Whoever can read the server's files may take it; the first stranger to find its address may not.
"""

from pathlib import Path

from multichat.config import create_secret


def link(base_url: str, instance: Path) -> str:
    """The set-up page's address. Its token is made on first use, and is the same over restarts."""
    path = token_path(instance)
    if not path.exists():
        create_secret(path)
    return f"{base_url.rstrip('/')}/setup/{path.read_text(encoding='ascii').strip()}"


def token_path(instance: Path) -> Path:
    return instance / "setup_token"
