"""What an administrator changes reaches open pages at once; what one may not see is not there."""

from playwright.sync_api import expect

from multichat.models import Room
from tests.browser.pane import sidebar_link
from tests.browser.person import Person
from tests.browser.watch import Watch

NOT_FOUND = "status of 404"


def test_a_staff_room_is_invisible_to_a_member(
    alice: Person, sam: Person, lobby: Room, backstage: Room, watch: Watch
) -> None:
    watch.allow(NOT_FOUND)
    home = sam.page()
    expect(home.get_by_role("main").get_by_role("link", name="Backstage")).to_be_visible()
    sam.open(backstage).say("Among ourselves")

    home = alice.page()
    expect(home.get_by_role("main").get_by_role("link", name="Lobby")).to_be_visible()
    assert "Backstage" not in home.content()
    assert "Backstage" not in alice.open(lobby).page.content()
    pages = []
    for room_id in (backstage.id, 999_999):
        answer = home.goto(f"/rooms/{room_id}")
        assert answer is not None
        assert answer.status == 404
        expect(home.get_by_role("heading", name="There is nothing here")).to_be_visible()
        pages.append(answer.text())
    assert pages[0] == pages[1]


def test_a_renamed_room_is_renamed_on_every_open_page(ada: Person, alice: Person, lobby: Room, garden: Room) -> None:
    home, here, elsewhere = alice.page(), alice.open(lobby), alice.open(garden)
    here.field.fill("Half a sen")
    admin = ada.page("/admin/")
    admin.get_by_role("navigation").get_by_role("link", name="Rooms").click()
    admin.get_by_role("link", name="Lobby").click()
    admin.get_by_label("Name").fill("Foyer")
    admin.get_by_label("Topic").fill("Come in & sit down")
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_role("status")).to_have_text("Foyer is saved.")

    for page in (home, here.page, elsewhere.page):
        expect(sidebar_link(page, "Foyer")).to_be_visible()
        expect(page.get_by_text("Lobby").filter(visible=True)).to_have_count(0)
    expect(home.get_by_role("main").get_by_role("link", name="Foyer")).to_contain_text("Come in & sit down")
    expect(here.page.get_by_role("heading", name="Foyer", level=1)).to_be_visible()
    expect(here.element.get_by_text("Come in & sit down")).to_be_visible()
    field = here.element.get_by_role("textbox", name="Message Foyer")
    expect(field).to_have_attribute("placeholder", "Message Foyer")
    expect(field).to_have_value("Half a sen")
    expect(here.page).to_have_title("Foyer · multichat")
    expect(elsewhere.page).to_have_title("Garden · multichat")
    expect(here.page.get_by_role("complementary", name="People")).to_contain_text("Foyer", use_inner_text=False)


def test_a_new_room_appears_on_every_open_page(ada: Person, alice: Person, lobby: Room) -> None:
    home, here = alice.page(), alice.open(lobby)
    admin = ada.page("/")
    admin.get_by_role("link", name="New room").click()
    admin.get_by_label("Name").fill("Garden")
    admin.get_by_role("button", name="Make the room").click()
    expect(home.get_by_role("main").get_by_role("link", name="Garden")).to_be_visible()
    sidebar_link(here.page, "Garden").click()
    expect(here.page.get_by_role("heading", name="Garden", level=1)).to_be_visible()


def test_a_room_that_becomes_staff_only_closes_for_members_and_stays_for_staff(
    ada: Person, alice: Person, sam: Person, lobby: Room, garden: Room, watch: Watch
) -> None:
    watch.allow(NOT_FOUND)
    here, there, home = alice.open(lobby, garden), sam.open(lobby), alice.page()
    icon = there.element.locator(".pane__icon")
    open_to_all = icon.inner_html()
    admin = ada.page(f"/admin/rooms/edit/?id={lobby.id}")
    admin.get_by_label("Access").select_option(label="Staff: staff and administrators")
    admin.get_by_role("button", name="Save").click()

    expect(here.element.get_by_text("This room is not open to you any more")).to_be_visible()
    expect(here.field).to_have_count(0)
    expect(here.timeline).to_have_count(0)
    for page in (here.page, home):
        expect(sidebar_link(page, "Lobby")).to_have_count(0)
    expect(home.get_by_role("main").get_by_role("link", name="Lobby")).to_have_count(0)
    there.say("Only us now")
    expect(there.message("Only us now")).to_be_visible()
    assert "Only us now" not in here.page.content()
    expect(icon).not_to_have_js_property("innerHTML", open_to_all)
    # The room beside it goes on.
    here.beside(garden).say("Still here")
    expect(here.beside(garden).message("Still here")).to_be_visible()
    here.element.get_by_role("link", name="All rooms").click()
    expect(here.page).to_have_url("/")


def test_an_archived_room_can_be_read_and_not_written_to(ada: Person, alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    here.say("The last word")
    expect(here.message("The last word")).to_be_visible()
    here.field.fill("Half a sen")
    admin = ada.page(f"/admin/rooms/edit/?id={lobby.id}")
    admin.get_by_role("button", name="Archive").click()
    expect(admin.get_by_role("status")).to_have_text("Lobby is archived.")
    for _ in range(2):
        expect(here.element.get_by_text("it can be read, not written to")).to_be_visible()
        expect(here.message("The last word")).to_be_visible()
        expect(here.field).to_have_count(0)
        here.page.reload()
    admin.get_by_role("button", name="Bring back").click()
    here.element.get_by_role("link", name="Open it anew").click()
    expect(here.field).to_have_value("Half a sen")


def test_who_is_called_otherwise_is_so_among_those_who_are_here(
    ada: Person, alice: Person, bob: Person, lobby: Room
) -> None:
    here = alice.open(lobby)
    bob.open(lobby)
    him = here.roster.locator(f'[data-person="{bob.id}"]')
    expect(him).to_contain_text("bob")
    admin = ada.page(f"/admin/people/edit/?id={bob.id}")
    admin.get_by_label("Display name").fill("Robert")
    admin.get_by_role("button", name="Save").click()
    expect(him).to_contain_text("Robert")
    expect(him.get_by_text("Staff")).to_have_count(0)
    admin.goto(f"/admin/people/edit/?id={bob.id}")
    admin.get_by_label("Role").select_option("staff")
    admin.get_by_role("button", name="Save").click()
    expect(him.get_by_text("Staff")).to_have_count(1)


def test_a_deactivated_person_is_signed_out_at_once(ada: Person, alice: Person, bob: Person, lobby: Room) -> None:
    here, home, there = alice.open(lobby), alice.page(), bob.open(lobby)
    here.field.fill("Half a sen")
    admin = ada.page("/admin/people/?search=alice")
    admin.get_by_role("link", name="alice").click()
    admin.get_by_role("button", name="Deactivate").click()
    expect(admin.get_by_role("status")).to_have_text("alice is deactivated.")
    for page in (here.page, home):
        expect(page.get_by_text("You are signed out.").filter(visible=True)).to_be_visible()
    expect(here.field).to_have_value("Half a sen")
    there.say("Where is alice?")
    expect(there.message("Where is alice?")).to_be_visible()
    home.reload()
    expect(home.get_by_role("heading", name="Sign in")).to_be_visible()


def test_administration_is_not_there_for_others(alice: Person, sam: Person, watch: Watch) -> None:
    watch.allow(NOT_FOUND)
    for person in (alice, sam):
        page = person.page("/admin/")
        expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
        page.goto("/")
        page.get_by_role("button", name=person.username).click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        expect(page.get_by_role("link", name="Administration")).to_have_count(0)


def test_with_no_rooms_home_says_what_to_do(ada: Person, alice: Person) -> None:
    expect(alice.page().get_by_text("No room is open to you yet")).to_be_visible()
    home = ada.page()
    home.get_by_role("link", name="Make the first room").click()
    expect(home.get_by_role("heading", name="New room")).to_be_visible()
