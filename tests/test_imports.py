"""Imports point down, and features never import each other."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from multichat.config import PROJECT

# From the top: each may import what is below it, and what is beside it unless they are features.
STRATA = (
    {"multichat.app", "wsgi", "multichat.cli", "multichat.serve", "multichat.upgrade"},
    {"multichat.sockets", "multichat.admin", "multichat.fanout"},
    {
        "multichat.accounts",
        "multichat.activity",
        "multichat.rooms",
        "multichat.messages",
        "multichat.presence",
        "multichat.health",
        "multichat.errors",
    },
    {
        "multichat.models",
        "multichat.fragments",
        "multichat.mentions",
        "multichat.rendered",
        "multichat.htmx",
        "multichat.sidebar",
        "multichat.security",
    },
    {
        "multichat.database",
        "multichat.extensions",
        "multichat.realtime",
        "multichat.offload",
        "multichat",
        "multichat.config",
        "multichat.embedded_bus",
        "multichat.first_run",
        "multichat.request_log",
        "multichat.pace",
        "multichat.schema",
        "multichat.assets",
    },
)
FEATURES = STRATA[2]

# Of gunicorn.conf.py: what a worker calls is loaded there, and is patched.
RUN_IN_WORKERS = {"worker_exit"}

FILES = sorted(
    path
    for path in [PROJECT / "wsgi.py", *PROJECT.glob("multichat/**/*.py")]
    if "migrations" not in path.relative_to(PROJECT).parts
)
MODULES = {".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path for path in FILES}


def part_of(module: str) -> str:
    """The package or module directly below `multichat` that it belongs to."""
    return ".".join(module.split(".")[:2])


def level_of(part: str) -> int:
    (level,) = [level for level, parts in enumerate(STRATA) if part in parts]
    return level


@cache
def imports(path: Path) -> list[str]:
    """Every module that the file imports, wherever in it and for whatever reason."""
    return list(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if getattr(node, "name", None) not in RUN_IN_WORKERS]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path} imports by a relative name"
            # `from multichat import config` imports a module, `from multichat.config import load` a name of one.
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


def ours(path: Path) -> set[str]:
    return {part_of(module) for module in imports(path) if module.split(".")[0] == "multichat"}


def foreign(path: Path) -> set[str]:
    """The packages that it imports which are neither ours nor Python's."""
    tops = {module.split(".")[0] for module in imports(path)}
    return tops - {"multichat"} - sys.stdlib_module_names


def within(*parts: str) -> list[str]:
    return [module for module in MODULES if part_of(module) in parts]


def test_every_part_has_its_stratum() -> None:
    assert {part_of(module) for module in MODULES} == set.union(*STRATA)


def test_imports_point_down() -> None:
    for module, path in MODULES.items():
        above = {other for other in ours(path) if level_of(other) < level_of(part_of(module))}
        assert not above, f"{module} imports from above"


def test_features_never_import_each_other() -> None:
    """What two of them share is a model, a partial or an event, or lives one stratum down."""
    for module in within(*FEATURES):
        assert not ours(MODULES[module]) & FEATURES - {part_of(module)}, f"{module} imports another feature"


def test_the_fan_out_knows_python_and_redis_alone() -> None:
    for module in within("multichat.realtime"):
        assert foreign(MODULES[module]) <= {"redis"}, module
        assert ours(MODULES[module]) <= {"multichat.realtime"}, module


def test_the_models_know_the_database_alone() -> None:
    """No request, no HTML, no bus."""
    for module in within("multichat.models"):
        assert foreign(MODULES[module]) <= {"sqlalchemy"}, module
        assert ours(MODULES[module]) <= {"multichat.models", "multichat.database"}, module


@pytest.mark.parametrize("path", ["multichat/config.py", "multichat/embedded_bus.py", "gunicorn.conf.py"])
def test_what_gunicorns_master_loads_is_python_alone(path: str) -> None:
    """Whatever else it imported would stay unpatched in each worker."""
    assert not foreign(PROJECT / path)
    assert not ours(PROJECT / path)


def loaded_by(module: str, instance: Path) -> set[str]:
    """The packages that a process has loaded once it has imported this one module, as gunicorn or Python does."""
    script = f"import sys, {module}; print(*(name for name in sys.modules if '.' not in name))"
    environment = os.environ | {
        "MULTICHAT_INSTANCE_PATH": str(instance),
        "REDIS_URL": "memory://",
        "SECRET_KEY": "tests-know-this-key-and-nobody-else-does",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_alembic_is_for_upgrades_alone(tmp_path: Path) -> None:
    """Every worker would take a tenth of a second more to start."""
    worker = loaded_by("wsgi", tmp_path)
    assert "flask" in worker
    assert not worker & {"alembic", "flask_migrate"}
    assert {"alembic", "flask_migrate"} <= loaded_by("multichat.upgrade", tmp_path)


def test_a_start_becomes_gunicorn_without_the_application(tmp_path: Path) -> None:
    """Where there is nothing to upgrade, it would take a second more."""
    start = loaded_by("multichat.serve", tmp_path)
    assert "sqlalchemy" in start
    assert not start & {"flask", "alembic"}


def test_one_module_alone_speaks_htmx() -> None:
    for module in MODULES.keys() - {"multichat.htmx"}:
        assert not re.search(r"""["']hx-""", MODULES[module].read_text(encoding="utf-8"), re.IGNORECASE), module


def test_these_tests_see_what_they_are_to_see(tmp_path: Path) -> None:
    file = tmp_path / "example.py"
    file.write_text("import flask\nfrom multichat import sockets\ndef f():\n    from multichat.rooms.views import bp\n")
    assert ours(file) == {"multichat.sockets", "multichat.rooms"}
    assert foreign(file) == {"flask"}
