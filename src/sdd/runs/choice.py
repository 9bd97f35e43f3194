"""What `next` is about to do: which session, by which provider, with which prompt. Nothing of a response is loaded for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.errors import SddError, WaitingError
from sdd.gates.picture import kept
from sdd.prompts.compile import compiled
from sdd.prompts.peers import Peer, peers
from sdd.prompts.prompt import keyless
from sdd.runs import form, pending
from sdd.runs.pending import Pending, as_text, raw_name
from sdd.runs.place import now
from sdd.sessions.continuing import built_by
from sdd.sessions.task_order import turn_of
from sdd.sessions.template import PERSON
from sdd.sessions.turns import progress
from sdd.settings import chosen_provider
from sdd.values import Value

if TYPE_CHECKING:
    from decimal import Decimal

    from sdd.gates.picture import Picture
    from sdd.llm.providers import Provider
    from sdd.prompts.prompt import Prompt
    from sdd.runs.place import Place
    from sdd.sessions.project import Project

MANUAL = "manual"


class Wish(Value):
    """How a person wants a session carried out this time: `--provider`, `--model`, `--max-cost` (USD).

    `earlier` counts the runs that the session had before, once that is known: what comes after them is this time's.
    """

    provider: str | None = None
    model: str | None = None
    max_cost: Decimal | None = None
    earlier: int | None = None


def choose(place: Place, picture: Picture) -> str:
    """The session that `next` goes on with: one in progress, else one that fails, else the first that is ready.

    Raises:
        WaitingError: none can go on; the message says what each waits for.
    """
    states = picture.states
    for name in pending.sessions(place.git_dir):
        if name in states:
            return name
    first: str = kept(picture, "next", lambda: _first_runnable(picture))
    if first:
        return first
    waiting = [
        f"{name}: {state.state}, {'; '.join(state.why)}"
        for name, state in states.items()
        if state.state in {"asking", "review"}
    ]
    if waiting:
        raise WaitingError(
            "nothing can go on before a person does:\n" + "\n".join(f"  {line}" for line in waiting),
            hint="sdd status",
        )
    if not states:
        raise WaitingError("there is no session yet", hint='sdd new FEATURE "the idea, in a sentence"')
    if all(state.state == "done" for state in states.values()):
        raise WaitingError("every session is done", hint="sdd new FEATURE, or sdd add change SLUG")
    blocked = [
        f"{name}: {'; '.join(state.why)}" for name, state in states.items() if state.state == "blocked"
    ]
    raise WaitingError(
        "every session that is left is blocked:\n" + "\n".join(f"  {line}" for line in blocked[:8]),
        hint="sdd status",
    )


def _first_runnable(picture: Picture) -> str:
    """The session with which `next` goes on without a person; empty where there is none."""
    order = {"failing": 0, "asking": 1, "ready": 2}
    runnable = (
        (order[state.state], turn_of(picture.project, name))
        for name, state in picture.states.items()
        if state.runnable
    )
    return min(runnable, default=(0, ("", 0, "")))[1][-1]


class Ahead(Value):
    """What `next` would do with a session; `prompt` is what it would send."""

    session: str
    turn: str
    provider: str
    model: str
    prompt: Prompt


def ahead(place: Place, picture: Picture, name: str, wish: Wish) -> Ahead:
    """What `next` would do with a session, nothing of which is begun.

    Raises:
        WaitingError: the session cannot go on now.
        SddError: its prompt cannot be compiled, or is over budget.
    """
    state = picture.states[name]
    if not state.runnable:
        why = "; ".join(state.why) or "there is nothing left to do"
        raise WaitingError(f"{name} is {state.state}: {why}", hint="sdd status")
    project = picture.project
    refuse_builder(project, name)
    provider = provider_of(place, picture, name, wish)
    prompt = prompt_of(place, picture, name, provider)
    if not counts(provider):  # what can count is told the budget, and holds it before anything is paid for
        from sdd.prompts.budget import within

        within(project, name, prompt, budget(place, picture, name))
    model = wish.model or project.text(name, "model") or place.settings().model or ""
    return Ahead(name, state.turn, provider, model, prompt)


def prepared(place: Place, picture: Picture, name: str, wish: Wish) -> tuple[Pending, Prompt]:
    """A run that is about to begin, and its prompt.

    Raises:
        WaitingError: the session cannot go on now.
        SddError: its prompt cannot be compiled, or is over budget.
    """
    found = ahead(place, picture, name, wish)
    prompt = found.prompt
    one = picture.project.sessions[name]
    time = now()
    return Pending(
        session=name,
        turn=found.turn,
        writes=picture.states[name].writes,
        time=time,
        provider=found.provider,
        model=found.model,
        prompt=prompt.sha256,
        shown={as_text(path): blob for path, blob in prompt.shown.items()},
        sources=tuple(
            (source.selector, as_text(source.path), source.blob, source.sha256, source.words)
            for source in prompt.sources
        ),
        answers=len(one.questions) - len(one.open_questions),
        bold=progress(one.runs).bold,
        raw=raw_name(time, prompt.sha256),
    ), prompt


def prompt_of(place: Place, picture: Picture, name: str, provider: str) -> Prompt:
    """The prompt of a session as a provider would be sent it, whatever its size.

    Raises:
        SddError: it cannot be compiled, or would hold a key.
    """
    made = compiled(
        picture.project, picture.states, name, _form(provider), place.repository, _peers(picture, name)
    )
    return keyless(made, place.environ)


def _peers(picture: Picture, name: str) -> tuple[Peer, ...]:
    """The sessions that a prompt tells of beside its own: for a feature of a hundred that is a tenth of a dry run."""

    def told() -> tuple[object, ...]:
        return tuple(one.as_tuple() for one in peers(picture.project, picture.states, name))

    return tuple(Peer(*one) for one in kept(picture, "peers", told, name))


def counts(provider: str) -> bool:
    """Whether a provider can count a prompt's tokens before it is paid for; of one that cannot they are estimated."""
    return provider not in {MANUAL, PERSON} and getattr(_loaded(provider), "COUNTS", False)


def _loaded(provider: str) -> Provider:
    from sdd.llm.providers import load  # 8 ms, with the presets

    return load(provider)


def refuse_builder(project: Project, name: str) -> None:
    """Refuse that a review goes on with the memory of who built what it reviews.

    Raises:
        SddError: it would.
    """
    builder = built_by(project, name)
    if builder:
        raise SddError(
            f"{name} would go on with the conversation of {builder}, which built what it is to judge",
            hint=f"take `continues` out of sessions/{name}.md: a review begins afresh",
        )


def provider_of(place: Place, picture: Picture, name: str, wish: Wish) -> str:
    """The provider of a session's next run."""
    own = picture.project.text(name, "provider")
    return (
        PERSON
        if own == PERSON
        else chosen_provider(wish.provider, place.environ, own or None, place.settings())
    )


def budget(place: Place, picture: Picture, name: str) -> int:
    """The tokens that a session's prompt may take."""
    own = picture.project.keys[name].get("budget")
    return own if isinstance(own, int) else place.settings().budget


def _form(provider: str) -> str:
    """The words that tell who answers what to send."""
    if provider == MANUAL:
        return form.FORM_BY_HAND
    try:
        edits = provider != PERSON and _loaded(provider).EDITS
    except SddError:  # there is none of that name, which whoever asks it is told
        edits = False
    return form.FORM_FOR_AGENTS if edits else form.FORM
