"""Each session comes after what it needs; who waits in a circle is told so, at the cost of one look at each need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects import files, session, snapshot
from sdd.findings import Finding
from sdd.sessions.links import dependents
from sdd.sessions.order import findings, ordered
from sdd.sessions.project import derive
from sdd.views import whole

names = st.sampled_from([*"abcdefg"])
graphs = st.dictionaries(names, st.lists(names))


def reached(needs: Mapping[str, list[str]], start: str) -> set[str]:
    seen: set[str] = set()
    left = [need for need in needs[start] if need in needs]
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            left += [need for need in needs[name] if need in needs]
    return seen


@given(graphs)
def test_each_name_comes_after_what_it_needs_and_every_circle_is_told_closed(
    needs: dict[str, list[str]],
) -> None:
    order, cycles = ordered(needs)
    below = {name: reached(needs, name) for name in needs}
    groups = {frozenset(b for b in below[a] if a in below[b]) for a in needs if a in below[a]}
    stuck = {name for name in needs if any(below[name] & group for group in groups)}
    assert set(order) == set(needs) - stuck
    for at, name in enumerate(order):
        assert {need for need in needs[name] if need in needs} <= set(order[:at])
    assert len(cycles) == len(groups)
    for cycle in cycles:
        assert cycle[0] == cycle[-1] == min(cycle)
        assert all(need in needs[name] for name, need in pairwise(cycle))
        assert any(set(cycle) <= group and cycle[0] == min(group) for group in groups)
        assert len(set(cycle)) == len(cycle) - 1


@given(graphs, st.randoms())
def test_the_order_does_not_depend_on_the_order_of_insertion(
    needs: dict[str, list[str]], chance: object
) -> None:
    mixed = list(needs.items())
    chance.shuffle(mixed)  # type: ignore[attr-defined] # Hypothesis gives a random.Random
    turned = {name: found[::-1] for name, found in mixed}
    assert ordered(turned) == ordered(needs)


@given(
    st.dictionaries(names, st.lists(names)).map(
        lambda found: {a: [b for b in bs if b < a] for a, bs in found.items()}
    )
)
def test_without_a_circle_the_order_is_a_topological_one(needs: dict[str, list[str]]) -> None:
    order, cycles = ordered(needs)
    known = {name: [need for need in found if need in needs] for name, found in needs.items()}
    assert not cycles
    assert sorted(order) == sorted(TopologicalSorter(known).static_order())


STEPS: Counter[str] = Counter()


class Counted(str):
    """A name that counts how often it is compared and looked up."""

    __slots__ = ()

    def __hash__(self) -> int:
        STEPS["hash"] += 1
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        STEPS["eq"] += 1
        return super().__eq__(other)

    def __lt__(self, other: str) -> bool:
        STEPS["lt"] += 1
        return super().__lt__(other)


class Needs(list[str]):
    """Needs that count how often one is looked at."""

    def __iter__(self) -> Iterator[str]:
        for need in super().__iter__():
            STEPS["need"] += 1
            yield need


def steps(needs: Mapping[str, list[str]]) -> int:
    STEPS.clear()
    ordered(needs)
    return STEPS.total()


def chain(count: int) -> dict[str, list[str]]:
    return {Counted(f"{at:06}"): Needs([Counted(f"{at - 1:06}")] if at else []) for at in range(count)}


def circle(count: int) -> dict[str, list[str]]:
    return {Counted(f"{at:06}"): Needs([Counted(f"{(at + 1) % count:06}")]) for at in range(count)}


def fan(count: int) -> dict[str, list[str]]:
    return {**chain(1), Counted("x"): Needs([Counted(f"{at:06}") for at in range(count)])}


def circles(count: int) -> dict[str, list[str]]:
    """Circles of two, each of which needs the one before it."""
    found: dict[str, list[str]] = {}
    for at in range(0, count, 2):
        one, other = Counted(f"{at:06}"), Counted(f"{at + 1:06}")
        found |= {one: Needs([other, *([Counted(f"{at - 2:06}")] if at else [])]), other: Needs([one])}
    return found


@pytest.mark.parametrize("shape", [chain, circle, fan, circles])
def test_twice_the_sessions_take_twice_the_steps(shape: object) -> None:
    few, many = (steps(shape(count)) for count in (2_000, 4_000))  # type: ignore[operator] # one of the four above
    assert many < 2.3 * few
    assert few < 2_000 * 60


def test_a_chain_of_a_hundred_thousand_is_as_good_as_one_of_ten() -> None:
    needs = {f"{at:06}": [f"{at - 1:06}"] if at else [] for at in reversed(range(100_000))}
    order, cycles = ordered(needs)
    assert order == sorted(needs)
    assert not cycles


def test_a_long_circle_is_told_too() -> None:
    needs = {f"{at:06}": [f"{(at + 1) % 20_000:06}"] for at in range(20_000)}
    order, (cycle,) = ordered(needs)
    assert not order
    assert cycle == [*sorted(needs), "000000"]


def test_a_circle_is_a_finding_that_prints_it() -> None:
    kind = "implementation"
    given_files = files(
        sessions__a=session(kind, "needs: [b]"),
        sessions__b=session(kind, "needs: [c, gate:spec]"),
        sessions__c=session(kind, "needs: [a, nowhere]"),
        sessions__shop__d=session(kind, "needs: [d]"),
        sessions__e=session(kind, "needs: [a]"),
    )
    hint = "take one need out"
    project = derive(snapshot(given_files))
    circles = [
        Finding("SDD122", b"sessions/a.md", 1, "the sessions need each other: a → b → c → a", hint),
        Finding("SDD122", b"sessions/shop/d.md", 1, "the sessions need each other: shop/d → shop/d", hint),
    ]
    assert findings(project, {name: project.needs(name) for name in project.sessions}) == circles
    assert [one for one in whole.findings(project.snapshot) if one.code == "SDD122"] == circles


def test_who_needs_a_session_or_the_plan_of_its_task_depends_on_it() -> None:
    plan = "# Plan\n\n## Tasks\n\n### 04-cart: Cart\n\n- Goal: g\n- Writes: src/cart.py\n- Acceptance: a\n"
    project = derive(
        snapshot(
            files(
                sessions__plan=session("implementation-plan"),
                sessions__shop__plan=session("implementation-plan"),
                **{"sessions__shop__04-cart": session("implementation", "needs: [plan]")},
                sessions__shop__test=session("testing", "needs: [plan, gate:spec]"),
                sessions__all=session("testing", "needs: [shop/test, plan, gone]"),
            )
            | {b"docs/shop/implementation-plan.md": plan.encode()}
        )
    )
    assert dependents(project, {"shop/plan"}) == {"shop/04-cart", "shop/test"}
    assert dependents(project, {"shop/04-cart"}) == {"shop/test"}
    assert dependents(project, {"shop/test"}) == {"all"}
    assert dependents(project, {"gone"}) == {"all"}
    assert dependents(project, {"all"}) == set()
