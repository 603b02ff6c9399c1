"""The lock files are the ranges' own: hashed, complete, and alike."""

import re
import tomllib

from packaging.requirements import Requirement

from multichat.config import PROJECT


def locked(name: str) -> dict[str, set[str]]:
    """Each package's versions; a package may have one for older Pythons and one for newer."""
    versions: dict[str, set[str]] = {}
    for package, version in re.findall(
        r"^(\S+)==(\S+) ", (PROJECT / name).read_text(encoding="utf-8"), flags=re.MULTILINE
    ):
        versions.setdefault(package, set()).add(version)
    return versions


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    for lock, wanted in {
        "requirements.txt": project["project"]["dependencies"],
        "requirements-dev.txt": project["dependency-groups"]["dev"],
    }.items():
        versions = locked(lock)
        for requirement in map(Requirement, wanted):
            for version in versions[requirement.name]:
                assert requirement.specifier.contains(version), f"{lock}: {requirement.name}"


def test_developers_have_the_servers_own_versions() -> None:
    assert locked("requirements.txt").items() <= locked("requirements-dev.txt").items()
