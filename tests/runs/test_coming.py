"""Pieces of an answer on their way to the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdd.runs.coming import Coming

FULL = Path("/dev/full")


def test_pieces_are_appended_to_what_is_there(tmp_path: Path) -> None:
    path, said = tmp_path / "partial.md", list[str]()
    path.write_text("a")
    with Coming(path, said.append) as coming:
        for piece in ("b", "", "\ud83d", "ä"):
            coming.append(piece)
        assert path.read_text("utf-8") == "ab?ä"
    assert said == []


@pytest.mark.skipif(not FULL.exists(), reason="a disk that is always full is Linux's")
def test_a_full_disk_is_told_once_and_stops_nothing() -> None:
    said: list[str] = []
    with Coming(FULL, said.append) as coming:
        for piece in ("a", "b"):
            coming.append(piece)
    assert said == ["/dev/full takes no more of what comes (No space left on device): it is read to its end"]
