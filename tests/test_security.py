"""What every answer is dressed in, and what every address is checked for."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from multichat import config
from multichat.app import create_app
from multichat.models import Room
from multichat.security import own_origin, safe_next, same_origin
from tests.support.markup import Element, parse
from tests.support.person import Person
from tests.support.routes import ROUTES, addresses

PAGES = [address for method, rule, address, _ in ROUTES if method == "GET" and rule != "/ws"]
# What answers instead of a route.
FAULTS = ["/nowhere", "/ws", "/sign-out", "/rooms/404", "/setup/wrong", "/static/nothing.css"]


@pytest.fixture
def address(app: Flask, bob: Person, lobby: Room, backstage: Room) -> Callable[[str], str]:
    return addresses(app, bob, lobby, backstage)


@pytest.fixture
def policy() -> dict[str, str]:
    return {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "font-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", ["a stranger", "a member", "an administrator"])
def test_every_answer_has_its_headers(
    app: Flask, alice: Person, ada: Person, address: Callable[[str], str], policy: dict[str, str], who: str
) -> None:
    client = {"a stranger": app.test_client(), "a member": alice.client, "an administrator": ada.client}[who]
    for template in PAGES + FAULTS:
        with client.get(address(template)) as answer:
            sources = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
            assert sources == policy, template
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert answer.headers["Permissions-Policy"] == "camera=(), geolocation=(), microphone=()"
            own = template in ("/emoji", "/account/viewer.css") and who != "a stranger"
            kept = own or template.startswith("/static/{version}")
            assert ("no-store" in answer.headers["Cache-Control"]) != kept, template
            assert ("private" in answer.headers["Cache-Control"]) == own, template


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_page_has_what_its_policy_forbids(
    app: Flask, alice: Person, ada: Person, address: Callable[[str], str]
) -> None:
    seen = 0
    for client in (app.test_client(), alice.client, ada.client):
        for template in PAGES + FAULTS:
            with client.get(address(template)) as answer:
                if answer.mimetype == "text/html":
                    forbidden = [element.tag for element in parse(answer.text).all() if is_forbidden(element)]
                    assert forbidden == [], template
                    seen += 1
    assert seen > 3 * len(FAULTS)


def is_forbidden(element: Element) -> bool:
    """A script or a style in the page itself, whatever a script would be made of, and what is on another site."""
    attributes = element.attributes
    inline = element.tag == "style" or (element.tag == "script" and "src" not in attributes)
    handlers = [name for name in attributes if name.startswith(("on", "hx-on")) or name in ("style", "srcdoc")]
    addresses = [attributes.get(name) or "" for name in ("src", "href", "action", "formaction")]
    elsewhere = [url for url in addresses if ":" in url.partition("/")[0] or url.startswith("//")]
    return bool(inline or handlers or elsewhere)


@pytest.fixture
def public_url() -> str | None:
    return None


@pytest.fixture
def settings(settings: config.Settings, public_url: str | None) -> config.Settings:
    return replace(settings, MULTICHAT_PUBLIC_URL=public_url)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("public_url", "secure"), [(None, False), ("http://chat.example", False), ("https://chat.example", True)]
)
@pytest.mark.usefixtures("alice")
def test_the_cookie_is_for_the_browser_and_this_site_alone(app: Flask, secure: bool) -> None:
    cookies = app.test_client().get("/sign-in").headers.getlist("Set-Cookie")
    (cookie,) = [cookie.split("; ") for cookie in cookies if cookie.startswith("multichat=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} < set(cookie)
    assert ("Secure" in cookie) == secure


# Where to go next


@pytest.mark.parametrize(
    "url",
    ["/", "/rooms/7", "/rooms/7?beside=8&before=3", "/rooms/7#message-3", "/räume", "/?next=//evil.example", "/a//b"],
)
def test_a_path_of_ours_is_safe(url: str) -> None:
    assert safe_next(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        ".",
        "rooms/7",
        "?next=/",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "//evil.example/rooms/7",
        "//localhost@evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/rooms\\..\\evil",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r/evil.example",
        "/ /evil.example",
        "/\0/evil.example",
        "/\x7f",
        "\t//evil.example",
        " //evil.example",
        " /rooms/7",
        "/rooms/7\r\nSet-Cookie: theme=evil",
        "http://evil.example",
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "http://localhost/rooms/7",
        "javascript:alert(1)",
        "data:text/html,hi",
    ],
)
def test_whatever_else_is_elsewhere(url: str | None) -> None:
    assert safe_next(url) is None


# Whose page it is

OURS = "http://chat.example:8000"


@pytest.fixture
def app_at(tmp_path: Path) -> Callable[..., Flask]:
    """The application with settings of its own; it is asked for no page, so its database does not matter."""

    def app_at(**environment: str) -> Flask:
        return create_app(
            config.load({"MULTICHAT_INSTANCE_PATH": str(tmp_path), "REDIS_URL": "memory://"} | environment)
        )

    return app_at


def is_ours(app: Flask, *origins: str, at: str = OURS) -> bool:
    with app.test_request_context("/ws", base_url=at, headers=[("Origin", origin) for origin in origins]):
        return same_origin()


@pytest.mark.parametrize(
    "origins",
    [
        (),
        ("",),
        ("null",),
        ("*",),
        ("http://chat.example",),
        ("http://chat.example:80",),
        ("http://chat.example:8001",),
        ("https://chat.example:8000",),
        ("ws://chat.example:8000",),
        ("HTTP://CHAT.EXAMPLE:8000",),
        ("http://Chat.example:8000",),
        ("http://chat.example.:8000",),
        ("http://chat.example:8000/",),
        ("http://chat.example:8000/ws",),
        ("http://chat.example:8000 ",),
        ("http://www.chat.example:8000",),
        ("http://chat.example:8000.evil.example",),
        ("http://chat.example:8000@evil.example",),
        ("http://evil.example?http://chat.example:8000",),
        ("http://chat.example:08000",),
        (OURS, OURS),
        (OURS, "http://evil.example"),
        (f"{OURS}, {OURS}",),
    ],
)
def test_a_foreign_page_is_none_of_ours(app_at: Callable[..., Flask], origins: tuple[str, ...]) -> None:
    app = app_at()
    assert is_ours(app, OURS)
    assert not is_ours(app, *origins)


@pytest.mark.parametrize("path", ["/", "/ws", "/static/css/app.css"])
def test_a_host_that_can_be_none_is_refused(app: Flask, path: str) -> None:
    """And not with an error page, which has links, and there is nothing to link to."""
    assert app.test_client().get(path, headers={"Host": "a..b"}).status_code == 400


def test_behind_a_proxy_the_public_address_is_ours_and_no_other(app_at: Callable[..., Flask]) -> None:
    app = app_at(MULTICHAT_PUBLIC_URL="https://chat.example.org")
    assert is_ours(app, "https://chat.example.org")
    assert not is_ours(app, OURS)


@pytest.mark.parametrize(("proxies", "expected"), [("0", OURS), ("1", "https://chat.example:8000")])
def test_a_proxy_is_believed_only_where_there_is_one(app_at: Callable[..., Flask], proxies: str, expected: str) -> None:
    app = app_at(MULTICHAT_TRUSTED_PROXIES=proxies)
    seen: list[str] = []
    app.add_url_rule("/origin", view_func=lambda: seen.append(own_origin()) or "ok")
    app.test_client().get("/origin", base_url=OURS, headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil"})
    assert seen == [expected]
