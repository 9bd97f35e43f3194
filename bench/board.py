"""A tracker edited as one step changes it: for the thousands of steps of a history, deriving it would take hours."""

from __future__ import annotations


def retold(tracker: str, slug: str, state: str, code: str = "", asks: str = "") -> str:
    """The tracker after a session came to `state`, its `code` there (a path, "" for none), `asks` an open question."""
    start = tracker.index(f"\n## {slug}\n")
    end = tracker.find("\n---\n", start) % (len(tracker) + 1)
    head, _, rest = tracker[start:end].partition(": **")
    block = f"{head}: **{state}**{rest.partition('**')[2]}"
    linked = block.replace(f"`{code}`", f"[{code}](../../{code})") if code else block
    asked = f"- asks: {asks}\n" if asks else ""
    return f"{tracker[:start]}{linked}{asked}{tracker[end:]}"
