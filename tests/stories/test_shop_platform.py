"""The e-commerce platform of tests/cases/shop: 25 components, 20 sessions of its plan; planned, ordered, compiled.

The prompts that the sessions compile to are committed, some to be read, all by their hashes. Where a change of sdd is meant
to change them, `pytest tests/stories/test_shop_platform.py --renew-prompts` writes them anew; read what `git diff` shows.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

import platform_shop as shop
from children_measured import UNMEASURED
from gitbox import GitBox
from inside import sdd
from sdd.sessions.order import ordered
from sdd.sessions.task_order import LAYERS

TASKS = shop.tasks()
READ = ("05-database", "10-sign-in", "16-cart", "17-payment-gateway", "20-checkout", "23-web-interface")
"""The sessions whose prompts are committed whole: a foundation, two contracts at once, the middle, an abstract class, a saga, the largest."""
HASHES = shop.GOLDEN / "sha256.txt"
OWN = ("interfaces", "models", "configuration")
"""What an engineer added to the front matter of the sessions that the plan made."""
COMPILE_ALL = """\
import contextlib, io, sys
from sdd.cli import entry
for name in sys.argv[2:]:
    if entry.run(["prompt", name, "--out", f"{sys.argv[1]}/{name}.md"]):
        sys.exit(f"{name} did not compile")
"""

each_task = pytest.mark.parametrize("task", TASKS)


@pytest.fixture(scope="module")
def platform(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> GitBox:
    """The platform's repository, which these tests only read."""
    return shop.make(tmp_path_factory.mktemp("platform") / "fernweh")


@pytest.fixture
def mine(isolation: None, tmp_path: Path) -> GitBox:
    """A platform of one's own, to change."""
    return shop.make(tmp_path / "fernweh")


@pytest.fixture(scope="module")
def prompts(platform: GitBox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What each session of the plan compiles to."""
    return compiled(platform, tmp_path_factory.mktemp("prompts"))


def compiled(box: GitBox, folder: Path, **environment: str) -> dict[str, bytes]:
    """Compile all sessions of the plan in one process of its own; the bytes of their prompts."""
    environ = {name: value for name, value in os.environ.items() if name != "SDD_PROVIDER"} | environment
    command = [sys.executable, "-c", COMPILE_ALL, str(folder), *TASKS]
    subprocess.run(command, cwd=box.path, env=environ, check=True, capture_output=True)
    return {name: (folder / f"{name}.md").read_bytes() for name in TASKS}


def session(task: str) -> dict[str, list[str]]:
    return shop.front_matter((shop.PLATFORM / "sessions" / f"{task}.md").read_text("utf-8"))


# What it is


def test_it_has_25_components_and_20_sessions_and_each_component_is_built_by_one() -> None:
    architecture = (shop.PLATFORM / "docs" / "architecture.md").read_text("utf-8")
    wiring = (shop.PLATFORM / "docs" / "wiring.md").read_text("utf-8")
    components = re.findall(r"^## (.*)$", wiring, re.MULTILINE)
    assert len(components) == len(set(components)) == 25
    assert set(components) < set(re.findall(r"^## (.*)$", architecture, re.MULTILINE))
    assert len(TASKS) == len(set(TASKS)) == 20
    reads = [selector for task in TASKS for selector in session(task)["reads"]]
    built = [one.partition("#")[2] for one in reads if one.startswith("docs/architecture.md#")]
    assert sorted(built) == sorted(components)


def test_every_contract_is_implemented_once() -> None:
    contracts = {
        name
        for tree in shop.modules()
        for one in tree.body
        for name in shop.defined(one)
        if re.match(r"I[A-Z][a-z]", name)
    }
    made = [
        line.partition(": ")[0].partition("::")[2] for task in TASKS for line in session(task)["implements"]
    ]
    assert len(made) == len(set(made))
    assert contracts - set(made) == {"ITransaction"}  # what the database hands out


def test_it_passes_every_check(platform: GitBox) -> None:
    assert sdd(platform, "check").out.startswith("28 sessions: nothing wrong")
    assert "nothing wrong" in sdd(platform, "check", "--audit").out


def test_its_own_code_passes_its_own_tests(platform: GitBox) -> None:
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    told = subprocess.run(command, cwd=platform.path, env=environ, check=True, capture_output=True).stdout
    assert b" passed" in told


# Planned


def test_the_plan_says_what_the_sessions_are(mine: GitBox) -> None:
    assert "the sessions of all 20 tasks are as the plan says" in sdd(mine, "plan").out
    committed = {task: mine.read(f"sessions/{task}.md") for task in TASKS}
    for task in TASKS[1:]:  # the first has run, and no plan takes a run away
        (mine.path / f"sessions/{task}.md").unlink()
    sdd(mine, "plan", "--write")
    assert {task: mine.read(f"sessions/{task}.md") for task in TASKS[1:]} == {
        task: without(committed[task], OWN) for task in TASKS[1:]
    }
    assert mine.read(f"sessions/{TASKS[0]}.md") == committed[TASKS[0]]


def without(text: str, keys: tuple[str, ...]) -> str:
    """A session's text without these block lists of its front matter."""
    return re.sub(rf"^(?:{'|'.join(keys)}):\n(?:  - .*\n)+", "", text, flags=re.MULTILINE)


# Ordered


def test_the_sessions_are_in_an_order_without_a_cycle() -> None:
    needs = {task: [need for need in session(task)["needs"] if need in TASKS] for task in TASKS}
    order, cycles = ordered(needs)
    assert cycles == []
    assert order == TASKS
    layers = {task: LAYERS.index(session(task)["layer"][0]) for task in TASKS}
    assert all(layers[need] <= layers[task] for task in TASKS for need in needs[task])


def test_the_first_session_is_done_and_what_it_opened_is_ready(platform: GitBox) -> None:
    status = json.loads(sdd(platform, "status", "--json").out)
    states = {one["session"]: one["state"] for one in status["sessions"]}
    assert states["04-settings-and-clock"] == "done"
    assert [name for name, state in states.items() if state == "ready" and name in TASKS] == [
        "05-database",
        "17-payment-gateway",
    ]


# Compiled


@each_task
def test_a_prompt_defines_every_name_that_its_contracts_use(prompts: dict[str, bytes], task: str) -> None:
    contracts = {line.partition(": ")[0].partition("::")[2] for line in session(task)["implements"]}
    assert shop.lacking(prompts[task].decode(), contracts) == set()


@pytest.mark.parametrize(
    "name", ["InvalidQuantityError", "CartLine", "CartSettings", "MAX_QUANTITY", "NotFoundError", "IIdSource"]
)
def test_a_name_that_is_missing_is_seen(prompts: dict[str, bytes], name: str) -> None:
    head, fence, rest = re.split(rf"(?m)^((?:class )?{name}\b[ :(])", prompts["16-cart"].decode(), maxsplit=1)
    cut = f"{head}{fence.replace(name, 'Other')}{rest}"
    assert shop.lacking(cut, {"ICart", "ICartStore"}) == {name}


@each_task
def test_a_prompt_keeps_to_the_budget(prompts: dict[str, bytes], task: str) -> None:
    budget = tomllib.loads((shop.PLATFORM / "sdd.toml").read_text("utf-8"))["budget"]
    assert len(prompts[task]) / 4 <= budget


def test_prompts_are_the_same_bytes_a_second_time(
    platform: GitBox, prompts: dict[str, bytes], tmp_path: Path
) -> None:
    assert compiled(platform, tmp_path, **UNMEASURED) == prompts


def test_prompts_are_the_same_bytes_in_another_worktree_on_another_machine(
    platform: GitBox, prompts: dict[str, bytes], tmp_path: Path
) -> None:
    platform.git("worktree", "add", "-q", "--detach", str(tmp_path / "Übung 2/tree"))
    elsewhere = {
        "LC_ALL": "C.UTF-8",
        "LANG": "tr_TR.UTF-8",
        "TZ": "Pacific/Kiritimati",
        "PYTHONHASHSEED": "12345",
    }
    places = {"HOME": str(tmp_path), "COLUMNS": "40", "SDD_CACHE": "off"}
    out = tmp_path / "out"
    out.mkdir()
    assert compiled(GitBox(tmp_path / "Übung 2/tree"), out, **elsewhere, **places, **UNMEASURED) == prompts
    platform.git("worktree", "remove", "--force", str(tmp_path / "Übung 2/tree"))


def test_prompts_are_those_that_were_reviewed(prompts: dict[str, bytes], pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--renew-prompts"):
        shop.GOLDEN.mkdir(exist_ok=True)
        for task in READ:
            (shop.GOLDEN / f"{task}.md").write_bytes(prompts[task])
        HASHES.write_bytes("".join(lines(prompts)).encode())
    reviewed = {task: (shop.GOLDEN / f"{task}.md").read_bytes() for task in READ}
    assert reviewed == {task: prompts[task] for task in READ}
    assert lines(prompts) == HASHES.read_bytes().decode().splitlines(keepends=True)


def lines(prompts: dict[str, bytes]) -> list[str]:
    return [f"{sha256(prompt).hexdigest()}  {task}.md\n" for task, prompt in prompts.items()]
