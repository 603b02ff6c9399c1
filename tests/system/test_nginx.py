"""`docs/nginx.conf`, in a real nginx before a real server."""

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import websocket

from multichat.config import PROJECT
from multichat.embedded_bus import end_with_parent
from multichat.models import Room
from tests.support.server import free_port
from tests.support.socket import Tab
from tests.support.visitor import Visitor
from tests.system.conftest import Build, House

# What is around the site; Debian's own has a good deal more of it.
MAIN = """
daemon off;
pid {directory}/pid;
error_log {directory}/error.log;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    include {directory}/site.conf;
}}
"""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass(frozen=True)
class Site:
    """The address that browsers see."""

    house: House
    port: int
    plain_port: int
    directory: Path

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.directory / "certificate.pem"))

    def fetch(self, path: str, method: str = "GET", body: str = "", **headers: str) -> Answer:
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=10, context=self.trust)
        return _fetch(connection, method, path, body, headers)

    def fetch_plain(self, path: str) -> Answer:
        return _fetch(http.client.HTTPConnection("localhost", self.plain_port, timeout=10), "GET", path, "", {})

    def open(self, person: Visitor, origin: str | None = None) -> Tab:
        tab = Tab(f"{self.origin}/ws", person.cookie, origin=origin, sslopt={"context": self.trust})
        person.tabs.append(tab)
        return tab

    def log(self, name: str) -> str:
        return (self.directory / name).read_text()


@pytest.fixture(scope="module")
def site(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    for program in ("nginx", "openssl"):
        if _find(program) is None:
            pytest.skip(f"{program} is not here (Debian: apt-get install {program})")
    port, plain_port = free_port(), free_port()
    settings = {"MULTICHAT_PUBLIC_URL": f"https://localhost:{port}", "MULTICHAT_TRUSTED_PROXIES": "1"}
    house = build(WEB_CONCURRENCY="1", **settings)
    site = Site(house, port, plain_port, tmp_path_factory.mktemp("nginx"))
    _make_certificate(site.directory)
    (site.directory / "site.conf").write_text(_localised((PROJECT / "docs" / "nginx.conf").read_text(), site))
    # Its workers would else be nobody's, and our directory is not theirs.
    user = "user root;" if os.getuid() == 0 else ""
    (site.directory / "nginx.conf").write_text(MAIN.format(directory=site.directory, user=user))
    nginx = subprocess.Popen(
        [_find("nginx") or "", "-p", site.directory, "-c", site.directory / "nginx.conf"],
        stderr=subprocess.DEVNULL,  # error.log has it too
        start_new_session=True,
        preexec_fn=partial(end_with_parent, os.getpid(), signal.SIGTERM),
    )
    try:
        house.wait_until(lambda: nginx.poll() is not None or _listens(port))
        assert nginx.poll() is None, site.log("error.log")
        yield site
    finally:
        nginx.terminate()
        nginx.wait(10)


@pytest.fixture
def house(site: Site) -> House:
    """The one behind nginx: the people and the rooms of these tests are there."""
    return site.house


@pytest.mark.smoke
def test_two_people_chat_through_it(site: Site, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    hers, his = site.open(alice), site.open(bob)
    hers.join(lobby.id)
    his.join(lobby.id)
    hers.say(lobby.id, "Do you hear me?")
    assert "Do you hear me?" in his.until("Do you hear me?")
    his.say(lobby.id, "Loud and clear")
    hers.until("Loud and clear")


def test_pages_forms_and_stylesheets_come_through(site: Site, alice: Visitor, lobby: Room) -> None:
    page = site.fetch(f"/rooms/{lobby.id}", Cookie=alice.cookie)
    assert (page.status, lobby.name in page.text) == (200, True)
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Content-Encoding" not in site.fetch("/sign-in", **{"Accept-Encoding": "gzip"}).headers
    stylesheet = site.fetch(stylesheet_of(page), **{"Accept-Encoding": "gzip"})
    assert (stylesheet.status, stylesheet.headers["Content-Encoding"]) == (200, "gzip")


def test_cookies_are_secure_and_redirects_stay_on_https(site: Site) -> None:
    page = site.fetch("/sign-in")
    assert "Secure" in page.headers["Set-Cookie"]
    assert site.fetch("/").headers["Location"].startswith(("/sign-in", f"{site.origin}/sign-in"))


def test_plain_http_leads_to_https(site: Site) -> None:
    answer = site.fetch_plain("/rooms/7?beside=8")
    assert (answer.status, answer.headers["Location"]) == (301, "https://localhost/rooms/7?beside=8")


def test_a_foreign_page_cannot_open_our_socket(site: Site, alice: Visitor) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        site.open(alice, origin="https://evil.example")
    assert refused.value.status_code == 403


def test_nobody_tries_passwords_from_an_address_of_their_own_making(site: Site, alice: Visitor) -> None:
    def try_from(address: str) -> int:
        page = site.fetch("/sign-in")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token is not None
        return site.fetch(
            "/sign-in",
            "POST",
            f"csrf_token={token[1]}&username={alice.username}&password=not+my+password",
            **{
                "Cookie": page.headers["Set-Cookie"].partition(";")[0],
                "Referer": f"{site.origin}/sign-in",
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Forwarded-For": address,
                "X-Real-IP": address,
            },
        ).status

    assert [try_from(f"203.0.113.{number}") for number in range(12)] == [401] * 10 + [429] * 2


def test_no_log_has_the_token_of_a_set_up_link(site: Site) -> None:
    stylesheet = stylesheet_of(site.fetch("/sign-in?next=/setup/a-very-secret-token"))
    site.fetch("/setup/a-very-secret-token")
    site.fetch(stylesheet, Referer=f"{site.origin}/setup/a-very-secret-token")
    assert '"GET /setup/..." 404' in site.log("multichat.log")
    assert f'"GET {stylesheet}" 200' in site.log("multichat.log")
    assert "secret-token" not in site.log("multichat.log") + site.log("multichat.error.log") + site.house.log()


def test_a_server_that_stops_says_come_back(
    build: Build, site: Site, person: Callable[..., Visitor], lobby: Room
) -> None:
    """The last test: it stops what the others need."""
    tab = site.open(person("alice"))
    tab.join(lobby.id)
    site.house.stop()
    assert tab.close_code() == 1012


def stylesheet_of(page: Answer) -> str:
    """The address of its first one."""
    found = re.search(r'href="(/static/[^"]+\.css)', page.text)
    assert found is not None
    return found[1]


def _localised(text: str, site: Site) -> str:
    """The documented file, on ports and with a certificate of this test; every place is found."""
    for pattern, replacement, times in (
        (r"\n *listen \[::\].*", "", 2),  # not every machine has IPv6
        (r"listen 80;", f"listen 127.0.0.1:{site.plain_port};", 1),
        (r"listen 443 ", f"listen 127.0.0.1:{site.port} ", 1),
        (r"/etc/letsencrypt/live/chat\.example\.org/fullchain\.pem", f"{site.directory}/certificate.pem", 1),
        (r"/etc/letsencrypt/live/chat\.example\.org/privkey\.pem", f"{site.directory}/key.pem", 1),
        (r"server_name chat\.example\.org", "server_name localhost", 2),
        (r"/var/log/nginx/", f"{site.directory}/", 2),
        (r"http://127\.0\.0\.1:8000", site.house.url, 3),
    ):
        text, found = re.subn(pattern, replacement, text)
        assert found == times, pattern
    return text


def _make_certificate(directory: Path) -> None:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", directory / "key.pem", "-out", directory / "certificate.pem"),
        ],
        check=True,
        capture_output=True,
    )


def _fetch(
    connection: http.client.HTTPConnection, method: str, path: str, body: str, headers: dict[str, str]
) -> Answer:
    try:
        connection.request(method, path, body.encode(), headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read().decode(errors="replace"))
    finally:
        connection.close()


def _find(program: str) -> str | None:
    """Debian's nginx is where only root looks."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
