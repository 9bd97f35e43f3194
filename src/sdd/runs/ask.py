"""A prompt sent to a provider, so that each piece of what comes back is on the disk before anything is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sdd import disk
from sdd.llm.problems import CutError, ProblemError
from sdd.llm.providers import load
from sdd.llm.request import Request
from sdd.runs import pending

if TYPE_CHECKING:
    from sdd.llm.request import Progress
    from sdd.llm.response import Response
    from sdd.runs.pending import Pending
    from sdd.runs.place import Place


def ask(place: Place, run: Pending, prompt: str) -> tuple[Pending, ProblemError | None]:
    """Send a prompt; the run with its response kept, and the problem that cut the response, if one did.

    Raises:
        ProviderError: nothing came; nothing is kept.
    """
    settings = place.settings()
    request = Request(
        prompt=prompt, model=run.model or None, timeout_s=settings.timeout, silence_s=settings.silence
    )
    with Path(pending.partial_path(place.git_dir, run.session)).open("ab", buffering=0) as partial:

        def watch(progress: Progress) -> None:
            partial.write(progress.text.encode("utf-8", "replace"))
            place.watch(progress)

        try:
            response = load(run.provider).respond(request, watch)
        except CutError as error:
            if not error.response.text:
                raise
            return _kept(place, run, error.response, error.message), error
    return _kept(place, run, response, _why_partial(response)), None


def _why_partial(response: Response) -> str:
    if not response.partial:
        return ""
    return f"it stopped for `{response.stop_reason}`" if response.stop_reason else "it was cut"


def _kept(place: Place, run: Pending, response: Response, cut: str) -> Pending:
    """Keep a response: its text as it came, and the provider's data beside the caches."""
    from sdd.llm.response import to_json

    usage = response.usage
    known = run.replace(
        model=response.model_answered or run.model,
        conversation=response.conversation or "",
        tokens_in=_sum(usage.input, usage.cache_read, usage.cache_write) if usage else None,
        tokens_out=usage.output if usage else None,
        cost="" if response.cost is None else str(response.cost),
        cut=cut,
    )
    name = f"{run.time.replace(':', '')}-{run.prompt[:12]}.json"
    disk.write(str(Path(place.repository.common_dir, "sdd", "responses", name)), to_json(response).encode())
    return pending.keep_response(place.git_dir, known, response.text)


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
