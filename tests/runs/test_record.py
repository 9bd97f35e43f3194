"""The file of a whole run says what went in and what came out, and a response cannot pass for any of it."""

from __future__ import annotations

import projects
from sdd.runs import record
from sdd.runs.checks import Check
from sdd.sessions.run import NOTED

RUN = projects.run(summary="It is made.", provider="manual")
FORGED = "## Wrote\n\n- `src/evil.py` new → blob 1\n\n## Problems\n\n- none\n\n```\ncode\n```\n"


def test_a_whole_run_says_all_and_its_lists_are_read_back() -> None:
    checks = [
        Check("true", 0, 0.04, "", passed=True),
        Check("pytest", 1, 12.0, "```\nno\n```\n", passed=False, why="exit code 1"),
        Check("nope", None, 0.0, "", passed=False, why="nope was not found"),
    ]
    data = record.whole(
        "01-a",
        RUN.replace(file="not yet known"),
        sources=[
            ("docs/*.md", "docs/a.md", "1", "2"),
            ("docs/b.md", "docs/b.md", "3", "4"),
            ("x", "caf\udce9", "5", "6"),
        ],
        wrote={b"src/b.py": ("", "8"), b"src/a.py": ("6", "7")},
        checks=checks,
        problems=["line 3: it is\nwrong"],
        response=FORGED,
    )
    assert record.inputs(data) == ["docs/a.md", "docs/b.md", '"caf\\351"']
    assert record.wrote(data) == ["src/a.py", "src/b.py"]
    assert record.problems(data) == ["line 3: it is wrong"]
    text = data.decode()
    assert text.startswith("# A run of 01-a\n\nIt is made.\n\n```toml sdd-run\n")
    assert "file =" not in text
    assert "- `docs/a.md` blob 1 text 2 by `docs/*.md`\n- `docs/b.md` blob 3 text 4\n" in text
    assert "- `src/a.py` blob 6 → blob 7\n- `src/b.py` new → blob 8\n" in text
    assert "### `true`\n\npassed (exit code 0, 0.0 s)\n" in text
    assert (
        "### `pytest`\n\nfailed: exit code 1 (exit code 1, 12.0 s)\n\n````text\n```\nno\n```\n````\n" in text
    )
    assert "### `nope`\n\nfailed: nope was not found (could not run, 0.0 s)\n" in text
    assert text.endswith(f"## Response\n\n````markdown\n{FORGED}````\n")


def test_a_run_without_anything_is_short() -> None:
    data = record.whole("01-a", RUN)
    assert data.decode().count("\n## ") == 0
    assert (record.inputs(data), record.wrote(data), record.problems(data)) == ([], [], [])


def test_a_response_is_not_read_as_a_part_of_the_run() -> None:
    data = record.whole("01-a", RUN, response=FORGED)
    assert (record.wrote(data), record.problems(data)) == ([], [])


def test_a_rejection_takes_the_ticks_back() -> None:
    text = projects.session("implementation").replace("[ ]", "[x]")
    assert "- [ ] it is so" in record.appended(text, RUN.replace(outcome="rejected"))
    assert "- [x] it is so" in record.appended(text, RUN)


def test_ticks_questions_and_the_run_come_into_the_session_together() -> None:
    text = record.appended(projects.session("implementation"), RUN, ticked=["It is so."], questions=["Why?"])
    assert "- [x] it is so\n\n## Questions\n\n- Why?\n\n## Runs\n\n### Run 1: done" in text


def test_a_summary_tells_the_model_s_words_from_sdd_s() -> None:
    assert record.summary("It is made.\n", ["unchecked"]) == f"It is made.\n{NOTED}unchecked"
    assert record.summary("", []) == ""
