"""A plan with many tasks: read, its order found and judged, beside a Python that only reads the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bench.contest import Contest, Row, at_most
from bench.ground import Ground

TASKS = 1_000
LAYERS = ("foundation", "core", "integration", "interface")
PLAN = "implementation-plan.md"
READ = f"with open('{PLAN}', encoding='utf-8') as file:\n    file.read()\n"
ORDER = (
    "from sdd.sessions.plan import parse\nfrom sdd.sessions.task_order import in_order\n"
    f"with open('{PLAN}', 'rb') as file:\n    plan = parse(b'docs/{PLAN}', file.read())\n"
    "assert not plan.findings and len(in_order(plan.tasks)) == len(plan.tasks)\n"
)


@contextmanager
def order(ground: Ground, tasks: int) -> Iterator[Contest]:
    """The order of a plan's tasks, with all that could be wrong with it."""
    place = ground.folder / f"plan-{tasks}"
    place.mkdir(exist_ok=True)
    (place / PLAN).write_text(text(tasks), "utf-8")
    floor, measured = "Python that reads the same plan", "a plan read and ordered"
    commands = {
        floor: ground.command(place, "python", "-c", READ),
        measured: ground.command(place, "python", "-c", ORDER),
    }
    yield Contest(commands, (Row(measured, floor, at_most((TASKS, 20))),))


def text(tasks: int) -> str:
    """A plan whose tasks depend on each other, read what others write, and write files and folders of their own."""
    return "# Plan\n\n## Tasks\n\n" + "\n".join(_task(at, tasks) for at in range(tasks))


def _task(at: int, tasks: int) -> str:
    needs = f"{at - 7:05}-task" if at >= 7 else "none"  # noqa: PLR2004 - seven chains side by side
    lines = (
        f"Goal: Part {at} of the whole.",
        f"Depends on: {needs}",
        f"Reads: docs/architecture.md#Part, src/part{max(at - 3, 0)}/it.py::It, src/**",
        f"Writes: src/part{at}/it.py, src/part{at}/own/**, tests/test_part{at}.py",
        f"Layer: {LAYERS[at * len(LAYERS) // tasks]}",
        f"Group: group {at // 20}",
        f"Acceptance: it holds (tests/test_part{at}.py::test_it)",
    )
    return f"### {at:05}-task: Part {at}\n\n" + "".join(f"- {line}\n" for line in lines)
