"""Recordings, played in order, across processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sdd import llm
from sdd.errors import PROVIDER_FAILED
from sdd.llm import recorded
from sdd.llm.problems import ProblemError
from sdd.llm.request import Progress


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SDD_RECORDING", str(tmp_path))
    return tmp_path


def play(**options: str) -> llm.Response:
    return llm.prompt("whatever", provider="recorded", **options)  # type: ignore[arg-type]  # model and conversation only


def test_recordings_are_played_in_their_order(folder: Path) -> None:
    for name in ("010-last.md", "002-checkout-02-plan.md", "001-checkout-01-product-spec.md", "9-ninth.md"):
        (folder / name).write_text(name)
    (folder / "README.md").write_text("about these recordings")
    (folder / "003-notes.txt").write_text("not one")
    names = [play().text for _ in range(4)]
    assert names == [
        "001-checkout-01-product-spec.md",
        "002-checkout-02-plan.md",
        "9-ninth.md",
        "010-last.md",
    ]
    assert (folder / ".played").read_text().split() == names


def test_a_recording_is_called_one(folder: Path) -> None:
    (folder / "001-a.md").write_bytes("Grüße\r\n".encode())
    heard: list[Progress] = []
    response = llm.prompt("hi", provider="recorded", model="m", conversation="c-1", watch=heard.append)
    assert (response.provider, response.raw) == ("recorded", {"recording": "001-a.md"})
    assert response.text == "Grüße\r\n"
    assert (response.cost, response.usage, response.model_answered) == (None, None, None)
    assert (response.model_asked, response.conversation, response.partial) == ("m", "c-1", False)
    assert [progress.text for progress in heard] == [response.text]
    assert llm.from_json(llm.to_json(response)) == response


def test_another_process_goes_on_where_this_one_ended(folder: Path) -> None:
    (folder / "001-a.md").write_text("one")
    (folder / "002-b.md").write_text("two")
    assert play().text == "one"
    script = "from sdd import llm; print(llm.ask('hi', provider='recorded'))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "two\n"


def test_processes_side_by_side_never_play_one_recording_twice(folder: Path) -> None:
    for number in range(1, 7):
        (folder / f"{number:03}-x.md").write_text(str(number))
    script = "from sdd import llm; [print(llm.ask('hi', provider='recorded')) for _ in range(2)]"
    command = [sys.executable, "-c", script]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    played = [line for process in running for line in process.communicate()[0].split()]
    assert sorted(played) == ["1", "2", "3", "4", "5", "6"]


def test_the_end_is_told_with_the_next_name(folder: Path) -> None:
    (folder / "007-a.md").write_text("one")
    play()
    with pytest.raises(ProblemError) as caught:
        play()
    assert caught.value.kind == "exhausted"
    assert caught.value.exit_code == PROVIDER_FAILED
    assert (
        caught.value.message
        == f"all recordings in {folder} were played (1); the next would be 008-<label>.md"
    )
    assert str(folder / "008-<label>.md") in caught.value.hint
    (folder / "008-b.md").write_text("more")
    assert play().text == "more"


def test_an_empty_folder_wants_a_first_recording(folder: Path) -> None:
    with pytest.raises(ProblemError, match=r"were played \(0\); the next would be 001-<label>\.md"):
        play()


def test_what_was_played_can_be_forgotten(folder: Path) -> None:
    (folder / "001-a.md").write_text("one")
    assert play().text == "one"
    (folder / ".played").unlink()
    assert play().text == "one"


def test_a_recording_that_is_no_text_is_told_and_stays_unplayed(folder: Path) -> None:
    (folder / "001-a.md").write_bytes(b"\xff")
    with pytest.raises(ProblemError, match="cannot be played") as caught:
        play()
    assert caught.value.kind == "garbage"
    assert not (folder / ".played").exists()


def test_it_is_ready_with_a_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert recorded.ready() == ""
    monkeypatch.setenv("SDD_RECORDING", str(folder / "gone"))
    assert recorded.ready().startswith(f"SDD_RECORDING names {folder / 'gone'}, which is no folder: make it")
    monkeypatch.delenv("SDD_RECORDING")
    assert recorded.ready().startswith("SDD_RECORDING names no folder of recordings: export SDD_RECORDING=")
    with pytest.raises(ProblemError, match=r"SDD_RECORDING names no folder of recordings$") as caught:
        play()
    assert caught.value.kind == "no_recordings"
    assert caught.value.hint.startswith("export SDD_RECORDING=")
