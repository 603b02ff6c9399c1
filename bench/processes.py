"""What a server's processes cost, as the kernel counts it: processor time and memory of whole families."""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Stat(NamedTuple):
    """Of one process, in seconds: its own time and that of the children that it has buried (proc_pid_stat(5))."""

    own: float
    buried: float


def read_stat(text: str) -> Stat:
    # The command may hold blanks and parentheses; the third field comes after its last one.
    fields = text.rpartition(")")[2].split()
    user, system, children_user, children_system = map(int, fields[11:15])
    return Stat((user + system) / TICKS_PER_SECOND, (children_user + children_system) / TICKS_PER_SECOND)


def family(roots: Iterable[int], proc: Path = PROC) -> list[int]:
    """These processes and whatever they started that lives."""
    found: list[int] = []
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        for children in (proc / str(pid) / "task").glob("*/children"):
            try:
                waiting += map(int, children.read_text().split())
            except OSError:  # it ended meanwhile
                continue
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """All processor time of these families so far, buried children included."""
    return sum(cpu_by_process(roots).values())


def cpu_by_process(roots: Iterable[int]) -> dict[int, float]:
    seconds = {}
    for pid in family(roots):
        try:
            buried = read_stat((PROC / str(pid) / "stat").read_text()).buried
            seconds[pid] = _own_seconds(pid) + buried
        except OSError:  # it ended meanwhile: its parent has its time
            continue
    return seconds


def _own_seconds(pid: int) -> float:
    """utime + stime, in nanoseconds where stat has hundredths: the process's own clock (clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)


def pss_bytes(roots: Iterable[int]) -> int:
    """Proportional memory: what processes share is divided among them."""
    total = 0
    for pid in family(roots):
        try:
            total += read_pss((PROC / str(pid) / "smaps_rollup").read_text())
        except OSError:
            continue
    return total


def read_pss(text: str) -> int:
    """Bytes, from smaps_rollup."""
    for row in text.splitlines():
        if row.startswith("Pss:"):
            return int(row.split()[1]) * 1024
    raise ValueError("no Pss in smaps_rollup")


def command(pid: int) -> str:
    """The first words of it; empty for one that is gone."""
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return b" ".join(words[:4]).decode(errors="replace").strip()
