"""What somebody writes in Markdown, as the others see it."""

import pytest
from playwright.sync_api import expect

from multichat.models import Room
from tests.browser.axe import Axe
from tests.browser.conftest import PHONE
from tests.browser.person import Person
from tests.browser.site import Site

CODE = 'def greet(name: str) -> str:  # by name\n    return f"Hello {name}" + 3 * "!"'
LONG_LINE = "wide = " + " + ".join(f"column_{number}" for number in range(60))
EVERYTHING = f"""# Release
## New in it
**Bold**, _slanted_, ~~gone~~, `code` and https://example.com/{"path/" * 30}

- one
  - two
    1. three

> quoted **words** with `code` and [a link](/rooms/1)

| much | {" | ".join("columns" * 3 for _ in range(12))} |
|------|{"---|" * 12}
| a | {" | ".join("b" for _ in range(12))} |

```python
@decorated
class Wide(Base):
    {LONG_LINE}

{CODE}
```
```diff
-old
+new
```
```html
<p class="x">a</p>
```

---

##### Small
"""


def test_markdown_looks_the_same_live_and_after_a_reload(alice: Person, bob: Person, lobby: Room) -> None:
    here, there = alice.open(lobby), bob.open(lobby)
    here.say("**Hello** @bob, see [the plan](/rooms/7) and https://example.com/ :tada:")
    expect(there.message("Hello")).to_be_visible()
    there.say("> Hello\nYes!")
    expect(here.message("Yes!")).to_be_visible()
    here.say(":+1:")
    for pane, person in ((here, alice), (there, bob)):
        first = pane.messages.first
        expect(first.locator("strong")).to_have_text("Hello")
        expect(first.locator(".mention")).to_have_text("@bob")
        expect(first.get_by_role("link", name="the plan")).not_to_have_attribute("target", "_blank")
        expect(first.get_by_role("link", name="https://example.com/")).to_have_attribute("target", "_blank")
        expect(first).to_contain_text("🎉")
        expect(pane.messages.nth(1).get_by_role("blockquote")).to_have_text("Hello")
        expect(pane.messages.last.locator(".large")).to_have_text("👍")
        person.expect_fresh(pane)


def test_code_is_copied_by_pointer_and_by_keyboard(alice: Person, bob: Person, lobby: Room) -> None:
    alice.browser.grant_permissions(["clipboard-read", "clipboard-write"])
    here = alice.open(lobby)
    bob.open(lobby).say(f"First:\n```py\n{CODE}\n```\nand\n```\nsecond\n```")
    first, second = here.timeline.locator("pre").first, here.timeline.locator("pre").nth(1)
    copy = here.timeline.get_by_role("button", name="Copy", exact=True)
    expect(copy).to_have_count(0)
    second.focus()
    here.page.keyboard.press("Tab")
    expect(copy).to_be_focused()
    here.page.keyboard.press("Enter")
    expect(here.timeline.get_by_role("status")).to_have_text("Copied")
    assert here.page.evaluate("navigator.clipboard.readText()") == "second"
    here.field.focus()
    expect(copy).to_have_count(0)
    first.hover()
    alice.expect_fresh(here)
    copy.click()
    expect(here.timeline.get_by_role("status")).to_have_text("Copied")
    assert here.page.evaluate("navigator.clipboard.readText()") == CODE


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "phone"])
def test_all_that_markdown_can_be_is_accessible_and_in_its_place(
    site: Site, alice: Person, bob: Person, lobby: Room, axe: Axe, options: dict[str, object]
) -> None:
    site.fill(lobby, bob, [EVERYTHING])
    alice.use(**options)
    here = alice.open(lobby)
    body = here.messages.locator(".message__body")
    for wide in (".table", "pre >> nth=0"):
        assert body.locator(wide).evaluate("element => element.scrollWidth > element.clientWidth")
    assert body.evaluate("element => element.scrollWidth <= element.clientWidth")
    axe.look(here.page)
