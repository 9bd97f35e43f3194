"""Owns what is sent to the Messages API: turns with marks for its cache, and their tokens counted before they are paid for.

A mark (`cache_control`) has the API keep all that stands before it for five minutes, which is written at 1.25 and read at 0.05
to 0.1 of the price; an answer says how much of each there was (`Usage.cached_share`). A prefix below a model's least size (512
to 4,096 tokens) is not kept, and nothing is said. A request may have four marks; here it has two at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdd.llm.anthropic_problems import problem_of
from sdd.llm.problems import ProblemError

if TYPE_CHECKING:
    import anthropic

    from sdd.llm.request import Request

COUNTING_S = 10.0


def messages_of(request: Request) -> list[Any]:
    """The turns so far and the prompt, in the API's form; the stable start and the end of the history are marked.

    A turn without an answer is left out: the API refuses an empty text. The first prompt is always cut in two at the same place,
    since the cache compares blocks.
    """
    turns = [exchange for exchange in request.history if exchange.answer.strip() and exchange.prompt.strip()]
    prompts = [*(exchange.prompt for exchange in turns), request.prompt]
    messages = [_message("user", _split(prompts[0], request.stable))]
    for number, (exchange, prompt) in enumerate(zip(turns, prompts[1:], strict=True), 1):
        answer: Any = [_block(exchange.answer, marked=True)] if number == len(turns) else exchange.answer
        messages += [_message("assistant", answer), _message("user", prompt)]
    return messages


def _message(role: str, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}


def _split(prompt: str, stable: int) -> Any:
    start, rest = prompt[:stable], prompt[stable:]
    if not start.strip():
        return prompt
    return [_block(start, marked=True), *([_block(rest)] if rest.strip() else [])]


def _block(text: str, *, marked: bool = False) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "text", "text": text}
    return {**block, "cache_control": {"type": "ephemeral"}} if marked else block


def over_budget(client: anthropic.Anthropic, request: Request, left_s: float) -> str:
    """Hold the prompt's tokens, as the API counts them, against the budget: a sentence where they could not be counted.

    Without a budget nothing is counted. Where counting fails (an older server, a limit of its own) the estimate is held against
    the budget; the call itself will tell what else is wrong, if anything is.

    Raises:
        ProblemError: "too_long", with both numbers; nothing was sent that costs.
    """
    if request.budget is None:
        return ""
    wait = max(0.001, min(COUNTING_S, left_s))
    try:
        found = client.messages.count_tokens(
            model=str(request.model), messages=messages_of(request), timeout=wait
        )
    except Exception as error:  # noqa: BLE001 - whatever it is: the message itself meets the same, and is judged there
        return _uncounted(request, _told(error, request.replace(silence_s=wait)))
    counted = getattr(found, "input_tokens", None)  # a page of HTML comes as a text (SDK 2.11.0)
    if type(counted) is not int:
        return _uncounted(request, "the server sent no count")
    if counted > request.budget:
        raise _too_long(f"the prompt has {counted:,} tokens", request.budget, counted)
    return ""


def _too_long(told: str, budget: int, counted: int) -> ProblemError:
    hint = f"narrow what the prompt reads, or raise the budget to {counted}"
    problem = ProblemError("too_long", f"{told}, and its budget is {budget:,}", hint=hint)
    problem.counted = counted
    return problem


def _told(error: Exception, request: Request) -> str:
    problem = problem_of(error, request)
    return problem.message if problem else type(error).__name__


def _uncounted(request: Request, why: str) -> str:
    size = sum(len(exchange.prompt) + len(exchange.answer) for exchange in request.history)
    about = (size + len(request.prompt)) // 4
    if request.budget is not None and about > request.budget:
        raise _too_long(
            f"the prompt has about {about:,} tokens, which could not be counted ({why})",
            request.budget,
            about,
        )
    return (
        f"the prompt's tokens could not be counted before it was sent ({why}): by its length they are about {about:,},"
        f" and the budget is {request.budget:,}"
    )
