"""The commands by name, each imported when it is used, and how every command ends."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from sdd import __version__
from sdd.errors import BUG, INTERRUPTED, YES, SddError
from sdd.findings import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        "check": "judge what the files say",
    },
    "Look": {
        "tracker": "write the trackers, or compare them",
        "log": "every run: when, by whom, what came of it, what it cost",
        "doctor": "what is set up here, what is not, and what to do",
        "explain": "what a finding means",
        "schema": "the JSON schema of a file format",
    },
}
COMMANDS = {name: words for section in SECTIONS.values() for name, words in section.items()}


class Commands(click.Group):
    """The group of all commands; `sdd --help` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help."""
        del ctx
        return list(COMMANDS)

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
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            like = nearest(args[0], list(COMMANDS))
            raise SddError(f"there is no command `{args[0]}`", hint=f"sdd {like}" if like else "sdd --help")
        return super().resolve_command(ctx, args)

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


def run(argv: Sequence[str]) -> int:
    """Run a command; its exit code. A person sees one sentence and what to do, never a stack trace, unless it is a bug."""
    try:
        code = sdd.main(list(argv), prog_name="sdd", standalone_mode=False)
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("\ninterrupted; nothing is half-written: `sdd status` tells where it stands", err=True)
        code = INTERRUPTED
    except click.ClickException as error:
        code = _usage(error)
    except SddError as error:
        code = told(error)
    except BrokenPipeError:
        code = _closed_pipe()
    except Exception:  # noqa: BLE001 - a bug is told as one, with all there is to report it
        code = _bug(argv)
    return code if isinstance(code, int) else YES


def told(error: SddError) -> int:
    """Tell a person what went wrong and what to do; the exit code."""
    click.echo(f"{click.style('sdd:', fg='red', bold=True)} {error.message}", err=True)
    for line in error.hint.splitlines():
        click.echo(f"  {click.style('→', fg='cyan')} {line}", err=True)
    return error.exit_code


def _usage(error: click.ClickException) -> int:
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "sdd"
    return told(SddError(error.format_message().rstrip("."), hint=f"{command} --help"))


def _closed_pipe() -> int:
    """Whoever read our output is gone (`sdd log | head`): end quietly, and keep Python from writing once more."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return YES


def _bug(argv: Sequence[str]) -> int:
    import platform
    import traceback

    told_: list[Any] = [
        "sdd: this is a bug in sdd, not in your project. Nothing is half-written. Please report what follows.\n",
        f"sdd {__version__}, Python {platform.python_version()}, {platform.system()}; sdd {' '.join(argv)}\n",
        traceback.format_exc(),
    ]
    click.echo("\n".join(told_), err=True)
    return BUG
