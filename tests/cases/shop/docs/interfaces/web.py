"""The web interface: JSON over HTTP, as a plain function from request to response, whatever server runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Names of headers are in lower case; `path` is decoded and has no query."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """A response; the body is JSON in UTF-8, or empty."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class IWebApplication(Protocol):
    """Routes of `docs/http.md`. Errors of the shop become `{"error": code}` with the status that their class gives.

    Dependencies:
        IAccounts, ISignIn, ITokens, ICatalogue, ISearch, ICart, ICheckout, IOrders, IAdministration
    Configuration:
        WebSettings
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def handle(self, request: Request) -> Response:
        """The response. Whatever goes wrong inside is logged under a number that the response carries, and is status 500.

        Raises:
            nothing
        """
