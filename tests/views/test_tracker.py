"""The trackers as pure functions: same bytes whatever the order, links that resolve, words that stay words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from people import filed, record
from projects import ALICE, files, policy, run, runs, seen, session, snapshot
from sdd.gates.picture import Picture, picture
from sdd.gates.policy import PATH, render
from sdd.snapshot import LINK, Entry, Snapshot
from sdd.views.quoting import code, link, plain, shown, steers
from sdd.views.tracker import (
    NOTE,
    changed,
    difference,
    findings,
    foreign,
    is_as_written,
    trackers,
    vain,
)

ROOT, CHECKOUT = b"docs/tracker.md", b"docs/checkout/tracker.md"
DONE = runs(run("done"))
ASKS = "\n## Questions\n\n- Do carts expire?\n- Which {currency}?\n  > Euro.\n"
FORGE = MarkdownIt("gfm-like", {"linkify": False})


def project(**more: str) -> dict[bytes, bytes]:
    """A root feature, a feature checkout with a written spec, and a small change."""
    own = {
        "sessions__01-product-spec": session("product-spec", rest=ASKS),
        "sessions__checkout__01-product-spec": session("product-spec", rest=DONE),
        "sessions__checkout__02-architecture": session("architecture", "needs: [01-product-spec]"),
        "sessions__changes__fix": session("change"),
        "docs__checkout__product-spec": "# Spec\n",
        "docs__checkout__brief": "# Brief\n\nSell.\n",
    }
    return files(**(own | more))


def written(given_files: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """These files with the trackers that they should have."""
    return {**given_files, **trackers(seen(given_files))}


def text(given_picture: Picture, place: bytes = CHECKOUT) -> str:
    return trackers(given_picture)[place].decode()


def codes(given_files: dict[bytes, bytes]) -> list[tuple[str, bytes, int]]:
    return [(one.code, one.path, one.line) for one in findings(seen(given_files))]


def tree(markdown: str) -> SyntaxTreeNode:
    return SyntaxTreeNode(FORGE.parse(markdown))


def links(markdown: str) -> Iterator[str]:
    for node in tree(markdown).walk():
        if node.type == "link":
            yield str(node.attrs["href"])


def test_a_feature_has_a_tracker_with_a_block_for_each_session() -> None:
    assert (
        text(seen(project()))
        == f"""\
# Tracker: checkout

{NOTE}

[The brief](brief.md)

---

## 01-product-spec

[Title](../../sessions/checkout/01-product-spec.md): **review**

- writes [docs/checkout/product-spec.md](product-spec.md)
- gate spec: docs/checkout/product-spec.md missing, awaits {ALICE}

---

## 02-architecture

[Title](../../sessions/checkout/02-architecture.md): **blocked**

- writes `docs/checkout/architecture.md`
- writes `docs/interfaces/**`
"""
    )


def test_the_root_tracker_shows_its_sessions_and_lists_the_features() -> None:
    root = text(seen(project()), ROOT)
    assert "- asks: Do carts expire?\n" in root
    assert "currency" not in root
    assert root.endswith("---\n\n[checkout](checkout/tracker.md)\n")
    assert "fix" not in root


def test_without_sessions_there_is_no_tracker() -> None:
    assert trackers(seen(files())) == {}
    assert trackers(seen(files(sessions__changes__fix=session("change")))) == {}


def test_an_approval_shows_with_its_worth() -> None:
    given_files = project()
    given_files |= filed(record(b"docs/checkout/product-spec.md", b"# Spec\n", ALICE), None)
    now = text(seen(given_files))
    assert "**done**" in now
    assert f"docs/checkout/product-spec.md approved by {ALICE} (recorded, not proven)\n" in now


def test_a_gate_without_standings_says_why() -> None:
    given_files = project()
    del given_files[PATH]
    assert "- gate spec: there is no .sdd/policy.toml: \\`sdd init\\`\n" in text(seen(given_files))


def test_a_gate_that_is_proven_does_not_say_recorded() -> None:
    rules = policy()
    gates = {name: gate.replace(proof="merged") for name, gate in rules.gates.items()}
    given_files = {**project(), PATH: render(rules.replace(gates=gates)).encode()}
    merged = picture(snapshot(given_files), trusted=snapshot(given_files))
    assert "- gate spec: docs/checkout/product-spec.md approved\n" in text(merged)


def test_a_task_shows_what_it_grants() -> None:
    plan = "# Plan\n\n## Tasks\n\n### 04-cart: Cart\n\n- Goal: g\n- Writes: src/cart.py\n- Acceptance: a\n"
    given_files = project(
        **{
            "docs__checkout__implementation-plan": plan,
            "sessions__checkout__04-cart": session("implementation"),
        }
    )
    assert "- writes `src/cart.py`\n" in text(seen(given_files))
    assert "- writes [src/cart.py](../../src/cart.py)\n" in text(seen({**given_files, b"src/cart.py": b""}))


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_files_changes_no_byte(random: object) -> None:
    items = list(project().items())
    random.shuffle(items)  # type: ignore[attr-defined] # Hypothesis gives a random.Random
    assert trackers(seen(dict(items))) == trackers(seen(project()))


ODD = {
    b"sessions/a b/(x) [y].md": session("testing", "writes: [docs/a b/x (1).md, 'src/`a`/**']").encode(),
    "sessions/läden/01-öl.md".encode(): session("testing").encode(),
    b"docs/a b/x (1).md": b"x",
    b"docs/a b/brief.md": b"# Brief\n\nx\n",
}


def test_every_link_leads_to_a_file_that_is_there() -> None:
    given_files = written(project() | ODD)
    count = 0
    for place in trackers(seen(given_files)):
        for href in links(given_files[place].decode()):
            parts: list[str] = []
            for part in (*PurePosixPath(place.decode()).parent.parts, *unquote(href).split("/")):
                parts = parts[:-1] if part == ".." else [*parts, part]
            assert "/".join(parts).encode() in given_files, href
            count += 1
    assert count == 9


NASTY = (
    "a ] b | c",
    "<script>alert(1)</script>",
    "[x](http://example.org)",
    "![x](y)",
    "# no heading",
    "*b* _c_ **d** ~~e~~ `f`",
    "&amp; &lt;",
    "``` code",
    "\\ \\[ \\",
    "a\x1b[31mb\x07",
    "\u202eevil",
    "<!-- x",
    "--- | ---",
    "$x$ <a@b.org> https://example.org",
    "1. one",
    "snake_case_name",
)


def quoted(title: str) -> str:
    """Front matter and sections around a title and a question that hold anything on one line."""
    return session("testing", rest=f"\n## Questions\n\n- x {title}\n").replace("# Title", f"# {title}")


def shape(markdown: str) -> list[str]:
    """The structure of a page: its nodes apart from plain text."""
    return [node.type for node in tree(markdown).walk() if node.type != "text"]


def visible(markdown: str) -> str:
    return "".join(node.content for node in tree(markdown).walk() if node.type in {"text", "code_inline"})


@pytest.mark.parametrize("title", NASTY)
def test_words_that_look_like_markup_stay_words(title: str) -> None:
    calm, odd = (text(seen(files(sessions__01=quoted(words))), ROOT) for words in ("calm", title))
    assert shape(odd) == shape(calm)
    assert len(odd.splitlines()) == len(calm.splitlines())
    assert not any(map(steers, odd))
    assert plain(title).replace("\\", "") in odd.replace("\\", "")


def on_one_line(words: str) -> str:
    return "".join("\ufffd" if steers(char) else char for char in " ".join(words.split()))


@given(st.text(max_size=30))
def test_any_words_quoted_show_as_they_are(words: str) -> None:
    asked, linked = f"- asks: {plain(words)} end", f"- {link(words, 'x')} end"
    assert visible(asked) == f"asks: {on_one_line(words)} end"
    assert visible(linked) == f"{on_one_line(words)} end"
    assert shape(asked) == shape("- asks: x end")
    assert shape(linked) == shape("- [x](x) end")


@given(st.text(min_size=1, max_size=30).filter(str.strip))
def test_any_words_can_stand_in_a_code_span(words: str) -> None:
    assert visible(f"a {code(words)} b") == f"a {on_one_line(words)} b"


@given(st.text())
def test_nothing_that_is_shown_steers_a_terminal(words: str) -> None:
    safe = shown(words)
    assert not any(map(steers, safe))
    assert safe == words or any(map(steers, words))


def test_what_is_escaped_is_escaped_as_in_json() -> None:
    assert shown("a\x1b[31m\r\n\tb\u202e\udc80") == "a\\u001b[31m\n\tb\\u202e\\udc80"


def test_trackers_that_say_what_is_so_have_no_findings() -> None:
    assert codes(written(project())) == []
    assert difference(seen(written(project()))) == ""
    assert changed(seen(written(project()))) == {}


def test_line_ends_alone_are_no_difference() -> None:
    windows = {
        path: data.replace(b"\n", b"\r\n") if path.endswith(b"tracker.md") else data
        for path, data in written(project()).items()
    }
    assert codes(windows) == []
    assert difference(seen(windows)) == ""
    assert changed(seen(windows)) == {}


def test_a_missing_tracker_is_found() -> None:
    assert codes(project()) == [("SDD202", ROOT, 0), ("SDD202", CHECKOUT, 0)]
    assert difference(seen(project())).startswith("--- a/docs/tracker.md\n+++ b/docs/tracker.md\n@@ -0,0 +1,")


def test_a_link_in_a_trackers_place_is_a_missing_one() -> None:
    plain_files = snapshot(written(project()))
    linked = Snapshot(
        "linked", {**plain_files.entries, ROOT: Entry(LINK, plain_files.blob(ROOT))}, plain_files.read_all
    )
    assert [one.code for one in findings(picture(linked))] == ["SDD202"]
    assert foreign(picture(linked)) == [ROOT]


def test_a_stale_tracker_is_found_at_its_first_wrong_line() -> None:
    given_files = written(project())
    given_files[CHECKOUT] = given_files[CHECKOUT].replace(b"**review**", b"**done**")
    assert codes(given_files) == [("SDD201", CHECKOUT, 11)]
    assert "-[Title](../../sessions/checkout/01-product-spec.md): **done**\n" in difference(seen(given_files))
    given_files = written(project())
    given_files[CHECKOUT] += b"\nmine\n"
    last = given_files[CHECKOUT].count(b"\n")
    assert codes(given_files) == [("SDD201", CHECKOUT, last)]


def test_conflict_markers_are_found() -> None:
    given_files = written(project())
    given_files[ROOT] = b"<<<<<<< ours\n" + given_files[ROOT] + b"=======\n>>>>>>> theirs\n"
    assert codes(given_files) == [("SDD203", ROOT, 0)]


def test_ready_and_blocked_are_one_to_a_finding_and_two_to_the_difference() -> None:
    given_files = written(project())
    assert b"**blocked**" in given_files[CHECKOUT]
    given_files[CHECKOUT] = given_files[CHECKOUT].replace(b"**blocked**", b"**ready**")
    assert codes(given_files) == []
    assert "+[Title](../../sessions/checkout/02-architecture.md): **blocked**" in difference(
        seen(given_files)
    )
    assert set(changed(seen(given_files))) == {CHECKOUT}
    given_files[CHECKOUT] = given_files[CHECKOUT].replace(b"**ready**", b"**asking**")
    assert codes(given_files) == [("SDD201", CHECKOUT, 20)]


def test_words_cannot_pass_for_a_state() -> None:
    given_files = written(files(sessions__01=quoted("x): **ready**")))
    assert b"): \\*\\*ready\\*\\*" in given_files[ROOT]
    given_files[ROOT] = given_files[ROOT].replace(b"): \\*\\*ready\\*\\*", b"): \\*\\*blocked\\*\\*")
    assert [code_ for code_, _, _ in codes(given_files)] == ["SDD201"]


def test_what_a_person_wrote_in_a_trackers_place_is_foreign() -> None:
    given_files = written(project())
    assert foreign(seen(given_files)) == []
    given_files[ROOT] = b"# Our bug tracker\n"
    assert foreign(seen(given_files)) == [ROOT]
    given_files[ROOT] = b" \n"
    assert foreign(seen(given_files)) == []


def left_over(place: bytes = CHECKOUT, data: bytes | None = None) -> dict[bytes, bytes]:
    """A project whose feature checkout has lost its sessions, with these bytes there; else with its tracker as it was."""
    kept = {path: text for path, text in project().items() if not path.startswith(b"sessions/checkout/")}
    return {**written(kept), place: trackers(seen(project()))[CHECKOUT] if data is None else data}


def test_a_tracker_of_no_session_is_found_and_can_go() -> None:
    given_files = left_over()
    assert codes(given_files) == [("SDD204", CHECKOUT, 0)]
    assert [one.hint for one in findings(seen(given_files))] == ["sdd tracker --stage"]
    assert vain(seen(given_files)) == [CHECKOUT]
    diff = difference(seen(given_files))
    assert diff.startswith("--- a/docs/checkout/tracker.md\n+++ /dev/null\n@@ -1,")
    assert {line[:1] for line in diff.splitlines()[3:]} == {"-"}
    assert vain(seen(written(project()))) == []


def test_without_any_session_the_root_tracker_can_go_too() -> None:
    given_files = files(docs__tracker=text(seen(project()), ROOT))
    assert codes(given_files) == [("SDD204", ROOT, 0)]
    assert vain(seen(given_files)) == [ROOT]


def test_every_line_that_is_ever_written_is_known_as_such() -> None:
    for given_files in (
        project() | ODD,
        {**project(), **filed(record(b"docs/checkout/product-spec.md", b"x", ALICE), None)},
    ):
        for place, data in trackers(seen(given_files)).items():
            assert is_as_written(snapshot({place: data}), place)
            assert is_as_written(snapshot({place: data.replace(b"\n", b"\r\n")}), place)


@pytest.mark.parametrize(
    "line",
    ["mine", "[a link](x.md)", "[a link](x.md): mine", "- mine", "* * *", "<<<<<<< ours", "# Mine", " "],
)
def test_what_a_person_wrote_into_it_is_never_in_vain(line: str) -> None:
    given_files = left_over(data=written(project())[CHECKOUT] + f"{line}\n".encode())
    (found,) = findings(seen(given_files))
    assert (found.code, found.path) == ("SDD204", CHECKOUT)
    assert found.hint.startswith("git mv docs/checkout/tracker.md docs/checkout/notes.md  # or git rm")
    assert vain(seen(given_files)) == []
    assert difference(seen(given_files)) == ""


@pytest.mark.parametrize(
    ("place", "data"),
    [
        (CHECKOUT, b"# Our bug tracker\n"),
        (CHECKOUT, b""),
        (CHECKOUT, f"# Tracker\n\nsdd writes {NOTE}\n".encode()),
        (b"docs/checkout/more/tracker.md", f"# Tracker\n\n{NOTE}\n".encode()),
        (b"more/tracker.md", f"# Tracker\n\n{NOTE}\n".encode()),
    ],
)
def test_a_file_of_that_name_that_is_no_tracker_is_a_persons(place: bytes, data: bytes) -> None:
    given_files = left_over(place, data=data)
    assert codes(given_files) == []
    assert vain(seen(given_files)) == []


def test_a_link_in_a_left_trackers_place_is_not_ours() -> None:
    plain_files = snapshot(left_over())
    entries = {**plain_files.entries, CHECKOUT: Entry(LINK, plain_files.blob(CHECKOUT))}
    linked = Snapshot("linked", entries, plain_files.read_all)
    assert findings(picture(linked)) == []
    assert not is_as_written(linked, CHECKOUT)
