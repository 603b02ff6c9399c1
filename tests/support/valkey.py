"""A Valkey server that a test may stop and start again, on a Unix socket in a temporary directory."""

import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
import redis

from multichat import embedded_bus
from tests.support.waiting import wait_until

STARTS_WITHIN_SECONDS = 10.0


class Valkey:
    """Runs inside its `with`."""

    def __enter__(self) -> "Valkey":
        # Not pytest's own directories: a Unix socket's path ends at 107 bytes.
        self._directory = tempfile.TemporaryDirectory(prefix="multichat-valkey-")
        self._socket = Path(self._directory.name, "socket")
        self.url = f"unix://{self._socket}"
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._directory.cleanup()

    def start(self) -> None:
        binary = embedded_bus.find_binary()
        if binary is None:
            pytest.skip("there is no valkey-server")
        options = {"port": "0", "unixsocket": str(self._socket), "save": "", "dir": self._directory.name}
        self._process = subprocess.Popen(
            [binary, *(word for name, value in options.items() for word in (f"--{name}", value))],
            stdout=subprocess.DEVNULL,
        )
        wait_until(self._answers, STARTS_WITHIN_SECONDS)

    def _answers(self) -> bool:
        with redis.Redis(unix_socket_path=str(self._socket)) as client, suppress(redis.ConnectionError):
            return bool(client.ping())
        return False

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """It holds its connections and answers nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)
