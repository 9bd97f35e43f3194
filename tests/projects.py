"""A small project in memory: the pieces that tests of pictures and prompts are made of."""

from __future__ import annotations

from sdd.gates.picture import Picture, picture
from sdd.gates.policy import PATH, Code, Gate, Policy, Trust, render
from sdd.sessions.process import shipped
from sdd.sessions.run import Run
from sdd.sessions.run import render as render_run
from sdd.snapshot import Snapshot, in_memory

ALICE = "alice@example.org"
DOCUMENTS = {
    "spec": "{docs}/product-spec.md",
    "implementation": "{docs}/implementation-plan.md",
    "change": "docs/changes/{session}.md",
}


def policy() -> Policy:
    """A policy with three gates that ask for a record alone."""
    gates = {name: Gate(name, (document,), (ALICE,), proof="none") for name, document in DOCUMENTS.items()}
    return Policy(
        1,
        "shop",
        ("refs/heads/main",),
        "enforce",
        gates,
        Trust((ALICE,), "none"),
        (Code(("src/**",), (("spec",),)),),
    )


def files(**more: str) -> dict[bytes, bytes]:
    """The shipped templates, the policy, a brief, and `more` by path with `__` for `/` and no `.md`."""
    known = {b"sessions/templates/" + kind.encode() + b".md": data for kind, data in shipped().items()}
    own = {f"{path.replace('__', '/')}.md".encode(): text.encode() for path, text in more.items()}
    return known | {PATH: render(policy()).encode(), b"docs/brief.md": b"# Brief\n\nSell things.\n"} | own


def session(
    kind: str, *front: str, goal: str = "Reach it.", items: tuple[str, ...] = ("it is so",), rest: str = ""
) -> str:
    """The text of a session; `front` are further lines of its front matter, `rest` what follows the checklist."""
    lines = "".join(f"{line}\n" for line in (f"kind: {kind}", *front))
    boxes = "".join(f"- [ ] {item}\n" for item in items)
    return f"---\n{lines}---\n# Title\n\n## Goal\n\n{goal}\n\n## Checklist\n\n{boxes}{rest}"


def runs(*made: Run) -> str:
    """The section of runs."""
    return "\n## Runs\n\n" + "\n".join(render_run(run, number) for number, run in enumerate(made, 1))


def run(outcome: str = "done", **facts: object) -> Run:
    """A run at a fixed time."""
    return Run(**{"time": "2026-11-21T10:15:00Z", "outcome": outcome, **facts})  # type: ignore[arg-type] # a test names its facts


def seen(given: dict[bytes, bytes]) -> Picture:
    """The picture of files in memory."""
    return picture(snapshot(given))


def snapshot(given: dict[bytes, bytes]) -> Snapshot:
    """A snapshot of files in memory."""
    return in_memory(given)
