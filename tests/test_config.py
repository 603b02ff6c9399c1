"""The settings: what is read, and what is refused in one line."""

import stat
from dataclasses import fields
from pathlib import Path

import limits
import pytest

from multichat import config
from multichat.config import Settings, SettingsError


def refusal(**environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        config.load(environ)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_an_empty_environment_has_every_default() -> None:
    assert config.load({}) == Settings()


def test_an_empty_value_counts_as_none() -> None:
    assert config.load({"REDIS_URL": "", "PORT": ""}) == Settings()


def test_other_programs_variables_are_nothing_to_us() -> None:
    assert config.load({"HOME": "/root", "MULTI": "x"}) == Settings()


def test_values_become_what_they_are() -> None:
    settings = config.load({"PORT": "9000", "MULTICHAT_DEV": "Yes", "HOST": "::1", "WEB_CONCURRENCY": "4"})
    assert (settings.PORT, settings.MULTICHAT_DEV, settings.HOST, settings.WEB_CONCURRENCY) == (9000, True, "::1", 4)


def test_a_misspelt_setting_is_refused_with_the_nearest_name() -> None:
    assert "did you mean MULTICHAT_PUBLIC_URL?" in refusal(MULTICHAT_PUBLC_URL="https://chat.example.org")


def test_an_unknown_setting_is_refused() -> None:
    assert refusal(MULTICHAT_X="1") == "MULTICHAT_X: there is no such setting; docs/settings.md lists those there are"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "+80"),
        ("PORT", "80.0"),
        ("PORT", "\N{ARABIC-INDIC DIGIT EIGHT}"),
        ("HOST", "two words"),
        ("HOST", "http://127.0.0.1"),
        ("WEB_CONCURRENCY", "0"),
        ("WEB_CONCURRENCY", "many"),
        ("MULTICHAT_DEV", "maybe"),
        ("MULTICHAT_TRUSTED_PROXIES", "-1"),
        ("MULTICHAT_MESSAGE_RATE", "lots"),
        ("MULTICHAT_MESSAGE_RATE", "0 per second"),
        ("MULTICHAT_PUBLIC_URL", "chat.example.org"),
        ("MULTICHAT_PUBLIC_URL", "https://chat.example.org/sub/path"),
        ("MULTICHAT_PUBLIC_URL", "https://user@chat.example.org"),
        ("MULTICHAT_PUBLIC_URL", "https://chat.example.org:port"),
        ("MULTICHAT_WORKER_CLASS", "sync"),
        ("MULTICHAT_SOCKETS_PER_PERSON", "0"),
        ("MULTICHAT_PRESENCE_QUIET_SECONDS", "soon"),
    ],
)
def test_a_bad_value_is_named_with_what_is_expected(name: str, value: str) -> None:
    text = refusal(**{name: value})
    assert text.startswith(f"{name}: {value!r} cannot be used; expected ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "hunter2"),
        ("DATABASE_URL", "mysql://chat:hunter2@localhost/chat"),
        ("DATABASE_URL", "hunter2"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("REDIS_URL", "http://:hunter2@localhost"),
        ("REDIS_URL", "redis://:hunter2@localhost:99999/0"),
        ("REDIS_URL", "redis://:hunter2@[localhost"),
        ("REDIS_URL", "unix://"),
        ("REDIS_URL", "memory://hunter2"),
    ],
)
def test_a_bad_secret_is_not_repeated(name: str, value: str) -> None:
    text = refusal(**{name: value})
    assert text.startswith(f"{name}: expected ")
    assert "hunter2" not in text


@pytest.mark.parametrize(
    "rate", ["20 per 10 second", "1 per second", "100 per minute", "5 per 2 hours", "999999 per 9999 seconds"]
)
def test_a_rate_is_what_the_counter_reads(rate: str) -> None:
    assert limits.parse(config.load({"MULTICHAT_MESSAGE_RATE": rate}).MULTICHAT_MESSAGE_RATE).amount


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://chat.example.org", "https://chat.example.org"),
        ("https://Chat.Example.org:443/", "https://chat.example.org"),
        ("http://chat.example.org:8080", "http://chat.example.org:8080"),
        ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
    ],
)
def test_the_public_url_is_written_as_browsers_write_an_origin(given: str, origin: str) -> None:
    assert config.load({"MULTICHAT_PUBLIC_URL": given}).MULTICHAT_PUBLIC_URL == origin


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_with_psycopg(scheme: str) -> None:
    settings = config.load({"DATABASE_URL": f"{scheme}://chat@localhost/chat"})
    assert config.database_url(settings) == "postgresql+psycopg://chat@localhost/chat"


@pytest.mark.parametrize(
    ("url", "database"),
    [
        ("", "sqlite:////srv/chat/multichat.sqlite3"),
        ("sqlite:///other.sqlite3", "sqlite:////srv/chat/other.sqlite3"),
        ("sqlite:////var/lib/chat.sqlite3?mode=rw", "sqlite:////var/lib/chat.sqlite3?mode=rw"),
    ],
)
def test_sqlite_lies_in_the_instance(url: str, database: str) -> None:
    settings = config.load({"DATABASE_URL": url, "MULTICHAT_INSTANCE_PATH": "/srv/chat"})
    assert config.database_url(settings) == database


def test_the_instance_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = config.make_instance(Settings(MULTICHAT_INSTANCE_PATH=tmp_path / "new" / "instance"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_an_instance_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"MULTICHAT_INSTANCE_PATH: cannot make .*file"):
        config.make_instance(Settings(MULTICHAT_INSTANCE_PATH=tmp_path / "file"))


def test_the_secret_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(MULTICHAT_INSTANCE_PATH=tmp_path)
    key = config.secret_key(settings)
    assert len(key) >= config.SECRET_KEY_LENGTH
    assert config.secret_key(settings) == key
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_given_secret_key_needs_no_file(tmp_path: Path) -> None:
    assert config.secret_key(Settings(SECRET_KEY="k" * 32, MULTICHAT_INSTANCE_PATH=tmp_path)) == "k" * 32
    assert not list(tmp_path.iterdir())


def test_a_short_key_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("hunter2\n")
    with pytest.raises(SettingsError, match="at least 32 characters") as caught:
        config.secret_key(Settings(MULTICHAT_INSTANCE_PATH=tmp_path))
    assert "hunter2" not in str(caught.value)


def test_the_bus_is_in_the_instance_unless_redis_is_given() -> None:
    settings = config.load({"MULTICHAT_INSTANCE_PATH": "/srv/chat"})
    assert config.bus_url(settings) == "unix:///srv/chat/bus.sock"
    assert config.bus_url(config.load({"REDIS_URL": "redis://localhost/0"})) == "redis://localhost/0"


def test_a_long_instance_path_has_its_socket_elsewhere() -> None:
    longest = Path("/", "i" * (config.SOCKET_PATH_BYTES - len("//bus.sock")))
    assert config.bus_socket_path(longest) == longest / "bus.sock"
    too_long = Path(f"{longest}i")
    socket = config.bus_socket_path(too_long)
    assert len(str(socket)) < config.SOCKET_PATH_BYTES
    assert config.bus_socket_path(too_long) == socket
    assert config.bus_socket_path(Path(f"{longest}j")) != socket


def test_every_setting_says_why_in_one_line() -> None:
    for setting in fields(Settings):
        reason = setting.metadata["reason"]
        assert reason.endswith(".") and "\n" not in reason and "|" not in reason, setting.name
