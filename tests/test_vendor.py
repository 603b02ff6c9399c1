"""Other people's scripts are what their packages held, and their data what was made of them."""

import hashlib
import re
from pathlib import Path

import pytest

from multichat.config import PROJECT


@pytest.mark.parametrize("directory", ["static/vendor", "tests/browser/vendor"])
def test_every_file_has_the_hash_that_the_readme_gives(directory: str) -> None:
    vendor = PROJECT / directory
    given = re.findall(r"^([0-9a-f]{64})  (\S+)$", (vendor / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: digest(vendor / name) for _, name in given} == {name: expected for expected, name in given}
    files = {path.name for path in vendor.iterdir() if path.suffix in (".js", ".json")}
    assert files == {name for _, name in given}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
