"""A session carried out: prompt, response, applying, checks, and back to the model while a bound allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.errors import ProviderError, WaitingError
from sdd.llm.problems import ProblemError
from sdd.llm.providers import built_in, load
from sdd.llm.request import Workplace
from sdd.prompts.budget import over
from sdd.runs import agent, pending, recording
from sdd.runs.ask import ask, recovered
from sdd.runs.choice import MANUAL, budget, prepared
from sdd.runs.conclude import conclude, verify_commands
from sdd.runs.pending import ASKED, STOPPED
from sdd.runs.spending import allowance
from sdd.sessions.retries import Bounds, poisoned, tries
from sdd.sessions.template import PERSON

if TYPE_CHECKING:
    from typing import NoReturn

    from sdd.gates.picture import Picture
    from sdd.runs.choice import Wish
    from sdd.runs.pending import Pending
    from sdd.runs.place import Place
    from sdd.sessions.retries import Lesson, Tries
    from sdd.sessions.run import Run


class GivenOutError(WaitingError):
    """A person has the prompt; `prompt` is its text."""

    def __init__(self, prompt: str, message: str, *, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.prompt = prompt


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
    limit = budget(place, picture, name)
    pending.begin(place.git_dir, run, prompt.text)
    if provider.EDITS:
        commands = verify_commands(place, picture, name, run.writes)
        workplace = agent.workplace(place, run.writes, commands)
        agent.note(place, name)
    try:
        answered, problem = ask(
            place, run, prompt, picture.project, workplace=workplace, max_cost=may, budget=limit
        )
    except (ProviderError, WaitingError) as error:
        agent.tell(place, name)
        pending.drop(place.git_dir, name)
        counted = error.counted if isinstance(error, ProblemError) else None
        if counted:
            raise over(picture.project, name, prompt, limit, counted) from error
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
