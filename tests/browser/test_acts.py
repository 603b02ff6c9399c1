"""Editing, deleting, reacting and replying: each with what the others see of it, and what it leaves alone."""

import pytest
from flask import Flask
from playwright.sync_api import expect

from multichat.messages.changes import delete
from multichat.models import Room
from tests.browser.conftest import PHONE
from tests.browser.pane import Pane
from tests.browser.person import Person
from tests.browser.site import Site
from tests.browser.watch import Watch

SELECT = "message => getSelection().selectAllChildren(message.querySelector('.message__body'))"


def expect_reactions(pane: Pane, text: str, *tallies: str) -> None:
    expect(pane.reactions(text)).to_have_count(len(tallies))
    for reaction, tally in zip(pane.reactions(text).all(), tallies, strict=True):
        expect(reaction).to_contain_text(tally)


def test_an_edit_leaves_alone_what_the_others_are_about(site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, alice, ["Good mornin", "How are you?"])
    here, there = alice.open(lobby), bob.open(lobby)
    there.act("Good mornin", "Reply")
    there.field.press_sequentially("And to y")
    there.act("Good mornin", "More")
    there.message("How are you?").evaluate(SELECT)

    here.act("Good mornin", "Edit")
    expect(here.editor).to_be_focused()
    expect(here.editor).to_have_value("Good mornin")
    here.editor.press("g")
    here.editor.press("Enter")
    expect(here.editor).not_to_be_attached()
    expect(here.field).to_be_focused()

    expect(there.message("Good morning").get_by_text("edited")).to_be_visible()
    expect(there.element.get_by_text("Copy link")).to_be_visible()
    assert there.page.evaluate("getSelection().toString()") == "How are you?"
    expect(there.field).to_have_value("And to y")
    expect(there.answered).to_contain_text("Good mornin")
    there.page.keyboard.press("Escape")
    there.field.press("o")
    there.field.press("u")
    there.field.press("Enter")
    quote = here.message("And to you").get_by_role("link", name="alice Good morning")
    expect(quote).to_be_visible()
    for person, pane in ((alice, here), (bob, there)):
        person.expect_fresh(pane)


def test_two_change_one_message_at_once(site: Site, alice: Person, bob: Person, lobby: Room, watch: Watch) -> None:
    watch.allow("status of 503|Status Error Code 503")
    site.fill(lobby, alice, ["One", "Two"])
    here, elsewhere, there = alice.open(lobby), alice.open(lobby), bob.open(lobby)
    here.field.press("ArrowUp")
    expect(here.editor).to_have_value("Two")
    here.editor.press_sequentially(" and a half")
    there.act("Two", "React")
    there.picker.get_by_placeholder("Find an emoji").press_sequentially("tada")
    expect(there.picker.get_by_role("button")).to_have_text(["🎉"])
    there.page.keyboard.press("Enter")
    for pane in (here, elsewhere, there):
        expect_reactions(pane, "Two", "🎉1")
    expect(here.editor).to_have_value("Two and a half")

    # What is being edited outlives the page, and a server that does not answer.
    here.page.reload()
    expect(here.editor).to_have_value("Two and a half")
    here.page.route("**/edit", lambda route: route.fulfill(status=503, body="The server is busy."), times=1)
    here.editor.press("Enter")
    expect(here.element.get_by_text("The server is busy.")).to_be_visible()
    expect(here.editor).to_have_value("Two and a half")

    # On another device it is changed meanwhile.
    elsewhere.act("Two", "Edit")
    elsewhere.editor.fill("Two, or")
    elsewhere.element.get_by_role("button", name="Save").click()
    expect(here.element.get_by_text("changed meanwhile, on another device")).to_be_visible()
    there.reactions("Two, or").click()
    here.editor.press("Enter")
    for pane in (here, elsewhere, there):
        expect(pane.message("Two and a half").get_by_text("edited")).to_be_visible()
        expect_reactions(pane, "Two and a half")

    here.field.press("ArrowUp")
    here.editor.press_sequentially("???")
    here.editor.press("Escape")
    expect(here.editor).not_to_be_attached()
    here.page.reload()
    expect(here.message("Two and a half")).to_be_visible()
    expect(here.editor).not_to_be_attached()
    for person, pane in ((alice, here), (alice, elsewhere), (bob, there)):
        person.expect_fresh(pane)


def test_what_was_written_for_a_message_that_is_gone_is_kept(
    app: Flask, site: Site, alice: Person, sam: Person, lobby: Room, watch: Watch
) -> None:
    watch.allow("status of 403|Status Error Code 403")
    site.fill(lobby, alice, ["Monday"])
    here = alice.open(lobby)
    here.act("Monday", "Edit")
    here.editor.fill("Monday, after lunch")
    here.page.goto("/")
    with app.app_context():
        delete(lobby, sam.user, 1)
    for _ in range(2):
        here = alice.open(lobby)
        expect(here.field).to_have_value("Monday, after lunch")
        expect(here.editor).not_to_be_attached()


def test_deleting_asks_first(site: Site, alice: Person, bob: Person, sam: Person, lobby: Room) -> None:
    site.fill(lobby, alice, ["I did not mean that", "Nor this"])
    site.fill(lobby, bob, ["What?"])
    here, there, over = alice.open(lobby), bob.open(lobby), sam.open(lobby)
    there.message("Nor this").hover()
    there.tools.get_by_role("button", name="More").click()
    expect(there.element.get_by_text("Copy link")).to_be_visible()
    expect(there.element.get_by_text("Delete…")).to_be_hidden()
    expect(there.tools.get_by_role("button", name="Edit")).to_be_hidden()

    here.act("I did not mean that", "Delete…")
    asked = here.page.get_by_role("dialog", name="Delete this message?")
    expect(asked).to_contain_text("I did not mean that")
    asked.get_by_role("button", name="Keep it").click()
    expect(asked).to_be_hidden()
    here.act("I did not mean that", "Delete…")
    asked.get_by_role("button", name="Delete", exact=True).click()
    over.act("Nor this", "Delete…")
    over.page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    for person, pane in ((alice, here), (bob, there), (sam, over)):
        expect(pane.messages).to_contain_text(["deleted by its author", "deleted by staff", "What?"])
        person.expect_fresh(pane)
    here.message("deleted by staff").hover()
    expect(here.tools.get_by_role("button")).to_have_count(1)


def test_reactions_are_toggled_and_say_who(site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, ["Done at last"])
    here, there = alice.open(lobby), bob.open(lobby)
    here.act("Done at last", "React")
    here.picker.get_by_title("tada", exact=True).click()
    expect_reactions(there, "Done at last", "🎉1")
    there.reactions("Done at last").click()
    expect_reactions(here, "Done at last", "🎉2")
    here.reactions("Done at last").hover()
    expect(here.reactions("Done at last").locator(".tip")).to_have_text("alice and bob")
    expect(here.reactions("Done at last").locator(".tip")).to_be_in_viewport()
    mine = "element => getComputedStyle(element).borderColor"
    marked = here.reactions("Done at last").evaluate(mine)

    here.reactions("Done at last").focus()
    here.page.keyboard.press("Enter")
    expect_reactions(here, "Done at last", "🎉1")
    expect(here.reactions("Done at last")).to_be_focused()
    assert here.reactions("Done at last").evaluate(mine) != marked

    # By keyboard alone: to the message, to what can be done with it, to the emoji chosen last.
    here.field.focus()
    here.page.keyboard.press("Shift+Tab")
    here.timeline.focus()
    here.page.keyboard.press("k")
    expect(here.message("Done at last")).to_be_focused()
    here.page.keyboard.press("+")
    expect(here.picker.get_by_placeholder("Find an emoji")).to_be_focused()
    here.page.keyboard.press("ArrowDown")
    expect(here.picker.get_by_role("button").first).to_be_focused()
    expect(here.picker.get_by_role("button").first).to_have_text("🎉")
    here.page.keyboard.press("ArrowDown")
    here.page.keyboard.press("ArrowRight")
    here.page.keyboard.press("ArrowUp")
    here.page.keyboard.press("Enter")
    expect_reactions(there, "Done at last", "🎉2")
    expect(here.message("Done at last")).to_be_focused()
    here.page.keyboard.press("Tab")
    here.page.keyboard.press("Tab")
    expect(here.tools.get_by_role("button", name="React")).to_be_focused()
    here.page.keyboard.press("Enter")
    expect(here.picker).to_be_visible()
    here.page.keyboard.press("Escape")
    expect(here.picker).to_be_hidden()
    here.page.keyboard.press("Escape")
    expect(here.message("Done at last")).to_be_focused()
    for person, pane in ((alice, here), (bob, there)):
        person.expect_fresh(pane)


def test_a_reply_leads_to_what_it_answers_and_outlives_it(site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, ["Who has the key?", *(f"Number {number}." for number in range(40))])
    here, there = alice.open(lobby), bob.open(lobby)
    here.act("Number 39.", "Reply")
    here.page.keyboard.press("Escape")
    expect(here.answered).to_be_hidden()
    here.message("Who has the key?").scroll_into_view_if_needed()
    here.act("Who has the key?", "Reply")
    here.page.keyboard.type("I have")
    here.page.reload()
    expect(here.field).to_have_value("I have")
    expect(here.answered).to_contain_text("bob Who has the key?")
    here.field.press("Enter")
    expect(here.answered).to_be_hidden()
    quote = there.message("I have").locator(".message__quote")
    expect(quote).to_have_text("bob Who has the key?")
    quote.click()
    expect(there.message("Who has the key?").first).to_be_in_viewport()
    expect(there.messages.first).to_be_focused()
    site.delete_message(lobby, 1)
    for person, pane in ((alice, here), (bob, there)):
        expect(pane.message("I have").locator(".message__quote")).to_contain_text("This message was deleted.")
        person.expect_fresh(pane)
    here.say("Not a reply")
    expect(there.message("Not a reply").locator(".message__quote")).to_have_count(0)


def test_on_a_phone_a_tap_brings_what_can_be_done(site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, ["Are you there?", "Hello?"])
    alice.use(**PHONE)
    here = alice.open(lobby)
    expect(here.tools).to_be_hidden()
    here.message("Hello?").tap()
    for button in here.tools.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    here.tools.get_by_role("button", name="React").tap()
    expect(here.picker).to_be_in_viewport(ratio=1)
    here.picker.get_by_title("+1", exact=True).tap()
    expect_reactions(here, "Hello?", "👍1")
    here.message("Hello?").locator(".message__body").tap()
    expect(here.tools).to_be_hidden()


@pytest.mark.parametrize("kind", ["member", "author"])
def test_without_script_it_is_links_and_forms(site: Site, alice: Person, bob: Person, lobby: Room, kind: str) -> None:
    author = alice if kind == "author" else bob
    site.fill(lobby, author, ["Good mornin"])
    alice.use(java_script_enabled=False)
    page = alice.page(f"/rooms/{lobby.id}/messages/1")
    here = Pane(page, lobby)
    page.get_by_role("link", name="What can be done with this message").click()
    page.get_by_role("button", name="🎉").click()
    expect_reactions(here, "Good mornin", "🎉1")
    here.reactions("Good mornin").click()
    expect_reactions(here, "Good mornin")

    page.get_by_role("link", name="What can be done with this message").click()
    page.get_by_role("link", name="Reply").click()
    here.field.fill("To you too")
    here.send.click()
    expect(here.message("To you too").get_by_role("link", name="Good mornin")).to_be_visible()

    page.goto(f"/rooms/{lobby.id}/messages/1/actions")
    if kind == "member":
        expect(page.get_by_role("link", name="Edit")).to_have_count(0)
        expect(page.get_by_text("Delete…")).to_have_count(0)
        return
    page.get_by_role("link", name="Edit").click()
    page.get_by_role("textbox", name="Edit message").fill("Good morning")
    page.get_by_role("button", name="Save").click()
    expect(here.message("Good morning").get_by_text("edited")).to_be_visible()
    page.get_by_role("link", name="What can be done with this message").click()
    page.get_by_text("Delete…").click()
    page.get_by_role("button", name="Delete this message").click()
    expect(here.messages.first).to_contain_text("This message was deleted by its author.")
