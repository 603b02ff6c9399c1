"""axe-core, which finds what keeps people from using a page."""

from pathlib import Path

from playwright.sync_api import Page

SCRIPT = Path(__file__).parent / "vendor" / "axe.min.js"

# Structure is the same in the dark; only colours are other ones.
RUN = """
async (colours) => {
  const options = colours ? { runOnly: ["color-contrast", "link-in-text-block"] } : {};
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...options });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\\n${failureSummary}`));
}
"""


class Axe:
    """Finds nothing on a good page."""

    def __init__(self) -> None:
        self._script = SCRIPT.read_text(encoding="utf-8")

    def look(self, page: Page) -> None:
        """At the page in light and in dark."""
        page.evaluate(self._script)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = page.evaluate(RUN, scheme == "dark")
            assert not found, f"in {scheme}:\n" + "\n\n".join(found)
        page.emulate_media(color_scheme="null", reduced_motion="null")
