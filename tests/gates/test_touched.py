"""Which sessions a change touches. The law: whatever else is told of a session otherwise than before was touched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitbox import GitBox
from people import filed, record
from projects import ALICE, files, policy, run, runs, seen, session
from sdd.gates.picture import Picture, picture
from sdd.gates.policy import PATH, Gate, render
from sdd.gates.signers import REVOKED, SIGNERS
from sdd.gates.touched import touched
from sdd.repository import Repository
from sdd.sessions.links import dependents
from sdd.views.tracker import BLOCKED, lines
from sdd.views.tracker import render as render_tracker

PLAN = "# Plan\n\n## Tasks\n\n### 04-cart: Cart\n\n- Goal: g\n- Writes: src/cart.py\n- Acceptance: a\n"
ARCHITECTURE, SPEC = b"docs/checkout/architecture.md", b"docs/checkout/product-spec.md"
TASKED, IMPLEMENTATION = b"docs/checkout/implementation-plan.md", "implementation"
RULES, README, API = b"docs/guidelines.md", b"README.md", b"api/billing.md"
PAGE, SOUND = b"docs/changes/fix.md", "---\nwrites: [src/fix.py]\n---\n# Fix\n"


def ruled(**changed: object) -> bytes:
    """The policy with the gate of the plan after that of the spec, and with the architecture among its documents; and one beside `docs/`."""
    own = policy()
    plan = own.gates[IMPLEMENTATION].replace(
        documents=("{docs}/architecture.md", "{docs}/implementation-plan.md"), after=("spec",), **changed
    )
    api = Gate("api", ("api/{feature}.md",), (ALICE,), proof="none")
    return render(own.replace(gates={**own.gates, IMPLEMENTATION: plan, "api": api})).encode()


@cache
def base() -> Mapping[bytes, bytes]:
    """A feature whose spec is approved and whose plan has a task, another one beside it, and a small change."""
    done = runs(run("done"))
    own = files(
        sessions__checkout__01_spec=session("product-spec", rest=done),
        sessions__checkout__02_architecture=session("architecture", "needs: [01_spec]"),
        sessions__checkout__03_plan=session("implementation-plan", "needs: [02_architecture, gate:spec]"),
        **{"sessions__checkout__04-cart": session(IMPLEMENTATION, "needs: [gate:implementation]")},
        sessions__checkout__05_test=session("testing", "needs: [03_plan]"),
        sessions__billing__01_spec=session("product-spec"),
        sessions__billing__02_all=session("testing", "needs: [checkout/05_test, 01_spec, changes/fix]"),
        sessions__billing__03_api=session("testing", "gate: api"),
        sessions__changes__fix=session("change"),
        docs__checkout__brief="# Brief\n\nSell.\n",
    )
    own |= {SPEC: b"# Spec\n", TASKED: PLAN.encode(), PAGE: SOUND.encode(), PATH: ruled()}
    own |= {RULES: b"Be brief.\n", README: b"# Shop\n", API: b"# API\n"}
    rested = (b"docs/checkout/brief.md", RULES, README)
    inputs = tuple((path, hashlib.sha256(own[path]).hexdigest()) for path in rested)
    spec = record(SPEC, b"# Spec\n", ALICE, inputs=inputs)
    return {**own, **filed(spec, None)}


RECORDS = {
    **filed(record(TASKED, PLAN.encode(), ALICE, gate=IMPLEMENTATION), None),
    **filed(record(ARCHITECTURE, b"x", ALICE, gate=IMPLEMENTATION), None),
    **filed(record(PAGE, SOUND.encode(), ALICE, gate="change"), None),
    **filed(record(API, b"# API\n", ALICE, gate="api"), None),
}
RUN = runs(run("done"))
Edit = tuple[bytes, bytes | None]
EDITS: list[Edit] = [
    *((path, data) for path, data in RECORDS.items()),
    *((path, None) for path in base()),
    (ARCHITECTURE, b"x"),
    (TASKED, PLAN.replace("04-cart", "06-stock").encode()),
    (TASKED, b"# Plan\n"),
    (SPEC, b"# Spec\n\nMore.\n"),
    (PAGE, SOUND.replace("src/", "app/").encode()),
    (PATH, ruled(approvers=("bob@example.org",))),
    *((path, b"More.\n") for path in (RULES, README, API)),
    (PATH, b"version = "),
    (SIGNERS, b"x"),
    (REVOKED, b"x"),
    (b"src/cart.py", b"x"),
    (b"docs/test-plan.md", b"x"),
    (b"docs/brief.md", b"# Nothing\n"),
    (b"docs/checkout/brief.md", b"# Nothing\n"),
    (b"docs/billing/brief.md", b"# Brief\n\nBill.\n"),
    (b"sessions/templates/testing.md", b"---\ngate: spec\nwrites: [docs/x.md]\n---\n# T\n"),
    (b"sessions/01_spec.md", session("product-spec", rest=RUN).encode()),
    (b"sessions/checkout/02_architecture.md", session("architecture", rest=RUN).encode()),
    (b"sessions/checkout/03_plan.md", session("implementation-plan", rest=RUN).encode()),
    (b"sessions/checkout/04-cart.md", session(IMPLEMENTATION, rest=RUN).encode()),
    (b"sessions/checkout/05_test.md", session("testing", "writes: [src/cart.py]").encode()),
    (b"sessions/checkout/06-stock.md", session(IMPLEMENTATION).encode()),
    (b"sessions/changes/fix.md", session("change", rest=RUN).encode()),
]


def blocks(given_picture: Picture, *, exact: bool) -> dict[str, list[bytes]]:
    """The block of every session by its whole name; if not `exact`, ready and blocked are one."""
    found = {}
    for name, one in given_picture.project.sessions.items():
        whole = render_tracker(given_picture, one.feature, {name}).encode()
        found[name] = lines(whole.partition(b"\n---\n")[2].partition(b"\n---\n")[0], exact=exact)
    return found


def edited(given_files: Mapping[bytes, bytes], edits: Iterable[Edit]) -> dict[bytes, bytes]:
    return {path: data for path, data in {**given_files, **dict(edits)}.items() if data is not None}


def holds(before: Mapping[bytes, bytes], after: Mapping[bytes, bytes]) -> None:
    """The law, for one change."""
    one, other = seen({**before}), seen({**after})
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    names = touched(other, changed, [one.project.snapshot])
    assert names <= touched(other, changed)
    for exact, told in ((False, names), (True, names | dependents(other.project, names))):
        then, now = blocks(one, exact=exact), blocks(other, exact=exact)
        assert {name for name in now if then.get(name) != now[name]} <= told, changed
    assert one.project.sessions.keys() - other.project.sessions.keys() <= names


@pytest.mark.parametrize("more", [{}, {**RECORDS, ARCHITECTURE: b"x"}], ids=["shut", "open"])
def test_what_one_edit_tells_otherwise_was_touched_or_needs_what_was(more: Mapping[bytes, bytes]) -> None:
    before = {**base(), **more}
    for edit in EDITS:
        holds(before, edited(before, [edit]))


@settings(max_examples=60)  # two pictures and four trackers each
@given(st.lists(st.sampled_from(EDITS), min_size=2, max_size=4), st.lists(st.sampled_from(EDITS), max_size=4))
def test_so_it_is_with_several(change: list[Edit], earlier: list[Edit]) -> None:
    before = edited(base(), earlier)
    holds(before, edited(before, change))


def test_the_law_sees_every_word_of_a_state() -> None:
    """The law above would hold for nothing if the blocks were not told apart."""
    found = blocks(seen({**base()}), exact=True)
    assert len(found) > 6
    assert any(line.endswith(BLOCKED) for line in found["checkout/05_test"])
    assert found["checkout/01_spec"] != blocks(seen({**base(), SPEC: b"x"}), exact=True)["checkout/01_spec"]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (README, {"checkout/01_spec", "checkout/03_plan", "checkout/04-cart"}),
        (API, {"billing/03_api"}),
        (b"LICENSE", set()),
        (b"src/other.py", set()),
        (b"docs/checkout/tracker.md", set()),
        (b"sessions/checkout/05_test.md", {"checkout/05_test"}),
        (b"sessions/checkout/05_test.runs/x.md", {"checkout/05_test"}),
        (b"sessions/gone/01.md", {"gone/01"}),
        (b"sessions/templates/testing.md", {"checkout/05_test", "billing/02_all", "billing/03_api"}),
        (b"src/cart.py", {"checkout/04-cart"}),
        (b"docs/billing/brief.md", {"billing/01_spec", "billing/02_all", "billing/03_api"}),
        (PAGE, {"changes/fix"}),
        (ARCHITECTURE, {"checkout/02_architecture", "checkout/03_plan", "checkout/04-cart"}),
        (b".sdd/approvals/change/docs/changes/fix.md/a@b.c.toml.sig", {"changes/fix"}),
        (b".sdd/approvals/other/docs/changes/fix.md/a@b.c.toml", set()),
    ],
)
def test_a_path_touches_the_sessions_that_rest_on_it(path: bytes, names: set[str]) -> None:
    assert touched(seen({**base()}), [path]) == names


def test_who_decides_over_gates_touches_every_session_with_a_gate() -> None:
    without_gate = {"checkout/02_architecture", "checkout/05_test", "billing/02_all"}
    for path in (PATH, SIGNERS, REVOKED):
        assert touched(seen({**base()}), [path]) == seen({**base()}).project.sessions.keys() - without_gate


def test_what_an_approval_rested_on_touches_whoever_has_the_gate() -> None:
    own = {**base()}
    del own[b"docs/checkout/brief.md"]
    assert touched(seen(own), [b"docs/checkout/brief.md"]) >= {"checkout/01_spec", "checkout/03_plan"}


def test_a_gate_that_nobody_knows_rests_on_the_policy() -> None:
    own = files(sessions__01=session("testing", "needs: [gate:nothing]"))
    assert touched(seen(own), [PATH]) == {"01"}
    del own[PATH]
    assert touched(seen(own), [PATH]) == {"01"}


def test_what_is_kept_of_a_repository_tells_the_same(box: GitBox) -> None:
    for path, data in base().items():
        box.write(path, data)
    box.commit("Begin")
    box.write(README, b"More.\n")
    box.git("add", "-A")
    for _ in range(2):
        repository = Repository.find(str(box.path))
        before, index = repository.commit("HEAD"), repository.index()
        names = touched(picture(index), index.differing(before), [before])
        assert names == {"checkout/01_spec", "checkout/03_plan", "checkout/04-cart"}
