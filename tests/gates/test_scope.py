"""What approved bytes grant: tasks of the plan, the page of a change, and nothing besides."""

from __future__ import annotations

import pytest

from people import NOW
from sdd.gates import grants
from sdd.gates.grants import Grant, granted
from sdd.gates.judgement import Judgement
from sdd.gates.openings import Instance, features
from sdd.gates.policy import Code, Gate
from sdd.gates.step import judge
from sdd.snapshot import LINK, Entry, Snapshot, in_memory
from shop import (
    ALICE,
    ARCHITECTURE,
    CODE,
    PAGE,
    PLAN,
    SPEC,
    WORDS,
    Files,
    after,
    approved,
    begun,
    policy,
    ready,
)

IMPLEMENTATION = Instance(("spec", "implementation"))


def step(before: Snapshot, *paths: bytes) -> Judgement:
    """The judgement of code written to these paths."""
    return judge(before, after(before, dict.fromkeys(paths, b"x")), before, now_epoch=NOW)


def told(judgement: Judgement) -> list[tuple[str, bytes]]:
    return [(one.code, one.path) for one in judgement.findings]


def test_code_must_lie_in_what_a_task_or_a_page_grants() -> None:
    assert step(ready(), b"src/cart.py", b"src/price.py") == Judgement()
    (found,) = step(ready(), b"src/other.py").findings
    assert (found.code, found.path) == ("SDD501", b"src/other.py")
    assert "the gates spec and implementation are open, but not for this path" in found.message
    assert found.hint == (
        "name src/other.py in docs/implementation-plan.md, and have alice@example.org approve it: "
        "sdd approve docs/implementation-plan.md --gate implementation"
    )


def test_a_page_grants_only_while_it_is_approved() -> None:
    before = after(ready(), {PAGE: b"---\nwrites: [src/**]\n---\n# All\n"})
    assert told(step(before, b"src/other.py")) == [("SDD401", b"src/other.py")]


def test_what_a_session_says_of_itself_steers_no_judgement() -> None:
    session: Files = {b"sessions/01-cart.md": b"---\nkind: implementation\nwrites: [src/**]\n---\n# Cart\n"}
    assert told(step(after(ready(), session), b"src/other.py")) == [("SDD501", b"src/other.py")]


def test_each_change_grants_by_its_own_page() -> None:
    other = b"docs/changes/other.md"
    words = {other: b"---\nwrites: [src/other.py]\n---\n# Other\n"}
    before = after(ready(), words)
    assert told(step(before, b"src/other.py")) == [("SDD401", b"src/other.py")]
    assert step(after(before, approved(other, words=words, gate="change")), b"src/other.py") == Judgement()


def test_each_feature_has_gates_and_a_plan_of_its_own() -> None:
    documents = {
        path.replace(b"docs/", b"docs/pay/"): data.replace(b"src/cart.py", b"src/pay/**")
        for path, data in WORDS.items()
        if path != PAGE
    }
    before = after(ready(), documents)
    assert told(step(before, b"src/pay/card.py")) == [("SDD401", b"src/pay/card.py")]
    records = [
        approved(path, words=documents, gate="spec" if b"spec" in path else "implementation")
        for path in documents
    ]
    assert step(after(before, *records), b"src/pay/card.py", b"src/cart.py") == Judgement()


def test_a_plan_without_tasks_grants_everything() -> None:
    words = {**WORDS, PLAN: b"# Plan\n"}
    assert (
        step(begun(None, words, approved(SPEC, ARCHITECTURE, PLAN, words=words)), b"src/any.py")
        == Judgement()
    )


@pytest.mark.parametrize("plan", [b"\xff", b"# Plan\n\n## Tasks\n\n### nameless\n"])
def test_a_plan_that_cannot_be_understood_does_not(plan: bytes) -> None:
    words = {**WORDS, PLAN: plan}
    before = begun(None, words, approved(SPEC, ARCHITECTURE, PLAN, words=words))
    assert told(step(before, b"src/any.py")) == [("SDD501", b"src/any.py")]


def test_a_page_that_cannot_be_understood_grants_nothing() -> None:
    words = {PAGE: b"---\nwrites: [src/**]\nwrits: 1\n---\n# Fix\n"}
    assert told(step(begun(None, words, approved(PAGE, words=words)), b"src/any.py")) == [
        ("SDD501", b"src/any.py")
    ]


def test_without_scope_the_gates_of_the_root_feature_decide() -> None:
    rules = policy(code=(Code(("src/**",), (("spec", "implementation"),), within_writes=False),))
    assert step(ready(rules), b"src/any.py") == Judgement()
    elsewhere = {path.replace(b"docs/", b"docs/pay/"): data for path, data in WORDS.items()}
    assert told(step(begun(rules, elsewhere), b"src/any.py")) == [("SDD401", b"src/any.py")]


def test_every_rule_that_names_a_path_must_be_content() -> None:
    strict = Code(("src/secret/**",), (("change",),))
    rules = policy(code=(Code(("src/**",), (("spec",),)), strict))
    before = begun(rules, WORDS, approved(SPEC))
    assert step(before, b"src/any.py") == Judgement()
    assert told(step(before, b"src/secret/x.py")) == [("SDD401", b"src/secret/x.py")]


def test_gates_with_neither_plan_nor_page_hold_no_scope() -> None:
    assert granted(ready(), policy(), Instance(("spec",))) == Grant(limited=False)
    assert granted(ready(), policy(), IMPLEMENTATION) == Grant(frozenset([CODE]), ("tests/**",))


def test_a_plan_that_is_no_file_grants_nothing() -> None:
    there = ready()
    linked = Snapshot("linked", {**there.entries, PLAN: Entry(LINK, "1" * 40)}, there.read_all)
    assert granted(linked, policy(), IMPLEMENTATION) == Grant()


def test_a_gate_whose_documents_cannot_be_named_grants_nothing_by_them() -> None:
    gate = Gate("page", ("pages/{feature}/{session}.md",), (ALICE,), proof="none")
    rules = policy(gates={"page": gate}, code=(Code(("src/**",), (("page",),)),))
    assert granted(begun(rules), rules, Instance(("page",))) == Grant(limited=False)
    page = {b"pages/pay/x.md": b"---\nwrites: [src/x.py]\n---\n", b"sessions/pay/x.md": b""}
    before = begun(rules, page)
    assert told(step(before, b"src/x.py")) == [("SDD401", b"src/x.py")]
    record = approved(b"pages/pay/x.md", words=page, gate="page")
    assert step(after(before, record), b"src/x.py") == Judgement()
    assert told(step(begun(rules), b"src/x.py")) == [("SDD401", b"src/x.py")]


def test_documents_are_no_code_even_where_a_glob_takes_them_in() -> None:
    rules = policy(code=(Code(("**",), (("spec",),)),))
    assert step(begun(rules), SPEC) == Judgement()
    assert told(step(begun(rules), b"README.md")) == [("SDD401", b"README.md")]


def test_features_are_what_folders_name() -> None:
    paths = [
        b"docs/pay/x.md",
        b"sessions/cart/01-x.md",
        b"docs/changes/x.md",
        b"docs/x.md",
        b"sessions/01-x.runs/1.md",
    ]
    assert features(in_memory(dict.fromkeys(paths, b""))) == ["", "cart", "pay"]


def test_a_gate_asks_for_those_before_it_first() -> None:
    rules = policy(code=(Code(("src/**",), (("implementation",),)),))
    before = begun(rules, WORDS, approved(PLAN, ARCHITECTURE))
    (found,) = step(before, b"src/cart.py").findings
    assert (found.code, found.hint) == (
        "SDD401",
        "sdd approve docs/product-spec.md --gate spec  # by alice@example.org",
    )


def test_what_is_held_of_grants_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grants, "MOST_KNOWN", 1)
    monkeypatch.setattr(grants, "_known", {})
    for name in (b"a", b"b", b"a"):
        files = after(ready(), {PAGE: b"---\nwrites: [" + name + b"]\n---\n"})
        assert granted(files, policy(), Instance(("change",), "", "fix")) == Grant(frozenset({name}))
        assert len(grants._known) == 1
