from __future__ import annotations

from projects import ALICE, files, run, runs, seen, session, snapshot
from sdd.findings import Finding
from sdd.views.review import changed, review

SPEC = session(
    "product-spec",
    goal="Say what\nis built.",
    rest="\n## Questions\n\n- Whose?\n  > Ours.\n- When?\n"
    + runs(run(file="01-spec.runs/x.md", checks=("0 make test",), cost="0.02")),
)
WHOLE = "# A run\n\n## Inputs\n\n- `docs/brief.md` blob 1 text 2\n- `docs/lessons.md` blob 1 text 2\n\n## Response\n\nNone.\n"
BEFORE = files(
    **{"sessions__01-spec": session("product-spec"), "sessions__02-plan": session("implementation-plan")}
)
AFTER = files(
    **{
        "sessions__01-spec": SPEC,
        "sessions__02-plan": session("implementation-plan"),
        "sessions__01-spec.runs__x": WHOLE,
        "docs__product-spec": "# Spec\n",
        "docs__interfaces__cart": "# Cart\n",
    }
)


def reviewed(before: dict[bytes, bytes] = BEFORE, after: dict[bytes, bytes] = AFTER, *found: Finding) -> str:
    return review(snapshot(before), seen(after), "main..HEAD", found)


def test_a_review_shows_what_a_reviewer_asks_for() -> None:
    text = reviewed()
    assert "`sdd check` finds nothing." in text
    assert f"| spec | docs/product-spec.md | missing, awaits {ALICE} |" in text
    assert "### 01-spec: Title, asking\n\nSay what is built.\n" in text
    assert "- [ ] it is so" in text
    assert "- Whose? — Ours." in text
    assert "- When? — **open**" in text
    assert "- run: done, unknown provider" not in text
    assert "`make test` exit 0" in text
    assert "\\$0.02" in text
    assert "- rests on docs/brief.md\n" in text
    assert "### Contracts changed\n\n- `docs/interfaces/cart.md`" in text
    assert "02-plan" not in text


def test_a_review_ends_with_the_commands_that_are_the_reviewer_s() -> None:
    duties = reviewed().partition("### What you have to do\n")[2]
    assert "`sdd answer 01-spec`" in duties
    assert f"{ALICE}: read it, then `sdd approve docs/product-spec.md --gate spec`" in duties


def test_a_finding_comes_first() -> None:
    text = reviewed(
        BEFORE, AFTER, Finding("SDD401", b"src/a.py", 0, "comes before its spec", "git rm src/a.py")
    )
    assert "### `sdd check` refuses this: 1\n\n- src/a.py: SDD401 comes before its spec" in text
    assert "`sdd check main..HEAD`: SDD401 first: git rm src/a.py" in text


def test_what_could_not_be_judged_is_never_called_clean() -> None:
    text = review(snapshot(BEFORE), seen(AFTER), "main..HEAD", (), "there is no policy")
    assert "`sdd check` could not judge this: there is no policy" in text
    assert "finds nothing" not in text


def test_a_session_in_review_can_be_sent_back() -> None:
    done = files(
        **{"sessions__01-spec": session("product-spec", rest=runs(run())), "docs__product-spec": "# Spec\n"}
    )
    assert "or send it back: `sdd reject 01-spec -m WHY`" in reviewed(BEFORE, done)


def test_nothing_to_do_is_said() -> None:
    assert "read the change; nothing else waits for you" in reviewed(BEFORE, BEFORE)


def test_only_runs_that_are_new_are_shown() -> None:
    old = files(**{"sessions__01-spec": SPEC})
    new = files(**{"sessions__01-spec": SPEC.replace("Say what", "Tell what")})
    assert "run: " not in reviewed(old, new)


def test_a_list_is_cut_and_the_rest_counted() -> None:
    many = files(**{f"docs__interfaces__{number:02}": "x\n" for number in range(10)})
    assert "- and 2 more" in reviewed({}, many)


def test_what_changed_is_added_removed_or_other() -> None:
    before, after = (
        snapshot({b"a": b"1", b"b": b"1", b"c": b"1"}),
        snapshot({b"b": b"2", b"c": b"1", b"d": b"1"}),
    )
    assert changed(before, after) == [b"a", b"b", b"d"]


def test_of_contracts_that_a_proposal_speaks_of_it_says_how_many_are_kept() -> None:
    pairs = (
        "  docs/interfaces/cart.py::ICart: src/cart.py::Cart",
        "  docs/interfaces/cart.py::IStock: src/stock.py::Stock",
        "  docs/interfaces/cart.py::IPrice: src/price.ts",
    )
    done = session("implementation", "implements:", *pairs[:1], *pairs[2:], rest=runs(run()))
    after = files(
        **{
            "sessions__01-cart": done,
            "sessions__02-stock": session("implementation", "implements:", pairs[1]),
        }
    )
    after |= {
        b"docs/interfaces/cart.py": b"class ICart:\n    def f(self) -> int: ...\nclass IStock: ...\nclass IPrice: ...\n",
        b"src/cart.py": b"class Cart:\n    def f(self) -> str:\n        return ''\n",
        b"src/price.ts": b"export {}\n",
    }
    text = reviewed(BEFORE, after)
    assert (
        "### Contracts kept: 1 of 2\n\n- `docs/interfaces/cart.py::ICart` by `src/cart.py::Cart`: src/cart.py:2: SDD188 "
        in text
    )
    assert "- `docs/interfaces/cart.py::IStock` by `src/stock.py::Stock`: not implemented yet\n" in text
    assert (
        "- `docs/interfaces/cart.py::IPrice` by `src/price.ts`: kept; 1 can't be told without running it\n"
        in text
    )
    assert "Contracts kept" not in reviewed()
