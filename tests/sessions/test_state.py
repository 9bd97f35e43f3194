"""The state of a session follows from its file, its outputs and the gates: a table of situations."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from people import filed, record
from projects import ALICE, DOCUMENTS, files, run, runs, session, snapshot
from sdd.gates.picture import picture
from sdd.sessions.project import derive
from sdd.sessions.run import NOTED, Run
from sdd.sessions.session import docs
from sdd.sessions.state import State, brief_path, states
from sdd.snapshot import in_memory
from sdd.values import Value

KIND = "implementation"
ASKED = "## Questions\n\n- a?\n"
ANSWERED = "## Questions\n\n- a?\n  > yes\n"
PAGE = "---\nwrites: [src/fix.py]\n---\n# Fix\n"


class Opening(Value):
    """A gate that is as the test says."""

    open: bool
    why: str = "it awaits alice"


class Gates(Value):
    """Gates of which those named are open, with the documents of `projects.policy`."""

    opened: tuple[str, ...] = ()

    def opening(self, gate: str, _name: str) -> Opening:
        return Opening(open=gate in self.opened)

    def documents(self, gate: str, name: str) -> tuple[str, ...]:
        feature, _, slug = name.rpartition("/")
        if gate not in DOCUMENTS:
            return ()
        return (DOCUMENTS[gate].replace("{docs}", docs(feature)).replace("{session}", slug),)


def state(text: str, *opened: str, name: str = "05-a", **more: str) -> State:
    """The state of one session with this text, beside other files (`more`, as `projects.files` takes them)."""
    given = files(**{f"sessions__{name.replace('/', '__')}": text, **more})
    return states(derive(snapshot(given)), Gates(opened))[name]


def told(found: State) -> tuple[str, str, bool]:
    return found.state, found.turn, found.runnable


def one(*front: str, made: tuple[Run, ...] = (), rest: str = "", kind: str = KIND) -> str:
    return session(kind, *front, rest=f"\n{rest}{runs(*made) if made else ''}")


DONE = run("done", answers=0)
UNSURE = run("unsure", confidence=0.8)


@pytest.mark.parametrize(
    ("text", "expected", "why"),
    [
        (one(), ("ready", "work", True), ""),
        (one(rest=ASKED), ("asking", "work", False), "1 open question: `sdd answer 05-a`"),
        (one(rest=ASKED + "- b?\n"), ("asking", "work", False), "2 open questions: `sdd answer 05-a`"),
        (one(rest=ASKED, made=(DONE,)), ("asking", "work", False), "1 open question: `sdd answer 05-a`"),
        (one(rest=ANSWERED, made=(run("questions"),)), ("ready", "work", True), ""),
        (
            one(made=(UNSURE,)),
            ("asking", "work", True),
            "confidence 0.8: `sdd next 05-a` asks for the questions that would raise it",
        ),
        (
            one(made=(UNSURE, UNSURE)),
            ("asking", "work", False),
            "confidence 0.8 and nothing asked: `sdd answer 05-a --proceed -m WHY` or `sdd reject 05-a -m WHY`",
        ),
        (one(made=(UNSURE, UNSURE, run("proceed"))), ("ready", "work", True), ""),
        (one(made=(UNSURE, UNSURE, run("rejected"))), ("ready", "work", True), ""),
        (one(made=(UNSURE, run("questions"), UNSURE)), ("asking", "work", True), "confidence 0.8: "),
        (one(made=(run("failed", summary="no\nmore"),)), ("failing", "work", True), "no"),
        (one(made=(run("failed", summary=f"done\n{NOTED}it broke"),)), ("failing", "work", True), "it broke"),
        (
            one(made=(run("failed", summary="no", failures=tuple(f"import {name}" for name in "abcdefg")),)),
            ("failing", "work", True),
            "no; import a; import b; import c; import d; import e; and 2 more",
        ),
        (one(made=(run("failed"),)), ("failing", "work", True), "the last run failed"),
        (one(made=(DONE, run("failed", summary="no"))), ("failing", "work", True), "no"),
        (one(rest=ASKED, made=(run("failed"),)), ("asking", "work", False), "1 open question"),
        (one(made=(DONE,)), ("done", "", False), ""),
        (one(made=(DONE, run("rejected"))), ("ready", "work", True), ""),
        (one(rest=ANSWERED, made=(DONE,)), ("ready", "work", True), "there are answers that it has not seen"),
        (one(rest=ANSWERED, made=(DONE, run("done", answers=1))), ("done", "", False), ""),
        (
            one(rest=ANSWERED, made=(DONE, run("unsure", answers=1, confidence=0.5))),
            ("asking", "work", True),
            "confidence 0.5",
        ),
        (
            one(rest=ANSWERED, made=(DONE, run("unsure", answers=1), run("proceed"))),
            ("ready", "work", True),
            "there are answers that it has not seen",
        ),
        (one("needs: [nowhere]"), ("blocked", "work", False), "nowhere, which is no session"),
        (one("needs: [04-b]"), ("blocked", "work", False), "04-b is "),
        (one("needs: [03-c]"), ("ready", "work", True), ""),
        (one("needs: [gate:spec]"), ("blocked", "work", False), "gate spec: it awaits alice"),
        (one("needs: [gate:implementation]"), ("ready", "work", True), ""),
        (one("needs: [04-b]", made=(run("failed", summary="no"),)), ("failing", "work", False), "no"),
        (one("needs: [04-b]", made=(UNSURE,)), ("asking", "work", False), "confidence 0.8"),
        (one("needs: [04-b]", rest=ASKED), ("asking", "work", False), "1 open question"),
        (one("needs: [04-b]", made=(DONE,)), ("done", "", False), ""),
        (one("writes: [src/a.py]", made=(DONE,)), ("ready", "work", True), "its output src/a.py is missing"),
        (one("writes: [docs/brief.md, src/**]", made=(DONE,)), ("done", "", False), ""),
        (one("gate: spec", made=(DONE,)), ("review", "", False), "gate spec: it awaits alice"),
        (one("gate: implementation", made=(DONE,)), ("done", "", False), ""),
        (one("gate: none", made=(DONE,)), ("review", "", False), "gate none: it awaits alice"),
    ],
)
def test_a_situation_has_its_state(text: str, expected: tuple[str, str, bool], why: str) -> None:
    found = state(text, "implementation", **{"sessions__04-b": one(), "sessions__03-c": one(made=(DONE,))})
    assert told(found) == expected
    assert "; ".join(found.why).startswith(why)
    assert bool(found.why) is bool(why)


class TestTurns:
    @staticmethod
    def state(*made: Run, opened: bool = False, page: str | None = PAGE, done: bool = True) -> State:
        more = {} if page is None else {"docs__changes__fix": page}
        given = files(sessions__changes__fix=one(kind="change", made=made), **more)
        if done:
            given[b"src/fix.py"] = b""
        gates = Gates(("change",) if opened else ())
        return states(derive(snapshot(given)), gates)["changes/fix"]

    document, work = run("done", turn="document"), run("done", turn="work")

    def test_a_change_writes_its_page_first_and_waits_for_approval(self) -> None:
        first = self.state(page=None)
        assert (*told(first), first.writes) == ("ready", "document", True, ("docs/changes/fix.md",))
        waits = self.state(self.document)
        assert (*told(waits), waits.why) == ("review", "work", False, ("gate change: it awaits alice",))

    def test_once_approved_it_is_ready_for_the_rest_and_then_done(self) -> None:
        again = self.state(self.document, opened=True)
        assert (*told(again), again.writes) == ("ready", "work", True, ("src/fix.py",))
        assert told(self.state(self.document, self.work, opened=True)) == ("done", "", False)

    def test_an_edited_page_waits_for_approval_again(self) -> None:
        assert told(self.state(self.document, self.work)) == ("review", "", False)

    def test_work_sent_back_is_ready_and_a_page_sent_back_is_written_anew(self) -> None:
        rejected = self.state(self.document, self.work, run("rejected", turn="work"), opened=True)
        assert told(rejected) == ("ready", "work", True)
        assert told(self.state(self.document, run("rejected", turn="document"))) == (
            "ready",
            "document",
            True,
        )

    def test_a_missing_output_is_the_matter_of_the_turn_that_writes_it(self) -> None:
        gone = self.state(self.document, self.work, opened=True, done=False)
        assert (*told(gone), gone.why) == ("ready", "work", True, ("its output src/fix.py is missing",))
        gone = self.state(self.document, self.work, opened=True, page=None)
        assert (*told(gone), gone.why) == (
            "ready",
            "document",
            True,
            ("its output docs/changes/fix.md is missing",),
        )

    def test_a_small_change_needs_no_brief(self) -> None:
        given = files(sessions__changes__fix=one(kind="change"))
        del given[b"docs/brief.md"]
        assert told(states(derive(snapshot(given)), Gates())["changes/fix"]) == ("ready", "document", True)

    def test_tests_come_first_and_then_what_makes_them_pass(self) -> None:
        front = ("writes: [src/a.py, tests/a.py]", "tests_first: true")
        first = state(one(*front))
        assert (*told(first), first.writes) == ("ready", "tests", True, ("tests/a.py",))
        then = state(one(*front, made=(run("done", turn="tests"),)))
        assert (*told(then), then.writes) == ("ready", "work", True, ("src/a.py",))
        failed = state(one(*front, made=(run("done", turn="tests"), run("failed"))))
        assert told(failed) == ("failing", "work", True)


class TestPlans:
    plan = "".join(
        f"### {name}: x\n\n- Goal: g\n- Writes: src/**\n- Acceptance: b\n\n" for name in ("04-a", "05-b")
    )

    def states(self, feature: str = "", plan: str | None = None, **more: str) -> Mapping[str, State]:
        place = f"{feature}__" if feature else ""
        known = {
            f"docs__{place}implementation-plan": f"# P\n\n## Tasks\n\n{self.plan if plan is None else plan}",
            f"docs__{place}brief": "# B\n\nx\n",
            f"sessions__{place}03-plan": one(kind="implementation-plan", made=(DONE,)),
            f"sessions__{place}04-a": one("needs: [03-plan]", "writes: [src/**]"),
            f"sessions__{place}90-check": one("needs: [03-plan]"),
        }
        named = {f"sessions__{place}{name.replace('_', '-')}": text for name, text in more.items()}
        return states(derive(snapshot(files(**(known | named)))), Gates(("implementation",)))

    @pytest.mark.parametrize("feature", ["", "shop"])
    def test_whoever_needs_the_plan_waits_for_its_tasks_and_a_task_does_not(self, feature: str) -> None:
        prefix = f"{feature}/" if feature else ""
        found = self.states(feature)
        assert told(found[f"{prefix}04-a"]) == ("ready", "work", True)
        assert told(found[f"{prefix}90-check"]) == ("blocked", "work", False)
        command = f"sdd plan {feature}".strip()
        assert found[f"{prefix}90-check"].why == (
            f"the task 05-b has no session: `{command}`",
            f"{prefix}04-a is not done",
        )

    def test_once_the_tasks_are_done_it_is_ready(self) -> None:
        done = one("needs: [03-plan]", "writes: [src/**]", made=(DONE,))
        assert told(self.states(**{"04_a": done, "05_b": done})["90-check"]) == ("ready", "work", True)

    def test_many_tasks_are_told_by_a_few_and_a_number(self) -> None:
        tasks = "".join(
            f"### {at:02}-t: x\n\n- Goal: g\n- Writes: a\n- Acceptance: b\n\n" for at in range(10, 30)
        )
        why = self.states(plan=tasks)["90-check"].why
        assert len(why) == 6
        assert why[-1] == "15 more tasks are not done"

    def test_a_plan_without_tasks_keeps_nobody_waiting(self) -> None:
        assert told(self.states(plan="")["90-check"]) == ("ready", "work", True)


@pytest.mark.parametrize(
    ("brief", "said"),
    [
        (None, False),
        ("", False),
        ("# Brief\n", False),
        ("# Brief\n\n<!-- write it\nhere -->\n", False),
        ("# Brief\n\n<!-- write it", False),
        ("<!-- a --> b", True),
        ("# Brief\n\n#1 in sales\n", True),
        ("Sell things.", True),
        ("\ufeff# Brief", True),
    ],
)
def test_an_empty_brief_blocks_what_never_ran(brief: str | None, said: bool) -> None:
    given = files(sessions__a=one(), sessions__b=one(made=(run("questions"),)))
    del given[b"docs/brief.md"]
    if brief is not None:
        given[b"docs/brief.md"] = brief.encode()
    found = states(derive(snapshot(given)), Gates())
    assert told(found["a"]) == (("ready", "work", True) if said else ("blocked", "work", False))
    assert found["a"].why == (() if said else ("the brief docs/brief.md is empty: write the idea there",))
    assert told(found["b"]) == ("ready", "work", True)


def test_a_brief_of_any_bytes_is_read() -> None:
    given = files(sessions__a=one()) | {b"docs/brief.md": b"\xff\0"}
    assert told(states(derive(snapshot(given)), Gates())["a"]) == ("ready", "work", True)
    assert brief_path("shop/04-a") == "docs/shop/brief.md"


def test_the_real_gates_say_the_same() -> None:
    """From nothing to done with the real policy and records: spec written, approved, then the session that waits for it."""
    spec = b"docs/product-spec.md"
    written = session("product-spec", rest=runs(DONE))
    given: Mapping[bytes, bytes] = files(
        **{"sessions__01-spec": written, "sessions__02-a": one("needs: [01-spec, gate:spec]")}
    )
    assert [told(found) for found in picture(in_memory(given)).states.values()] == [
        ("ready", "work", True),
        ("blocked", "work", False),
    ]
    given = {**given, spec: b"# Spec\n"}
    assert [told(found) for found in picture(in_memory(given)).states.values()] == [
        ("review", "", False),
        ("blocked", "work", False),
    ]
    given = {**given, **filed(record(spec, given[spec], ALICE), None)}
    assert [told(found) for found in picture(in_memory(given)).states.values()] == [
        ("done", "", False),
        ("ready", "work", True),
    ]
    given = {**given, spec: b"# Spec, edited\n"}
    assert picture(in_memory(given)).states["01-spec"].state == "review"
