"""Owns a provider whose answers hold no key, whoever hears them: not the disk, not a terminal, not what is remembered of a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sdd.llm.problems import CutError, ProblemError
from sdd.llm.request import Progress
from sdd.llm.secrets import Strainer, strike, without

if TYPE_CHECKING:
    from collections.abc import Collection

    from sdd.llm.providers import Provider
    from sdd.llm.request import Request, Watch
    from sdd.llm.response import Response


class Guarded:
    """A provider, its answers, problems and pieces of text without these secrets (see `sdd.llm.secrets.known`)."""

    def __init__(self, provider: Provider, secrets: Collection[str]) -> None:
        self.NAME = provider.NAME
        self.CONTINUES: Literal["id", "history", "none"] = provider.CONTINUES
        self.EDITS = provider.EDITS
        self.ready = provider.ready
        self._provider = provider
        self._secrets = secrets

    def respond(self, request: Request, watch: Watch) -> Response:
        """Answer; see `sdd.llm.providers.Provider`."""
        strainer = Strainer(self._secrets)
        last = Progress("", None, 0.0, None)

        def hear(progress: Progress) -> None:
            nonlocal last
            last = progress
            watch(progress.replace(text=strainer.feed(progress.text)))

        try:
            response = self._provider.respond(request, hear)
        except ProblemError as problem:
            strike(problem, self._secrets)
            if isinstance(problem, CutError):
                problem.response = self._clean(problem.response)
            raise
        finally:
            if rest := strainer.rest():
                watch(last.replace(text=rest))
        return self._clean(response)

    def _clean(self, response: Response) -> Response:
        if not self._secrets:
            return response
        return type(response).model_validate(without(self._secrets, response.model_dump()))
