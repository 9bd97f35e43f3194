"""A program is run by its argument list, to its end or in a dialogue, and nothing of it is left behind."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sdd import processes
from sdd.processes import PIPE_HOLDS, Started, run

ECHO = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdout.write(sys.stdin.read())"]
LOUD = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"
TALKS = "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line.upper()); sys.stdout.buffer.flush()"


def python(program: str) -> list[str | bytes]:
    return [sys.executable, "-I", "-S", "-c", program]


def open_files() -> set[str]:
    return {one.name for one in Path("/dev/fd").iterdir()}


def has_children() -> bool:
    """Whether a child of this process, ended or not, was not waited for."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


@pytest.fixture(
    params=[
        pytest.param(True, marks=pytest.mark.skipif(not processes.SPAWNS, reason="no posix_spawn")),
        False,
    ]
)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Both ways to start a program."""
    monkeypatch.setattr(processes, "SPAWNS", request.param)
    return bool(request.param)


@pytest.fixture
def _nothing_left(way: bool) -> object:
    gc.collect()
    children, files = has_children(), open_files()
    yield
    gc.collect()
    assert has_children() == children
    assert open_files() == files


def test_a_program_runs_to_its_end_and_its_words_are_had() -> None:
    assert run(python(LOUD), os.environ) == (7, b"out\n", b"err\n")
    assert run(ECHO, os.environ, b"in" * PIPE_HOLDS * 40) == (0, b"in" * PIPE_HOLDS * 40, b"")


@pytest.mark.usefixtures("_nothing_left")
def test_a_program_beside_us_tells_its_code_and_output_and_its_errors_go_nowhere(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert Started(python(LOUD), os.environ).output() == (7, b"out\n")
    assert Started(ECHO, os.environ, b"x" * PIPE_HOLDS).output() == (0, b"x" * PIPE_HOLDS)
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("_nothing_left")
def test_more_than_a_pipe_holds_is_read_to_its_end() -> None:
    assert Started(python("print('x' * 3_000_000)"), os.environ).output() == (0, b"x" * 3_000_000 + b"\n")


@pytest.mark.usefixtures("_nothing_left")
def test_arguments_are_bytes_or_text_and_no_shell_reads_them() -> None:
    code = "import os, sys; sys.stdout.buffer.write(b'|'.join(map(os.fsencode, sys.argv[1:])))"
    odd: list[str | bytes] = [b"caf\xe9", "$(id)", "a b", "*", ""]
    assert Started([*python(code), *odd], os.environ).output() == (0, b"caf\xe9|$(id)|a b|*|")


@pytest.mark.usefixtures("_nothing_left")
def test_a_program_sees_the_environment_it_is_given_and_no_other() -> None:
    code = "import os; print(sorted(name for name in os.environ if name.startswith('SDD')))"
    assert Started(python(code), {"SDD_ONLY": "1"}).output() == (0, b"['SDD_ONLY']\n")


@pytest.mark.usefixtures("_nothing_left")
def test_a_program_that_is_not_there_is_told_at_once() -> None:
    with pytest.raises(FileNotFoundError):
        Started(["no-such-program-anywhere"], os.environ)
    with pytest.raises(FileNotFoundError):
        run(["no-such-program-anywhere"], os.environ)


@pytest.mark.usefixtures("_nothing_left")
def test_a_dialogue_asks_and_is_answered_line_by_line_or_byte_by_byte() -> None:
    talk = Started(python(TALKS), os.environ, talks=True)
    talk.write(b"one\ntwo\nthree and four\n")
    assert [talk.line(), talk.line(), talk.take(5), talk.take(0)] == [b"ONE", b"TWO", b"THREE", b""]
    assert talk.take(10) == b" AND FOUR\n"
    talk.write(b"five\n")
    assert talk.line() == b"FIVE"
    assert talk.close() == talk.close() == 0


@pytest.mark.usefixtures("_nothing_left")
def test_a_long_answer_is_taken_to_its_last_byte() -> None:
    talk = Started(python("print('x' * 1_000_000); print('end')"), os.environ, talks=True)
    assert talk.take(1_000_000) == b"x" * 1_000_000
    assert [talk.line(), talk.line()] == [b"", b"end"]
    talk.close()


@pytest.mark.usefixtures("_nothing_left")
def test_the_end_of_a_dialogue_is_told_and_writing_after_it_is_no_failure() -> None:
    talk = Started(python("print('bye')"), os.environ, talks=True)
    assert talk.line() == b"bye"
    with pytest.raises(EOFError):
        talk.line()
    with pytest.raises(EOFError):
        talk.take(1)
    talk.write(b"anybody?\n")
    assert talk.close() == 0


@pytest.mark.usefixtures("_nothing_left")
def test_a_program_that_was_killed_has_a_code_below_zero() -> None:
    talk = Started(python("import os; os.kill(os.getpid(), 9)"), os.environ, talks=True)
    assert talk.close() == -9


@pytest.mark.usefixtures("_nothing_left")
def test_a_program_that_nobody_ended_is_ended_when_nobody_knows_it_any_more() -> None:
    Started(python(TALKS), os.environ, talks=True)
    talk = Started(python("print('x' * 3_000_000)"), os.environ)
    del talk


@pytest.mark.skipif(os.name == "nt", reason="its standard streams are no numbers")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("spawns", [True, False])
def test_closed_standard_streams_change_nothing(tmp_path: Path, closed: str, *, spawns: bool) -> None:
    told = tmp_path / "told"
    program = (
        "import pathlib, sys; from sdd import processes; processes.SPAWNS = sys.argv[2] == '1' and processes.SPAWNS;"
        "one = processes.Started(['cat'], {'PATH': sys.argv[3]}, talks=True); one.write(b'line\\nmore');"
        "two = processes.Started(['cat'], {'PATH': sys.argv[3]}, b'in');"
        "found = one.line(), one.take(4), one.close(), two.output();"
        "pathlib.Path(sys.argv[1]).write_text(repr(found))"
    )
    argv = [sys.executable, "-c", program, str(told), str(int(spawns)), os.environ["PATH"]]
    subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", *argv], check=True)
    assert told.read_text() == "(b'line', b'more', 0, (0, b'in'))"
