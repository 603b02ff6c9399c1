"""docs/settings.md is the settings' table, no more and no less."""

from dataclasses import Field, fields
from typing import Any

from multichat.config import PROJECT, Settings


def row(setting: "Field[Any]") -> str:
    switch = {True: "yes", False: "no"}
    default = switch[setting.default] if isinstance(setting.default, bool) else setting.default
    shown = setting.metadata["shown_default"] or f"`{default}`"
    return f"| `{setting.name}` | {setting.metadata['kind'].expects} | {shown} | {setting.metadata['reason']} |"


def test_the_page_lists_every_setting_as_the_code_has_it() -> None:
    page = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line.startswith("| `")] == [
        row(setting) for setting in fields(Settings)
    ]
