"""A session carried out: prompt, response, applying, checks, and back to the model while a bound allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.errors import ProviderError, WaitingError
from sdd.gates.picture import kept
from sdd.llm.providers import built_in, load
from sdd.llm.request import Workplace
from sdd.prompts.compile import compiled
from sdd.prompts.prompt import keyless, within
from sdd.runs import agent, form, pending, recording
from sdd.runs.ask import ask, raw_name, recovered
from sdd.runs.conclude import conclude, verify_commands
from sdd.runs.pending import ASKED, STOPPED, Pending, as_text
from sdd.runs.place import now
from sdd.runs.spending import allowance
from sdd.runs.talk import refuse_builder
from sdd.sessions.retries import Bounds, poisoned, tries
from sdd.sessions.template import PERSON
from sdd.sessions.turns import progress
from sdd.values import Value

if TYPE_CHECKING:
    from decimal import Decimal
    from typing import NoReturn

    from sdd.gates.picture import Picture
    from sdd.prompts.prompt import Prompt
    from sdd.runs.place import Place
    from sdd.sessions.retries import Lesson, Tries
    from sdd.sessions.run import Run

MANUAL = "manual"


class GivenOutError(WaitingError):
    """A person has the prompt; `prompt` is its text."""

    def __init__(self, prompt: str, message: str, *, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.prompt = prompt


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
    runnable = ((order[state.state], name) for name, state in picture.states.items() if state.runnable)
    return min(runnable, default=(0, ""))[1]


def advance(place: Place, name: str, wish: Wish) -> Run:
    """Go on with a session until its turn ends, a bound is met, or a person is needed; the newest run.

    Raises:
        GivenOutError: its prompt is with a person now, and the response has to be recorded.
        WaitingError: it cannot go on.
        ProviderError: the provider failed; what it sent before is kept.
    """
    with place.locked(name):
        run = left_over(place, name)
        while True:
            picture = place.picture()
            if wish.earlier is None:
                wish = wish.replace(earlier=len(picture.project.sessions[name].runs))
            if run is not None and not _goes_on(place, run, picture, name):
                return run
            run = _one_run(place, picture, name, wish)


def _goes_on(place: Place, run: Run, picture: Picture, name: str) -> bool:
    """Whether the next turn, or another try, follows at once; the same turn never does after it was done."""
    state = picture.states[name]
    if not state.runnable:
        return False
    if run.outcome == "done":
        return state.turn != run.turn
    runs = picture.project.sessions[name].runs
    far = tries(runs, Bounds(**place.settings().bounds))
    if run.outcome == "failed":
        place.say(_told(name, run, far, poisoned(runs)))
    return run.outcome in {"failed", "unsure"} and far.again


def _told(name: str, run: Run, far: Tries, lesson: Lesson | None) -> str:
    """What becomes of a run that failed: it goes back, or its bound is met."""
    if far.again:
        afresh = "; it failed twice in the same way, so a fresh conversation begins" if lesson else ""
        return f"goes back to the model: {run.summary.splitlines()[-1]}{afresh}"
    if far.kind == "setup":
        return f"{name} fails for what no model can mend: see to it, then `sdd next {name}`"
    times = f"went back {far.used} time{'' if far.used == 1 else 's'}"
    return (
        f"{name} {times} for {far.kind}, which is the bound (`{far.kind} = {far.bound}` below [fixes] in sdd.toml): "
        f"`sdd next {name}` tries as often again, `sdd reject {name} -m WHAT` says what is wrong"
    )


def left_over(place: Place, name: str) -> Run | None:
    """Finish what an earlier process left: a response that was kept is used; one that was cut is recorded as such.

    Raises:
        RefusedError: a person changed what was about to be written.
    """
    left = pending.load(place.git_dir, name)
    if left is None or (left.stage == ASKED and left.provider == MANUAL):
        return None
    whole = left if left.stage != ASKED else recovered(place, left)
    if recording.begun(place, name) or (whole and left.provider != PERSON):
        place.say(f"{name}: going on with the response that is already here")
        return conclude(place, whole or left)
    text = pending.partial(place.git_dir, name)
    if not text:
        pending.drop(place.git_dir, name)
        return None
    place.say(f"{name}: an earlier call was cut; what came is kept in a run")
    return conclude(place, pending.keep_response(place.git_dir, left.replace(cut=STOPPED), text))


def given_out(name: str, prompt: str) -> GivenOutError:
    """The prompt is with a person, and the response has not come back."""
    return GivenOutError(
        prompt,
        f"the prompt of {name} was given out, and its response is awaited",
        hint=f"sdd record {name} FILE (or `-` for standard input)\nagain: sdd next {name}; never mind: sdd next {name} --drop",
    )


def prepared(place: Place, picture: Picture, name: str, wish: Wish) -> tuple[Pending, Prompt]:
    """A run that is about to begin, and its prompt.

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
    prompt = keyless(compiled(project, picture.states, name, _form(provider)), place.environ)
    prompt = within(prompt, budget(place, picture, name))
    one = project.sessions[name]
    time = now()
    return Pending(
        session=name,
        turn=state.turn,
        writes=state.writes,
        time=time,
        provider=provider,
        model=wish.model or project.text(name, "model") or place.settings().model or "",
        prompt=prompt.sha256,
        shown={as_text(path): blob for path, blob in prompt.shown.items()},
        sources=tuple(
            (source.selector, as_text(source.path), source.blob, source.sha256) for source in prompt.sources
        ),
        answers=len(one.questions) - len(one.open_questions),
        bold=progress(one.runs).bold,
        raw=raw_name(time, prompt.sha256),
    ), prompt


def _form(provider: str) -> str:
    """The words that tell who answers what to send."""
    if provider == MANUAL:
        return form.FORM_BY_HAND
    return form.FORM_FOR_AGENTS if provider != PERSON and load(provider).EDITS else form.FORM


def provider_of(place: Place, picture: Picture, name: str, wish: Wish) -> str:
    """The provider of a session's next run."""
    from sdd.settings import chosen_provider

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


def _one_run(place: Place, picture: Picture, name: str, wish: Wish) -> Run:
    run, prompt = prepared(place, picture, name, wish)
    if run.provider == PERSON:
        raise WaitingError(
            f"{name} is yours: no model carries it out",
            hint=f"sdd next {name} on a terminal, or sdd record {name} --verdict pass|fail -m WHAT",
        )
    if run.provider == MANUAL:
        _give_out(place, run, prompt.text)
    provider = load(
        run.provider
    )  # an unknown one, and a bound that is reached, are told before anything is kept
    may = allowance(place, picture, run, prompt.tokens, max_cost=wish.max_cost, earlier=wish.earlier or 0)
    workplace = None if run.provider in built_in() else Workplace(place.root, environ=place.environ)
    pending.begin(place.git_dir, run, prompt.text)
    if provider.EDITS:
        commands = verify_commands(place, picture, name, run.writes)
        workplace = agent.workplace(place, run.writes, commands)
        agent.note(place, name)
    try:
        answered, problem = ask(place, run, prompt, picture.project, workplace=workplace, max_cost=may)
    except (ProviderError, WaitingError):
        agent.tell(place, name)
        pending.drop(place.git_dir, name)
        raise
    made = conclude(place, answered)
    if problem:
        raise problem
    return made


def _give_out(place: Place, run: Pending, prompt: str) -> NoReturn:
    """Keep that a prompt is with a person; where the same one is already, nothing changes."""
    left = pending.load(place.git_dir, run.session)
    if left is None or left.prompt != run.prompt:
        if left is not None:
            place.say(
                f"{run.session}: something has changed since its prompt was given out; this is a new one"
            )
        pending.begin(place.git_dir, run, prompt)
    raise given_out(run.session, prompt)
