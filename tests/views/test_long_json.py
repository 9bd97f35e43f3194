"""A long list that waits on disk is the JSON that it would be if somebody held it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.errors import SddError
from sdd.views import long_json
from sdd.views.long_json import LongList

ITEMS = st.lists(st.dictionaries(st.text(), st.none() | st.text() | st.lists(st.text())))


@given(items=ITEMS, inner=st.booleans())
def test_items_one_by_one_are_the_list_that_json_makes_of_them(items: list[Any], *, inner: bool) -> None:
    with LongList(4 if inner else 2) as found:
        for some in (items[:1], [], items[1:]):
            found.add(json.dumps(some, indent=2))
        told = "".join(found.parts())
    whole = json.dumps({"items": items} if inner else items, indent=2)
    assert told == (whole[len('{\n  "items": ') : -len("\n}")] if inner else whole)


def test_what_is_longer_than_may_be_held_waits_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_json, "HELD", 10)
    monkeypatch.setattr(long_json, "PART", 7)
    with LongList() as found:
        for one in ("ä" * 20, "\U0001f600", "\r\n"):
            found.add(json.dumps([one], indent=2, ensure_ascii=False))
        parts = list(found.parts())
    assert json.loads("".join(parts)) == ["ä" * 20, "\U0001f600", "\r\n"]
    assert max(map(len, parts)) <= 7


def test_a_list_that_finds_no_room_on_disk_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(long_json, "HELD", 10)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with LongList() as found, pytest.raises(SddError, match="finds no room on disk: No such file") as refused:
        found.add(json.dumps(["x" * 20]))
    assert refused.value.hint == "set TMPDIR to a folder with room"
