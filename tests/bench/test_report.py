"""The document: what people wrote stays, what the tool wrote is written anew."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import plot, report


@pytest.fixture
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(report, "DOCUMENT", tmp_path / "performance.md")
    monkeypatch.setattr(report, "IMAGES", tmp_path)
    return tmp_path / "performance.md"


def test_what_people_wrote_stays(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "newest", lambda: {"idle": idle(21_000)})
    report.write()
    document.write_text(document.read_text() + "\nOne greenlet a connection saved 9 KB.\n")
    monkeypatch.setattr(report, "newest", lambda: {"idle": idle(12_000)})
    report.write()
    text = document.read_text()
    assert "12 KB a socket" in text and "21 KB" not in text
    assert text.startswith("# Performance") and text.endswith("saved 9 KB.\n")
    assert "| memory of an idle socket | 40 KB | 12 | yes |" in text


def test_plots_are_well_formed() -> None:
    lines = plot.lines("A & B", "clients", "ms", {"ours": [(100, 1.0), (500, 3.0)], "floor": [(100, 0.4), (500, 2.0)]})
    bars = plot.bars("Servers", "us", {"floor": 4.2, "multichat": 5.1, "Channels": 333.0})
    for image in (lines, bars):
        ElementTree.fromstring(image)
    assert lines.count("<circle") == 4


def idle(bytes_a_socket: float) -> dict[str, object]:
    origin = {
        "date": "2026-11-22 18:00 UTC",
        "commit": "0123456789",
        "file": "2026-11-22.json",
        "machine": {"cores": 2, "processor": "some", "memory_gib": 24, "system": "Linux"},
        "versions": {"python": "3.11"},
    }
    points = [{"sockets": 1000, "pss_bytes": 1e8, "rest": 0.01}]
    return {"points": points, "bytes_a_socket": bytes_a_socket, "origin": origin}
