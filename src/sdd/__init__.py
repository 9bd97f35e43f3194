"""sdd: session-driven development with AI that holds, by means of git.

As a library it talks to language models, whatever the provider: `from sdd import prompt`; see `sdd.llm`.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False  # as type checkers know it; `typing` itself would cost every hook its milliseconds
if TYPE_CHECKING:
    from sdd.llm import (
        Conversations,
        CutError,
        ProblemError,
        Response,
        Usage,
        ask,
        prompt,
        stream,
    )

__all__ = ["Conversations", "CutError", "ProblemError", "Response", "Usage", "ask", "prompt", "stream"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from importlib import import_module

        return getattr(import_module("sdd.llm"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
