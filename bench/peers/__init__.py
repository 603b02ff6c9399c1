"""The peers: other ways to bring a message to a room, each as its documentation shows, in versions that are pinned.

Each has an environment of its own under bench/.peers/, made when it is first asked for.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bench.dialects import Dialect, Relay, SocketIo
from bench.sites import BUILT, STARTS_WITHIN_SECONDS, Program, Unavailable, wait_for
from multichat import embedded_bus
from tests.support.server import free_port

HERE = Path(__file__).resolve().parent
INSTALLS_WITHIN_SECONDS = 600.0


@dataclass(frozen=True)
class Recipe:
    """A peer's folder, whose versions are named, and how it is started; `{bin}` and `{port}` are filled in."""

    folder: str
    packages: tuple[str, ...]
    command: str
    has_bus: bool = True
    processes: str = "1 process"
    dialect: Callable[[str], Dialect] = Relay


UVICORN = "{bin}/uvicorn --host 127.0.0.1 --port {port} --workers 2 --log-level warning"
GUNICORN = (
    "{bin}/gunicorn --bind 127.0.0.1:{port} --workers 1 --worker-class gevent --worker-connections 10000 chat:app"
)

RECIPES = {
    "Django Channels, uvicorn": Recipe(
        "channels", ("channels", "channels-redis", "uvicorn"), f"{UVICORN} chat:application", processes="2 workers"
    ),
    "Django Channels, daphne": Recipe(
        "channels",
        ("channels", "channels-redis", "daphne"),
        "{bin}/daphne --bind 127.0.0.1 --port {port} --verbosity 0 chat:application",
    ),
    "Flask-SocketIO": Recipe(
        "flask_socketio", ("flask-socketio", "gevent"), GUNICORN, processes="1 worker", dialect=SocketIo
    ),
    "flask-sock, plain loop": Recipe(
        "flask_sock", ("flask-sock", "gevent"), GUNICORN, has_bus=False, processes="1 worker"
    ),
    "Starlette": Recipe("starlette", ("starlette", "redis", "uvicorn"), f"{UVICORN} chat:app", processes="2 workers"),
    "Node ws": Recipe("node_ws", ("ws", "ioredis"), "node {folder}/chat.js", processes="2 workers"),
    "uWebSockets": Recipe("uwebsockets", ("@trufflesuite/uws-js-unofficial",), "node {folder}/chat.js", has_bus=False),
}


class Peer(Program):
    """One of them, running; its bus is counted with it."""

    def __init__(self, name: str, sample: str) -> None:
        self._recipe = RECIPES[name]
        dialect = self._recipe.dialect(sample)
        super().__init__(name, dialect)
        if self._recipe.dialect is SocketIo:
            self.path = "/socket.io/?EIO=4&transport=websocket"

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.push(self.__exit__)
            environment = install(self._recipe.folder)
            settings = {"PORT": str(self.port), "NODE_PATH": str(environment / "node_modules")}
            if self._recipe.has_bus:
                settings |= self._start_bus()
            folder = HERE / self._recipe.folder
            command = self._recipe.command.format(bin=environment / "bin", port=self.port, folder=folder)
            log = BUILT / f"{self._recipe.folder}.log"
            process = self._run(command.split(), log, cwd=folder, env=os.environ | settings)
            wait_for(self.port, process, STARTS_WITHIN_SECONDS, log)
            undo.pop_all()
        return self

    def _start_bus(self) -> dict[str, str]:
        binary = embedded_bus.find_binary()
        if binary is None:
            raise Unavailable("there is no Valkey or Redis")
        port = free_port()
        options = ("--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no")
        log = BUILT / "bus.log"
        wait_for(port, self._run([binary, *options], log), STARTS_WITHIN_SECONDS, log)
        return {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}


def install(folder: str) -> Path:
    """The environment of that folder's lock file. Raises Unavailable."""
    environment, source = BUILT / folder, HERE / folder
    is_node = (source / "package.json").exists()
    lock = (source / ("package-lock.json" if is_node else "requirements.txt")).read_text(encoding="utf-8")
    done = environment / "installed"
    if done.exists() and done.read_text(encoding="utf-8") == lock:
        return environment
    if is_node and shutil.which("npm") is None:
        raise Unavailable("there is no node with npm")
    shutil.rmtree(environment, ignore_errors=True)
    environment.mkdir(parents=True)
    try:
        if is_node:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(source / name, environment)
            _quietly(["npm", "ci", "--no-audit", "--no-fund"], environment)
        else:
            _quietly([sys.executable, "-m", "venv", environment], environment)
            pip: list[str | Path] = [
                environment / "bin" / "python",
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ]
            _quietly([*pip, "-r", source / "requirements.txt"], environment)
    except (subprocess.SubprocessError, OSError) as error:
        raise Unavailable(f"it could not be installed: {error}") from error
    done.write_text(lock, encoding="utf-8")
    return environment


def versions(name: str) -> dict[str, str]:
    """Of the packages that the table names."""
    recipe = RECIPES[name]
    folder = HERE / recipe.folder
    found = {}
    for package in recipe.packages:
        if (folder / "package.json").exists():
            pattern, text = rf'"{package}": "([^"]+)"', (folder / "package.json").read_text(encoding="utf-8")
        else:
            pattern, text = rf"(?m)^{package}==(\S+)", (folder / "requirements.txt").read_text(encoding="utf-8")
        match = re.search(pattern, text)
        assert match is not None, f"{package} is not pinned"
        found[package] = match[1]
    return found


def _quietly(words: list[str | Path], where: Path) -> None:
    done = subprocess.run(
        words, cwd=where, capture_output=True, text=True, timeout=INSTALLS_WITHIN_SECONDS, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise OSError(f"{Path(words[0]).name} said: {last}")
