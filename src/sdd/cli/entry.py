"""The commands by name, each imported when it is used, and how every command ends."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING

import click

from sdd import __version__
from sdd.errors import BUG, CANNOT_TELL, INTERRUPTED, YES, SddError
from sdd.findings import nearest
from sdd.views.quoting import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

    from sdd.plumbing import Begun

COMPLETION = "_SDD_COMPLETE"
"""The variable by which a shell's completion script asks."""

SECTIONS = {
    "Begin": {
        "init": "make this repository ready for sessions, or join one that is",
        "new": "begin a feature: its brief and the sessions of the process",
        "add": "add one session, or a small change",
        "plan": "make sessions of the tasks of an implementation plan",
    },
    "Go on": {
        "status": "what is done, what waits and for whom, what is next",
        "next": "carry out a session, or go on with it",
        "prompt": "print what a session compiles to",
        "record": "bring back a response that you fetched yourself",
        "answer": "answer the questions of a session",
        "verify": "run the commands that must pass for a session",
    },
    "Decide": {
        "approve": "approve a document for a gate",
        "reject": "send a session back, with the reason",
        "enrol": "let a key sign approvals for a person, or withdraw one",
        "check": "judge what the files say",
    },
    "Look": {
        "review": "what a proposal changes, for the reviewer's minute",
        "tracker": "write the trackers, or compare them",
        "impact": "what a change touches, and which sessions are suspect",
        "metrics": "how the work goes, in numbers",
        "log": "every run: when, by whom, what came of it, what it cost",
        "doctor": "what is set up here, what is not, and what to do",
        "explain": "what a finding means",
        "schema": "the JSON schema of a file format",
    },
}
COMMANDS = {name: words for section in SECTIONS.values() for name, words in section.items()}


class Commands(click.Group):
    """The group of all commands; `sdd --help` imports none of them."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"sdd.cli.{cmd_name}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, but an unknown command names the nearest one."""
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            like = nearest(args[0], list(COMMANDS))
            raise SddError(f"there is no command `{args[0]}`", hint=f"sdd {like}" if like else "sdd --help")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The names that begin so; click would import all commands to say them."""
        from click.shell_completion import CompletionItem  # 20 ms, only where a shell asks

        fitting = [(name, words) for name, words in COMMANDS.items() if name.startswith(incomplete)]
        return [
            *(CompletionItem(name, help=words) for name, words in fitting),
            *click.Command.shell_complete(self, ctx, incomplete),
        ]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands by what a person wants to do."""
        del ctx
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl(list(commands.items()))


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nBegin with `sdd init`; `sdd COMMAND --help` has examples.\n"
    "Exit codes: 0 yes, 1 no, 2 could not tell, 3 a bug in sdd, 4 the provider failed,\n"
    "5 waits for a person, 130 interrupted.",
)
@click.version_option(__version__, prog_name="sdd")
def sdd() -> None:
    """Session-driven development with AI that holds, by means of git."""


def run(argv: Sequence[str], begun: Begun | None = None) -> int:
    """Run a command; its exit code. A person sees one sentence and what to do, never a stack trace, unless it is a bug.

    `begun` is what git was asked already, in the current folder.
    """
    _never_choke()
    try:
        code = _completed() if COMPLETION in os.environ else _carried_out(argv, begun)
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = _interrupted()
    except click.ClickException as error:
        code = _usage(error)
    except SddError as error:
        code = told(error)
    except BrokenPipeError:
        code = _closed_pipe()
    except Exception:  # noqa: BLE001 - a bug is told as one, with all there is to report it
        code = _bug(argv)
    return code


def _never_choke() -> None:
    """Write what the terminal's encoding lacks as an escape, instead of failing half-way through a sentence.

    A stream that was closed before we began (`sdd status >&-`) is the empty one, before a file gets its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - pathlib costs 7 ms; it stays open
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _carried_out(argv: Sequence[str], begun: Begun | None) -> int:
    """Parse and run. Click's own `main` would take a closed pipe for a no."""
    with sdd.make_context("sdd", list(argv), color=_colour(), obj=begun) as context:
        sdd.invoke(context)
    return YES


def _colour() -> bool | None:
    """No colour where NO_COLOR says so (no-color.org); else as click finds: only on a terminal."""
    return False if os.environ.get("NO_COLOR") else None


def _completed() -> int:
    """What the shell asks for by its completion script."""
    from click.shell_completion import shell_complete

    return shell_complete(sdd, {}, "sdd", COMPLETION, os.environ[COMPLETION])


def told(error: SddError) -> int:
    """Tell a person what went wrong and what to do; the exit code."""
    from sdd.llm.secrets import known, strike  # only where something is wrong

    strike(error, known(os.environ))
    colour = _colour()
    click.echo(f"{click.style('sdd:', fg='red', bold=True)} {shown(error.message)}", err=True, color=colour)
    for line in error.hint.splitlines():
        click.echo(f"  {click.style('→', fg='cyan')} {shown(line)}", err=True, color=colour)
    return error.exit_code


def _usage(error: click.ClickException) -> int:
    """Tell what is wrong with the line that was typed, as a sentence like all others."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "sdd"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.message)
        return CANNOT_TELL
    if isinstance(error, click.NoSuchOption):
        like = next(iter(error.possibilities or ()), "--help")
        return told(
            SddError(f"`{command}` has no option `{error.option_name}`", hint=f"{command} {like}".strip())
        )
    message = error.format_message().rstrip(".")
    return told(SddError(message[:1].lower() + message[1:], hint=f"{command} --help"))


def _interrupted() -> int:
    with suppress(BrokenPipeError):  # the reader may be gone too
        click.echo("\ninterrupted; nothing is half-written: `sdd status` tells where it stands", err=True)
    return INTERRUPTED


def _closed_pipe() -> int:
    """End quietly where whoever read our output is gone (`sdd log | head`), and keep Python from writing once more.

    What was not said is no yes.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return CANNOT_TELL


def _bug(argv: Sequence[str]) -> int:
    import platform
    import shlex
    import traceback

    from sdd.llm.secrets import known, without

    python = f"Python {platform.python_version()}, {platform.platform()}"
    report = [
        "sdd: this is a bug in sdd, not in your project. Nothing is half-written. Please report what follows.\n",
        f"sdd {__version__}, {python}\n$ {shlex.join(['sdd', *argv])}\n",
        traceback.format_exc(),
    ]
    click.echo(shown(without(known(os.environ), "\n".join(report))), err=True)
    return BUG
