"""What a change leaves wrong in the trackers: told of what it touches, never of what others left there."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from projects import files, run, runs, seen, session
from sdd.views.blocks import change, findings
from sdd.views.tracker import findings as of_whole
from sdd.views.tracker import trackers

Files = Mapping[bytes, bytes]
ROOT, CHECKOUT, BILLING = b"docs/tracker.md", b"docs/checkout/tracker.md", b"docs/billing/tracker.md"
CART, PAY, MAIL = (f"sessions/checkout/{name}.md".encode() for name in ("04-cart", "05-pay", "06-mail"))
KIND = "implementation"
DONE, EDITED = (session(KIND, rest=rest).encode() for rest in (runs(run("done")), "\n## Notes\n"))
TEXT = "the tracker does not say what the sessions say"


def project(**more: str) -> dict[bytes, bytes]:
    """Two features; checkout's second session needs its first, and so does a session of billing."""
    own = {
        "sessions__checkout__04-cart": session(KIND),
        "sessions__checkout__05-pay": session(KIND, "needs: [04-cart]"),
        "sessions__checkout__06-mail": session(KIND),
        "sessions__billing__01-bill": session(KIND, "needs: [checkout/04-cart]"),
        "docs__checkout__brief": "# Brief\n\nSell.\n",
        "docs__billing__brief": "# Brief\n\nBill.\n",
    }
    found = files(**(own | more))
    return found | trackers(seen(found))


def told(before: Files, after: Files, *, exact: bool = True) -> list[tuple[str, bytes, int, str]]:
    made = change([seen({**before})], seen({**after}), exact=exact)
    return [(one.code, one.path, one.line, one.message) for one in findings(seen({**after}), made)]


def replaced(given_files: Files, place: bytes, old: str, new: str) -> dict[bytes, bytes]:
    assert given_files[place].count(old.encode()) == 1
    return {**given_files, place: given_files[place].replace(old.encode(), new.encode())}


def word(name: str, state: str) -> str:
    return f"[Title](../../sessions/{name}.md): **{state}**"


def trusting(given_files: Files) -> dict[bytes, bytes]:
    """The same with trackers that say what the files say."""
    return {**given_files, **trackers(seen({**given_files}))}


PAID = word("checkout/05-pay", "ready")
WAITS = word("checkout/05-pay", "blocked")


class TestTheWord:
    """Ready and blocked, which rest on other sessions."""

    def test_whoever_finishes_a_session_is_told_of_those_that_it_makes_ready_wherever_they_stand(
        self,
    ) -> None:
        before = project()
        after = trusting({**before, CART: DONE})
        assert told(before, after) == []
        for place, name in ((CHECKOUT, "checkout/05-pay"), (BILLING, "billing/01-bill")):
            lazy = replaced(after, place, word(name, "ready"), word(name, "blocked"))
            line = lazy[place].split(b"\n").index(word(name, "blocked").encode()) + 1
            why = f"{name} is ready, and the tracker says that it is blocked"
            assert told(before, lazy) == [("SDD201", place, line, why)]
            assert told(before, lazy, exact=False) == []

    def test_whoever_takes_it_back_is_told_the_other_way_round(self) -> None:
        before = trusting({**project(), CART: DONE})
        after = {**before, CART: project()[CART], **{place: project()[place] for place in (ROOT, BILLING)}}
        after = replaced(after, CHECKOUT, word("checkout/04-cart", "done"), word("checkout/04-cart", "ready"))
        why = "checkout/05-pay is blocked, and the tracker says that it is ready"
        assert [message for _, _, _, message in told(before, after)] == [why]

    def test_nobody_answers_for_what_a_merge_left_there(self) -> None:
        merged = replaced(trusting({**project(), CART: DONE}), CHECKOUT, PAID, WAITS)
        after = {**merged, MAIL: EDITED, b"src/x.py": b""}
        assert told(merged, merged) == told(merged, after) == []
        assert of_whole(seen(merged)) == []

    def test_whoever_touches_that_very_session_is_told(self) -> None:
        merged = replaced(trusting({**project(), CART: DONE}), CHECKOUT, PAID, WAITS)
        after = {**merged, PAY: merged[PAY] + b"\n## Notes\n"}
        assert [message for _, _, _, message in told(merged, after)] == [
            "checkout/05-pay is ready, and the tracker says that it is blocked"
        ]

    def test_whoever_corrects_it_is_not_told_and_whoever_writes_it_wrong_is(self) -> None:
        right = trusting({**project(), CART: DONE})
        wrong = replaced(right, CHECKOUT, PAID, WAITS)
        assert told(wrong, right) == []
        assert len(told(right, wrong)) == 1
        assert told(right, wrong, exact=False) == []


class TestOtherLines:
    """Whatever else a block says."""

    def test_a_block_that_was_stale_before_is_nobodys_who_does_not_touch_it(self) -> None:
        stale = replaced(
            project(), CHECKOUT, word("checkout/06-mail", "ready"), word("checkout/06-mail", "done")
        )
        assert told(stale, trusting_but(stale, {**stale, CART: DONE}, "checkout/06-mail")) == []
        line = stale[CHECKOUT].split(b"\n").index(word("checkout/06-mail", "done").encode()) + 1
        assert told(stale, {**stale, MAIL: EDITED}) == [("SDD201", CHECKOUT, line, TEXT)]

    def test_a_block_that_a_person_edits_is_found_at_its_line(self) -> None:
        before = project()
        after = replaced(before, CHECKOUT, WAITS, f"{WAITS}\n\n- mine")
        line = after[CHECKOUT].split(b"\n").index(b"- mine") + 1
        assert told(before, after) == [("SDD201", CHECKOUT, line, TEXT)]
        assert told(after, {**after, b"src/x.py": b""}) == []
        after = replaced(before, CHECKOUT, "# Tracker: checkout\n", "# Mine\n")
        assert told(before, after) == [("SDD201", CHECKOUT, 1, TEXT)]

    def test_a_block_too_few_too_many_or_twice_is_found(self) -> None:
        before = project()
        block = before[CHECKOUT].partition(b"---\n\n## 06-mail")
        few = {**before, CHECKOUT: block[0].removesuffix(b"\n")}
        assert told(before, few) == [("SDD201", CHECKOUT, 0, "the tracker has no block `## 06-mail`")]
        twice = {**before, CHECKOUT: before[CHECKOUT] + b"\n" + block[1] + block[2]}
        why = "the tracker has the block `## 06-mail` more than once"
        assert told(before, twice) == [("SDD201", CHECKOUT, len(block[0].split(b"\n")) + 8, why)]
        gone = {path: data for path, data in before.items() if path != MAIL}
        why = "the tracker has a block `## 06-mail`, which nothing stands behind"
        assert told(before, gone) == [("SDD201", CHECKOUT, len(block[0].split(b"\n")) + 2, why)]
        assert told(gone, {**gone, b"src/x.py": b""}) == []

    def test_blocks_that_change_places_are_found(self) -> None:
        before = project()
        top, *blocks = before[CHECKOUT].split(b"\n---\n")
        moved = {**before, CHECKOUT: b"\n---\n".join([top, *blocks[::-1]])}
        assert told(before, moved) == [("SDD201", CHECKOUT, 0, "the tracker's blocks are in disorder")]
        assert told(moved, {**moved, b"src/x.py": b""}) == []

    def test_the_brief_stands_on_top(self) -> None:
        before = project()
        after = {path: data for path, data in before.items() if path != b"docs/checkout/brief.md"}
        assert ("SDD201", CHECKOUT, 5, TEXT) in told(before, after)
        assert told(before, trusting(after)) == []
        assert told(before, {**before, b"docs/checkout/brief.md": b"# Brief\n\nMore.\n"}) == []

    def test_line_ends_alone_are_no_difference(self) -> None:
        before = project()
        assert told(before, {**before, CHECKOUT: before[CHECKOUT].replace(b"\n", b"\r\n")}) == []


class TestWholeTrackers:
    """Trackers that are not there, or cannot be read."""

    def test_a_feature_that_is_begun_needs_its_tracker_and_its_line(self) -> None:
        before, after = project(), project(sessions__admin__01=session(KIND))
        assert told(before, after) == []
        listed = "[admin](admin/tracker.md)"
        lazy = {**after, ROOT: before[ROOT]}
        assert told(before, lazy) == [("SDD201", ROOT, 0, f"the tracker has no block `{listed}`")]
        del lazy[b"docs/admin/tracker.md"]
        assert [(code, path) for code, path, _, _ in told(before, lazy)] == [
            ("SDD201", ROOT),
            ("SDD202", b"docs/admin/tracker.md"),
        ]
        assert told(after, {**before, b"sessions/admin/01.md": after[b"sessions/admin/01.md"]}) != []

    def test_a_tracker_that_was_missing_is_told_to_whoever_touches_its_sessions(self) -> None:
        before = {path: data for path, data in project().items() if path != BILLING}
        assert told(before, {**before, MAIL: EDITED}) == []
        assert [
            code for code, _, _, _ in told(before, {**before, b"sessions/billing/01-bill.md": EDITED})
        ] == ["SDD202"]
        assert [code for code, _, _, _ in told(project(), before)] == ["SDD202"]

    def test_conflict_markers_are_found_in_what_is_written(self) -> None:
        before = project()
        after = {**before, BILLING: b"<<<<<<< ours\n" + before[BILLING] + b"=======\n>>>>>>> theirs\n"}
        assert [(code, path) for code, path, _, _ in told(before, after)] == [("SDD203", BILLING)]
        assert told(after, {**after, b"src/x.py": b""}) == []

    def test_who_takes_the_last_session_away_is_told_of_the_tracker_that_stays(self) -> None:
        before = project()
        after = trusting(
            {path: data for path, data in before.items() if not path.startswith(b"sessions/billing/")}
        )
        why = "there is no session any more that this tracker is of"
        assert told(before, after) == [("SDD204", BILLING, 0, why)]
        assert told(after, {**after, MAIL: EDITED}) == []
        del after[BILLING]
        assert told(before, after) == []
        assert told(after, {**after, BILLING: before[BILLING]}) == [("SDD204", BILLING, 0, why)]
        bare = {path: data for path, data in before.items() if not path.startswith(b"sessions/")}
        assert [path for _, path, _, _ in told(before, bare)] == [BILLING, CHECKOUT, ROOT]

    def test_a_project_without_sessions_has_nothing_to_tell(self) -> None:
        assert told({}, files()) == []
        assert told({}, files(sessions__changes__fix=session("change"))) == []
        assert told({}, project()) == []


@pytest.mark.parametrize("exact", [True, False])
def test_of_several_beginnings_only_what_differs_from_all_is_the_changes_own(*, exact: bool) -> None:
    one = project()
    two = replaced(one, CHECKOUT, WAITS, f"{WAITS}\n\n- theirs")
    three = replaced(two, CHECKOUT, "- theirs", "- theirs\n- mine")
    for began, after, count in (((one, two), two, 0), ((one, two), three, 1), ((two,), one, 0)):
        made = change([seen(given) for given in began], seen(after), exact=exact)
        assert len(findings(seen(after), made)) == count


def trusting_but(before: Files, after: Files, name: str) -> dict[bytes, bytes]:
    """The same with right trackers, but for the block of one session, which is as it was."""
    slug = name.rpartition("/")[2].encode()
    parts = trusting(after)[CHECKOUT].split(b"\n---\n")
    old = {part.split(b"\n")[1]: part for part in before[CHECKOUT].split(b"\n---\n")[1:]}
    parts = [old[b"## " + slug] if part.startswith(b"\n## " + slug) else part for part in parts]
    return {**trusting(after), CHECKOUT: b"\n---\n".join(parts)}
