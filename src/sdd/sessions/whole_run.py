"""The file of a whole run, read: what it rested on, and what it wrote."""

from __future__ import annotations

from sdd.values import Value


class Input(Value):
    """One text that a run was shown: the path as people read it, its blob, the sha256 of the text, and the selector."""

    path: str
    blob: str
    sha256: str
    selector: str


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
    found = (_input(line) for line in section(data, "Inputs") if line.startswith("- `"))
    return [one for one in found if one]


def _input(line: str) -> Input | None:
    path, sign, rest = line[3:].partition("` blob ")
    blob, text, rest = rest.partition(" text ")
    sha256, _, by = rest.partition(" by ")
    return Input(path, blob, sha256, by.strip("`") or path) if sign and text else None


def outputs(data: bytes) -> dict[str, str]:
    """The paths that a run wrote, as people read them, each with its blob id afterwards, empty where the file is gone."""
    rows = (line[3:].partition("` ") for line in section(data, "Wrote") if line.startswith("- `"))
    return {
        path: words.rpartition(" → ")[2].removeprefix("blob ").replace("gone", "") for path, _, words in rows
    }
