"""What sdd says when it cannot go on, and the exit codes it says it with."""

from __future__ import annotations

YES = 0
NO = 1
CANNOT_TELL = 2
BUG = 3
PROVIDER_FAILED = 4
WAITS_FOR_PERSON = 5
INTERRUPTED = 130


class SddError(Exception):
    """An answer cannot be had.

    The message is one lower-case sentence that names the file and the value; the hint is an imperative that
    can be pasted. `exit_code` is what the command line ends with.
    """

    exit_code = CANNOT_TELL

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class RefusedError(SddError):
    """The answer is no: what was asked for is against a rule, and nothing was changed."""

    exit_code = NO


class ProviderError(SddError):
    """The provider did not answer as it should."""

    exit_code = PROVIDER_FAILED


class WaitingError(SddError):
    """Nothing can go on before a person does something; the hint says what."""

    exit_code = WAITS_FOR_PERSON
