from __future__ import annotations

from gitbox import GitBox


def begun(box: GitBox) -> str:
    box.git("config", "user.email", "alice@example.org")
    box.sdd("init", "--hooks", "none")
    box.sdd("new", "cart", "Sell things.")
    return box.commit("Begin")


def test_a_proposal_is_reviewed_against_where_it_left_the_base(box: GitBox) -> None:
    begun(box)
    box.git("checkout", "-q", "-b", "spec")
    box.write("docs/cart/product-spec.md", "# Spec\n")
    box.write(
        "sessions/cart/01-product-spec.md",
        box.read("sessions/cart/01-product-spec.md") + "\n## Questions\n\n- Whose?\n",
    )
    box.sdd("tracker")
    box.commit("Write the spec")
    told = box.sdd("review", "main..spec").out
    assert told.startswith("## Review of main..spec\n\n`sdd check` finds nothing.\n")
    assert "### cart/01-product-spec: Product spec, asking" in told
    assert "sdd answer cart/01-product-spec" in told
    assert box.sdd("review", "main..").out.startswith("## Review of main..\n")


def test_a_proposal_that_is_refused_says_so_first(box: GitBox) -> None:
    begun(box)
    box.git("checkout", "-q", "-b", "code")
    box.write("src/cart.py", "TOTAL = 1\n")
    box.commit("Code before its spec")
    told = box.sdd("review", "main..code").out
    assert "`sdd check` refuses this: 1" in told
    assert "SDD401" in told


def test_without_a_policy_a_review_says_that_nothing_was_judged(box: GitBox) -> None:
    box.commit("One")
    box.commit("Two")
    assert "could not judge this" in box.sdd("review", "HEAD~1..HEAD").out


def test_a_review_wants_a_range_of_commits(box: GitBox) -> None:
    assert "is no range" in box.sdd("review", "main", check=2).err
    assert "is no range" in box.sdd("review", "a...b", check=2).err
    box.commit("One")
    assert "`nowhere` names no commit" in box.sdd("review", "nowhere..HEAD", check=2).err


def test_unrelated_histories_are_reviewed_whole(box: GitBox) -> None:
    begun(box)
    box.git("checkout", "-q", "--orphan", "other")
    box.commit("Again, from nothing")
    assert "### cart/01-product-spec" in box.sdd("review", "main..other").out
