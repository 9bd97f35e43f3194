"""A prompt sent to a provider, so that each piece of what comes back is on the disk before anything is made of it.

A response is kept three times: piece by piece as it comes, then whole as versioned JSON with the provider's own data
beside the caches (`sdd/responses` in the git directory that all worktrees share), then as the text of the run in
progress.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from sdd import disk
from sdd.errors import SddError
from sdd.llm.guarded import Guarded
from sdd.llm.problems import CutError, ProblemError
from sdd.llm.providers import load
from sdd.llm.request import Request
from sdd.llm.secrets import known
from sdd.prompts.going_on import stable
from sdd.runs import pending
from sdd.runs.coming import Coming, UnkeptError
from sdd.runs.spending import price_file
from sdd.runs.talk import Talk, conversations

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from sdd.llm.request import Progress, Workplace
    from sdd.llm.response import Response
    from sdd.prompts.prompt import Prompt
    from sdd.runs.pending import Pending
    from sdd.runs.place import Place
    from sdd.sessions.project import Project


def ask(
    place: Place,
    run: Pending,
    prompt: Prompt,
    project: Project,
    *,
    workplace: Workplace | None = None,
    max_cost: Decimal | None = None,
    budget: int | None = None,
) -> tuple[Pending, ProblemError | None]:
    """Send a prompt, going on with the session's conversation where there is one.

    Gives the run with its response kept, and the problem that cut the response, if one did.

    `max_cost` is what the call may cost (see `runs.spending`), for a provider that can stop itself; `budget` the tokens that the
    prompt may have, for one that counts them before it sends.

    `workplace` is where an agent works that edits files itself.

    Raises:
        ProviderError: nothing came; nothing is kept.
        WaitingError: another process is at the same conversation.
        UnkeptError: an answer came, and the disk does not take it.
    """
    settings = place.settings()
    provider = Guarded(load(run.provider), known(place.environ))
    request = Request(
        prompt=prompt.text,
        model=run.model or None,
        timeout_s=settings.timeout,
        silence_s=settings.silence,
        stable=stable(prompt),
        prices=price_file(place),
        max_cost=max_cost,
        budget=budget,
        workplace=workplace,
        transcript=_transcript(place, run) if workplace else None,
    )
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        place.say(line)

    with (
        Coming(Path(pending.partial_path(place.git_dir, run.session)), say) as coming,
        conversations(place) as store,
    ):

        def watch(progress: Progress) -> None:
            coming.append(progress.text)
            place.watch(progress)

        talk = Talk(store, project, run.session, settings, provider, request)
        try:
            turn = talk.turn(prompt, watch, say)
        except CutError as error:
            if not error.response.text:
                _keep(place, run, error.response)  # its prompt may be paid for, and a bound has to know
                raise
            cut = run.replace(cut=error.message, said=tuple(said))
            return _kept(place, cut, error.response), error
    lost = turn.how in {"expired", "recovered"}
    run = run.replace(prompt=sha256(turn.sent.prompt.encode()).hexdigest(), said=tuple(said) if lost else ())
    _tell(turn.response, place.say)
    forgets = provider.CONTINUES == "none"
    response = turn.response.model_copy(update={"conversation": None}) if forgets else turn.response
    return _kept(place, run, response), None


def _transcript(place: Place, run: Pending) -> str:
    """Where each line of an agent's stream is kept as it comes: beside the provider's data."""
    path = raw_path(place, run.raw).with_suffix(".jsonl")
    path.parent.mkdir(parents=True, exist_ok=True)
    return str(path)


def _tell(response: Response, say: Callable[[str], None]) -> None:
    """Say what a person should know of an answer that stands in no run."""
    share = response.usage.cached_share if response.usage else None
    if share:
        say(f"{share:.0%} of the prompt came from the provider's cache".replace("%", " %"))
    for line in (*response.notes, *(f"the agent was not allowed: {one}" for one in response.denied)):
        say(line)


def recovered(place: Place, run: Pending) -> Pending | None:
    """The run with its response, where a killed process had kept that beside the caches and no further; else None."""
    from sdd.llm.response import from_json

    path = raw_path(place, run.raw)
    return _with(place, run, from_json(path.read_text("utf-8"))) if run.raw and path.is_file() else None


def raw_path(place: Place, name: str) -> Path:
    """Where a provider's data is kept."""
    return Path(place.repository.common_dir, "sdd", "responses", name)


def keep_by_hand(place: Place, text: str, name: str, provider: str = "manual") -> Path:
    """Keep what a person brings before anything is made of it, a refusal included, or what came of a dropped call; where."""
    from sdd.llm.response import Response, to_json

    response = Response(
        text=text,
        provider=provider,
        model_asked=None,
        model_answered=None,
        conversation=None,
        usage=None,
        cost=None,
        stop_reason=None,
        partial=False,
        started=datetime.now(UTC),
        seconds=0.0,
        first_text_seconds=None,
        raw=None,
    )
    disk.write(str(raw_path(place, name)), to_json(response).encode())
    return raw_path(place, name)


def _why_partial(response: Response) -> str:
    if not response.partial:
        return ""
    return f"it stopped for `{response.stop_reason}`" if response.stop_reason else "it was cut"


def _keep(place: Place, run: Pending, response: Response) -> None:
    from sdd.llm.response import to_json

    disk.write(str(raw_path(place, run.raw)), to_json(response).encode())


def _kept(place: Place, run: Pending, response: Response) -> Pending:
    try:
        _keep(place, run, response)
    except SddError as error:
        raise UnkeptError(run.session, response.text, error) from error
    return _with(place, run, response)


def _with(place: Place, run: Pending, response: Response) -> Pending:
    """The run in progress with its response's text and facts."""
    usage = response.usage
    known = run.replace(
        model=response.model_answered or run.model,
        conversation=response.conversation or "",
        tokens_in=_sum(usage.input, usage.cache_read, usage.cache_write) if usage else None,
        tokens_out=usage.output if usage else None,
        cost="" if response.cost is None else format(response.cost, "f"),
        seconds=max(0, round(response.seconds)),
        cut=run.cut or _why_partial(response),
    )
    # Half characters, which a stream may cut in two, become whole again where both halves came, else U+FFFD.
    text = response.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return pending.keep_response(place.git_dir, known, text)


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
