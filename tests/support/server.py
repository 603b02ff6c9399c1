"""The real thing: gunicorn with its workers and its bus, started as bin/serve starts it."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Self, TypeVar

from multichat.config import PROJECT
from multichat.embedded_bus import end_with_parent
from tests.support.waiting import wait_until

T = TypeVar("T")

STARTS_WITHIN_SECONDS = 30
STOPS_WITHIN_SECONDS = 5

# bin/test starts no more processes than this.
TESTERS_LIMIT = 8
tester = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
own_ports = range(20_000 + tester, 30_000, TESTERS_LIMIT)
ports = cycle(random.sample(own_ports, len(own_ports)))


class Server:
    """One server on an instance and a loopback port of its own. Settings are given by name:

    `with Server(tmp_path, DATABASE_URL=url, MULTICHAT_WORKER_CLASS="gthread") as server: ...`
    """

    def __init__(self, instance: Path, **settings: str) -> None:
        self.instance = instance
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {"PORT": str(self.port), "MULTICHAT_INSTANCE_PATH": str(instance)} | settings

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    def start(self) -> None:
        """Come back when it is ready; also after `stop()`, on the same port and instance."""
        self.instance.mkdir(exist_ok=True)
        with self._log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "multichat.serve"],
                cwd=PROJECT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A process group of its own, as a terminal would make: a test's Ctrl-C is for it alone.
                start_new_session=True,
                preexec_fn=partial(end_with_parent, os.getpid(), signal.SIGTERM),
            )
        self.wait_until(self._ready, STARTS_WITHIN_SECONDS)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Send the master a signal; the seconds until no process of it was left. Raises TimeoutError after 5."""
        family = [self.process.pid, *children(self.process.pid)]
        began = time.monotonic()
        self.process.send_signal(number)
        try:
            self.process.wait(STOPS_WITHIN_SECONDS)
            self.wait_until(lambda: not any(map(lives, family)), STOPS_WITHIN_SECONDS - (time.monotonic() - began))
        except (subprocess.TimeoutExpired, TimeoutError):
            left = [pid for pid in family if lives(pid)]
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            self.process.wait()
            raise TimeoutError(f"processes {left} outlived the server by {STOPS_WITHIN_SECONDS} s") from None
        return time.monotonic() - began

    def reload(self) -> None:
        """Have new workers, and come back when the old ones are gone."""
        old = self.workers()
        self.process.send_signal(signal.SIGHUP)
        self.wait_until(lambda: not set(old) & set(self.workers()) and self._ready(), STARTS_WITHIN_SECONDS)

    def workers(self) -> list[int]:
        return [pid for pid in children(self.process.pid) if "gunicorn" in command(pid)]

    def worker_of(self, client: socket.socket) -> int:
        """The worker that holds the other end of this connection; it may take a moment to accept it."""
        inode = self.wait_until(lambda: _server_inode(self.port, client.getsockname()[1]))
        return self.wait_until(lambda: next((pid for pid in self.workers() if _holds(pid, inode)), None))

    def connect_to(self, worker: int) -> socket.socket:
        """A connection that this worker has accepted: all of them wait at one door, and who is first takes it."""
        deadline = time.monotonic() + STARTS_WITHIN_SECONDS
        while time.monotonic() < deadline:
            client = socket.create_connection(("127.0.0.1", self.port))
            if self.worker_of(client) == worker:
                return client
            client.close()
        raise TimeoutError(f"worker {worker} accepted no connection in {STARTS_WITHIN_SECONDS} s")

    def bus(self) -> int | None:
        """The embedded bus's process, while there is one."""
        buses = (pid for pid in children(self.process.pid) if "valkey" in command(pid) or "redis" in command(pid))
        return next(buses, None)

    def kill_bus(self) -> int:
        """Kill it; the master starts another."""
        pid = self.wait_until(self.bus)
        os.kill(pid, signal.SIGKILL)
        return pid

    def flask(self, *arguments: str, stdin: str = "") -> str:
        """What `flask --app wsgi ...` prints on this server's settings. Raises CalledProcessError."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
            cwd=PROJECT,
            env=self._environ,
            input=stdin,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def log(self) -> str:
        return self._log_file.read_text(encoding="utf-8", errors="replace")

    def wait_until(self, ask: Callable[[], T | None], seconds: float = STOPS_WITHIN_SECONDS) -> T:
        """The first true answer. Raises TimeoutError with the server's log, which says more than the test can."""
        try:
            return wait_until(ask, seconds)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; the server's log:\n{self.log()}") from None

    @property
    def _environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return kept | self.settings

    @property
    def _log_file(self) -> Path:
        return self.instance / "server.log"

    def _ready(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.log()}")
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def free_port() -> int:
    """One that nobody listens on, below those that the kernel gives to outgoing connections.

    Each of the processes that test at the same time has ports of its own, and gives none twice in a row of a thousand,
    so that nobody else takes it meanwhile.
    """
    while True:
        port = next(ports)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def children(parent: int) -> list[int]:
    """The processes that this one started and that live; oldest first."""
    tasks = Path(f"/proc/{parent}/task")
    found: list[int] = []
    for task in tasks.iterdir() if tasks.exists() else ():
        found += map(int, (task / "children").read_text().split())
    return sorted(filter(lives, found))


def lives(pid: int) -> bool:
    """Whether the process is there, and more than a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _server_inode(server_port: int, client_port: int) -> str | None:
    """The accepted end of a loopback connection, as /proc/net/tcp names it (proc(5))."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, *_, inode = line.split()[:10]
        if local.endswith(f":{server_port:04X}") and remote.endswith(f":{client_port:04X}") and inode != "0":
            return inode
    return None


def _holds(pid: int, inode: str) -> bool:
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if descriptor.readlink() == Path(f"socket:[{inode}]"):
                return True
        except OSError:
            continue
    return False
