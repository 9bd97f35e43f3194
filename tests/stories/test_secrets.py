"""A key is used in every way a session can go, and then looked for in everything that was written or shown."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from fake_claude import INIT, START, FakeClaude, Step, line, piece, result, said
from fake_messages_api import Fault, MessagesApi, Reply
from gitbox import GitBox, Result
from killing import MODEL, Killing
from stand_ins import Says, StandIns
from workshop import BOTH, begin, file, response, runs, settle, wholes

pytestmark = pytest.mark.skipif(os.name == "nt", reason="forks and signals as POSIX has them")

KEY = "sk-ant-made+for/this=test-0123456789abcdef"
ECHO = f"x-api-key: {KEY}, {quote(KEY, safe='')}, {b64encode(f'user:{KEY}'.encode()).decode()}"
LEAK = """
import os, pathlib
print(sorted(os.environ.items()))
process = os.getppid()
while process > 1 and pathlib.Path(f"/proc/{process}/environ").exists():
    try:
        print(pathlib.Path(f"/proc/{process}/environ").read_bytes())
    except PermissionError:
        break
    process = int(pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
"""
HOOK = '#!/bin/sh\nenv | tee "$(git rev-parse --git-dir)/seen-by-a-hook"\n'


def forms() -> list[bytes]:
    """The key as it may stand anywhere: plain, percent-encoded, and inside of base64 wherever it begins there."""
    found = [KEY, quote(KEY), quote(KEY, safe="")]
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            text = encode(bytes(before) + KEY.encode()).decode()
            found.append(text[4:-4])
    return [form.encode() for form in found]


def everything(box: GitBox, *more: Path) -> Iterator[tuple[str, bytes]]:
    """All that lies in a repository and in other folders, by name; git's objects unpacked too."""
    for folder in (box.path, *more):
        for path in folder.rglob("*"):
            if path.is_file():
                yield str(path), path.read_bytes()
    argv = ["git", "cat-file", "--batch-all-objects", "--batch"]
    yield "git's objects", subprocess.run(argv, cwd=box.path, capture_output=True, check=True).stdout


def until(seen: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def warm(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killing]:
    with Killing(tmp_path_factory.mktemp("warm"), *MODEL) as one:
        yield one


class Watched:
    """A repository in which all that is said is kept, and in which nothing may hold the key."""

    def __init__(self, box: GitBox, warm: Killing, state: Path) -> None:
        self.box, self.warm, self.state = box, warm, state
        self.said: list[str] = []
        self.env = {"ANTHROPIC_API_KEY": KEY, "XDG_STATE_HOME": str(state), "SDD_PROVIDER": "anthropic"}

    def heard(self, result: Result, code: int) -> Result:
        self.said += [result.out, result.err]
        assert result.code == code, result
        return result

    def __call__(self, *argv: str, api: MessagesApi | None = None, code: int = 0, stdin: str = "") -> Result:
        env = self.env | ({"ANTHROPIC_BASE_URL": api.url} if api else {})
        return self.heard(self.warm.sdd(self.box, *argv, env=env, stdin=stdin), code)

    def stopped(self, api: MessagesApi, number: int, partial: int) -> Result:
        """`sdd next`, sent a signal once so many bytes of the answer are on the disk."""
        process = self.warm.start(self.box, "next", env={**self.env, "ANTHROPIC_BASE_URL": api.url})
        path = self.box.path / ".git/sdd/pending/01-a/partial.md"
        until(lambda: path.exists() and path.stat().st_size >= partial)
        os.kill(process.pid, number)
        return process.wait()

    def holds_no_key(self) -> None:
        found = [
            (name, form.decode())
            for name, data in [*everything(self.box, self.state), ("said", "\n".join(self.said).encode())]
            for form in forms()
            if form in data or form in data.replace(b"\\n", b"\n").replace(b"\n", b"")
        ]
        assert found == []


@pytest.fixture
def watched(box: GitBox, warm: Killing, tmp_path: Path) -> Watched:
    begin(box, commands=["python leak.py"])
    box.write("leak.py", LEAK)
    box.commit("Leak")
    return Watched(box, warm, tmp_path / "state")


def test_an_answer_an_error_and_a_check_that_tell_the_key_leave_it_nowhere(watched: Watched) -> None:
    hook = watched.box.write(".git/hooks/pre-commit", HOOK)
    hook.chmod(0o755)
    page = f"<html>{ECHO}</html>".encode()
    steps: list[Fault | Reply] = [
        Fault(401, "authentication_error", ECHO),
        Fault(400, "invalid_request_error", ECHO),
        Fault(403, body=page, content_type="text/html"),
        Fault(200, body=page, content_type=f"text/html; {KEY}"),
        Fault(500, "api_error", ECHO, headers={"x-should-retry": "false", "x-echo": KEY}),
        Reply(ECHO, extra=[b"data: " + KEY.encode() + b"\n\n"]),
    ]
    for step in steps:
        with MessagesApi([step] * 3) as api:
            told = watched("next", api=api, code=4)
        assert "sdd:" in told.err
    with MessagesApi([Reply(f"{ECHO}\n\n{BOTH}", pieces=60)]) as api:
        env = {**watched.env, "ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_LOG": "debug"}
        # A real process, whose environment its children can read where there is /proc.
        watched.heard(watched.box.sdd("next", "--commit", env=env, check=None), 0)
    assert "[secret]" in wholes(watched.box)[-1]
    assert [run.outcome for run in runs(watched.box)][-1] == "done"
    assert "PATH=" in watched.box.read(".git/seen-by-a-hook")
    watched.holds_no_key()


def test_a_cut_an_interrupt_and_a_kill_leave_the_key_nowhere(watched: Watched) -> None:
    long = f"{ECHO}\n{'and so on ' * 40}\n{ECHO}"
    half = Reply(long, pieces=40, then="cut", after=30)
    with MessagesApi([half]) as api:
        watched("next", api=api, code=4)
    stalled = Reply(long, pieces=40, then="stall", after=30)
    with MessagesApi([stalled]) as api:
        assert watched.heard(watched.stopped(api, signal.SIGINT, 300), 130)
    with MessagesApi([stalled]) as api:
        assert watched.heard(watched.stopped(api, signal.SIGKILL, 300), -signal.SIGKILL)
        watched.holds_no_key()
    with MessagesApi([Reply(BOTH)]) as api:
        watched("next", api=api)
    assert [run.outcome for run in runs(watched.box)] == ["failed", "failed", "failed", "done"]
    assert all("[secret]" in whole for whole in wholes(watched.box)[:3])
    watched.box.commit("All of it")
    watched.holds_no_key()


def halves(text: str, *, size: int) -> list[str]:
    """A text in pieces of that size, in which the key is broken, too."""
    return [text[at : at + size] for at in range(0, len(text), size)]


FOLDED = "\n".join(halves(b64encode(f"A line of words before: {KEY}".encode()).decode(), size=30))
TOLD = f"{ECHO}\n{FOLDED}\n{KEY[:9]}\n{KEY[9:]}\n"


def agent_writes(watched: Watched) -> None:
    """The session writes a document, as an agent may."""
    path = "sessions/01-a.md"
    watched.box.write(path, watched.box.read(path).replace("[src/a.py, src/b.py]", "[docs/a.md]"))
    settle(watched.box)


@pytest.mark.parametrize(
    ("ending", "code"),
    [([], 0), ([{"exit": 1}], 4), ([{"kill": 9}], 4)],
    ids=["it ends well", "it fails", "it is killed"],
)
def test_claude_code_that_tells_the_key_leaves_it_nowhere(
    watched: Watched, tmp_path: Path, ending: list[Step], code: int
) -> None:
    agent_writes(watched)
    told = f"{TOLD}\n{response()}"
    half = len(told) // 2
    steps: list[Step] = [
        INIT,
        {"raw": f"no JSON: {ECHO}\n"},
        START,
        *[piece(part) for part in halves(told, size=11)],
        line("user", message={"content": [{"type": "tool_result", "content": TOLD}]}),
        {"stderr": f"warning: {TOLD}"},
        {"raw": f'{{"type": "system", "note": "{KEY[:20]}'},
        {"raw": f'{KEY[20:]}"}}\n'},
        {"write": str(watched.box.path / "docs/a.md"), "text": "new\n"},
    ]
    whole = [said(told), result(told)] if code == 0 else [said(told[:half])]
    fake = FakeClaude(tmp_path / "claude", [[*steps, *whole, *ending]])
    watched.env |= {"SDD_PROVIDER": "claude", "SDD_CLAUDE": str(fake.path)}
    watched("next", code=code)
    (transcript,) = (watched.box.path / ".git/sdd/responses").glob("*.jsonl")
    assert "[secret]" in transcript.read_text()
    assert "[secret]" in wholes(watched.box)[0]
    assert fake.calls[0]["env"]["ANTHROPIC_API_KEY"] == KEY  # it is the one that may have it
    watched.holds_no_key()


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ({}, 0),
        ({"code": 1}, 4),
        ({"then": "kill"}, 4),
    ],
    ids=["it ends well", "it fails", "it is killed"],
)
def test_an_agent_by_a_preset_that_tells_the_key_leaves_it_nowhere(
    watched: Watched, tmp_path: Path, says: dict[str, Any], code: int
) -> None:
    agent_writes(watched)
    agents = StandIns(tmp_path / "agents")
    told = f"{TOLD}\n{response()}"
    events = [
        {"type": "thread.started", "thread_id": "0199a213-81c0-7800-8aa1-bbab2a035a53"},
        {"type": "item.completed", "item": {"type": "command_execution", "aggregated_output": TOLD}},
        {"type": "item.completed", "item": {"type": "agent_message", "text": told}},
        {"type": "turn.completed", "usage": {"input_tokens": 9, "output_tokens": 9}},
    ]
    out = [f"no JSON: {ECHO}", *(json.dumps(event) for event in events)]
    agents.put("codex", Says(out=out, err=f"error: {TOLD}", leaves={"docs/a.md": "new\n"}, **says))
    watched.env |= {"SDD_PROVIDER": "codex", "PATH": agents.path, "OPENAI_API_KEY": KEY}
    watched("next", code=code)
    (transcript,) = (watched.box.path / ".git/sdd/responses").glob("*.jsonl")
    assert "[secret]" in transcript.read_text()
    assert "[secret]" in wholes(watched.box)[0]
    assert agents.seen("codex").env["OPENAI_API_KEY"] == KEY
    watched.holds_no_key()


def test_what_a_person_pastes_and_what_a_run_is_dropped_with_hold_no_key(watched: Watched) -> None:
    watched.env["SDD_PROVIDER"] = "manual"
    watched("next", code=5)
    leaky = response(file("src/a.py", f"KEY = '{KEY}'\n"), file("src/b.py", "B = 1\n"))
    watched("record", "01-a", "-", stdin=leaky)
    assert watched.box.read("src/a.py") == "KEY = '[secret]'\n"
    watched.holds_no_key()


def test_no_prompt_is_made_of_a_file_that_holds_the_key(watched: Watched) -> None:
    watched.box.write("src/a.py", f"KEY = '{KEY}'\n")
    settle(watched.box)
    with MessagesApi() as api:
        for command in ("prompt", "next"):
            told = watched(command, "01-a", api=api, code=2)
            assert "the prompt would hold the value of ANTHROPIC_API_KEY, in src/a.py" in told.err
        assert api.requests == []
    (watched.box.path / "src/a.py").unlink()
    watched.holds_no_key()


def test_an_error_that_quotes_what_was_typed_is_told_without_the_key(watched: Watched) -> None:
    told = watched.box.sdd("next", KEY, env=watched.env, check=None)
    watched.heard(told, 2)
    assert "[secret]" in told.err
    watched.holds_no_key()


def test_no_program_that_sdd_starts_for_itself_sees_the_key(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "ssh-keygen"):  # pre-commit is found beside sdd, and starts git
        program = programs / name
        program.write_text(
            f'#!/bin/sh\nenv >> "{watched.state}/{name}"\nPATH="{os.environ["PATH"]}" exec {name} "$@"\n'
        )
        program.chmod(0o755)
    watched.state.mkdir()
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    watched.env["PATH"] = os.environ["PATH"]
    for argv in (["status"], ["check"], ["doctor"], ["init", "--hooks", "pre-commit"]):
        watched.heard(watched.box.sdd(*argv, env=watched.env, check=None), 0)
    assert {path.name for path in watched.state.iterdir()} >= {"git", "ssh-keygen"}
    assert (watched.box.path / ".git/hooks/pre-commit").exists()
    watched.holds_no_key()
