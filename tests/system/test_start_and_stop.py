"""bin/serve's Python part and gunicorn.conf.py, from outside: processes, signals, lines."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from multichat.config import PROJECT
from tests.support.postgres import Postgres
from tests.support.server import STOPS_WITHIN_SECONDS, Server, children, free_port, lives

# Half a start: for what has nothing to do with how many workers there are.
ALONE = {"WEB_CONCURRENCY": "1"}


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """One for a test that ends it. Its worker class may be given, indirectly."""
    with Server(tmp_path / "instance", MULTICHAT_WORKER_CLASS=getattr(request, "param", "gevent")) as server:
        yield server


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for the tests that it survives."""
    with Server(tmp_path_factory.mktemp("lasting") / "instance") as server:
        yield server


def start(instance: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to fail."""
    return subprocess.run(
        [sys.executable, "-m", "multichat.serve"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "MULTICHAT_INSTANCE_PATH": str(instance), **settings},
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_it_says_where_it_is_and_has_two_workers_and_a_bus(lasting: Server) -> None:
    lasting.wait_until(lambda: len(lasting.workers()) == 2)
    assert lasting.bus() is not None
    assert f"multichat is at {lasting.url}\n" in lasting.log()
    assert (lasting.instance / "address").read_text() == f"{lasting.url}\n"


def test_an_interrupt_of_the_master_alone_stops_everything(server: Server) -> None:
    assert server.stop(signal.SIGINT) < STOPS_WITHIN_SECONDS
    assert server.process.returncode == 0
    assert "Traceback" not in server.log()


def test_ctrl_c_in_a_terminal_stops_everything(server: Server) -> None:
    family = [server.process.pid, *children(server.process.pid)]
    os.killpg(server.process.pid, signal.SIGINT)
    server.wait_until(lambda: server.process.poll() is not None and not any(map(lives, family)))
    assert server.process.returncode == 0
    assert "Traceback" not in server.log()


def test_ctrl_c_amid_a_start_ends_it_at_once_and_without_a_fuss(tmp_path: Path) -> None:
    for line in ("multichat is at", "Listening at", "Booting worker"):
        server = subprocess.Popen(
            [sys.executable, "-m", "multichat.serve"],
            cwd=PROJECT,
            env={
                "PATH": os.environ["PATH"],
                "MULTICHAT_INSTANCE_PATH": str(tmp_path / "instance"),
                "PORT": str(free_port()),
                "PYTHONUNBUFFERED": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert server.stdout is not None
        said = next(text for text in server.stdout if line in text)
        os.killpg(server.pid, signal.SIGINT)
        said += server.communicate(timeout=STOPS_WITHIN_SECONDS)[0]
        assert server.returncode in (0, -signal.SIGINT), line
        assert "Traceback" not in said
        assert "SIGKILL" not in said


@pytest.mark.parametrize("server", ["gevent", "gthread"], indirect=True)
def test_a_killed_master_takes_its_workers_and_its_bus_along(server: Server) -> None:
    family = children(server.process.pid)
    assert len(family) == 3
    server.process.kill()
    server.process.wait()
    server.wait_until(lambda: not any(map(lives, family)))


def test_a_killed_bus_is_back_within_a_second(lasting: Server) -> None:
    killed = lasting.kill_bus()
    lasting.wait_until(lambda: lasting.bus() not in (None, killed), seconds=1)
    lasting.wait_until(lambda: b'"bus":"ok"' in read(f"{lasting.url}/readyz"))


def test_a_killed_worker_is_replaced(lasting: Server) -> None:
    first, second = lasting.wait_until(lambda: lasting.workers() if len(lasting.workers()) == 2 else None)
    os.kill(first, signal.SIGKILL)
    lasting.wait_until(lambda: first not in lasting.workers() and len(lasting.workers()) == 2)
    assert second in lasting.workers()


def test_a_reload_has_new_workers_and_the_same_bus(server: Server) -> None:
    bus = server.bus()
    old = server.workers()
    server.reload()
    assert not set(old) & set(server.workers())
    assert server.bus() == bus
    # SIGHUP reads the configuration again; the bus must stop nevertheless.
    server.stop()


def test_it_comes_back_on_the_same_instance(tmp_path: Path) -> None:
    with Server(tmp_path / "instance", **ALONE) as server:
        key = (server.instance / "secret_key").read_text()
        server.stop()
        server.start()
        assert (server.instance / "secret_key").read_text() == key


def test_it_runs_on_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    with Server(tmp_path, DATABASE_URL=postgres.url(postgres.create()), **ALONE) as server:
        assert b'"database":"ok"' in read(f"{server.url}/readyz")
    assert not (tmp_path / "multichat.sqlite3").exists()


def test_an_instance_too_deep_for_a_socket_has_its_bus_all_the_same(tmp_path: Path) -> None:
    with Server(tmp_path / ("deep" * 30), **ALONE) as server:
        assert b'"bus":"ok"' in read(f"{server.url}/readyz")


def test_without_any_server_to_embed_one_worker_serves_alone_and_says_so(tmp_path: Path) -> None:
    with Server(tmp_path / "instance", REDIS_URL="memory://") as server:
        assert b'"bus":"ok"' in read(f"{server.url}/readyz")
        assert len(server.workers()) == 1
        assert server.bus() is None
        assert "one worker alone" in server.log()


def test_a_second_server_on_the_same_instance_is_refused_and_disturbs_nothing(lasting: Server) -> None:
    bus = lasting.bus()
    refused = start(lasting.instance)
    assert refused.returncode == 2
    assert refused.stderr == (
        f"multichat: another server (process {lasting.process.pid}) runs on {lasting.instance}; "
        "stop it, or set MULTICHAT_INSTANCE_PATH to another directory\n"
    )
    assert lasting.bus() == bus
    assert b'"bus":"ok"' in read(f"{lasting.url}/readyz")


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = start(tmp_path, PORT=str(port))
    assert refused.returncode == 2
    assert refused.stderr == f"multichat: cannot listen on HOST 127.0.0.1, PORT {port}: Address already in use\n"


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"MULTICHAT_PROT": "1"}, "multichat: MULTICHAT_PROT: there is no such setting"),
        ({"PORT": "eighty"}, "multichat: PORT: 'eighty' cannot be used; expected a whole number from 1 to 65535"),
        ({"SECRET_KEY": "short"}, "multichat: SECRET_KEY: expected at least 32 characters"),
    ],
)
def test_a_bad_setting_stops_the_start_with_one_line(tmp_path: Path, settings: dict[str, str], line: str) -> None:
    refused = start(tmp_path, **settings)
    assert refused.returncode == 2
    assert refused.stderr.startswith(line)
    assert refused.stderr.count("\n") == 1
    assert not refused.stdout


def test_a_database_that_is_away_is_said_in_one_line(tmp_path: Path) -> None:
    refused = start(tmp_path, DATABASE_URL=f"postgresql://chat:hunter2@/chat?host={tmp_path}")
    assert refused.returncode == 1
    assert refused.stderr.startswith("multichat: the database cannot be used: ")
    assert refused.stderr.count("\n") == 1
    assert "hunter2" not in refused.stderr


def test_a_newer_servers_database_is_refused(tmp_path: Path, sqlite_template: Path) -> None:
    instance = tmp_path / "instance"
    instance.mkdir()
    shutil.copy(sqlite_template, instance / "multichat.sqlite3")
    with sqlite3.connect(instance / "multichat.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'later'")
    connection.close()
    refused = start(instance)
    assert refused.returncode == 1
    assert refused.stderr.startswith("multichat: the database does not fit this version of multichat: ")
    assert "Traceback" not in refused.stderr


def test_a_token_in_a_path_reaches_no_log(tmp_path: Path) -> None:
    with Server(tmp_path / "instance", **ALONE) as server:
        for path in ("/setup/hunter2", "/nowhere/hunter2", "/sign-in?next=/hunter2"):
            read(server.url + path)
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(b"GET /setup/hunter2 HTTP/9.9\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 400")
        server.stop()
        assert " GET /setup/<token> " in server.log()
        assert "hunter2" not in server.log()


def read(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.read()
