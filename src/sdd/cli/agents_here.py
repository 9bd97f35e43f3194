"""Which agents' command lines are installed here, and whether they answer: what `sdd doctor` looks at.

Only programs of presets are run, and `claude`: no repository can name them (decision 14).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import click

from sdd.errors import SddError
from sdd.views.doctor import Agent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdd.llm.agent_versions import Question
    from sdd.llm.providers import Provider
    from sdd.llm.request import Request, Watch
    from sdd.llm.response import Response

VERSION_S = 2.0
"""How long an agent may take to say its version; all are asked side by side."""
ANSWER_S = 60.0
QUESTION = (
    "This only tries whether you can be reached. Use no tool, change nothing, answer with the one word: yes"
)
SHOWN = 40


class Program(Protocol):
    """A provider that is an agent's command line."""

    @property
    def INSTALL(self) -> str:  # noqa: N802 - as all that providers say of themselves
        """How to install it, empty where nobody said."""

    def version_question(self, environ: Mapping[str, str]) -> Question | None:
        """What to ask for the version; None where it is not installed."""

    def respond(self, request: Request, watch: Watch) -> Response:
        """See `sdd.llm.providers.Provider`."""


def commands_here(environ: Mapping[str, str]) -> dict[str, Provider]:
    """The agents of all presets.

    Raises:
        SddError: one's own file of presets is wrong.
    """
    from sdd.llm.command import Command  # pydantic: 60 ms
    from sdd.llm.presets import presets

    return {name: Command(name, preset) for name, preset in presets(environ).items()}


def found_here(
    agents: Mapping[str, Provider],
    environ: Mapping[str, str],
    *,
    ask: str | None,
    models: Mapping[str, str | None],
) -> dict[str, Agent]:
    """The agents as they are found; those installed are asked for an answer in the folder `ask`, where there is one."""
    from sdd.llm.agent_versions import Asked

    programs = {name: cast("Program", agent) for name, agent in agents.items()}
    questions = {name: one for name, agent in programs.items() if (one := agent.version_question(environ))}
    versions = Asked(questions, VERSION_S).answers()
    found = {
        name: Agent(
            questions[name].argv[0] if name in questions else "", versions.get(name, ""), agent.INSTALL
        )
        for name, agent in programs.items()
    }
    if ask is None:
        return found
    installed = [name for name, one in found.items() if one.program]
    click.echo(
        f"asking a question of one word, which costs some thousand tokens each: {', '.join(installed)}",
        err=True,
    )
    return {
        name: _answered(one, agents[name], ask, models.get(name)) if one.program else one
        for name, one in found.items()
    }


def _answered(found: Agent, agent: Provider, folder: str, model: str | None) -> Agent:
    from sdd.llm.request import Request, Workplace, unwatched

    request = Request(QUESTION, model, timeout_s=ANSWER_S, workplace=Workplace(folder))
    try:
        return found.replace(answer=_told(agent.respond(request, unwatched)))
    except SddError as error:
        return found.replace(problem=error.message, todo=error.hint)


def _told(response: Response) -> str:
    """Its answer in a line: the words, the time, what it cost as far as that is known."""
    words = " ".join(response.text.split())
    facts = [f"{response.seconds:.1f} s"]
    if response.usage:
        counts = (
            response.usage.input,
            response.usage.cache_read,
            response.usage.cache_write,
            response.usage.output,
        )
        facts.append(f"{sum(filter(None, counts))} tokens")
    if response.cost is not None:
        facts.append(f"{response.cost:.4f} USD")
    return f"`{words[:SHOWN]}` ({', '.join(facts)})"
