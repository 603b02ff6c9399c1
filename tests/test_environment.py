"""bin/_environment: .venv is made once, follows the lock file, and survives an interruption."""

import shutil
import subprocess
from pathlib import Path

import pytest

from multichat.config import PROJECT

# It notes what it is asked; `pip install` fails while there is a file `offline`.
UV = """#!/bin/bash
echo "$1" >>asked
if [[ $1 == venv ]]; then
  mkdir -p .venv/bin
  ln -s "$(command -v python3)" .venv/bin/python
else
  [[ ! -e offline ]]
fi
"""


class Checkout:
    """A checkout whose packages come from a uv of our own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "bin").mkdir(parents=True)
        shutil.copy(PROJECT / "bin" / "_environment", directory / "bin")
        self.write("requirements.txt", "one")
        self.write("requirements-dev.txt", "one two")
        self.write("tools/uv", UV).chmod(0o755)

    def write(self, name: str, text: str) -> Path:
        path = self.directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def environment(self, lock: str = "requirements.txt", path: str = "/usr/bin:/bin") -> tuple[list[str], str]:
        """Ask for the lock's packages: what uv was asked for, and what the person was told on an error."""
        asked = self.write("asked", "")
        done = subprocess.run(
            ["bash", "-euc", f"source bin/_environment; environment {lock}"],
            cwd=self.directory,
            env={"PATH": f"{self.directory}/tools:{path}"},
            capture_output=True,
            text=True,
        )
        assert (done.returncode == 0) == (not done.stderr)
        return asked.read_text().split(), done.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


def test_a_fresh_checkout_gets_an_environment_once(checkout: Checkout) -> None:
    assert checkout.environment() == (["venv", "pip"], "")
    assert checkout.environment() == ([], "")


def test_a_changed_lock_is_installed_into_the_same_environment(checkout: Checkout) -> None:
    checkout.environment()
    checkout.write("requirements.txt", "three")
    assert checkout.environment() == (["pip"], "")
    assert checkout.environment() == ([], "")


def test_developers_have_the_servers_packages_too(checkout: Checkout) -> None:
    checkout.environment("requirements-dev.txt")
    assert checkout.environment("requirements.txt") == ([], "")


def test_an_interrupted_installation_does_not_count(checkout: Checkout) -> None:
    offline = checkout.write("offline", "")
    asked, said = checkout.environment()
    assert asked == ["venv", "pip"]
    assert said == ("multichat: the packages of requirements.txt could not be installed; the lines above say why\n")
    offline.unlink()
    assert checkout.environment() == (["venv", "pip"], "")


def test_an_interrupted_update_does_not_count(checkout: Checkout) -> None:
    checkout.environment()
    checkout.write("requirements.txt", "three")
    offline = checkout.write("offline", "")
    checkout.environment()
    offline.unlink()
    assert checkout.environment() == (["venv", "pip"], "")


def test_a_moved_checkout_gets_a_new_environment(checkout: Checkout) -> None:
    checkout.environment()
    checkout.directory = checkout.directory.rename(checkout.directory.with_name("moved"))
    assert checkout.environment() == (["venv", "pip"], "")


def test_an_old_python_is_said(checkout: Checkout) -> None:
    python = checkout.write("tools/python3", "#!/bin/bash\n[[ $1 == --version ]] && echo Python 3.9.2\n")
    python.chmod(0o755)
    for name in ("bash", "cat", "mkdir", "ln", "rm"):
        (checkout.directory / "tools" / name).symlink_to(str(shutil.which(name)))
    assert checkout.environment(path="/nowhere") == (
        [],
        "multichat: Python 3.11 or newer is needed; here is Python 3.9.2\n",
    )


def test_a_python_without_venv_is_said(checkout: Checkout) -> None:
    checkout.write("tools/uv", "").unlink()
    checkout.write("tools/python3", "#!/bin/bash\n[[ $1 == -c && $2 == *ensurepip* ]] && exit 1; exit 0\n").chmod(0o755)
    asked, said = checkout.environment()
    assert asked == []
    assert said == (
        "multichat: python3 cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv\n"
    )
