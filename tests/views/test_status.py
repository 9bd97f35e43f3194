"""What `sdd status` shows, from pictures of projects held in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from people import filed, record
from sdd.cli.here import as_json
from sdd.gates.picture import Picture, picture
from sdd.runs.pending import ANSWERED, APPLIED, ASKED, Pending
from sdd.sessions.run import Run, render
from sdd.snapshot import in_memory
from sdd.views import status_text
from sdd.views.costs import spent, usage
from sdd.views.going import Going, going
from sdd.views.status import Gist, Row, Status, narrowed, status

TIME = "2026-11-21T10:00:00Z"
ALICE = "alice@example.org"
BRIEF = {b"docs/brief.md": b"# Brief\n\nsell things\n"}
SPEC = {b"docs/product-spec.md": b"# Spec\n"}
PLAN = b"""# Plan

## Tasks

### 04-cart: Cart

- Goal: carts
- Writes: src/cart.py
- Acceptance:
  - zero is refused
"""


def policy(proof: str = "none") -> dict[bytes, bytes]:
    gates = {"spec": "{docs}/product-spec.md", "implementation": "{docs}/implementation-plan.md"}
    tables = "".join(
        f'[gates.{name}]\ndocuments = ["{document}"]\napprovers = ["{ALICE}"]\nproof = "{proof}"\n'
        for name, document in gates.items()
    )
    head = 'version = 1\nproject = "shop"\nprotected = ["refs/heads/main"]\n'
    text = f'{head}{tables}[trust]\napprovers = ["{ALICE}"]\nproof = "none"\n'
    return {b".sdd/policy.toml": text.encode()}


def session(kind: str = "work", *runs: Run, keys: str = "", below: str = "") -> bytes:
    ran = "".join(f"{render(run, number)}\n" for number, run in enumerate(runs, 1))
    head = f"---\nkind: {kind}\n{keys}---\n# The {kind}\n\n## Goal\n\nx\n\n## Checklist\n\n- [ ] y\n"
    return (head + below + (f"\n## Runs\n\n{ran}" if ran else "")).encode()


def template(keys: str = "") -> bytes:
    return f"---\n{keys}role: r\n---\n# T\n\n## Role\n\nr\n\n## Instructions\n\ni\n\n## Goal\n\ng\n\n## Checklist\n\n- [ ] c\n".encode()


TEMPLATES = {
    b"sessions/templates/work.md": template(),
    b"sessions/templates/product-spec.md": template('writes: ["{docs}/product-spec.md"]\ngate: spec\n'),
    b"sessions/templates/implementation-plan.md": template('writes: ["{docs}/implementation-plan.md"]\n'),
    b"sessions/templates/person.md": template("provider: person\n"),
}


def seen(files: dict[bytes, bytes]) -> Picture:
    return picture(in_memory(TEMPLATES | BRIEF | files))


def of(files: dict[bytes, bytes], *in_progress: Going) -> Status:
    return status(seen(files), {one.session: one for one in in_progress})


def row(files: dict[bytes, bytes], *in_progress: Going) -> Row:
    """The only session of a project."""
    (found,) = of(files, *in_progress).rows
    return found


def parsed(parts: Iterable[str]) -> Any:
    return json.loads("".join(parts))


def lines(found: Status) -> list[str]:
    return list(status_text.lines(found))


def pending(stage: str = ASKED, provider: str = "manual") -> Pending:
    return Pending("01-a", "work", (), TIME, provider, "", {}, stage=stage)


DONE = Run(TIME, "done", provider="person")


# A session's line


def test_a_ready_session_names_the_command() -> None:
    assert lines(of({b"sessions/01-a.md": session()})) == [
        "# root feature: 0 of 1 session done",
        "01-a\tready\t\tsdd next 01-a",
        "# next: sdd next 01-a (The work)",
    ]


def test_a_done_session_needs_nothing() -> None:
    found = of({b"sessions/01-a.md": session("work", DONE)})
    assert lines(found)[1:] == [
        "01-a\tdone\t\t",
        "# next: sdd new FEATURE, or sdd add change SLUG: every session is done",
    ]


def test_a_project_without_sessions_is_told_how_to_begin() -> None:
    assert lines(of({})) == ['# next: sdd new FEATURE "the idea, in a sentence"']


def test_an_empty_brief_is_what_a_person_has_to_write() -> None:
    found = of({b"docs/brief.md": b"# Brief\n", b"sessions/01-a.md": session()})
    assert [wait.what for wait in found.waits] == ["the brief docs/brief.md is empty: write the idea there"]
    assert lines(found)[-1] == "# next: the brief docs/brief.md is empty: write the idea there"


def test_open_questions_wait_for_the_owner() -> None:
    asking = session(keys=f"owner: {ALICE}\n", below="\n## Questions\n\n- How many?\n- Which?\n")
    found = of({b"sessions/01-a.md": asking})
    assert found.next is None
    assert [(wait.who, wait.what, wait.command) for wait in found.waits] == [
        ((ALICE,), "2 open questions", "sdd answer 01-a")
    ]
    assert lines(found)[-1] == f"# next: sdd answer 01-a ({ALICE})"


def test_low_confidence_without_a_question_can_be_lifted_by_a_person() -> None:
    unsure = Run(TIME, "unsure", confidence=0.9)
    once, twice = (of({b"sessions/01-a.md": session("work", *runs)}) for runs in ([unsure], [unsure, unsure]))
    assert once.rows[0].command == "sdd next 01-a"
    assert not once.waits
    assert twice.rows[0].command == "sdd answer 01-a --proceed -m WHY"
    assert twice.waits[0].what == "confidence 0.9 and nothing asked"


def test_a_session_of_a_person_is_theirs_and_no_job_of_a_matrix() -> None:
    found = of({b"sessions/01-a.md": session("person")})
    assert found.rows[0].state.runnable
    assert not found.rows[0].ready
    assert found.waits[0].what.startswith("no model carries it out")
    assert lines(found)[-1].startswith("# next: sdd next 01-a (no model")


def test_a_failing_session_comes_before_one_that_asks_and_one_that_is_ready() -> None:
    files = {
        b"sessions/01-a.md": session(),
        b"sessions/02-b.md": session("work", Run(TIME, "unsure", confidence=0.9)),
        b"sessions/03-c.md": session("work", Run(TIME, "failed", summary="a test failed")),
    }
    order = []
    while files:
        found = of(files).next
        assert found is not None
        order.append(found.name)
        del files[found.session.path]
    assert order == ["03-c", "02-b", "01-a"]


def test_what_is_blocked_says_why_and_at_a_glance_only_by_what() -> None:
    needs = "needs: [01-a, 02-b, 03-c, 04-d, gate:spec]\n"
    files: dict[bytes, bytes] = {}
    for name in ("01-a", "02-b", "03-c", "04-d"):
        files[f"sessions/x/{name}.md".encode()] = session()
    files |= {
        b"sessions/x/05-e.md": session(keys=needs),
        b"docs/x/brief.md": BRIEF[b"docs/brief.md"],
        **policy(),
    }
    last = of(files).rows[-1]
    assert last.needs == ("x/01-a", "x/02-b", "x/03-c", "x/04-d", "gate spec")
    assert status_text.at_a_glance(last) == "needs 01-a, 02-b, 03-c and 2 more"
    assert "x/01-a" in status_text.reason(last)
    assert "gate spec: " in status_text.reason(last)
    assert status_text.at_a_glance(of(files).rows[0]) == ""


def test_at_a_glance_a_need_that_is_no_session_is_told_in_words() -> None:
    found = row({b"sessions/01-a.md": session(keys="needs: [nobody]\n")})
    assert status_text.at_a_glance(found) == "nobody, which is no session"
    assert (
        lines(of({b"sessions/01-a.md": session(keys="needs: [nobody]\n")}))[-1]
        == "# next: nothing can go on: sdd check"
    )


def test_text_from_files_cannot_steer_a_terminal() -> None:
    assert status_text.plain("a\x1b[2Jb\tc\nd") == "a�[2Jb c d"


# Gates


def test_a_document_in_review_names_who_is_awaited_and_the_command() -> None:
    found = of(policy() | SPEC | {b"sessions/01-spec.md": session("product-spec", DONE)})
    assert found.rows[0].state.state == "review"
    assert found.rows[0].awaits == (ALICE,)
    assert found.rows[0].command == "sdd approve docs/product-spec.md --gate spec"
    assert ALICE in found.waits[0].what
    assert lines(found)[-1] == f"# next: sdd approve docs/product-spec.md --gate spec ({ALICE})"


def test_an_approval_that_is_not_proven_is_shown_as_such() -> None:
    approved = dict(filed(record(b"docs/product-spec.md", SPEC[b"docs/product-spec.md"], ALICE), None))
    found = of(policy() | SPEC | approved | {b"sessions/01-spec.md": session("product-spec", DONE)})
    assert found.rows[0].state.state == "done"
    assert f"approved by {ALICE} (recorded, not proven)" in lines(found)[1]


def test_what_has_to_be_merged_is_not_to_be_approved() -> None:
    found = row(policy("merged") | SPEC | {b"sessions/01-spec.md": session("product-spec", DONE)})
    assert found.awaits == (ALICE,)
    assert found.command == ""


def test_a_gate_that_no_session_brings_about_waits_for_its_approvers() -> None:
    needing = {b"sessions/01-a.md": session(keys="needs: [gate:spec]\n")}
    assert row(policy() | SPEC | needing).waits[0].who == (ALICE,)
    assert row(policy() | needing).waits[0].what.startswith("gate spec: ")
    both = of(policy() | SPEC | needing | {b"sessions/02-spec.md": session("product-spec")})
    assert both.waits == []


def test_an_open_gate_waits_for_nobody() -> None:
    approved = dict(filed(record(b"docs/product-spec.md", SPEC[b"docs/product-spec.md"], ALICE), None))
    keys = "needs: [gate:spec, nobody]\n"
    assert row(policy() | SPEC | approved | {b"sessions/01-a.md": session(keys=keys)}).waits == ()


def test_without_a_policy_every_gate_is_shut_and_that_is_said_once() -> None:
    found = of(SPEC | {b"sessions/01-spec.md": session("product-spec", DONE)})
    told = [line for line in lines(found) if "every gate is shut" in line]
    assert told == ["# every gate is shut: there is no .sdd/policy.toml: `sdd init`"]
    assert "gate spec: " in found.waits[0].what
    assert not [line for line in lines(of({b"sessions/01-a.md": session()})) if "shut" in line]


# Runs in progress


@pytest.mark.parametrize(
    ("run", "facts", "stage", "words"),
    [
        (pending(), "", "given-out", "prompt given out, awaiting `sdd record`"),
        (pending(), "held", "running", "another sdd is working on it now"),
        (
            pending(provider="anthropic"),
            "",
            "stopped",
            "a call ended before anything came: `sdd next` goes on",
        ),
        (
            pending(provider="anthropic"),
            "part",
            "stopped",
            "a part of a response is here, from a call that was cut: `sdd next` goes on",
        ),
        (pending(ANSWERED), "", "answered", "a response is here, not applied: `sdd next` goes on"),
        (
            pending(APPLIED),
            "",
            "applied",
            "a response is applied, its run is not recorded: `sdd next` goes on",
        ),
    ],
)
def test_a_run_in_progress_is_told_in_words(run: Pending, facts: str, stage: str, words: str) -> None:
    found = going(run, held=facts == "held", part=facts == "part")
    assert (found.stage, found.words, found.time) == (stage, words, TIME)
    shown = row({b"sessions/01-a.md": session()}, found)
    assert shown.command == {"given-out": "sdd record 01-a FILE", "running": ""}.get(stage, "sdd next 01-a")
    assert words in status_text.reason(shown)
    assert shown.ready == (stage not in {"given-out", "running"})


def test_a_prompt_that_was_given_out_waits_for_a_person_and_is_told_once() -> None:
    found = of({b"sessions/01-a.md": session()}, going(pending(), held=False, part=False))
    assert [wait.command for wait in found.waits] == ["sdd record 01-a FILE"]
    assert lines(found)[1] == "01-a\tready\tprompt given out, awaiting `sdd record`\tsdd record 01-a FILE"


def test_a_run_in_progress_goes_first_and_a_running_one_is_left_alone() -> None:
    files = {b"sessions/00-z.md": session("work", Run(TIME, "failed")), b"sessions/01-a.md": session()}
    left = of(files, going(pending(ANSWERED), held=False, part=False))
    running = of(files, going(pending(ANSWERED), held=True, part=False))
    assert left.next is not None
    assert left.next.name == "01-a"
    assert running.next is not None
    assert running.next.name == "00-z"


def test_a_run_of_a_session_that_is_not_here_is_told() -> None:
    found = of({}, going(pending(), held=False, part=False))
    assert lines(found)[0] == "# 01-a, which is not in these files: prompt given out, awaiting `sdd record`"
    gist = Gist("", 0, found.elsewhere)
    assert parsed(status_text.data(found.features, gist, as_json))["elsewhere"][0]["stage"] == "given-out"


# Features


def test_a_plan_without_tasks_makes_no_promise_about_the_total() -> None:
    files = {b"sessions/03-plan.md": session("implementation-plan")}
    assert lines(of(files))[0] == "# root feature: 0 of 1 session done, its plan has no tasks yet"
    planned = of(files | {b"docs/implementation-plan.md": PLAN, b"sessions/04-cart.md": session()})
    assert lines(planned)[0] == "# root feature: 0 of 2 sessions done"


@pytest.mark.parametrize(
    ("feature", "command"), [("", "sdd plan --write"), ("shop", "sdd plan shop --write")]
)
def test_tasks_without_a_session_are_said_once_the_plan_is_done(feature: str, command: str) -> None:
    place = f"{feature}/".encode() if feature else b""
    plan = {
        b"docs/" + place + b"implementation-plan.md": PLAN,
        b"docs/" + place + b"brief.md": BRIEF[b"docs/brief.md"],
    }
    before = of(plan | {b"sessions/" + place + b"03-plan.md": session("implementation-plan")})
    after = of(plan | {b"sessions/" + place + b"03-plan.md": session("implementation-plan", DONE)})
    assert "1 of its plan's tasks have no session" in lines(before)[0]
    assert before.waits == []
    assert [(wait.what, wait.command) for wait in after.waits] == [
        ("1 task of the plan without a session", command)
    ]
    assert f"# waits: 1 task of the plan without a session: {command}" in lines(after)


def test_tasks_are_counted_even_where_no_session_made_the_plan() -> None:
    both = PLAN + PLAN.partition(b"## Tasks\n")[2].replace(b"04-cart", b"05-stock")
    found = of({b"docs/implementation-plan.md": both, b"sessions/01-a.md": session("work", DONE)})
    assert found.waits[0].what == "2 tasks of the plan without a session"


def test_small_changes_come_last_and_the_root_feature_first() -> None:
    files = {
        b"sessions/changes/a.md": session(),
        b"sessions/zoo/01-a.md": session(),
        b"sessions/01-a.md": session(),
    }
    labels = [line.partition(":")[0] for line in lines(of(files)) if "session" in line and line[0] == "#"]
    assert labels == ["# root feature", "# zoo", "# small changes"]


def test_findings_are_counted() -> None:
    one, two = (status(seen({}), {}, count) for count in (1, 2))
    assert lines(one)[0] == "# 1 finding: sdd check"
    assert lines(two)[0] == "# 2 findings: sdd check"


# What it took


def test_what_no_run_tells_is_unknown_and_never_zero() -> None:
    found = usage([Run(TIME, "done", provider="manual")])
    assert (found.runs, found.tokens_in, found.tokens_out, found.cost) == (1, None, None, None)
    assert spent(found) == "1 run, tokens unknown, cost unknown"


def test_sums_say_of_how_many_runs_they_are_known() -> None:
    known = Run(TIME, "done", provider="anthropic", tokens_in=1000, tokens_out=200, cost="0.1")
    found = usage([known, known, Run(TIME, "failed", provider="manual")])
    assert (
        spent(found) == "3 runs, 2,000 tokens in, 400 out (known of 2), 2 with a known cost: $0.2 + unknown"
    )
    assert spent(usage([known])) == "1 run, 1,000 tokens in, 200 out, $0.1"


def test_what_people_say_is_no_run_of_a_model() -> None:
    spoken = [Run(TIME, "rejected"), Run(TIME, "proceed"), Run(TIME, "done", provider="person")]
    assert usage(spoken).runs == 0


@pytest.mark.parametrize("cost", ["", "free", "1e9", "NaN", "²"])
def test_a_cost_that_is_no_amount_is_unknown(cost: str) -> None:
    assert usage([Run(TIME, "done", cost=cost)]).cost is None


def test_the_feature_shows_what_it_took() -> None:
    ran = Run(TIME, "done", provider="anthropic", tokens_in=10, tokens_out=2, cost="0.1")
    assert lines(of({b"sessions/01-a.md": session("work", ran)}))[0].endswith(
        "; 1 run, 10 tokens in, 2 out, $0.1"
    )


# Parts of it


def test_mine_is_what_i_own_and_what_awaits_me_whatever_the_case() -> None:
    files = policy() | SPEC
    files |= {
        b"sessions/01-spec.md": session("product-spec", DONE),
        b"sessions/02-b.md": session(keys="owner: ALICE@example.org\n"),
    }
    files |= {b"sessions/03-c.md": session(), b"sessions/changes/d.md": session()}
    mine = narrowed(of(files), owner=(ALICE,))
    assert [one.name for one in mine.rows] == ["01-spec", "02-b"]
    assert [feature.name for feature in mine.features] == [""]
    assert narrowed(of(files), owner=("bob@example.org",)).rows == []


def test_what_may_run_leaves_out_what_needs_a_person() -> None:
    files = {
        b"sessions/01-a.md": session(),
        b"sessions/02-b.md": session("person"),
        b"sessions/03-c.md": session(keys="needs: [01-a]\n"),
        b"sessions/04-d.md": session(keys="provider: recorded\nmodel: m\n"),
    }
    ready = parsed(status_text.ready(narrowed(of(files), ready=True).features, as_json))
    assert ready == [
        {"session": "01-a", "feature": "", "kind": "work", "turn": "work", "provider": None, "model": None},
        {
            "session": "04-d",
            "feature": "",
            "kind": "work",
            "turn": "work",
            "provider": "recorded",
            "model": "m",
        },
    ]


def test_a_feature_alone_keeps_its_waits_and_its_own_next() -> None:
    files = {
        b"docs/shop/implementation-plan.md": PLAN,
        b"sessions/shop/01-a.md": session("work", DONE),
        b"sessions/01-a.md": session(),
    }
    shop = narrowed(of(files), feature="shop")
    assert [wait.command for wait in shop.waits] == ["sdd plan shop --write"]
    assert shop.next is None


def test_the_counts_of_a_feature_stay_whole_when_some_of_its_sessions_are_left_out() -> None:
    files = {b"sessions/01-a.md": session("work", DONE), b"sessions/02-b.md": session()}
    assert lines(narrowed(of(files), ready=True))[0] == "# root feature: 1 of 2 sessions done"
