"""Tasks come in an order that what they depend on, what they read and write, and their layers give; what is wrong is told."""

from __future__ import annotations

import pytest

from counting import calls
from sdd.sessions.plan import Plan, parse
from sdd.sessions.task_order import Ancestors, in_order, reasons

PATH = b"docs/implementation-plan.md"


def task(name: str, *fields: str, writes: str = "") -> str:
    lines = "".join(f"- {field}\n" for field in fields)
    return f"### {name}: Title\n\n- Goal: it\n{lines}- Writes: {writes or f'src/{name}.py'}\n- Acceptance: it holds\n"


def plan(*tasks: str) -> Plan:
    return parse(PATH, ("## Tasks\n\n" + "\n".join(tasks)).encode())


def told(*tasks: str) -> list[str]:
    return [f"{one.code}:{one.line} {one.message}" for one in plan(*tasks).findings]


def large(size: int) -> Plan:
    """Tasks that depend on each other, read what others write, and write folders of their own."""
    layers = ("foundation", "core", "integration", "interface")
    return plan(
        *(
            task(
                f"{at:05}-t",
                f"Depends on: {f'{at - 7:05}-t' if at >= 7 else 'none'}",
                f"Reads: docs/architecture.md#X, src/m{max(at - 3, 0)}/a.py::C, src/**",
                f"Layer: {layers[at * 4 // size]}",
                writes=f"src/m{at}/a.py, src/m{at}/sub/**, tests/test_{at}.py",
            )
            for at in range(size)
        )
    )


def test_each_task_says_why_another_comes_before_it() -> None:
    found = plan(
        task("04-a"),
        task("05-b", "Depends on: 04-a", "Reads: src/04-a.py::A, docs/x.md, src/**, session:07-d"),
        task("06-c", "Reads: src/05-b.py:3-9"),
        task("07-d", "Reads: session:04-a, session:elsewhere/01-x"),
    )
    assert reasons(found.tasks) == {
        "04-a": {},
        "05-b": {"04-a": "depends on 04-a", "07-d": "reads what came of 07-d"},
        "06-c": {"05-b": "reads src/05-b.py, which 05-b writes"},
        "07-d": {"04-a": "reads what came of 04-a"},
    }
    assert not found.findings


def test_what_a_task_depends_on_decides_over_what_it_reads() -> None:
    """The first reads the file as it stands today; the second changes it afterwards."""
    found = plan(task("04-a", "Reads: src/05-b.py"), task("05-b", "Depends on: 04-a"))
    assert reasons(found.tasks)["04-a"] == {}
    assert not found.findings


def test_a_file_that_the_reader_writes_itself_orders_nothing_by_reading() -> None:
    found = plan(task("04-a", writes="x"), task("05-b", "Reads: x", "Depends on: 04-a", writes="x"))
    assert reasons(found.tasks)["05-b"] == {"04-a": "depends on 04-a"}


def test_lower_layers_come_first_where_there_is_a_choice() -> None:
    found = plan(
        task("04-page", "Layer: interface"),
        task("05-any"),
        task("06-core", "Layer: core", "Depends on: 07-base"),
        task("07-base", "Layer: foundation"),
        task("08-late", "Layer: integration"),
    )
    assert in_order(found.tasks) == ["07-base", "05-any", "06-core", "08-late", "04-page"]


def test_a_circle_prints_each_step_with_its_reason() -> None:
    assert told(
        task("04-a", "Reads: src/06-c.py"),
        task("05-b", "Depends on: 04-a"),
        task("06-c", "Reads: src/05-b.py"),
    ) == [
        (
            "SDD166:3 the tasks wait for each other: 04-a → 06-c → 05-b → 04-a (04-a reads src/06-c.py, which 06-c writes; "
            "06-c reads src/05-b.py, which 05-b writes; 05-b depends on 04-a)"
        )
    ]
    assert told(task("04-a", "Depends on: 04-a")) == [
        "SDD166:3 the tasks wait for each other: 04-a → 04-a (04-a depends on 04-a)"
    ]


@pytest.mark.parametrize(
    ("writes", "pairs"),
    [
        (("x", "x"), ["04-t 05-t x"]),
        (("src/**", "src/a.py"), ["04-t 05-t src/a.py"]),
        (("src/*/a.py", "src/b/*"), ["04-t 05-t src/*/a.py"]),
        (("src/**", "src/**", "src/**"), ["04-t 05-t src/**", "05-t 06-t src/**"]),
        (("src/a/**", "src/b/**", "src/**"), ["04-t 06-t src/a/**"]),
        (("src/**", "src/a/*", "src/b/*"), ["04-t 05-t src/**", "04-t 06-t src/**"]),
        (("src/a.py", "src/b.py", "tests/**"), []),
    ],
)
def test_two_that_write_one_file_need_an_order(writes: tuple[str, ...], pairs: list[str]) -> None:
    tasks = [task(f"{at:02}-t", writes=glob) for at, glob in enumerate(writes, 4)]
    expected = [
        f"`{a}` and `{b}` both write {glob}, and neither comes first" for a, b, glob in map(str.split, pairs)
    ]
    assert [one.message for one in plan(*tasks).findings] == expected
    chained = [
        task(f"{at:02}-t", f"Depends on: {f'{at - 1:02}-t' if at > 4 else 'none'}", writes=glob)
        for at, glob in enumerate(writes, 4)
    ]
    assert not plan(*chained).findings


def test_a_lower_layer_that_waits_for_a_higher_one_is_told() -> None:
    low = task("05-b", "Layer: core", "Reads: src/04-a.py", "Depends on: 06-c")
    found = told(task("04-a", "Layer: interface"), low, task("06-c"))
    assert found == [
        "SDD168:10 `05-b` is core and reads src/04-a.py, which 04-a writes, which is interface: a lower layer waits for a higher one"
    ]


def test_what_comes_before_is_known_of_a_chain_too() -> None:
    known = Ancestors({"a": [], "b": ["a"], "c": ["b", "elsewhere"]})
    assert known.precedes("a", "c")
    assert not known.precedes("c", "a")


def test_a_thousand_tasks_cost_ten_times_what_a_hundred_do() -> None:
    """Not a hundred times: neither the order nor the findings look at each pair of tasks."""
    small, many = large(100), large(1000)
    assert not small.findings
    assert not many.findings
    assert len(in_order(many.tasks)) == 1000
    assert calls(lambda: in_order(many.tasks)) < 12 * calls(lambda: in_order(small.tasks))


def test_reading_a_plan_of_a_thousand_tasks_costs_ten_times_one_of_a_hundred() -> None:
    assert calls(lambda: large(1000)) < 12 * calls(lambda: large(100))
