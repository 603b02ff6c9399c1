"""What /proc says, read right."""

import os
import subprocess
import sys

import pytest

from bench.processes import TICKS_PER_SECOND, cpu_seconds, family, pss_bytes, read_pss, read_stat
from multichat.config import PROJECT


def test_a_stat_is_read_whatever_the_command_is_called() -> None:
    times = [3, 5, 7, 11]
    fields = ["S", "1", *["0"] * 9, *map(str, times), "20", "0"]
    stat = read_stat(f"42 (a) name) S {' '.join(fields[1:])}")
    assert stat.own == pytest.approx(8 / TICKS_PER_SECOND)
    assert stat.buried == pytest.approx(18 / TICKS_PER_SECOND)


def test_pss_is_read_in_bytes() -> None:
    assert read_pss("Rss:  100 kB\nPss:   20 kB\nPss_Dirty:  8 kB\n") == 20 * 1024
    with pytest.raises(ValueError, match="no Pss"):
        read_pss("Rss:  100 kB\n")


def test_a_family_counts_whoever_works_in_it_and_the_dead() -> None:
    """A child burns a tenth of a second and dies; its parent, who waited for it, lives on."""
    burn = "import time\nwhile time.process_time() < 0.1: pass"
    program = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])\nprint(flush=True)\ninput()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        assert family([parent.pid]) == [parent.pid]
        assert 0.09 < cpu_seconds([parent.pid]) < 1.0
        assert pss_bytes([parent.pid]) > 1_000_000
        parent.communicate(b"\n")


def test_children_are_family() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in family([os.getpid()])
        child.communicate(b"\n")


def test_a_process_own_clock_agrees_with_what_it_used() -> None:
    """One without children: this one's are other tests' servers and browsers."""
    program = (
        "import os, time\nfrom bench.processes import cpu_seconds\n"
        "while time.process_time() < 0.3: pass\nprint(cpu_seconds([os.getpid()]), time.process_time())"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    seen, own = map(float, done.stdout.split())
    assert seen == pytest.approx(own, abs=0.02)
