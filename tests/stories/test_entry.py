"""How every command begins and ends: help, words that are wrong, closed pipes, Ctrl-C, bugs, terminals of all kinds."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from gitbox import GitBox, Result, installed
from projects import session
from sdd.cli.entry import COMMANDS, SECTIONS, run
from sdd.cli.here import show_findings
from sdd.findings import Finding

ESCAPE = "\x1b["
PLAN = "docs/checkout/implementation-plan.md"
TITLE = "Cart \x1b]0;owned\x07\x1b[2J\u202egnp"
ASKING = session("testing", rest="\n## Questions\n\n- Q \x1b[31m?\n").replace("# Title", f"# {TITLE}")


@pytest.fixture
def here(tmp_path: Path) -> GitBox:
    """A folder that is no repository."""
    return GitBox(tmp_path)


def launched(folder: Path, program: str, *args: str) -> Result:
    """Run a program that calls sdd's own entry, with something set up before."""
    done = subprocess.run(
        [sys.executable, "-c", program, *args], cwd=folder, capture_output=True, text=True, check=False
    )
    return Result(done.stdout, done.stderr, done.returncode)


def test_help_lists_every_command_by_what_a_person_wants(here: GitBox) -> None:
    told = here.sdd("--help", fresh=True).out
    assert here.sdd("-h", fresh=True).out == told
    for section, commands in SECTIONS.items():
        assert f"{section}:" in told
        assert all(f"  {name} " in told for name in commands)


def test_without_a_command_there_is_help_and_no_yes(here: GitBox) -> None:
    result = here.sdd(check=2, fresh=True)
    assert result.out == here.sdd("--help", fresh=True).out
    assert result.err == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"Usage: sdd {command} ")
    assert f"  sdd {command}" in told.partition("Examples:\n")[2]


def test_findings_are_told_with_their_hints_where_they_have_one(capsys: pytest.CaptureFixture[str]) -> None:
    found = [
        Finding("SDD101", b"a.md", 3, "one\x07"),
        Finding("SDD102", b"b\x1b.md", 0, "two", "do \x1b this"),
    ]
    assert show_findings(found) == 2
    assert capsys.readouterr().out == (
        'a.md:3: SDD101 one\\u0007\n"b\\033.md": SDD102 two\n  → do \\u001b this\n'
    )
    assert show_findings([]) == 0


def test_the_version_is_told(here: GitBox) -> None:
    assert here.sdd("--version", fresh=True).out.startswith("sdd, version ")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("stats",), "sdd: there is no command `stats`\n  → sdd status\n"),
        (("zzz",), "sdd: there is no command `zzz`\n  → sdd --help\n"),
        (("status", "--redy"), "sdd: `sdd status` has no option `--redy`\n  → sdd status --ready\n"),
        (("status", "--zzz"), "sdd: `sdd status` has no option `--zzz`\n  → sdd status --help\n"),
        (("--zzz",), "sdd: `sdd` has no option `--zzz`\n  → sdd --help\n"),
        (("add",), "sdd: missing argument 'KIND'\n  → sdd add --help\n"),
        (("new", "a", "b", "c"), "sdd: got unexpected extra argument (c)\n  → sdd new --help\n"),
        (
            ("init", "--hooks", "x"),
            "sdd: invalid value for '--hooks': 'x' is not one of 'pre-commit', 'native', 'none'\n  → sdd init --help\n",
        ),
        (("approve", "x"), "sdd: missing option '--gate'\n  → sdd approve --help\n"),
    ],
)
def test_a_line_that_is_wrong_names_what_was_meant(here: GitBox, args: tuple[str, ...], told: str) -> None:
    result = here.sdd(*args, check=2, fresh=True)
    assert (result.out, result.err) == ("", told)


def test_an_error_without_a_command_line_is_told_as_well(here: GitBox) -> None:
    program = """
import sys, click
from sdd.cli import entry
def broken(): raise click.ClickException("No way.")
sys.modules["sdd.cli.check"] = type(sys)("x")
sys.modules["sdd.cli.check"].command = click.Command("check", callback=broken)
sys.exit(entry.run(["check"]))
"""
    assert launched(here.path, program) == Result("", "sdd: no way\n  → sdd --help\n", 2)


def test_a_bug_is_told_as_one_with_all_there_is_to_report_it(here: GitBox) -> None:
    program = """
import sys, click
from sdd.cli import entry
def broken(): raise ZeroDivisionError("by \\x1b[2J zero")
sys.modules["sdd.cli.check"] = type(sys)("x")
sys.modules["sdd.cli.check"].command = click.Command("check", callback=broken)
sys.exit(entry.run(["check"]))
"""
    result = launched(here.path, program)
    assert result.code == 3
    assert result.out == ""
    assert result.err.startswith("sdd: this is a bug in sdd, not in your project.")
    assert "$ sdd check\n" in result.err
    assert "Python 3." in result.err
    assert "ZeroDivisionError: by \\u001b[2J zero" in result.err


def closed(*args: str, folder: Path, stream: str) -> Result:
    """Run with standard output or error being a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [str(installed("sdd")), *args],
            cwd=folder,
            stdout=writer if stream == "out" else subprocess.PIPE,
            stderr=writer if stream == "err" else subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writer)
    return Result((done.stdout or b"").decode(), (done.stderr or b"").decode(), done.returncode)


def test_output_that_nobody_reads_ends_it_quietly(here: GitBox) -> None:
    assert closed("--help", folder=here.path, stream="out") == Result("", "", 2)


def test_errors_that_nobody_reads_end_it_quietly(here: GitBox) -> None:
    assert closed("status", folder=here.path, stream="err").out == ""


@pytest.mark.skipif(os.name == "nt", reason="a shell of Unix closes the streams")
@pytest.mark.parametrize("streams", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("args", ["status --json", "new --zzz"])
def test_a_stream_that_was_closed_before_is_an_empty_one(featured: GitBox, args: str, streams: str) -> None:
    script = f'"{installed("sdd")}" {args} {streams}'
    done = subprocess.run(["sh", "-c", script], cwd=featured.path, capture_output=True, check=False)
    assert done.returncode == (0 if "status" in args else 2)
    assert b"Traceback" not in done.stderr


def test_output_may_go_to_a_stream_that_has_no_encoding() -> None:
    with redirect_stdout(io.StringIO()) as out:
        assert run(["schema", "session"]) == 0
    assert json.loads(out.getvalue())["title"] == "Front matter of a session"


@pytest.mark.parametrize("signal", ["SIGINT", "SIGTERM"])
def test_an_interruption_is_one_sentence(here: GitBox, signal: str) -> None:
    program = f"""
import os, signal, sys, click
from sdd import main
def waiting(): os.kill(os.getpid(), signal.{signal}); signal.pause()
from sdd.cli import check
check.command = click.Command("check", callback=waiting)
sys.argv = ["sdd", "check"]
main.main()
"""
    told = "\ninterrupted; nothing is half-written: `sdd status` tells where it stands\n"
    assert launched(here.path, program) == Result("", told, 130)


def test_an_interruption_while_modules_load_is_no_stack_trace(here: GitBox) -> None:
    program = """
import sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "sdd.cli.entry": raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
from sdd.main import main
main()
"""
    assert launched(here.path, program) == Result("", "", 130)


@pytest.mark.parametrize(
    "env", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "cp1252"}]
)
def test_no_encoding_makes_it_fail(featured: GitBox, env: dict[str, str]) -> None:
    featured.write("sessions/checkout/04-x.md", ASKING.replace("Cart", "Körbe 店"))
    for args in (
        ("status",),
        ("status", "--json"),
        ("check",),
        ("tracker", "--check"),
        ("new", "--zzz"),
        ("log",),
    ):
        result = featured.sdd(*args, env=env, check=None)
        assert result.code in {0, 1, 2}, args
        assert "Traceback" not in result.err


def test_json_is_json_in_every_encoding(featured: GitBox) -> None:
    featured.write("sessions/checkout/04-x.md", ASKING.replace("Cart", "Körbe 店"))
    titles = set()
    for encoding in ("utf-8", "ascii", "latin-1"):
        env = {**os.environ, "PYTHONIOENCODING": encoding}
        argv = [str(installed("sdd")), "status", "--json"]
        done = subprocess.run(argv, cwd=featured.path, env=env, capture_output=True, check=True)
        data = json.loads(done.stdout.decode("utf-8"))
        titles |= {one["title"] for one in data["sessions"] if one["session"] == "checkout/04-x"}
    assert len(titles) == 1
    assert "Körbe 店" in titles.pop()


COMMANDS_THAT_SHOW = (
    ("status",),
    ("check",),
    ("tracker", "--check"),
    ("log",),
    ("next", "checkout/04-x", "--dry-run"),
    ("answer", "checkout/04-x"),
    ("verify", "checkout/04-x"),
)


@pytest.mark.parametrize("args", COMMANDS_THAT_SHOW, ids=" ".join)
def test_nothing_from_a_file_steers_a_terminal(featured: GitBox, args: tuple[str, ...]) -> None:
    featured.write("sessions/checkout/04-x.md", ASKING + "- [x] ticked \x1b[2J\n")
    featured.write(b"sessions/checkout/05-\x1b[2J.md", ASKING)
    result = featured.sdd(*args, env={"SDD_PROVIDER": "manual"}, check=None)
    assert "\x1b" not in result.out + result.err
    assert "\u202e" not in result.out + result.err


if sys.platform != "win32":
    from terminal import Terminal

    def on_a_terminal(box: GitBox, *args: str, **env: str) -> str:
        terminal = Terminal([installed("sdd"), *args], box.path, {"SDD_PROVIDER": "manual", **env})
        terminal.end()
        return terminal.screen

    SHOWN = (("status",), ("check",), ("tracker", "--check"), ("plan", "checkout"), ("zzz\x1b[2J",))

    @pytest.mark.parametrize("args", SHOWN, ids=lambda args: args[0][:3])
    def test_on_a_terminal_its_own_colours_are_all_that_steers(
        featured: GitBox, args: tuple[str, ...]
    ) -> None:
        featured.write("sessions/checkout/04-x.md", ASKING)
        featured.write(PLAN, f"# Plan\n\n## Tasks\n\n### {TITLE}\n")
        screen = on_a_terminal(featured, *args)
        assert screen
        assert not any(part in screen for part in ("\x1b]0;", "\x1b[2J", "\u202e"))

    def test_progress_gives_way_to_what_is_told_next(here: GitBox) -> None:
        program = """
from decimal import Decimal
from sdd.cli.here import say, watch
from sdd.llm.request import Progress
watch(Progress("", None, 0.4, None))
watch(Progress("", 120, 3.0, Decimal("0.0123")))
say("$ make test")
"""
        terminal = Terminal([sys.executable, "-c", program], here.path)
        assert terminal.end() == 0
        first, second, told = terminal.screen.split("\x1b[K")[1:]
        assert (first, second) == ("0 s\r", "120 tokens, 3 s, $0.0123\r")
        assert "$ make test" in told
        assert launched(here.path, program).err == "$ make test\n"

    def test_no_color_means_none(featured: GitBox) -> None:
        featured.write(PLAN, "# Plan\n\n## Tasks\n\n### x\n")
        for args in (("plan", "checkout"), ("zzz",)):
            assert ESCAPE in on_a_terminal(featured, *args, NO_COLOR="")
            assert ESCAPE not in on_a_terminal(featured, *args, NO_COLOR="1")


def test_git_knows_it_as_its_own(featured: GitBox) -> None:
    path = os.pathsep.join([str(installed("git-sdd").parent), os.environ["PATH"]])
    told = featured.git("sdd", "status", env={"PATH": path})
    assert "checkout/01-product-spec" in told
    below = GitBox(featured.path / "docs")
    assert below.git("sdd", "status", env={"PATH": path}) == told
