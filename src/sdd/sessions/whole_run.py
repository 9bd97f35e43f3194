"""The file of a whole run, read: what it rested on, and what it wrote."""

from __future__ import annotations

from sdd.snapshot import unshown
from sdd.values import Value


class Input(Value):
    """A text that a run rested on, as its file tells: by which selector, and the sha256 of the text and of its words.

    `text` is empty for what a person accepted as gone, `words` where an older sdd recorded the run.
    """

    selector: str
    path: bytes
    blob: str
    text: str
    words: str = ""


def section(data: bytes, title: str) -> list[str]:
    """The lines of a section of a whole run; the response, which may say anything, comes after all of them."""
    return (
        data.decode("utf-8", "replace")
        .partition("\n## Response\n")[0]
        .partition(f"\n## {title}\n")[2]
        .partition("\n## ")[0]
        .split("\n")
    )


def inputs(data: bytes) -> list[Input]:
    """The texts that a run rested on, in the order of its prompt; a line that has not its form is left out."""
    found = map(_input, section(data, "Inputs"))
    return [one for one in found if one]


def _input(line: str) -> Input | None:
    path, known, rest = line.removeprefix("- `").partition("` ")
    facts, by, selector = rest.partition(" by `")
    words = facts.split()
    gone = words[-1:] == ["gone"]
    said = dict(zip(words[::2], words[1::2], strict=False))
    if not line.startswith("- `") or not known or not (gone or said.get("text")):
        return None
    named = selector.removesuffix("`") if by else path
    text = "" if gone else said["text"]
    return Input(named, unshown(path), said.get("blob", ""), text, said.get("words", ""))


def outputs(data: bytes) -> dict[str, str]:
    """The paths that a run wrote, as people read them, each with its blob id afterwards, empty where the file is gone."""
    rows = (line[3:].partition("` ") for line in section(data, "Wrote") if line.startswith("- `"))
    return {
        path: words.rpartition(" → ")[2].removeprefix("blob ").replace("gone", "") for path, _, words in rows
    }
