"""A run in progress is kept below the git directory, and nothing in it is taken for what it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sdd.errors import SddError
from sdd.runs import pending
from sdd.runs.pending import ANSWERED, ASKED, Pending

NAME = "shop/01-a"
ODD = pending.as_text(b"src/caf\xe9.py")
RUN = Pending(
    session=NAME,
    turn="work",
    writes=("src/*.py",),
    time="2026-11-21T10:15:00Z",
    provider="manual",
    prompt="abc",
    shown={ODD: "", "src/b.py": "1234"},
    sources=(("src/b.py", "src/b.py", "1234", "5678"),),
    wrote=(("src/b.py", "", "1234"),),
)


@pytest.fixture
def git_dir(tmp_path: Path) -> str:
    pending.begin(str(tmp_path), RUN, "Do it, café.\n")
    return str(tmp_path)


def facts(git_dir: str) -> Path:
    return Path(pending.folder(git_dir, NAME), "run.json")


def test_a_run_is_read_as_it_was_begun(git_dir: str) -> None:
    assert pending.load(git_dir, NAME) == RUN
    assert pending.prompt(git_dir, NAME) == "Do it, café.\n"
    assert pending.sessions(git_dir) == [NAME]
    assert pending.as_bytes(ODD) == b"src/caf\xe9.py"


def test_a_response_is_kept_verbatim(git_dir: str) -> None:
    text = "\ufeffDone.\r\n\0café 🛒\n"
    answered = pending.keep_response(git_dir, RUN, text)
    assert answered == RUN.replace(stage=ANSWERED) == pending.load(git_dir, NAME)
    assert pending.response(git_dir, NAME) == text


def test_what_came_of_a_response_is_read_even_if_a_letter_was_cut(git_dir: str) -> None:
    assert pending.partial(git_dir, NAME) == ""
    Path(pending.partial_path(git_dir, NAME)).write_bytes(b"half a caf\xc3")
    assert pending.partial(git_dir, NAME) == "half a caf\ufffd"


def test_a_new_run_takes_the_place_of_the_old_one_whole(git_dir: str) -> None:
    pending.keep_response(git_dir, RUN, "old")
    pending.begin(git_dir, RUN.replace(prompt="def"), "Again.\n")
    loaded = pending.load(git_dir, NAME)
    assert loaded is not None
    assert (loaded.prompt, loaded.stage) == ("def", ASKED)
    assert sorted(path.name for path in Path(pending.folder(git_dir, NAME)).iterdir()) == [
        "prompt.md",
        "run.json",
    ]


def test_what_is_dropped_is_gone_and_may_be_dropped_twice(git_dir: str) -> None:
    for _ in range(2):
        pending.drop(git_dir, NAME)
        assert pending.load(git_dir, NAME) is None
        assert pending.sessions(git_dir) == []
    assert list(Path(git_dir, "sdd").iterdir()) == [Path(git_dir, "sdd", "pending")]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"version": 1}', '{"version": 1, "sources": 1, "wrote": [], "writes": []}']
)
def test_facts_that_cannot_be_read_say_how_to_be_rid_of_them(git_dir: str, text: str) -> None:
    facts(git_dir).write_text(text)
    with pytest.raises(SddError, match=r"run\.json cannot be read") as told:
        pending.load(git_dir, NAME)
    assert told.value.hint == "drop the run with `sdd next shop/01-a --drop`"


def test_facts_of_another_version_are_left_to_who_wrote_them(git_dir: str) -> None:
    facts(git_dir).write_text(json.dumps({**json.loads(facts(git_dir).read_text()), "version": 2}))
    with pytest.raises(SddError, match="is of version 2") as told:
        pending.load(git_dir, NAME)
    assert told.value.hint == "use the sdd that wrote it"


def test_an_unknown_fact_is_not_ignored(git_dir: str) -> None:
    facts(git_dir).write_text(json.dumps({**json.loads(facts(git_dir).read_text()), "colour": "red"}))
    with pytest.raises(SddError, match="colour"):
        pending.load(git_dir, NAME)
