"""A session's turns follow from its gate, its task and its tests; how far it is follows from its runs."""

from __future__ import annotations

import pytest

from projects import files, run, session, snapshot
from sdd.sessions.project import Project, derive
from sdd.sessions.turns import Progress, is_test, progress, too_wide, turns, untested

PAGE = "docs/changes/fix.md"


def plan(writes: str) -> str:
    return f"# P\n\n## Tasks\n\n### 04-a: A\n\n- Goal: g\n- Writes: {writes}\n- Acceptance: b\n"


def project(*front: str) -> Project:
    return derive(snapshot(files(**{"sessions__04-a": session("implementation", *front)})))


def told(seen: Project, name: str = "04-a", *documents: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(turn.name, turn.writes) for turn in turns(seen, name, documents)]


@pytest.mark.parametrize(
    ("front", "documents", "expected"),
    [
        (("writes: [src/**]",), (), [("work", ("src/**",))]),
        ((), (), [("work", ())]),
        (("writes: [docs/a.md]",), ("docs/a.md",), [("work", ("docs/a.md",))]),
        (
            ("writes: [docs/a.md, src/**]",),
            ("docs/a.md", "docs/b.md"),
            [("document", ("docs/a.md",)), ("work", ("src/**",))],
        ),
        (
            ("writes: [src/a.py, tests/**]", "tests_first: true"),
            (),
            [("tests", ("tests/**",)), ("work", ("src/a.py",))],
        ),
        (
            ("writes: [docs/a.md, src/a.py, test_a.py]", "tests_first: true"),
            ("docs/a.md",),
            [("document", ("docs/a.md",)), ("tests", ("test_a.py",)), ("work", ("src/a.py",))],
        ),
        (("writes: [src/a.py]", "tests_first: true"), (), [("work", ("src/a.py",))]),
        (("writes: [src/a.py, tests/**]", "tests_first: false"), (), [("work", ("src/a.py", "tests/**"))]),
    ],
)
def test_the_document_comes_first_then_the_tests_then_the_work(
    front: tuple[str, ...], documents: tuple[str, ...], expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert told(project(*front), "04-a", *documents) == expected


class TestGrants:
    def test_a_session_that_says_nothing_may_write_what_its_task_grants(self) -> None:
        seen = derive(snapshot(grants("src/a.py, src/b/**", "04-a")))
        assert told(seen) == [("work", ("src/a.py", "src/b/**"))]
        assert not too_wide(seen, "04-a")

    def test_a_session_may_be_narrower_than_its_task_and_never_wider(self) -> None:
        seen = derive(snapshot(grants("src/**, tests/**", "04-a", "writes: [src/a.py, docs/b.md]")))
        assert told(seen) == [("work", ("src/a.py",))]
        assert too_wide(seen, "04-a") == ["docs/b.md"]
        assert [one.code for one in seen.findings()] == ["SDD126"]
        assert (
            "`writes` holds `docs/b.md`, which its task or page does not grant" in seen.findings()[0].message
        )

    def test_a_template_grants_nothing_that_the_task_does_not(self) -> None:
        given = grants("src/a.py", "04-a")
        given[b"sessions/templates/implementation.md"] = given[b"sessions/templates/refactoring.md"]
        assert told(derive(snapshot(given))) == [("work", ("src/a.py",))]

    def test_without_a_plan_a_session_may_write_what_it_says(self) -> None:
        assert not too_wide(project("writes: [src/**]"), "04-a")

    def test_a_change_writes_its_page_and_then_what_the_page_grants(self) -> None:
        given = files(sessions__changes__fix=session("change"))
        assert told(derive(snapshot(given)), "changes/fix", PAGE) == [("document", (PAGE,)), ("work", ())]
        given[PAGE.encode()] = b"---\nwrites: [src/a.py]\n---\n# Fix\n"
        seen = derive(snapshot(given))
        assert told(seen, "changes/fix", PAGE) == [("document", (PAGE,)), ("work", ("src/a.py",))]
        assert not too_wide(seen, "changes/fix")

    def test_a_change_may_be_narrower_than_its_page(self) -> None:
        front = "writes: [docs/changes/fix.md, src/a.py, src/b.py]"
        given = files(sessions__changes__fix=session("change", front))
        given[PAGE.encode()] = b"---\nwrites: [src/a*]\n---\n# Fix\n"
        seen = derive(snapshot(given))
        assert told(seen, "changes/fix", PAGE) == [("document", (PAGE,)), ("work", ("src/a.py",))]
        assert too_wide(seen, "changes/fix") == ["src/b.py"]


def grants(writes: str, name: str, *front: str) -> dict[bytes, bytes]:
    given = files(**{f"sessions__{name}": session("implementation", *front)})
    return given | {b"docs/implementation-plan.md": plan(writes).encode()}


@pytest.mark.parametrize(
    ("front", "why"),
    [
        (("writes: [src/**]",), ""),
        (("writes: [src/a.py, tests/**]", "tests_first: true"), ""),
        (("writes: [src/a.py]", "tests_first: true"), "none of what it writes is a test"),
        (("tests_first: true",), "none of what it writes is a test"),
        (
            ('writes: ["**", tests/a.py]', "tests_first: true"),
            "`**` lets the second turn write the tests, too",
        ),
    ],
)
def test_tests_come_first_only_where_no_other_turn_reaches_them(front: tuple[str, ...], why: str) -> None:
    seen = project(*front)
    assert untested(seen, "04-a") == why
    assert [one.code for one in seen.findings()] == (["SDD127"] if why else [])


def test_the_tests_of_a_task_may_come_first() -> None:
    seen = derive(snapshot(grants("src/a.py, tests/a.py", "04-a", "tests_first: true")))
    assert untested(seen, "04-a") == ""
    assert told(seen) == [("tests", ("tests/a.py",)), ("work", ("src/a.py",))]


@pytest.mark.parametrize(
    ("glob", "named"),
    [
        *(
            (glob, True)
            for glob in ("tests/**", "src/a/tests/x", "test/x", "spec/x", "__tests__/x", "Tests/x")
        ),
        *(
            (glob, True)
            for glob in ("test_a.py", "a_test.go", "a_tests.py", "a_spec.rb", "tests.py", "conftest.py")
        ),
        *(
            (glob, True)
            for glob in ("CartTest.java", "CartTests.cs", "CartSpec.scala", "a.test.ts", "a.spec.ts")
        ),
        *(
            (glob, False)
            for glob in ("src/latest.py", "contest.py", "src/**", "testing/a.py", "a.py", "attest", "a.test")
        ),
    ],
)
def test_a_glob_names_tests_as_people_name_them(glob: str, named: bool) -> None:
    assert is_test(glob) is named


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ("", Progress()),
        ("work:done", Progress(("work",))),
        ("document:done work:done", Progress(("document", "work"))),
        ("work:done work:done", Progress(("work",))),
        ("work:failed work:questions work:blocked", Progress()),
        ("document:done work:done work:rejected", Progress(("document",))),
        ("document:done work:done document:rejected", Progress()),
        ("tests:done work:rejected", Progress(("tests",))),
        ("work:unsure", Progress(unsure=1)),
        ("work:unsure work:unsure", Progress(unsure=2)),
        ("work:unsure work:questions work:unsure", Progress(unsure=1)),
        ("work:unsure work:proceed", Progress(bold=True)),
        ("work:proceed work:failed", Progress(bold=True)),
        ("work:proceed work:rejected", Progress()),
    ],
)
def test_how_far_a_session_is(outcomes: str, expected: Progress) -> None:
    pairs = [one.split(":") for one in outcomes.split()]
    made = [run(outcome, turn=turn) for turn, outcome in pairs]
    assert progress(made) == expected.replace(last=made[-1] if made else None)


def test_only_what_a_run_that_was_done_knew_counts_as_known() -> None:
    made = [run("done", answers=1), run("failed", answers=2), run("unsure", answers=3), run("proceed")]
    assert progress(made).answers == 1
    assert progress([*made, run("done")]).answers == 1
    assert progress([*made, run("done", answers=3)]).answers == 3
