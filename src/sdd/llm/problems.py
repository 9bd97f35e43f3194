"""Owns how a provider fails: kinds of problems that a program can tell apart, and what was paid for before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sdd.errors import INTERRUPTED, ProviderError

if TYPE_CHECKING:
    from sdd.llm.response import Response

Kind = Literal[
    "missing_package",
    "no_key",
    "bad_key",
    "authentication",
    "billing",
    "permission",
    "unknown_model",
    "too_long",
    "rejected",
    "refused",
    "length",
    "no_conversation",
    "rate_limited",
    "overloaded",
    "unavailable",
    "unreachable",
    "cut",
    "stalled",
    "timed_out",
    "interrupted",
    "garbage",
    "empty",
    "no_recordings",
    "exhausted",
    "failed",
    "killed",
]


class ProblemError(ProviderError):
    """No answer, and why: `kind` names the problem, the hint is the next step.

    `transient` says that the same request may do better later, after `retry_after_s` where the provider named it. `counted` are
    the tokens of a prompt that is over its budget, where that is the problem.
    """

    counted: int | None = None

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        hint: str,
        transient: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.transient = transient
        self.retry_after_s = retry_after_s


class CutError(ProblemError):
    """An answer that began and did not end as it should; `response` is partial and holds all that came."""

    def __init__(self, problem: ProblemError, response: Response) -> None:
        super().__init__(
            problem.kind,
            problem.message,
            hint=problem.hint,
            # Asking again would pay twice for text that is already here.
            transient=problem.transient and not response.text,
            retry_after_s=problem.retry_after_s,
        )
        self.response = response
        if problem.kind == "interrupted":
            self.exit_code = INTERRUPTED
