"""Owns Claude Code's command line as a provider: an agent in print mode, with its own memory of a conversation.

Each trap of it was met for real (2.1.329): see `claude_stream` for what its lines mean, `claude_problems` for its failures.
"""

from __future__ import annotations

import json
import os
import re
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sdd.errors import SddError
from sdd.llm import claude_stream as meaning
from sdd.llm import prices
from sdd.llm.agent_process import NETWORK, Limits, environment, program, run
from sdd.llm.agent_versions import Question
from sdd.llm.anthropic_events import within, without
from sdd.llm.claude_problems import INSTALL, ended_early, named, problem_of
from sdd.llm.problems import CutError
from sdd.llm.request import Progress, Workplace
from sdd.llm.secrets import forms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdd.llm.agent_process import Ended
    from sdd.llm.request import Request, Watch
    from sdd.llm.response import Response

NAME = "claude"
CONTINUES: Literal["id", "history", "none"] = "id"
EDITS = True
PROGRAM = "SDD_CLAUDE"
"""The variable that names the program, where it is not `claude` on the search path."""
LONGEST_PROMPT = 10_000_000
"""Bytes that it takes on standard input; 9 MB it calls too long by itself."""
RETRIES = 2
"""How often it asks the API again: its own 10 go on for minutes over a wrong key."""
TOOL_SHARE = 0.8
"""How much of the silence that is allowed one command of the agent may take: nothing comes while it runs."""

KEYS = frozenset({"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"})
_PASSED_ON = NETWORK | KEYS | {"ANTHROPIC_BASE_URL", "CLAUDE_CONFIG_DIR"}
_SWITCHES = """
DISABLE_TELEMETRY DISABLE_ERROR_REPORTING DISABLE_AUTOUPDATER DISABLE_BUG_COMMAND CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC
CLAUDE_CODE_DISABLE_ATTACHMENTS CLAUDE_CODE_DISABLE_AUTO_MEMORY CLAUDE_CODE_DISABLE_BACKGROUND_TASKS
"""
"""What is switched off: all that calls home; `@path` in a prompt, which would become the file's text; a memory that other
conversations share; commands that go on when the answer is there."""

_READS = ("Read", "Glob", "Grep")
_EDITS = ("Edit", "Write", "NotebookEdit")


def ready() -> str:
    """See `sdd.llm.providers.Provider`. Whether anybody is signed in only a call can tell."""
    return (
        "" if _program(os.environ) else f"{named('missing_package', _wanted(os.environ)).message}: {INSTALL}"
    )


def version_question(environ: Mapping[str, str]) -> Question | None:
    """What to ask for the version; None where it is not installed."""
    found = _program(environ)
    if found is None:
        return None
    return Question((found, "--version"), environment(environ, _PASSED_ON), str(Path.home()))


def respond(request: Request, watch: Watch) -> Response:
    """Have Claude Code carry the prompt out in the request's workplace (else here, reading only).

    A fresh conversation gets the id `new_conversation`, else a new one; `conversation` is resumed. It may read all, write
    what the workplace's globs name, and run the workplace's commands; anything else is denied and stands in `denied`.

    Raises:
        ProblemError: see `sdd.llm.problems.Kind`; CutError, once the model has begun to answer.
        KeyboardInterrupt: Ctrl-C, before it has.
        SddError: the request's table of prices cannot be read, or the program cannot be started.
    """
    place = request.workplace or Workplace(str(Path.cwd()))
    call = _Call(request, place, os.environ if place.environ is None else place.environ, watch)
    ended = call.run()
    problem = ended_early(ended, request) or problem_of(call.reading, ended, request)
    response = call.response(ended, cut=problem is not None)
    if problem is None:
        return response
    if call.reading.answering:
        raise CutError(problem, response)
    if problem.kind == "interrupted":
        raise KeyboardInterrupt
    raise problem


class _Call:
    """One call: what it is asked, what came, and when."""

    def __init__(self, request: Request, place: Workplace, environ: Mapping[str, str], watch: Watch) -> None:
        keys = (environ[name] for name in sorted(KEYS) if environ.get(name))
        self.reading = meaning.Reading(tuple(form for key in keys for form in forms(key)))
        self._request, self._place, self._environ, self._watch = request, place, environ, watch
        self._prices = prices.table(request.prices)
        self._conversation = request.conversation or request.new_conversation or str(uuid.uuid4())
        self._started, self._began = datetime.now(UTC), time.monotonic()
        self._first_text: float | None = None

    def run(self) -> Ended:
        """Run the program to its end."""
        request, found = self._request, _program(self._environ)
        # A first "/" is a command's, also with --disable-slash-commands: /init is answered without a call (2.1.329).
        told = "\n" + request.prompt if request.prompt.startswith("/") else request.prompt
        prompt = told.encode("utf-8", "replace")
        if found is None:
            raise named("missing_package", _wanted(self._environ))
        if len(prompt) > LONGEST_PROMPT:
            raise named("too_long", "Claude Code", f"{len(prompt):,} bytes, of at most {LONGEST_PROMPT:,}")
        try:
            return run(
                [found, *arguments(request, self._place, self._conversation)],
                folder=self._place.folder,
                env=_environment(self._environ, request),
                limits=Limits(request.timeout_s, request.silence_s),
                on_line=self._take,
                stdin=prompt,
                transcript=request.transcript,
                secrets=self.reading.secrets,
            )
        except OSError as error:
            told = f"{found} cannot be started in {self._place.folder}: {error.strerror}"
            raise SddError(told, hint=INSTALL) from error

    def _take(self, line: bytes) -> None:
        text = self.reading.take(line)
        if text:
            seconds = time.monotonic() - self._began
            self._first_text = self._first_text or seconds
            self._watch(Progress(text, None, seconds, None))

    def response(self, ended: Ended, *, cut: bool) -> Response:
        """All that came, as a Response."""
        seconds = time.monotonic() - self._began
        from sdd.llm.response import Response  # pydantic: 60 ms, which a dry run does without

        reading = self.reading
        stop_reason = within(reading.result, "stop_reason")
        return Response(
            text=reading.text() if cut else reading.answer(),
            provider=NAME,
            model_asked=self._request.model,
            model_answered=meaning.model_of(reading),
            conversation=reading.conversation or self._conversation,
            usage=meaning.usage_of(reading),
            cost=meaning.cost_of(reading, self._prices),
            stop_reason=stop_reason if isinstance(stop_reason, str) else None,
            partial=cut,
            started=self._started,
            seconds=seconds,
            first_text_seconds=self._first_text,
            raw={
                **meaning.raw_of(reading),
                "exit_code": ended.exit_code,
                "stderr": without(reading.secrets, ended.stderr),
                "unkept": ended.unkept,
                "first_byte_seconds": ended.first_byte_s,
            },
            agent=meaning.agent_of(reading),
            denied=meaning.denied_of(reading),
            turns=meaning.turns_of(reading),
        )


def arguments(request: Request, place: Workplace, conversation: str) -> list[str]:
    """The words after the program's name; the prompt is none of them, for a word holds 128 KiB at most (Linux).

    `--continue` is never used: it takes whatever conversation the folder had last. `dontAsk` denies what no rule allows,
    where `acceptEdits` would let it write the whole folder, and a shell's redirection too.
    """
    tools = [*_READS, *(_EDITS if place.writes else ()), *(["Bash"] if place.commands else [])]
    return [
        *("--print", "--output-format", "stream-json", "--verbose", "--include-partial-messages"),
        *("--resume" if request.conversation else "--session-id", conversation),
        *(["--model", request.model] if request.model else []),
        *([] if request.max_cost is None else ["--max-budget-usd", f"{request.max_cost:f}"]),
        *("--permission-mode", "dontAsk", "--tools", ",".join(tools)),
        *("--settings", _settings(place), "--strict-mcp-config", "--disable-slash-commands"),
    ]


def _settings(place: Workplace) -> str:
    """The workplace's settings, with rules that allow what may be written and run."""
    settings = json.loads(place.settings or "{}")
    permissions = settings.get("permissions", {})
    allowed = [*permissions.get("allow", []), *_rules(place)]
    return json.dumps(settings | {"permissions": permissions | {"allow": allowed}})


def _rules(place: Workplace) -> list[str]:
    """A rule for each glob and command. A path begins with `//` where it is absolute; `Edit` means every tool that edits."""
    top = _escaped(Path(place.folder).resolve().as_posix().replace(":", "", 1).lstrip("/"))
    commands = [rule for command in place.commands for rule in (f"Bash({command})", f"Bash({command} *)")]
    globs = [rule for glob in place.writes for rule in _patterns(glob)]
    return [*_READS, *(f"Edit(//{top}/{glob})" for glob in globs), *commands]


def _patterns(glob: str) -> list[str]:
    """The pattern of .gitignore's kind that a glob of ours means; a name with brackets means itself as well."""
    pattern = glob + "**" if glob.endswith("/") else glob
    return list(dict.fromkeys([pattern.replace("(", "\\(").replace(")", "\\)"), _escaped(pattern, but="*?")]))


def _escaped(text: str, but: str = "") -> str:
    return re.sub(r"[\[\]()*?!\\]", lambda found: found[0] if found[0] in but else "\\" + found[0], text)


def _environment(environ: Mapping[str, str], request: Request) -> dict[str, str]:
    """What it sees: what every child does, its own key and its ways out, and switches; nothing else of ours."""
    tool_ms = str(max(1, round(request.silence_s * TOOL_SHARE * 1000)))
    return {
        **environment(environ, _PASSED_ON),
        **dict.fromkeys(_SWITCHES.split(), "1"),
        "CLAUDE_CODE_MAX_RETRIES": str(RETRIES),
        "API_TIMEOUT_MS": str(max(1, round(request.timeout_s * 1000))),
        "BASH_DEFAULT_TIMEOUT_MS": tool_ms,
        "BASH_MAX_TIMEOUT_MS": tool_ms,
    }


def _wanted(environ: Mapping[str, str]) -> str:
    return environ.get(PROGRAM) or "claude"


def _program(environ: Mapping[str, str]) -> str | None:
    return program(_wanted(environ), environ)
