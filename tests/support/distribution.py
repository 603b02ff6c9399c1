"""Which process runs what, when several share the tests: a file's tests stay together, for what they start is theirs.

Where processes are few, so do all of a directory whose files share what takes long to start: Chromium, or a server of
each kind. Where they are many, starting it again is cheaper than waiting for one of them.
"""

from pathlib import PurePath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# The long ones first: what is left at the end is short, and keeps all processes busy to the end.
FIRST = ("browser", "system", "faults")
TOGETHER = ("browser", "system")
FEW = 3


class Distribution(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        directory = PurePath(file).parent.name
        return directory if directory in TOGETHER and self.numnodes <= FEW else file


@pytest.hookimpl(optionalhook=True)  # -p no:xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Distribution | None:
    if config.option.dist != "load":
        return None
    config.option.loadscopereorder = False
    return Distribution(config, log)


def rank(item: pytest.Item) -> int:
    directory = item.path.parent.name
    return FIRST.index(directory) if directory in FIRST else len(FIRST)
