"""The errors that all others derive from. The web interface maps these five, so a component need not know of HTTP."""

from __future__ import annotations


class ShopError(Exception):
    """Whatever the shop itself raises. `code` is stable and goes to the client; the message is for the log."""

    code = "internal"


class InvalidInputError(ShopError):
    """The caller sent something that can never be right. HTTP 422."""

    code = "invalid_input"


class NotFoundError(ShopError):
    """What the caller named does not exist, or must look as if it did not. HTTP 404."""

    code = "not_found"


class ConflictError(ShopError):
    """The request was right, but the state of things does not allow it now. HTTP 409."""

    code = "conflict"


class UnavailableError(ShopError):
    """Something outside of the shop did not answer. The same call may succeed later. HTTP 503."""

    code = "unavailable"
