"""Commands are run for real: what they print is kept small, what they start is ended, and nothing counts as proof of nothing."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Timer

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sdd.families import environment
from sdd.output import LONGEST_LINE, Output, readable
from sdd.runs.checks import CAP, Check, arguments, for_model, run
from sdd.runs.evidence import RUNNERS, ran_nothing, told

posix_only = pytest.mark.skipif(os.name == "nt", reason="named pipes and signals as POSIX has them")


def python(code: str, *args: str) -> str:
    return shlex.join([sys.executable, "-c", code, *args])


def one(command: str, cwd: Path, **options: float) -> Check:
    checks = run([command], str(cwd), timeout_s=options.pop("timeout_s", 30), **options)  # type: ignore[arg-type]  # options are numbers
    return checks[0]


def test_a_command_that_ends_with_zero_passes(tmp_path: Path) -> None:
    check = one(python("print('hello')"), tmp_path)
    assert (check.exit_code, check.output, check.passed, check.why) == (0, "hello\n", True, "")
    assert 0 < check.seconds < 30


def test_both_streams_are_kept_in_their_order(tmp_path: Path) -> None:
    code = "import os\nfor n in range(3): os.write(1, b'out\\n'); os.write(2, b'err\\n')\nraise SystemExit(3)"
    check = one(python(code), tmp_path)
    assert check.output == "out\nerr\n" * 3
    assert (check.exit_code, check.passed, check.why) == (3, False, "exit code 3")


def test_all_commands_run_and_each_is_told_before(tmp_path: Path) -> None:
    commands = [python("raise SystemExit(1)"), python("import os; print(os.getcwd())")]
    started: list[str] = []
    checks = run(commands, str(tmp_path), timeout_s=30, on_start=started.append)
    assert started == commands == [check.command for check in checks]
    assert [check.passed for check in checks] == [False, True]
    assert Path(checks[1].output.strip()).samefile(tmp_path)


def test_a_command_reads_no_input(tmp_path: Path) -> None:
    assert one(python("import sys; print(repr(sys.stdin.read()))"), tmp_path).output == "''\n"


def test_a_key_reaches_no_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    monkeypatch.setenv("GIT_INDEX_FILE", "elsewhere")
    output = one(python("import os; print(sorted(os.environ))"), tmp_path).output
    assert "PATH" in output
    assert "KEY" not in output
    assert "GIT_" not in output


def test_the_environment_is_what_is_listed() -> None:
    given = {
        "PATH": "/bin",
        "LC_ALL": "C",
        "Path": "x",
        "GITHUB_TOKEN": "t",
        "SDD_PROVIDER": "p",
        "TMPDIR": "/t",
    }
    assert environment(given) == {"PATH": "/bin", "LC_ALL": "C", "Path": "x", "TMPDIR": "/t"}


def test_an_environment_that_is_given_is_all(tmp_path: Path) -> None:
    command = python("import os; print(os.environ.get('ONLY'), os.environ.get('HOME'))")
    assert run([command], str(tmp_path), timeout_s=30, env={"ONLY": "this"})[0].output == "this None\n"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("no-such-program --all", "no-such-program was not found: install it, or add its folder to the PATH"),
        ("cargo test", "cargo was not found: see https://rustup.rs"),
        ("", "the command is empty"),
        ("  ", "the command is empty"),
        ("echo 'open", "no closing quotation"),
        (
            "make && make test",
            "it needs a shell for `&&`, and none is used: make it several commands, or a script",
        ),
        ("CI=1 make test", "it needs a shell for `CI=1`, and none is used: begin it with env"),
        ("echo a\0b", "embedded null byte"),
        ("./not-executable", "./not-executable could not be started: Permission denied"),
    ],
)
@posix_only
def test_a_command_that_cannot_start_says_why(command: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "not-executable").touch(mode=0o600)
    check = run([command], str(tmp_path), timeout_s=30, env={"PATH": str(tmp_path)})[0]
    assert (check.exit_code, check.passed, check.why) == (None, False, why)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert one(python(""), tmp_path / "gone").why == f"the folder {tmp_path / 'gone'} does not exist"


@pytest.mark.parametrize(
    ("command", "windows", "words"),
    [
        ("pytest -q 'my tests' \"a b\"", False, ["pytest", "-q", "my tests", "a b"]),
        (r"echo a\ b", False, ["echo", "a b"]),
        (r".venv\Scripts\pytest.exe 'C:\my tests'", True, [r".venv\Scripts\pytest.exe", r"C:\my tests"]),
        ("grep '#' x#y # z", False, ["grep", "#", "x#y", "#", "z"]),
        ("pytest -k 'a|b'", False, ["pytest", "-k", "a|b"]),
        ("grep '|' \"&&\" 'a > b'", False, ["grep", "|", "&&", "a > b"]),
        (r"find . -exec true {} \;", False, ["find", ".", "-exec", "true", "{}", ";"]),
    ],
)
def test_a_command_is_words_and_no_shell(command: str, words: list[str], *, windows: bool) -> None:
    assert arguments(command, windows=windows) == words


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


# Each opens the witness, and starts a grandchild that inherits it; all of them would run for a minute.
FAMILY = """
import os, signal, subprocess, sys, time
held = os.open(sys.argv[1], os.O_WRONLY)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", code], pass_fds=[held], start_new_session=%s, stdout=subprocess.PIPE)
os.write(1, child.stdout.readline())
"""
GROUPED, ESCAPED = FAMILY % False, FAMILY % True
WAITS = "time.sleep(60)"


@posix_only
@pytest.mark.parametrize("family", [GROUPED, ESCAPED])
def test_a_command_that_takes_too_long_is_ended_with_all_that_it_started(
    family: str, witness: tuple[str, Callable[[], bool]], tmp_path: Path
) -> None:
    if family == ESCAPED and not Path("/proc/self/environ").exists():
        pytest.skip("only /proc finds a process that left its group")
    fifo, alive = witness
    check = one(python(family + WAITS, fifo), tmp_path, timeout_s=0.5, grace_s=0.1)
    assert (check.exit_code, check.passed, check.output) == (None, False, "up\n")
    assert check.why == "it took longer than 0.5 s, and was ended"
    assert not alive()


@posix_only
def test_a_command_is_asked_to_end_before_it_is_ended(tmp_path: Path) -> None:
    code = "import signal, sys, time\nsignal.signal(15, lambda *_: sys.exit(print('bye')))\nprint('up', flush=True)\ntime.sleep(60)"
    check = one(python(code), tmp_path, timeout_s=0.5)
    assert check.output == "up\nbye\n"
    assert check.seconds < 2


@posix_only
@pytest.mark.parametrize("family", [GROUPED, ESCAPED])
def test_what_a_command_leaves_running_is_ended_when_it_ends(
    family: str, witness: tuple[str, Callable[[], bool]], tmp_path: Path
) -> None:
    if family == ESCAPED and not Path("/proc/self/environ").exists():
        pytest.skip("only /proc finds a process that left its group")
    fifo, alive = witness
    check = one(python(family, fifo), tmp_path)
    assert (check.passed, check.output) == (True, "up\n")
    assert check.seconds < 5
    assert not alive()


@posix_only
def test_ctrl_c_ends_the_command_and_goes_on_up(
    witness: tuple[str, Callable[[], bool]], tmp_path: Path
) -> None:
    fifo, alive = witness
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            one(python(GROUPED + WAITS, fifo), tmp_path, grace_s=0.1)
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
    assert not alive()


@posix_only
def test_no_zombie_is_left(tmp_path: Path) -> None:
    one(python(WAITS.replace("time", "__import__('time')")), tmp_path, timeout_s=0.1, grace_s=0.1)
    with suppress(ChildProcessError):  # there is no child; else none that has ended and is not taken note of
        assert os.waitpid(-1, os.WNOHANG) == (0, 0)


@posix_only
def test_a_process_that_cannot_be_found_does_not_hold_the_check_up(tmp_path: Path) -> None:
    sleeper = "[sys.executable, '-c', 'import time; time.sleep(60)']"
    code = f"import subprocess, sys\nprint(subprocess.Popen({sleeper}, env={{}}, start_new_session=True).pid)"
    start = time.monotonic()
    check = one(python(code), tmp_path)
    os.kill(int(check.output), signal.SIGKILL)
    assert time.monotonic() - start < 5


@posix_only
def test_a_signal_that_ends_a_command_is_named(tmp_path: Path) -> None:
    check = one(python("import os; os.kill(os.getpid(), 9)"), tmp_path)
    assert (check.exit_code, check.passed) == (-9, False)
    assert check.why.startswith("signal 9 ended it (")


def test_much_output_is_cut_in_the_middle(tmp_path: Path) -> None:
    code = "for n in range(200_000): print('line', n)"
    output = one(python(code), tmp_path).output
    assert output.startswith("line 0\nline 1\n")
    assert output.endswith("line 199999\n")
    assert "whole lines, " in output
    assert len(output) < CAP + 100


def test_output_without_a_newline_takes_no_memory(tmp_path: Path) -> None:
    code = "import os\nfor n in range(100): os.write(1, b'x' * 65536)"
    assert len(one(python(code), tmp_path, cap=1000).output) < 1100


def printed(data: bytes, cap: int = 1000, step: int = 7) -> str:
    output = Output(cap, lambda _: None)
    for start in range(0, len(data), step):
        output.feed(data[start : start + step])
    output.feed(b"", final=True)
    return output.text()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\r\nb\r\n", "a\nb\n"),
        (b"10%\r50%\r100%\ndone", "100%\ndone\n"),
        (b"50%\r100%\r", "100%\n"),
        (
            b"\x1b[1;31mred\x1b[0m \x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\x1b(B\x1b7.\n",
            "red link.\n",
        ),
        (b"\x1b[2K\rleft\n", "left\n"),
        (b"caf\xc3\xa9 \xff\n", "caf\u00e9 \ufffd\n"),
        (b"bell\x07 tab\t nul\x00\n", "bell tab\t nul\n"),
        (b"\n\n", "\n\n"),
        (b"", ""),
        (b"\xc3", "\ufffd\n"),
    ],
)
def test_output_is_what_a_person_would_read(data: bytes, text: str) -> None:
    assert printed(data) == text


def test_a_cut_says_how_much() -> None:
    assert (
        printed(b"0123456789\n" * 20, cap=44)
        == "0123456789\n[… 16 whole lines, 176 characters cut …]\n" + "0123456789\n" * 3
    )


def test_a_line_without_end_is_broken() -> None:
    text = printed(b"x" * (LONGEST_LINE * 2 + 10), cap=LONGEST_LINE * 4, step=1024)
    assert text.replace("\n", "") == "x" * (LONGEST_LINE * 2 + 10)
    assert text.count("\n") == 2


@given(st.lists(st.text("ab\u00e9", max_size=30)), st.integers(0, 100), st.integers(1, 50))
def test_output_is_whole_or_as_short_as_asked(lines: list[str], cap: int, step: int) -> None:
    whole = "".join(f"{line}\n" for line in lines)
    text = printed(whole.encode(), cap, step)
    assert (
        text == whole
        if len(whole) <= cap
        else len(text) <= cap + len("[… 1000 whole lines, 10000 characters cut …]\n")
    )


@given(st.binary())
def test_no_bytes_make_output_raise(data: bytes) -> None:
    assert "\x1b" not in printed(data)


def test_of_a_progress_line_what_stood_last_is_left() -> None:
    assert readable("a\rb\r \r") == "b"
    assert readable("\r \r") == ""


# What the runners print when they ran nothing, and when they ran something.
NOTHING = [
    "collected 0 items",
    "no tests ran in 0.01s",
    "============================ no tests ran in 0.01s ============================",
    "========= 3 tests collected in 0.02s =========",
    "2 tests collected in 0.00s",
    "no tests collected (3 deselected) in 0.00s",
    "============ 3 skipped, 1 warning in 0.02s ============",
    "2 deselected in 0.01s",
    "Ran 0 tests in 0.000s",
    "NO TESTS RAN",
    "?   \texample.org/shop\t[no test files]",
    "ok  \texample.org/shop\t0.002s [no tests to run]",
    "ok  \texample.org/shop\t(cached) [no tests to run]",
    "running 0 tests",
    "test result: ok. 0 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.00s",
    "No tests found, exiting with code 0",
    "No test files found, exiting with code 0",
    "  0 passing (1ms)",
    "# tests 0",
    "\u2139 tests 0",
    "ok | 0 passed | 0 failed (1ms)",
    "0 examples, 0 failures",
    "No tests executed!",
    "[INFO] No tests to run.",
    "No tests were found!!!",
]
SOMETHING = [
    "3 passed in 0.01s",
    "=========== 1 failed, 2 passed, 1 skipped in 62.01s (0:01:02) ===========",
    "=========== 2 skipped, 1 passed in 0.01s ===========",
    "1 error in 0.05s",
    "1 xfailed in 0.05s",
    "Ran 1 test in 0.000s",
    "Ran 12 tests in 0.100s",
    "ok  \texample.org/shop\t0.002s",
    "ok  \texample.org/shop\t(cached)\tcoverage: 10% of statements",
    "FAIL\texample.org/shop\t0.002s",
    "test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
    "test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
    "Tests:       1 skipped, 2 passed, 3 total",
    "      Tests  1 failed | 2 passed (3)",
    "  12 passing (5ms)",
    "  2 failing",
    "# tests 10",
    "\u2139 tests 3",
    "ok | 3 passed | 0 failed (10ms)",
    "FAILED | 0 passed | 1 failed (10ms)",
    "1 example, 0 failures",
    "OK (3 tests, 5 assertions)",
    "Tests: 3, Assertions: 3, Failures: 1.",
    "[INFO] Tests run: 4, Failures: 0, Errors: 0, Skipped: 0",
    "100% tests passed, 0 tests failed out of 3",
]
NEITHER = [
    "",
    "Listing 'src'...",
    "All checks passed!",
    "Success: no issues found in 4 source files",
    "collected 3 items",
    "the file says: no tests ran in vain",
    "running 3 tests",
    "# tests 0 and more",
]


@pytest.mark.parametrize(("lines", "answer"), [(NOTHING, False), (SOMETHING, True), (NEITHER, None)])
def test_a_line_tells_whether_tests_ran(lines: list[str], answer: bool | None) -> None:
    assert [line for line in lines if told(line) is not answer] == []


@pytest.mark.parametrize("runner", RUNNERS, ids=lambda runner: runner.name)
def test_each_runner_is_known_by_a_line_of_each_kind(runner: object) -> None:
    known = next(one for one in RUNNERS if one is runner)
    assert any(known.none.match(line) for line in NOTHING)
    assert any(known.some.match(line) for line in SOMETHING)


@pytest.mark.parametrize(
    ("lines", "nothing"),
    [
        (["running 0 tests", "running 5 tests", "test result: ok. 5 passed; 0 failed"], False),
        (["?   \ta\t[no test files]", "ok  \tb\t0.1s"], False),
        (["?   \ta\t[no test files]", "?   \tb\t[no test files]"], True),
        (["collected 0 items / 1 error", "1 error in 0.1s"], False),
        (["ERROR: file or directory not found: x", "no tests ran in 0.00s"], True),
        (["All checks passed!"], False),
        ([], False),
    ],
)
def test_one_test_anywhere_is_something(lines: list[str], *, nothing: bool) -> None:
    assert ran_nothing(["make", "test"], 0, {told(line) for line in lines}) is nothing


@pytest.mark.parametrize(
    ("argv", "nothing"),
    [
        (["pytest", "-qq"], True),
        (["/venv/bin/pytest.exe"], True),
        (["python", "-m", "unittest"], True),
        (["make", "test"], False),
    ],
)
def test_exit_code_five_of_a_test_runner_is_nothing(argv: list[str], *, nothing: bool) -> None:
    assert ran_nothing(argv, 5, set()) is nothing


TEST_FILE = "import unittest\nclass T(unittest.TestCase):\n    def test_it(self): pass\n"


@pytest.mark.parametrize("runner", ["-m pytest -q", "-m unittest discover"])
def test_a_real_runner_must_have_run_a_test(runner: str, tmp_path: Path) -> None:
    command = f"{shlex.quote(sys.executable)} {runner}"
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\n", encoding="utf-8")
    empty = one(command, tmp_path)
    assert (empty.passed, empty.ran_nothing) == (False, True)
    assert empty.why.endswith("and no test ran: a check is evidence only if it ran something")
    (tmp_path / "test_it.py").write_text(TEST_FILE, encoding="utf-8")
    assert one(command, tmp_path).passed


def test_tests_of_code_that_does_not_exist_yet_fail_and_are_something(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("import shop\ndef test_it(): pass\n", encoding="utf-8")
    check = one(f"{shlex.quote(sys.executable)} -m pytest -q -p no:cacheprovider", tmp_path)
    assert (check.passed, check.ran_nothing, check.exit_code) == (False, False, 2)


def test_a_command_that_runs_no_tests_by_its_nature_is_not_asked_for_any(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n", encoding="utf-8")
    for command in ("-m compileall .", "-m compileall -q ."):
        assert one(f"{shlex.quote(sys.executable)} {command}", tmp_path).passed


def test_a_test_that_ran_counts_also_where_its_line_is_cut_away(tmp_path: Path) -> None:
    code = "print('running 0 tests\\n' * 99 + 'test result: ok. 5 passed; 0 failed\\n' + 'running 0 tests\\n' * 99)"
    check = one(python(code), tmp_path, cap=100)
    assert "5 passed" not in check.output
    assert check.passed


def test_the_model_is_told_what_failed_in_a_fence_that_holds() -> None:
    failed = Check("pytest -q", 1, 0.5, "E  assert\n```\nin a fence\n", passed=False, why="exit code 1")
    silent = Check("make", None, 9.0, "", passed=False, why="it took longer than 9 s, and was ended")
    passed = Check("ruff check", 0, 0.1, "All checks passed!\n", passed=True)
    text = for_model([passed, failed, silent])
    assert text.startswith("The check `pytest -q` failed: exit code 1.\n\n````text\nE  assert")
    assert "ruff" not in text
    fences = [token.content for token in MarkdownIt().parse(text) if token.type == "fence"]
    assert fences == [failed.output, "(no output)\n"]
    assert for_model([passed]) == ""


@posix_only
@pytest.mark.parametrize(
    ("there", "found"), [(("python", "python3"), "python"), (("python3",), "python3"), ((), "")]
)
def test_python_is_found_by_whatever_name_it_has(tmp_path: Path, there: tuple[str, ...], found: str) -> None:
    for name in there:
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {name} $1\n")
        program.chmod(0o755)
    check = run(["python --version"], str(tmp_path), timeout_s=30, env={"PATH": str(tmp_path)})[0]
    own = f"Python {'.'.join(map(str, sys.version_info[:3]))}"
    assert (check.passed, check.output.startswith(f"{found} --version" if found else own)) == (True, True)


def test_a_command_that_ran_tests_is_known(tmp_path: Path) -> None:
    assert one(python("print('Ran 3 tests in 0.1s')"), tmp_path).ran_tests
    assert not one(python("print('Ran 0 tests in 0.1s')"), tmp_path).ran_tests
