"""Chromium, real servers, and people who sit in front of a screen."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from multichat.models import Role, Room
from multichat.rooms import changes
from tests.browser.axe import Axe
from tests.browser.browsers import Browsers, new_tab
from tests.browser.person import OpenBrowser, Person
from tests.browser.site import Site
from tests.browser.watch import Watch
from tests.support import chromium
from tests.support.postgres import Postgres
from tests.support.server import Server

# Nobody waits so long on an idle machine; a busy one is no failure.
PATIENCE_MS = 15_000
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    with chromium.launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def sqlite_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from _serve(tmp_path_factory.mktemp("sqlite") / "instance")


@pytest.fixture(scope="session")
def postgresql_site(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Site]:
    yield from _serve(tmp_path_factory.mktemp("postgresql") / "instance", DATABASE_URL=postgres.url(postgres.create()))


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Site:
    """An empty one, on SQLite where the test does not name the other."""
    site: Site = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_site")
    site.clear()
    return site


@pytest.fixture
def app(site: Site) -> Flask:
    return site.app


@pytest.fixture(scope="session")
def watch_over_all() -> Watch:
    return Watch()


@pytest.fixture(scope="session")
def browsers(chrome: Browser, watch_over_all: Watch) -> Browsers:
    return Browsers(chrome, watch_over_all)


@pytest.fixture
def watch(site: Site, watch_over_all: Watch) -> Watch:
    watch_over_all.begin(site.server.url)
    return watch_over_all


@pytest.fixture
def open_browser(browsers: Browsers, site: Site, watch: Watch) -> Iterator[OpenBrowser]:
    """Opens a browser of somebody's own. No page of a test may have complained of anything when it ends."""
    contexts: list[BrowserContext] = []

    def open(own_clock: bool = False, **options: Any) -> BrowserContext:
        options = {"base_url": site.server.url, "viewport": DESKTOP} | options
        if own_clock:
            context = browsers.make(**options)
            context.clock.install()
        else:
            context = browsers.lend(**options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context

    yield open
    troubles = watch.troubles([page for context in contexts for page in context.pages])
    browsers.take_back()
    assert not troubles


@pytest.fixture
def stranger(open_browser: OpenBrowser) -> Page:
    """A page of somebody who is not signed in."""
    return new_tab(open_browser())


@pytest.fixture
def join(site: Site, open_browser: OpenBrowser) -> Callable[..., Person]:
    """Registers one more person."""
    return lambda username, role=Role.member: Person(site, username, open_browser, role)


@pytest.fixture
def alice(join: Callable[..., Person]) -> Person:
    return join("alice")


@pytest.fixture
def bob(join: Callable[..., Person]) -> Person:
    return join("bob")


@pytest.fixture
def mallory(join: Callable[..., Person]) -> Person:
    return join("mallory")


@pytest.fixture
def sam(join: Callable[..., Person]) -> Person:
    return join("sam", Role.staff)


@pytest.fixture
def ada(join: Callable[..., Person]) -> Person:
    return join("ada", Role.admin)


@pytest.fixture
def garden(app: Flask) -> Room:
    """A second open room."""
    with app.app_context():
        return changes.create("Garden")


@pytest.fixture
def attic(app: Flask) -> Room:
    """A third one."""
    with app.app_context():
        return changes.create("Attic")


@pytest.fixture
def projects(app: Flask) -> list[Room]:
    """More rooms than a screen has room for."""
    with app.app_context():
        return [changes.create(f"Project {number}") for number in range(10, 50)]


@pytest.fixture(scope="session")
def axe() -> Axe:
    return Axe()


def _serve(instance: Path, **settings: str) -> Iterator[Site]:
    with Server(instance, MULTICHAT_PRESENCE_QUIET_SECONDS="0", **settings) as server:
        site = Site(server)
        yield site
        site.close()
