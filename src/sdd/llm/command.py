"""Owns the `command` provider: any agent's command line, run as its preset says; a preset's name is the provider's.

One call is one process. What came before a failure is kept: an answer that did not reach its end is a CutError with it.
"""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from sdd.llm import agent_process, prices
from sdd.llm.agent_process import Limits
from sdd.llm.agent_versions import LAST_S, Asked, Question
from sdd.llm.anthropic_events import proper, without
from sdd.llm.command_line import filled, holds, refuse_unfit, seen_by
from sdd.llm.command_output import Reading, usage_of
from sdd.llm.command_problems import Outcome, gone, not_installed, of_call
from sdd.llm.problems import CutError, ProblemError
from sdd.llm.request import Progress
from sdd.llm.response import Response
from sdd.llm.secrets import forms
from sdd.llm.verbatim import Verbatim

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdd.llm.agent_process import Ended
    from sdd.llm.preset_form import Preset
    from sdd.llm.request import Request, Watch

SHORT = frozenset({"length", "max_tokens", "max-tokens"})
"""Reasons to stop that leave an answer short of its end, as agents call them."""
NEVER_S = 86_400.0
_TELLING = re.compile(r"KEY|TOKEN|SECRET|PASSWORD", re.IGNORECASE)
_SHORTEST_SECRET = 8  # shorter ones would strike words out of an answer


class Command:
    """A provider, see `sdd.llm.providers.Provider`, made of a preset."""

    def __init__(self, name: str, preset: Preset) -> None:
        self.NAME = name
        self.CONTINUES: Literal["id", "history", "none"] = "id" if preset.resume else "none"
        self.EDITS = preset.edits
        self.INSTALL = preset.install
        self.preset = preset

    def program(self, environ: Mapping[str, str]) -> str | None:
        """The path of the agent's program; None where it is not installed.

        What is found in the folder that one happens to be in does not count: Windows looks there first, and so does a search
        path with a "." in it, and a repository could bring its own `codex`.
        """
        found = agent_process.program(str(self.preset.argv[0]), environ)
        return found if found and Path(found).is_absolute() else None

    def ready(self) -> str:
        """See `sdd.llm.providers.Provider`; nothing is run."""
        if self.program(os.environ):
            return ""
        problem = not_installed(self.NAME, self.preset)
        return f"{problem.message}: {problem.hint}"

    def version_question(self, environ: Mapping[str, str]) -> Question | None:
        """What to ask for the version; None where it is not installed."""
        program = self.program(environ)
        if program is None:
            return None
        return Question((program, *self.preset.version), seen_by(self.preset, environ), str(Path.home()))

    def respond(self, request: Request, watch: Watch) -> Response:
        """Run the agent once and read its answer; see `sdd.llm.providers.Provider`.

        Raises:
            ProblemError: see `sdd.llm.problems.Kind`; CutError, once the answer has begun.
            SddError: the request's table of prices cannot be read.
            KeyboardInterrupt: interrupted before anything came.
        """
        with TemporaryDirectory(prefix="sdd-", ignore_cleanup_errors=True) as scratch:
            return _Call(self, request, watch, Path(scratch)).run()


class _Call:
    """One call of an agent."""

    def __init__(self, provider: Command, request: Request, watch: Watch, scratch: Path) -> None:
        self.provider, self.preset, self.name = provider, provider.preset, provider.NAME
        self.request, self.watch, self.scratch = request, watch, scratch
        self.workplace = request.workplace
        environ = self.workplace.environ if self.workplace else None
        self.environ = os.environ if environ is None else environ
        self.env = seen_by(self.preset, self.environ)
        self.folder = self.workplace.folder if self.workplace else str(Path.cwd())
        self.prices = prices.table(request.prices)
        self.reading = Reading(self.preset)
        self.first_text_s: float | None = None

    def run(self) -> Response:
        words = self._words()
        version = self.provider.version_question(self.environ)
        asked = Asked({self.name: version} if version else {})
        started, self.began = datetime.now(UTC), time.monotonic()
        ended, output = self._ended(words)
        text = self._text(output)
        problem = of_call(self.name, self.preset, self.request, self._outcome(ended, text))
        come = (self.reading.so_far or text or self._strays(output)) if problem else text
        if problem and problem.kind == "interrupted" and not come.strip():
            raise KeyboardInterrupt
        response = self._response(come, ended, started, asked.answers(LAST_S).get(self.name), problem)
        if problem is None:
            return response
        # Without text nothing was begun: who asked may ask again, as where a conversation is gone or has outgrown the model.
        raise CutError(problem, response) if come.strip() else problem

    def _words(self) -> list[str]:
        """The program and its arguments.

        Raises:
            ProblemError: it is not installed, cannot go on with that conversation, or would not take the words.
        """
        preset, request = self.preset, self.request
        program = self.provider.program(self.environ)
        if program is None:
            raise not_installed(self.name, preset)
        argv = preset.argv
        if request.conversation:
            if preset.resume is None:
                raise gone(self.name, preset, "it cannot go on with one")
            if preset.conversation_form and not re.fullmatch(preset.conversation_form, request.conversation):
                raise gone(self.name, preset, f"{request.conversation} is no id of one")
            argv = preset.resume
        try:
            words = filled(argv[1:], self._values())
        except KeyError as error:
            message = f"{self.name} needs a {error.args[0]}, and none is chosen"
            hint = f'sdd next --provider {self.name} --model NAME, or model = "NAME" in sdd.toml'
            raise ProblemError("unknown_model", message, hint=hint) from None
        refuse_unfit(self.name, program, [program, *words], prompt_among=holds(argv, "prompt"))
        self.by_stdin = not (holds(argv, "prompt") or holds(argv, "prompt_file"))
        return [program, *words]

    def _values(self) -> dict[str, str]:
        return {
            "prompt": proper(self.request.prompt),
            "prompt_file": str(self.scratch / "prompt.md"),
            "output_file": str(self.scratch / "answer"),
            "scratch": str(self.scratch),
            "folder": self.folder,
            "model": self.request.model or "",
            "conversation": self.request.conversation or "",
        }

    def _limits(self) -> Limits:
        preset, request = self.preset, self.request
        silence = preset.silence_s or (request.silence_s if preset.output == "lines" else NEVER_S)
        return Limits(preset.timeout_s or request.timeout_s, silence)

    def _ended(self, words: list[str]) -> tuple[Ended, bytes]:
        """Run it; how it ended, and all that it wrote to standard output.

        Raises:
            ProblemError: it cannot be started.
        """
        prompt = proper(self.request.prompt).encode()
        transcript = self.request.transcript or str(self.scratch / "transcript")
        try:
            (self.scratch / "prompt.md").write_bytes(prompt)
            with Verbatim(transcript) as output:
                ended = agent_process.run(
                    words,
                    folder=self.folder,
                    env=self.env,
                    limits=self._limits(),
                    on_line=lambda line: self._take(line, output.more(line)),
                    stdin=prompt if self.by_stdin else None,
                    transcript=transcript,
                    secrets=self._secrets(),
                )
                return ended, output.whole(unkept=bool(ended.unkept))
        except OSError as error:
            message = f"{self.name} cannot be started: {error.strerror or error}"
            # As of opencode 1.18.33, where npm was not allowed to run its install script.
            hint = f"try it by hand: {words[0]} --version\nor install it again: {self.preset.install or 'as its documentation says'}"
            raise ProblemError("failed", message, hint=hint) from None

    def _take(self, line: bytes, verbatim: str) -> None:
        piece = verbatim if self.preset.output == "text" else ""
        if self.preset.output == "lines":
            piece = self.reading.feed(line)
        if piece:
            seconds = time.monotonic() - self.began
            self.first_text_s = seconds if self.first_text_s is None else self.first_text_s
            self.watch(Progress(str(without(self._secrets(), piece)), None, seconds, None))

    def _text(self, output: bytes) -> str:
        """The answer, as far as there is one."""
        if self.preset.output == "json":
            self.reading.feed(output)
        written = self.scratch / "answer"
        if written.is_file():
            return written.read_bytes().decode("utf-8", "replace")
        return output.decode("utf-8", "replace") if self.preset.output == "text" else self.reading.text

    def _strays(self, output: bytes) -> str:
        """What came where JSON was meant and none was: it may be the answer, and was paid for."""
        return output.decode("utf-8", "replace") if self.reading.stray and not self.reading.events else ""

    def _outcome(self, ended: Ended, text: str) -> Outcome:
        reading, secrets = self.reading, self._secrets()
        return Outcome(
            ended=ended.replace(stderr=without(secrets, ended.stderr)),
            limits=self._limits(),
            errors=tuple(without(secrets, reading.errors)),
            failed=reading.failed,
            finished=reading.finished,
            stray=tuple(without(secrets, reading.stray)),
            events=len(reading.events),
            text=text,
            conversation=reading.conversation,
        )

    def _response(
        self, text: str, ended: Ended, started: datetime, version: str | None, problem: ProblemError | None
    ) -> Response:
        reading, request = self.reading, self.request
        usage = usage_of(
            reading.counted, self.preset, resumed=bool(request.conversation), before=request.counted
        )
        raw = {
            "agent": self.name,
            "exit_code": ended.exit_code,
            "stderr": ended.stderr,
            "events": reading.events,
            "stray": reading.stray,
            "counted": reading.counted,
            "unkept": ended.unkept,
        }
        secrets = self._secrets()
        model = reading.model or request.model
        gone_now = problem is not None and problem.kind == "no_conversation"
        return Response(
            text=str(without(secrets, text)),
            provider=self.name,
            model_asked=request.model,
            model_answered=reading.model,
            conversation=reading.conversation or (None if gone_now else request.conversation),
            usage=usage,
            cost=reading.cost if reading.cost is not None else prices.cost(model, usage, self.prices),
            stop_reason=reading.stop_reason,
            partial=problem is not None or reading.stop_reason in SHORT,
            started=started,
            seconds=time.monotonic() - self.began,
            first_text_seconds=self.first_text_s,
            raw=without(secrets, raw),
            agent=f"{self.name} {version}" if version else self.name,
        )

    def _secrets(self) -> list[str]:
        """The keys that the agent was given, in every form."""
        return [
            form
            for name, value in self.env.items()
            if _TELLING.search(name) and len(value) >= _SHORTEST_SECRET
            for form in forms(value)
        ]
