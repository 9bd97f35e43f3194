"""An agent is run for real: whatever it does, its lines are kept, it is bounded, and nothing of it is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread, Timer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.llm import agent_process
from sdd.llm.agent_process import NETWORK, Ended, Limits, environment, program, run
from sdd.llm.secrets import without

posix_only = pytest.mark.skipif(os.name == "nt", reason="signals and named pipes as POSIX has them")

LIMITS = Limits(timeout_s=30.0, silence_s=30.0, grace_s=0.4)


def ran(
    code: str,
    folder: Path,
    *args: str,
    limits: Limits = LIMITS,
    stdin: bytes | None = None,
    transcript: str | None = None,
    at_first: Callable[[], object] = lambda: None,
) -> tuple[Ended, list[bytes]]:
    """Run this code; `at_first` is called at the first line, when it is surely up."""
    lines: list[bytes] = []

    def on_line(line: bytes) -> None:
        lines.append(line)
        if len(lines) == 1:
            at_first()

    ended = run(
        [sys.executable, "-c", code, *args],
        folder=str(folder),
        env=environment(os.environ),
        limits=limits,
        on_line=on_line,
        stdin=stdin,
        transcript=transcript,
    )
    return ended, lines


def test_lines_come_one_by_one_as_they_are_written(tmp_path: Path) -> None:
    code = "import sys, time\nprint('one', flush=True)\ntime.sleep(0.3)\nprint('two')\nprint('', 'err', file=sys.stderr)\nsys.exit(3)"
    began, times = time.monotonic(), list[float]()
    ended = run(
        [sys.executable, "-c", code],
        folder=str(tmp_path),
        env=environment(os.environ),
        limits=LIMITS,
        on_line=lambda _: times.append(time.monotonic() - began),
    )
    assert (ended.why, ended.exit_code, ended.stderr, ended.unkept) == ("ended", 3, " err\n", "")
    assert times[1] - times[0] > 0.2
    assert ended.first_byte_s is not None
    assert 0 < ended.first_byte_s <= times[0] < ended.seconds < 10


def test_an_agent_works_in_its_folder_with_the_environment_it_may_see(tmp_path: Path) -> None:
    env = environment({**os.environ, "HTTPS_PROXY": "p", "https_proxy": "q", "OTHER_API_KEY": "k"}, NETWORK)
    lines: list[bytes] = []
    code = "import os; print(os.getcwd()); print('OTHER_API_KEY' in os.environ, os.environ['HTTPS_PROXY'])"
    run([sys.executable, "-c", code], folder=str(tmp_path), env=env, limits=LIMITS, on_line=lines.append)
    assert Path(os.fsdecode(lines[0])).samefile(tmp_path)
    assert lines[1].startswith(b"False p" if os.name != "nt" else b"False")


def test_the_prompt_comes_in_whole_and_the_input_ends(tmp_path: Path) -> None:
    prompt = "é\n".encode() * 300_000
    code = "import sys; data = sys.stdin.buffer.read(); print(len(data), data[:3])"
    assert ran(code, tmp_path, stdin=prompt)[1] == [b"900000 b'\\xc3\\xa9\\n'"]


def test_without_a_prompt_the_input_is_empty(tmp_path: Path) -> None:
    assert ran("import sys; print(repr(sys.stdin.read()))", tmp_path)[1] == [b"''"]


@pytest.mark.parametrize(
    "ending", ["", "os.close(0); time.sleep(0.2)", "os.close(1); os.close(2); time.sleep(0.2)"]
)
def test_an_agent_that_does_not_read_its_prompt_stops_nothing(ending: str, tmp_path: Path) -> None:
    code = f"import os, time\nos.write(1, b'x' * 200_000)\n{ending}"
    ended, lines = ran(code, tmp_path, stdin=b"p" * 5_000_000)
    assert (ended.why, ended.exit_code, len(lines[0])) == ("ended", 0, 200_000)


def test_a_last_line_without_end_and_foreign_ends_of_line_are_lines(tmp_path: Path) -> None:
    code = r"import os; os.write(1, b'\n\none\r\n\xff\xfe\ntwo')"
    assert ran(code, tmp_path)[1] == [b"one", b"\xff\xfe", b"two"]


def test_a_line_without_end_is_handed_on_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_process, "LONGEST_LINE", 100_000)
    lines = ran("import os\nfor _ in range(50): os.write(1, b'x' * 65536)", tmp_path)[1]
    assert sum(map(len, lines)) == 50 * 65536
    assert max(map(len, lines)) < 300_000


def test_a_line_of_many_megabytes_is_one_line(tmp_path: Path) -> None:
    lines = ran("import sys; sys.stdout.write('x' * 20_000_000 + '\\n')", tmp_path)[1]
    assert [len(line) for line in lines] == [20_000_000]


def test_each_byte_is_in_the_transcript_before_it_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "transcript"
    path.write_bytes(b"before\n")
    seen: list[bytes] = []
    code = r"import os, time; os.write(1, b'one\r\n\xff'); time.sleep(0.1); os.write(1, b'\nhalf')"
    run(
        [sys.executable, "-c", code],
        folder=str(tmp_path),
        env=environment(os.environ),
        limits=LIMITS,
        on_line=lambda _: seen.append(path.read_bytes()),
        transcript=str(path),
    )
    assert seen[0].startswith(b"before\none\r\n")
    assert path.read_bytes() == seen[-1] == b"before\none\r\n\xff\nhalf"


@given(
    st.lists(
        st.sampled_from([b"se", b"cret", b"s", b"secret", b"secre", b"\n", b"other", b"\xff"]), max_size=9
    )
)
def test_a_secret_is_in_no_transcript_however_it_comes(pieces: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "transcript")
        transcript = agent_process._Transcript(str(path), ["secret", "other"])
        for piece in pieces:
            transcript.append(piece)
        transcript.finish()
        kept = path.read_bytes()
    whole = b"".join(pieces).decode("latin-1")
    assert kept.decode("latin-1") == without(["secret", "other"], whole)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full")
def test_a_full_disk_stops_nothing_and_is_told(tmp_path: Path) -> None:
    ended, lines = ran("print('paid for')\nprint('twice')", tmp_path, transcript="/dev/full")
    assert (ended.exit_code, lines) == (0, [b"paid for", b"twice"])
    assert ended.unkept == "/dev/full is not whole: No space left on device"


def test_a_transcript_that_cannot_be_opened_stops_nothing_and_is_told(tmp_path: Path) -> None:
    ended, lines = ran("print('paid for')", tmp_path, transcript=str(tmp_path / "none" / "transcript"))
    assert lines == [b"paid for"]
    assert ended.unkept.startswith(str(tmp_path / "none" / "transcript is not whole: "))


def test_much_on_standard_error_is_kept_at_both_ends(tmp_path: Path) -> None:
    ended, _ = ran("import sys\nfor n in range(100_000): print('line', n, file=sys.stderr)", tmp_path)
    assert ended.stderr.startswith("line 0\n")
    assert ended.stderr.endswith("line 99999\n")
    assert len(ended.stderr) < agent_process.STDERR_CAP + 100


def test_an_agent_that_is_not_there_is_no_result(tmp_path: Path) -> None:
    assert program("no-such-agent", os.environ) is None
    assert program(Path(sys.executable).name, {"PATH": str(Path(sys.executable).parent)})
    with pytest.raises(FileNotFoundError):
        run(["no-such-agent"], folder=str(tmp_path), env={}, limits=LIMITS, on_line=print)


# Each opens the witness, starts a grandchild that inherits it, and ignores what it is asked; all would run for a minute.
FAMILY = """
import os, signal, subprocess, sys, time
held = os.open(sys.argv[1], os.O_WRONLY)
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=[held])
print("up", flush=True)
"""
WAITS = "time.sleep(60)\n"
POLITE = """
import os, signal, sys, time
def bye(number, _frame):
    os.write(1, b"bye %d\\n" % number)
    sys.exit(7)
signal.signal(signal.SIGINT, bye)
signal.signal(signal.SIGTERM, bye)
os.write(1, b"up\\n")
"""


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[tuple[str, Callable[[], bool]]]:
    """A named pipe that processes hold open for writing, and whether any that did still lives."""
    path = tmp_path / "witness"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def alive() -> bool:
        try:
            return os.read(reader, 1 << 16) != b""
        except BlockingIOError:
            return True

    yield str(path), alive
    os.close(reader)


@posix_only
@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (LIMITS.replace(timeout_s=2.0), "timed_out"),
        (LIMITS.replace(silence_s=2.0), "stalled"),
    ],
)
def test_an_agent_over_a_limit_is_ended_with_all_that_it_started(
    limits: Limits, why: str, witness: tuple[str, Callable[[], bool]], tmp_path: Path
) -> None:
    fifo, alive = witness
    ended, lines = ran(FAMILY + WAITS, tmp_path, fifo, limits=limits)
    assert (ended.why, ended.exit_code, lines) == (why, -signal.SIGKILL, [b"up"])
    assert ended.seconds < 20
    assert not alive()


@posix_only
def test_what_an_agent_leaves_running_is_ended_when_it_ends(
    witness: tuple[str, Callable[[], bool]], tmp_path: Path
) -> None:
    fifo, alive = witness
    ended, lines = ran(FAMILY, tmp_path, fifo)
    assert (ended.why, ended.exit_code, lines) == ("ended", 0, [b"up"])
    assert ended.seconds < 20
    assert not alive()


@posix_only
def test_an_agent_is_asked_to_end_as_by_ctrl_c_and_its_last_lines_count(tmp_path: Path) -> None:
    ended, lines = ran(POLITE + WAITS, tmp_path, limits=LIMITS.replace(silence_s=2.0, grace_s=10.0))
    assert (ended.why, ended.exit_code, lines) == ("stalled", 7, [b"up", b"bye 2"])


@posix_only
def test_an_agent_that_heeds_no_ctrl_c_is_asked_again(tmp_path: Path) -> None:
    code = POLITE + "signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + WAITS
    ended, lines = ran(code, tmp_path, limits=LIMITS.replace(timeout_s=2.0, grace_s=4.0))
    assert (ended.why, ended.exit_code, lines) == ("timed_out", 7, [b"up", b"bye 15"])


@posix_only
def test_a_sign_of_life_on_either_stream_breaks_the_silence(tmp_path: Path) -> None:
    code = "import os, time\nfor n in range(8): time.sleep(0.4); os.write(1 + n % 2, b'.\\n')"
    ended, lines = ran(code, tmp_path, limits=LIMITS.replace(silence_s=2.5))
    assert (ended.why, len(lines)) == ("ended", 4)


@contextmanager
def handled(number: int, handler: Any) -> Iterator[None]:
    """A signal's handler as it is without pytest."""
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        assert signal.getsignal(number) == handler
        signal.signal(number, before)


def press(*numbers: int) -> None:
    for number in numbers:
        os.kill(os.getpid(), number)


@posix_only
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_us_ends_the_agent_in_peace(number: signal.Signals, tmp_path: Path) -> None:
    default = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    with handled(number, default):
        limits = LIMITS.replace(grace_s=20.0)
        ended, lines = ran(POLITE + WAITS, tmp_path, limits=limits, at_first=lambda: press(number))
    assert (ended.why, ended.exit_code, lines) == ("interrupted", 7, [b"up", b"bye 2"])


@posix_only
def test_a_second_ctrl_c_ends_it_at_once(witness: tuple[str, Callable[[], bool]], tmp_path: Path) -> None:
    fifo, alive = witness
    second = Timer(0.5, press, (signal.SIGINT,))

    def first() -> None:
        press(signal.SIGINT)
        second.start()

    began = time.monotonic()
    with handled(signal.SIGINT, signal.default_int_handler), pytest.raises(KeyboardInterrupt):
        ran(FAMILY + WAITS, tmp_path, fifo, limits=LIMITS.replace(grace_s=60.0), at_first=first)
    second.join()
    assert time.monotonic() - began < 20
    assert not alive()


@posix_only
def test_where_ctrl_c_is_ignored_it_stays_so(tmp_path: Path) -> None:
    limits = LIMITS.replace(grace_s=20.0)
    with handled(signal.SIGINT, signal.SIG_IGN), handled(signal.SIGTERM, signal.SIG_DFL):
        ended, _ = ran(
            POLITE + WAITS, tmp_path, limits=limits, at_first=lambda: press(signal.SIGINT, signal.SIGTERM)
        )
    assert (ended.why, ended.exit_code) == ("interrupted", 7)


@posix_only
def test_asking_us_twice_to_end_changes_nothing(
    witness: tuple[str, Callable[[], bool]], tmp_path: Path
) -> None:
    fifo, alive = witness
    with handled(signal.SIGTERM, signal.SIG_DFL):
        ended, _ = ran(FAMILY + WAITS, tmp_path, fifo, at_first=lambda: press(signal.SIGTERM, signal.SIGTERM))
    assert (ended.why, ended.exit_code) == ("interrupted", -9)
    assert not alive()


def test_beside_the_main_thread_no_signal_is_touched(tmp_path: Path) -> None:
    results: list[Ended] = []
    thread = Thread(target=lambda: results.append(ran("print('up')", tmp_path)[0]))
    thread.start()
    thread.join(30)
    assert threading.current_thread() is threading.main_thread()
    assert [ended.why for ended in results] == ["ended"]


def test_an_exception_of_who_watches_goes_through_and_the_agent_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "transcript"

    def refuse(line: bytes) -> None:
        raise LookupError(line)

    began = time.monotonic()
    with pytest.raises(LookupError):
        run(
            [sys.executable, "-c", "import time\nprint('up', flush=True)\n" + WAITS],
            folder=str(tmp_path),
            env=environment(os.environ),
            limits=LIMITS,
            on_line=refuse,
            transcript=str(path),
        )
    assert time.monotonic() - began < 10
    assert path.read_bytes().rstrip() == b"up"


@posix_only
def test_when_we_are_killed_the_agent_ends_with_all_that_it_started(
    witness: tuple[str, Callable[[], bool]], tmp_path: Path
) -> None:
    fifo, alive = witness
    code = (
        "import os, sys\nfrom sdd.llm.agent_process import Limits, run\n"
        "run([sys.executable, '-c', sys.argv[1], sys.argv[2]], folder='.', env=dict(os.environ), "
        "limits=Limits(60.0, 60.0), on_line=lambda line: print(line, flush=True))"
    )
    argv = [sys.executable, "-c", code, FAMILY + WAITS, fifo]
    with subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.PIPE) as sdd:
        assert sdd.stdout
        assert sdd.stdout.readline() == b"b'up'\n"
        sdd.kill()
    end = time.monotonic() + 30
    while alive():
        assert time.monotonic() < end, "the agent still runs"
        time.sleep(0.05)


def test_without_a_guard_an_agent_runs_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argv, lines = [sys.executable, "-c", "print('up')"], list[bytes]()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    run(argv, folder=str(tmp_path), env=environment(os.environ), limits=LIMITS, on_line=lines.append)
    assert lines == [b"up"]


@posix_only
def test_a_killed_agent_is_told_by_its_signal(tmp_path: Path) -> None:
    ended, lines = ran("import os; os.write(1, b'half'); os.kill(os.getpid(), 9)", tmp_path)
    assert (ended.why, ended.exit_code, lines) == ("ended", -9, [b"half"])
