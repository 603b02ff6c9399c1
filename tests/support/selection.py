"""Which tests run, in which order, and what a skip means: pytest's options --quick, --long and --complete."""

from pathlib import Path

import pytest

from tests.support import distribution

TESTS = Path(__file__).parent.parent

# Each of their tests starts a server, a browser or both.
SLOW_DIRECTORIES = ("system", "browser", "faults")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="of what is slow, run the smoke tests alone")
    parser.addoption("--long", action="store_true", help="also what takes minutes by itself")
    parser.addoption("--complete", action="store_true", help="fail when anything was skipped")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept = [
        item
        for item in items
        if (config.getoption("--long") or not item.get_closest_marker("long"))
        and (not config.getoption("--quick") or _is_quick(item))
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = sorted(kept, key=distribution.rank)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """The last lines name what was skipped in any case (`-ra`); where all can be had, it is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter is not None and "skipped" in reporter.stats
    if session.config.getoption("--complete") and skipped and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_quick(item: pytest.Item) -> bool:
    if item.get_closest_marker("smoke"):
        return True
    return not item.get_closest_marker("slow") and item.path.relative_to(TESTS).parts[0] not in SLOW_DIRECTORIES
