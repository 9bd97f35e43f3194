"""The commands that split a commit of spec and code in two, ready to be pasted."""

from __future__ import annotations

from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Undo(Value):
    """How to get a commit back into the index, and how to go on after it was split; nothing for what is staged."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def undo(commit: str, head: str, branch: str) -> Undo:
    """How to reopen a commit: the newest one, or one that others stand on (`branch` "" for a detached HEAD)."""
    if commit == head:
        return Undo(("git reset -q --soft HEAD^",))
    return Undo(
        (f"git checkout -q --detach {commit}", "git reset -q --soft HEAD^"),
        (f"git rebase -q --onto HEAD {commit} {quoted(branch.encode()) if branch else head}",),
    )


def commands(code: Iterable[bytes], approvals: Iterable[str], undone: Undo, *, tracked: bool) -> str:
    """The commands, a line each: first all but the code, then the approvals that lack, then the code.

    `tracked`: there are trackers, which say what the index holds.
    """
    paths = " ".join(map(quoted, code))
    tracker = ["sdd tracker --stage"] if tracked else []
    lines = [
        *undone.before,
        f"git reset -q -- {paths}",
        *tracker,
        "git commit -m Specify",
        *(line for one in approvals for line in (one, "git add .sdd docs", "git commit -m Approve")),
        f"git add -A -- {paths}",
        *tracker,
        "git commit -m Implement",
        *undone.after,
    ]
    return "\n".join(lines)


def quoted(path: bytes) -> str:
    """A path as one word of a shell, also where it is no UTF-8."""
    try:
        text = path.decode()
    except UnicodeDecodeError:
        text = ""
    if text and text.isprintable():
        from shlex import quote

        return quote(text)
    return "$'" + "".join(f"\\{byte:03o}" for byte in path) + "'"
