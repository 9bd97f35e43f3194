"""Which agents' command lines are installed here, and whether they answer: what `sdd doctor` looks at.

Only programs of presets are run, which no repository can name (decision 14).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdd.errors import SddError
from sdd.views.doctor import Agent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdd.llm.command import Command
    from sdd.llm.response import Response

VERSION_S = 2.0
"""How long an agent may take to say its version; all are asked side by side."""
ANSWER_S = 60.0
QUESTION = (
    "This only tries whether you can be reached. Use no tool, change nothing, answer with the one word: yes"
)
SHOWN = 40


def commands_here(environ: Mapping[str, str]) -> dict[str, Command]:
    """The agents of all presets.

    Raises:
        SddError: one's own file of presets is wrong.
    """
    from sdd.llm.command import Command  # pydantic: 60 ms
    from sdd.llm.presets import presets

    return {name: Command(name, preset) for name, preset in presets(environ).items()}


def found_here(
    agents: Mapping[str, Command],
    environ: Mapping[str, str],
    *,
    ask: str | None,
    models: Mapping[str, str | None],
) -> dict[str, Agent]:
    """The agents as they are found; those installed are asked for an answer in the folder `ask`, where there is one."""
    from sdd.llm.agent_versions import Asked

    questions = {name: agent.version_question(environ) for name, agent in agents.items()}
    asked = Asked({name: one for name, one in questions.items() if one}, VERSION_S)
    versions = asked.answers()
    found = {
        name: Agent(agent.program(environ) or "", versions.get(name, ""), agent.preset.install)
        for name, agent in agents.items()
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


def _answered(found: Agent, agent: Command, folder: str, model: str | None) -> Agent:
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
