"""Where an agent works: what it finds there."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from gitbox import GitBox
from sdd.runs import agent
from workshop import begin, place


def test_an_agents_hooks_find_sdd_also_where_it_is_not_on_the_path(box: GitBox, tmp_path: Path) -> None:
    begin(box)
    own = str(Path(sys.executable).parent)
    found = agent.workplace(place(box, PATH=str(tmp_path)), ["docs/**"], ["make"]).environ
    assert found
    assert found["PATH"] == os.pathsep.join([own, str(tmp_path)])
    assert shutil.which("sdd", path=found["PATH"])
    kept = place(box, PATH=found["PATH"])
    assert agent.workplace(kept, [], []).environ == kept.environ


def test_an_agent_brings_the_doors_along(box: GitBox) -> None:
    begin(box)
    at = agent.workplace(place(box), ["docs/**"], ["make"])
    assert (at.folder, at.writes, at.commands) == (str(box.path), ("docs/**",), ("make",))
    assert set(json.loads(at.settings)["hooks"]) == {"PreToolUse", "PostToolUse", "Stop"}


@pytest.mark.parametrize("session", ["01-a"])
def test_who_edits_nothing_by_himself_has_nothing_to_tell(box: GitBox, session: str) -> None:
    begin(box)
    told: list[str] = []
    agent.tell(place(box, told), session)
    assert told == []
