"""The Anthropic API through the whole command: progress, what is recorded, cut streams, errors, interrupts, and no key anywhere."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fake_messages_api import Fault, MessagesApi, Reply, Script, Seen
from gitbox import GitBox, installed
from killing import MODEL, Killing
from sdd.llm.response import from_json
from workshop import BOTH, begin, findings, left_behind, runs, tree, wholes

posix_only = pytest.mark.skipif(os.name == "nt", reason="forks, terminals and signals as POSIX has them")
pytestmark = posix_only

KEY = "sk-ant-dummy-0123456789abcdef"  # as long as a real one, so that an echo would be struck out


@pytest.fixture(scope="module")
def warm(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killing]:
    with Killing(tmp_path_factory.mktemp("warm"), *MODEL) as one:
        yield one


@pytest.fixture
def project(box: GitBox) -> GitBox:
    begin(box, commands=["git --version"])
    return box


def key(api: MessagesApi) -> dict[str, str]:
    return {"SDD_PROVIDER": "anthropic", "ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}


def until(seen: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def files_with(word: str, folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def read_all(terminal: int) -> str:
    parts = []
    try:
        while data := os.read(terminal, 1 << 16):
            parts.append(data)
    except OSError:  # Linux's way to say that the other end is closed
        pass
    return b"".join(parts).decode()


def test_a_response_streams_in_before_the_eyes_and_is_recorded_with_its_cost(project: GitBox) -> None:
    import pty  # not on Windows

    terminal, theirs = pty.openpty()
    with MessagesApi([Reply(BOTH, pieces=4, input_tokens=1000, cache_read=200, output_tokens=500)]) as api:
        process = subprocess.Popen(
            [installed("sdd"), "next"],
            cwd=project.path,
            env={**os.environ, **key(api)},
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
        )
        os.close(theirs)
        seen = read_all(terminal)
        out = process.communicate()[0]
        os.close(terminal)
    assert process.returncode == 0, seen
    assert re.search(r"\r\x1b\[K500 tokens, \d+ s, \$0\.0070\r", seen), seen
    assert "$ git --version" in seen
    assert out.startswith("01-a: done\n  It is made.\n")
    (run,) = runs(project)
    assert (run.provider, run.model) == ("anthropic", "claude-sonnet-5-5")
    assert (run.tokens_in, run.tokens_out, run.cost) == (1200, 500, "0.00702")
    (raw,) = (project.path / ".git/sdd/responses").iterdir()
    response = from_json(raw.read_text())
    assert (response.text, response.provider, response.cost) == (BOTH, "anthropic", response.cost)
    assert isinstance(response.raw, dict)
    assert response.raw["request_id"] == "req_fake"
    assert run.prompt.startswith(raw.name.split("-")[3])
    assert files_with(KEY, project.path) == []
    assert KEY not in seen + out
    assert (left_behind(project), findings(project)) == ([], [])


def test_a_cut_stream_keeps_its_partial_text_and_next_goes_on(project: GitBox, warm: Killing) -> None:
    with MessagesApi([Reply(BOTH, pieces=4, then="cut", after=3), Reply(BOTH)]) as api:
        cut = warm.sdd(project, "next", env=key(api))
        assert cut.code == 4
        assert "the connection was cut before the answer ended" in cut.err
        (run,) = runs(project)
        assert run.outcome == "failed"
        assert "the response is not whole: the connection was cut" in run.summary
        assert run.tokens_in == 100
        assert BOTH[: len(BOTH) // 2] in wholes(project)[0]
        assert not (project.path / "src").exists()
        assert "01-a\tfailing" in warm.sdd(project, "status").out
        assert warm.sdd(project, "next", env=key(api)).code == 0
        assert "the response is not whole" in str(api.requests[1].body["messages"][-1]["content"])
    assert [run.outcome for run in runs(project)] == ["failed", "done"]
    assert (left_behind(project), findings(project)) == ([], [])


NOT_AGAIN = {"x-should-retry": "false"}


@pytest.mark.parametrize(
    ("script", "told", "hint"),
    [
        (
            [Fault(401, "authentication_error", KEY)],
            "the API does not know the key",
            "export ANTHROPIC_API_KEY",
        ),
        ([Fault(429, "rate_limit_error", headers=NOT_AGAIN)], "rate limit", "run again later"),
        (
            [Fault(429, headers={"retry-after": "3600"})],
            "it asks to wait 3600 s",
            "wait 3600 s, then run again",
        ),
        ([Fault(529, "overloaded_error", headers=NOT_AGAIN)], "the API is overloaded", "run again later"),
        ([Reply(then="error", after=0)] * 3, "the API is overloaded", "run again later"),
        (
            [Fault(400, "invalid_request_error", headers=NOT_AGAIN)],
            "the API rejects the request",
            "change what",
        ),
        (None, "there is no key for the Anthropic API", "export ANTHROPIC_API_KEY"),
    ],
    ids=["401", "429", "429 for an hour", "529", "overloaded in the stream", "400", "no key"],
)
def test_an_api_that_does_not_answer_leaves_all_as_it_was(
    project: GitBox, warm: Killing, script: Script | None, told: str, hint: str
) -> None:
    before = tree(project)
    with MessagesApi(script or ()) as api:
        env = key(api) if script else {"SDD_PROVIDER": "anthropic"}
        result = warm.sdd(project, "next", env=env)
    assert result.code == 4
    assert told in result.err
    assert f"→ {hint}" in result.err
    assert KEY not in result.err + result.out
    assert tree(project) == before
    assert left_behind(project) == []
    assert "01-a\tready" in warm.sdd(project, "status").out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_while_the_response_streams_keeps_what_came(
    project: GitBox, warm: Killing, number: int
) -> None:
    with MessagesApi([Reply(BOTH, pieces=4, then="stall", after=2), Reply(BOTH)]) as api:
        process = warm.start(project, "next", env=key(api))
        partial = project.path / ".git/sdd/pending/01-a/partial.md"
        until(lambda: partial.exists() and partial.stat().st_size >= len(BOTH) // 2)
        os.kill(process.pid, number)
        out, err, code = process.wait()
        assert code == 130, err
        assert "the answer was interrupted" in err
        assert BOTH[: len(BOTH) // 2] in wholes(project)[0]
        assert findings(project) == []
        assert warm.sdd(project, "next", env=key(api)).code == 0
    assert KEY not in out + err
    assert [run.outcome for run in runs(project)] == ["failed", "done"]


def test_who_is_told_to_outlive_its_terminal_does(project: GitBox) -> None:
    asked, answer = threading.Event(), threading.Event()

    def held(_: Seen) -> Reply:
        asked.set()
        answer.wait(20)
        return Reply(BOTH)

    with MessagesApi(held) as api:
        argv = ["sh", "-c", 'trap "" HUP; exec "$0" next', str(installed("sdd"))]
        process = subprocess.Popen(
            argv,
            cwd=project.path,
            env={**os.environ, **key(api)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert asked.wait(20)
        process.send_signal(signal.SIGHUP)
        answer.set()
        assert process.wait() == 0
    assert [run.outcome for run in runs(project)] == ["done"]


def test_an_interrupt_before_anything_came_leaves_nothing(project: GitBox, warm: Killing) -> None:
    with MessagesApi([Fault(silent=True), Reply(BOTH)]) as api:
        process = warm.start(project, "next", env=key(api))
        until(lambda: len(api.requests) == 1)
        os.kill(process.pid, signal.SIGINT)
        _, err, code = process.wait()
        assert (code, "interrupted; nothing is half-written" in err) == (130, True)
        assert "a call ended before anything came: `sdd next` goes on" in warm.sdd(project, "status").out
        assert runs(project) == ()
        assert warm.sdd(project, "next", env=key(api)).code == 0
    assert (left_behind(project), findings(project)) == ([], [])


CHECK = """
import os, pathlib, subprocess, sys, time
mark = pathlib.Path(".git/started")
if not mark.exists():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    mark.with_suffix(".new").write_text(f"{os.getpid()} {child.pid}")
    mark.with_suffix(".new").rename(mark)
    time.sleep(60)
"""


def lives(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    if status.exists():
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path("/proc").exists()


def test_a_request_to_end_ends_the_checks_and_next_runs_them_again(box: GitBox, warm: Killing) -> None:
    begin(box, commands=["python check.py"])
    box.write("check.py", CHECK)
    mark = box.path / ".git/started"
    with MessagesApi([Reply(BOTH)]) as api:
        process = warm.start(box, "next", env=key(api))
        until(mark.exists)
        os.kill(process.pid, signal.SIGTERM)
        _, err, code = process.wait()
        assert (code, "interrupted; nothing is half-written" in err) == (130, True)
        until(lambda: not any(lives(int(pid)) for pid in mark.read_text().split()), 2)
        assert "a response is applied, its run is not recorded" in warm.sdd(box, "status").out
        assert warm.sdd(box, "next", env=key(api)).code == 0
        assert len(api.requests) == 1
    assert [run.outcome for run in runs(box)] == ["done"]
    assert (left_behind(box), findings(box)) == ([], [])


def test_no_check_and_no_other_sees_the_key(box: GitBox, warm: Killing) -> None:
    begin(box, commands=["env", "python -c 'import os; print(sorted(os.environ)); raise SystemExit(1)'"])
    with MessagesApi([Reply(BOTH), Reply(BOTH)]) as api:
        result = warm.sdd(box, "next", env=key(api))
        said = [request.body for request in api.requests]
    assert result.code == 1
    assert "PATH" in wholes(box)[0]
    assert files_with(KEY, box.path) == files_with("ANTHROPIC_API_KEY", box.path) == []
    assert KEY not in result.out + result.err + str(said)
