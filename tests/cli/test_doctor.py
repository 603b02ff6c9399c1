"""`flask doctor`."""

from pathlib import Path

import pytest

from multichat.config import Settings
from tests.cli.conftest import Run
from tests.support.valkey import Valkey


def findings(output: str) -> dict[str, tuple[str, str]]:
    """What is said of each thing: its state and the text."""
    columns = [(line[:5].strip(), line[7:18].strip(), line[20:]) for line in output.splitlines()]
    return {name: (state, text) for state, name, text in columns}


@pytest.fixture(autouse=True)
def instance(settings: Settings) -> Path:
    path = settings.MULTICHAT_INSTANCE_PATH
    path.chmod(0o700)
    return path


def test_all_is_well(run: Run) -> None:
    result = run("doctor")
    seen = findings(result.stdout)
    assert list(seen) == [
        "settings", "database", "migrations", "bus", "open files", "clock", "disk", "instance",
    ]  # fmt: skip
    assert {state for name, (state, _) in seen.items() if name not in ("open files", "disk")} == {"ok"}
    assert "answers; written to in" in seen["database"][1]
    assert result.exit_code == 0


def test_a_database_without_tables_is_a_fault(run_with: Run, tmp_path: Path) -> None:
    result = run_with("doctor", DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3")
    state, text = findings(result.stdout)["migrations"]
    assert state == "FAULT"
    assert ".venv/bin/flask --app wsgi db upgrade" in text
    assert result.exit_code == 1


def test_a_database_that_is_away_is_a_fault(run_with: Run) -> None:
    result = run_with("doctor", DATABASE_URL="postgresql://chat@127.0.0.1:1/chat")
    seen = findings(result.stdout)
    assert (seen["database"][0], seen["migrations"][0]) == ("FAULT", "FAULT")
    assert "Connection refused" in seen["database"][1]
    assert len(seen) == 8
    assert result.exit_code == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_cannot_be_written_to_is_a_fault(run_with: Run, database_url: str) -> None:
    result = run_with("doctor", DATABASE_URL=f"{database_url}&options=-c%20default_transaction_read_only%3Don")
    state, text = findings(result.stdout)["database"]
    assert (state, result.exit_code) == ("FAULT", 1)
    assert "read-only transaction" in text


def test_the_bus_is_tried(run_with: Run, valkey: Valkey) -> None:
    state, text = findings(run_with("doctor", REDIS_URL=valkey.url).stdout)["bus"]
    assert (state, text.partition(",")[0]) == ("ok", "REDIS_URL")


def test_a_bus_that_was_asked_for_and_is_away_is_a_fault(run_with: Run) -> None:
    result = run_with("doctor", REDIS_URL="redis://127.0.0.1:1/0")
    assert findings(result.stdout)["bus"][0] == "FAULT"
    assert result.exit_code == 1


def test_an_embedded_bus_may_be_away_while_the_server_is(run_with: Run) -> None:
    result = run_with("doctor", REDIS_URL=None)
    state, text = findings(result.stdout)["bus"]
    assert (state, result.exit_code) == ("warn", 0)
    assert "runs while multichat runs" in text


@pytest.mark.parametrize(
    ("settings_", "remark"),
    [
        ({"HOST": "0.0.0.0"}, "passwords cross the network in the clear"),
        ({"HOST": "0.0.0.0", "MULTICHAT_TRUSTED_PROXIES": 1}, "can pretend to any address"),
        ({"MULTICHAT_PUBLIC_URL": "https://chat.example.org"}, "MULTICHAT_TRUSTED_PROXIES is 0"),
        ({"MULTICHAT_DEV": True}, "for development"),
    ],
)
def test_settings_that_do_not_go_together_are_remarked_on(
    run_with: Run, settings_: dict[str, object], remark: str
) -> None:
    state, text = findings(run_with("doctor", **settings_).stdout)["settings"]
    assert (state, remark in text) == ("warn", True)


def test_an_instance_without_a_secret_for_others_is_said_so_in_one_way(run: Run, instance: Path) -> None:
    said = set()
    for mode in (0o700, 0o755):
        instance.chmod(mode)
        said.add(findings(run("doctor").stdout)["instance"])
    assert said == {("ok", f"{instance} has no secret that others can read")}


def test_secrets_that_others_can_read_are_a_fault(run: Run, instance: Path) -> None:
    instance.chmod(0o755)
    (instance / "secret_key").write_text("x" * 43)
    (instance / "secret_key").chmod(0o644)
    result = run("doctor")
    state, text = findings(result.stdout)["instance"]
    assert (state, result.exit_code) == ("FAULT", 1)
    assert f"can read secret_key; run: chmod 700 {instance}" in text


def test_messages_that_others_can_read_are_remarked_on(run: Run, instance: Path) -> None:
    instance.chmod(0o755)
    (instance / "multichat.sqlite3").touch()
    (instance / "multichat.sqlite3").chmod(0o644)
    state, text = findings(run("doctor").stdout)["instance"]
    assert state == "warn"
    assert "can read what people write" in text
