"""Every way past a gate that we could think of, met at a real door; beside each its honest twin, which passes silently."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from stories.attacks import doors
from stories.attacks.table import LIMITS, ROWS
from stories.attacks.world import Row, Step, World, build


@pytest.fixture(scope="session")
def starts(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, World]:
    """The repositories that attacks start from, made once."""
    return build(tmp_path_factory.mktemp("attacked"), template_repository)


def met(
    row: Row, door: str, steps: tuple[Step, ...], starts: Mapping[str, World], folder: Path
) -> doors.Told:
    """What a door says once these steps have been taken on the branch `work`."""
    world = starts[row.start].copy(folder)
    for step in row.given:
        step(world)
    world.box.git("switch", "-q", "-c", "work")
    for step in steps:
        step(world)
    return doors.at(door, world.box)


def caught(row: Row, starts: Mapping[str, World], folder: Path) -> None:
    """The attack is refused by exactly its rules, at its door."""
    found = met(row, row.door, row.attack, starts, folder / "attack")
    assert (set(found.codes), found.exit) == (set(row.codes), row.ends), f"the attack, at {row.door}"


def let_through(row: Row, starts: Mapping[str, World], folder: Path) -> None:
    """The twin passes, and nothing is said but what the row tells."""
    door = row.twin_door or row.door
    assert met(row, door, row.twin, starts, folder / "twin") == doors.Told(frozenset(), row.told, 0), door


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_attack_is_refused_by_its_rule_and_its_honest_twin_passes(
    row: Row, starts: Mapping[str, World], tmp_path: Path
) -> None:
    caught(row, starts, tmp_path)
    let_through(row, starts, tmp_path)


@pytest.mark.parametrize("row", LIMITS, ids=lambda row: row.name)
def test_what_still_gets_through_is_known_and_so_is_what_stops_it(
    row: Row, starts: Mapping[str, World], tmp_path: Path
) -> None:
    """Said in docs/explanation/threats.md; here the twin is the attack that passes."""
    caught(row, starts, tmp_path)
    let_through(row, starts, tmp_path)


def test_the_threat_model_names_rows_and_all_that_gets_through() -> None:
    page = (Path(__file__).parents[2] / "docs/explanation/threats.md").read_text("utf-8")
    linked = re.findall(r"\[((?:[^\[\]]|\[\w+\])+)\]\(\.\./\.\./tests/stories/attacks/(\w+)\.py\)", page)
    named = {" ".join(words.split()).lower() for words, _ in linked}
    assert named <= {row.name.lower() for row in (*ROWS, *LIMITS)}
    assert {row.name.lower() for row in LIMITS} <= named
    for words, module in linked:
        source = (Path(__file__).parent / "attacks" / f"{module}.py").read_text("utf-8").lower()
        assert " ".join(words.split()).lower() in source, (words, module)


def test_the_table_is_as_long_as_it_claims_and_names_no_attack_twice() -> None:
    names = [row.name for row in (*ROWS, *LIMITS)]
    assert len(ROWS) >= 100
    assert len(set(names)) == len(names)
    real = [row for row in ROWS if row.door.startswith(("check", "push"))]
    assert len(real) * 3 >= len(ROWS)
