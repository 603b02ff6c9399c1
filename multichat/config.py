"""Every setting once: its name in the environment, its type, its default, and why one would change it.

Standard library alone, and nothing else of ours: gunicorn.conf.py loads this file by its path, because what
gunicorn's master imports stays unpatched by gevent in every worker.
"""

import contextlib
import difflib
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parent.parent

# As many characters as itsdangerous and Flask recommend bytes of entropy; ours has 43.
SECRET_KEY_LENGTH = 32

EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104

# sizeof(sockaddr_un.sun_path) less its closing NUL.
SOCKET_PATH_BYTES = 107


class SettingsError(Exception):
    """A setting that cannot be used. Its text is one line for the person who starts the server."""


@dataclass(frozen=True)
class Kind:
    """What a setting's text may be: in words, and as a function that raises ValueError."""

    expects: str
    read: Callable[[str], Any]
    secret: bool = False


def load(environ: Mapping[str, str]) -> "Settings":
    """The settings of this environment; an empty value counts as none. Raises SettingsError."""
    _refuse_unknown(environ)
    return Settings(**{f.name: _read(f, environ[f.name]) for f in fields(Settings) if environ.get(f.name)})


def instance_path(settings: "Settings") -> Path:
    """The directory of all state of this installation. Raises SettingsError where there is none: serving makes it."""
    path = settings.MULTICHAT_INSTANCE_PATH
    if not path.is_dir():
        raise SettingsError(f"MULTICHAT_INSTANCE_PATH: there is no {path}; bin/serve makes it")
    return path


def make_instance(settings: "Settings") -> Path:
    """The same, made if it is missing."""
    path = settings.MULTICHAT_INSTANCE_PATH
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"MULTICHAT_INSTANCE_PATH: cannot make {path}: {error.strerror}") from None
    return path


def secret_key(settings: "Settings") -> str:
    """SECRET_KEY, or else the instance's own, made on first use."""
    if settings.SECRET_KEY:
        return settings.SECRET_KEY
    path = instance_path(settings) / "secret_key"
    try:
        if not path.exists():
            create_secret(path)
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(f"SECRET_KEY is not set, and {path} cannot be read or made: {error.strerror}") from None
    if len(key) < SECRET_KEY_LENGTH:
        raise SettingsError(
            f"{path}: expected at least {SECRET_KEY_LENGTH} characters; remove it, and a new one is made"
        )
    return key


def database_url(settings: "Settings") -> str:
    """The database as SQLAlchemy names it."""
    if settings.DATABASE_URL:
        scheme, _, rest = settings.DATABASE_URL.partition("://")
        if scheme != "sqlite":
            return f"postgresql+psycopg://{rest}"
        file, question, options = rest.removeprefix("/").partition("?")
        return f"sqlite:///{settings.MULTICHAT_INSTANCE_PATH / file}{question}{options}"
    return f"sqlite:///{settings.MULTICHAT_INSTANCE_PATH / 'multichat.sqlite3'}"


def bus_url(settings: "Settings") -> str:
    """Where the bus is: REDIS_URL, or else the server that gunicorn's master embeds."""
    return settings.REDIS_URL or f"unix://{bus_socket_path(settings.MULTICHAT_INSTANCE_PATH)}"


def bus_socket_path(instance: Path) -> Path:
    """The embedded bus's socket. It follows from the instance path alone, so that `flask` commands find it."""
    path = instance / "bus.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES:
        return path
    name = hashlib.sha256(os.fsencode(instance)).hexdigest()[:16]
    # Not tempfile.gettempdir(): with another TMPDIR a `flask` command would look elsewhere.
    return Path("/tmp", f"multichat-{os.getuid()}-{name}", "bus.sock")  # noqa: S108


def address(settings: "Settings") -> str:
    """Where people reach this server, as far as the settings tell: the public address, or else that on this machine."""
    if settings.MULTICHAT_PUBLIC_URL:
        return settings.MULTICHAT_PUBLIC_URL
    host = "localhost" if settings.HOST in EVERYWHERE else settings.HOST
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"


def keep_address(settings: "Settings") -> None:
    """For `flask` commands: whoever gives one need not say again on which port the server is."""
    with contextlib.suppress(OSError):  # where nothing can be written they go by the settings
        _address_file(settings).write_text(f"{address(settings)}\n", encoding="ascii")


def kept_address(settings: "Settings") -> str:
    """Where the server was when it last started on this instance, or else where it would be."""
    kept = ""
    with contextlib.suppress(OSError, ValueError):
        kept = _address_file(settings).read_text(encoding="ascii").strip()
    return address(settings) if settings.MULTICHAT_PUBLIC_URL or not kept else kept


def _address_file(settings: "Settings") -> Path:
    return settings.MULTICHAT_INSTANCE_PATH / "address"


def _whole_number(low: int, high: int) -> Kind:
    def read(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() else low - 1
        if not low <= number <= high:
            raise ValueError
        return number

    return Kind(f"a whole number from {low} to {high}", read)


def _read_switch(text: str) -> bool:
    return {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}[
        text.lower()
    ]


def _read_host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:-]+", text):
        raise ValueError
    return text


def _read_path(text: str) -> Path:
    return (PROJECT / Path(text).expanduser()).resolve()


def _read_secret_key(text: str) -> str:
    if len(text) < SECRET_KEY_LENGTH:
        raise ValueError
    return text


def _read_database_url(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in ("sqlite", "postgres", "postgresql", "postgresql+psycopg"):
        raise ValueError
    # A database in memory would be another one in each worker.
    if scheme == "sqlite" and (not rest.startswith("/") or rest.partition("?")[0] in ("/", "/:memory:")):
        raise ValueError
    return text


def _read_redis_url(text: str) -> str:
    parts = urlsplit(text)
    place = {"redis": parts.hostname, "rediss": parts.hostname, "unix": parts.path, "memory": text == "memory://"}
    if not place[parts.scheme] or parts.port == 0:
        raise ValueError
    return text


# A part of what the `limits` package reads, which must not be imported here.
_RATE = re.compile(r"[1-9][0-9]{0,5} per ([1-9][0-9]{0,3} )?(second|minute|hour)s?")


def _read_rate(text: str) -> str:
    if not _RATE.fullmatch(text):
        raise ValueError
    return text


def _read_origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.port == 0:
        raise ValueError
    default_port = {"http": 80, "https": 443}[parts.scheme]
    # As browsers write it in `Origin`: in ASCII, and without the scheme's own port.
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.encode("idna").decode()
    port = f":{parts.port}" if parts.port not in (None, default_port) else ""
    return f"{parts.scheme}://{host}{port}"


def _one_of(*names: str) -> Kind:
    def read(text: str) -> str:
        if text not in names:
            raise ValueError
        return text

    return Kind(" or ".join(names), read)


_SWITCH = Kind("yes or no", _read_switch)
_HOST = Kind("an address or a host name", _read_host)
_PATH = Kind("a directory", _read_path)
_SECRET_KEY = Kind(f"at least {SECRET_KEY_LENGTH} characters", _read_secret_key, secret=True)
_DATABASE_URL = Kind("sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME", _read_database_url, secret=True)
_REDIS_URL = Kind("redis://HOST:PORT/0, rediss://HOST:PORT/0, unix:///PATH or memory://", _read_redis_url, secret=True)
_RATE_KIND = Kind("a rate such as 20 per 10 second", _read_rate)
_ORIGIN = Kind("an origin such as https://chat.example.org", _read_origin)


def _setting(kind: Kind, default: Any, reason: str, *, shown_default: str | None = None) -> Any:
    """A field of Settings. `shown_default` says in docs/settings.md what an empty default stands for."""
    return field(default=default, metadata={"kind": kind, "reason": reason, "shown_default": shown_default})


@dataclass(frozen=True)
class Settings:
    """What the person who runs the server decided. The names are the environment's."""

    HOST: str = _setting(_HOST, "127.0.0.1", "Where to listen; `0.0.0.0` opens it to the network.")
    PORT: int = _setting(_whole_number(1, 65535), 8000, "Where to listen.")
    WEB_CONCURRENCY: int = _setting(_whole_number(1, 64), 2, "Worker processes; about one for each core.")
    SECRET_KEY: str | None = _setting(
        _SECRET_KEY,
        None,
        "Signs cookies; to be given where several machines serve one chat.",
        shown_default="the file `secret_key` in the instance, made at the first start",
    )
    DATABASE_URL: str | None = _setting(
        _DATABASE_URL,
        None,
        "PostgreSQL, where there is one; a relative SQLite file lies in the instance.",
        shown_default="the file `multichat.sqlite3` in the instance",
    )
    REDIS_URL: str | None = _setting(
        _REDIS_URL,
        None,
        "A Redis or Valkey of your own between the workers; `memory://` is for a single worker.",
        shown_default="an embedded server",
    )
    MULTICHAT_INSTANCE_PATH: Path = _setting(
        _PATH, PROJECT / "instance", "All state of this installation.", shown_default="`instance` beside `bin`"
    )
    MULTICHAT_PUBLIC_URL: str | None = _setting(
        _ORIGIN,
        None,
        "The address that browsers see, behind a proxy; with `https` cookies become Secure.",
        shown_default="each request's own",
    )
    MULTICHAT_TRUSTED_PROXIES: int = _setting(
        _whole_number(0, 16), 0, "How many proxies in front write `X-Forwarded-For` and `X-Forwarded-Proto`."
    )
    MULTICHAT_MESSAGE_RATE: str = _setting(
        _RATE_KIND, "20 per 10 second", "How many messages a person may send; more are refused."
    )
    MULTICHAT_SOCKETS_PER_PERSON: int = _setting(
        _whole_number(1, 10_000), 50, "How many tabs a person may have open on each worker."
    )
    MULTICHAT_PRESENCE_QUIET_SECONDS: int = _setting(
        _whole_number(0, 3600),
        45,
        "No one is said to enter or leave for so long after a start, or after the bus came back.",
    )
    MULTICHAT_WORKER_CLASS: str = _setting(
        _one_of("gevent", "gthread"), "gevent", "`gthread` spends a thread on every open tab, and needs no gevent."
    )
    MULTICHAT_DEV: bool = _setting(
        _SWITCH, False, "For work on multichat itself: code and templates are read again when they change."
    )


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    prefix = "MULTICHAT_"
    known = [f.name.removeprefix(prefix) for f in fields(Settings) if f.name.startswith(prefix)]
    for name in sorted(environ):
        if name.startswith(prefix) and name.removeprefix(prefix) not in known:
            nearest = difflib.get_close_matches(name.removeprefix(prefix), known, n=1)
            hint = f"did you mean {prefix}{nearest[0]}?" if nearest else "docs/settings.md lists those there are"
            raise SettingsError(f"{name}: there is no such setting; {hint}")


def _read(f: Field[Any], text: str) -> Any:
    kind: Kind = f.metadata["kind"]
    try:
        return kind.read(text)
    except (ValueError, KeyError, OSError, RuntimeError):
        seen = "" if kind.secret else f" {text!r} cannot be used;"
        raise SettingsError(f"{f.name}:{seen} expected {kind.expects}") from None


def create_secret(path: Path) -> None:
    """Write a new secret for the owner alone, whole or not at all, unless another process was first."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
