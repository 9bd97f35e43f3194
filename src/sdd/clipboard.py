"""The clipboard, by pyperclip: a prompt out, a response back."""

from __future__ import annotations

from sdd.children import KeysPutAway
from sdd.errors import SddError

HINT = "install xclip or wl-clipboard, or use a file: `--out prompt.md`, `sdd record SESSION response.md`"


def copy(text: str) -> None:
    """Put a text on the clipboard.

    Raises:
        SddError: this machine has none that programs can reach, or it keeps nothing (xclip without a display fails in silence).
    """
    import pyperclip  # only where a person asks for the clipboard

    try:
        with KeysPutAway():  # xclip stays, for as long as its text is on the clipboard
            pyperclip.copy(text)
            kept = pyperclip.paste()
    except pyperclip.PyperclipException as error:
        raise SddError("there is no clipboard that a program can reach here", hint=HINT) from error
    if text and not kept:
        raise SddError("the clipboard does not keep what is put there", hint=HINT)


def paste() -> str:
    """The text on the clipboard.

    Raises:
        SddError: this machine has none that programs can reach.
    """
    import pyperclip  # only where a person asks for the clipboard

    try:
        with KeysPutAway():
            return str(pyperclip.paste())
    except pyperclip.PyperclipException as error:
        raise SddError("there is no clipboard that a program can reach here", hint=HINT) from error
