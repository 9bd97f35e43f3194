"""A search through bytes leaves out no session that points somewhere: what it leads to is what reading all of them gives."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects import files
from sdd.contracts.pairs import all_pairs
from sdd.sessions import pointers
from sdd.sessions.links import dependents, implementing, naming
from sdd.sessions.pointers import Words
from sdd.sessions.project import Project, derive
from sdd.snapshot import Snapshot, in_memory
from sdd.verdicts import Verdicts

PATHS = (
    "src/cart.py",
    "src/a b.py",
    "src/01.py",
    "tests/it's.py",
    "docs/é.md",
    "README.md",
    "5",
    "notes/shop",
)
WRITES = (
    *("writes: [src/cart.py, 'tests/it''s.py']", "writes: [5]", 'writes: ["src/a b.py"]'),
    *(
        'writes: ["src\\u002fcart.py"]',
        "writes:\n- README.md\n- docs/é.md",
        "writes:\n  # one\n\n  - notes/shop # it",
    ),
    *(
        "writes: []",
        "writes: [src/*.py]",
        "writes: src/cart.py",
        "writes: [README.md]\nwrites: [src/cart.py]",
    ),
)
NEEDS = (
    "needs: [one]",
    "needs: [shop/one, gate:spec]",
    'needs: ["on\\x65"]',
    "needs:\n  - two\n  - 'one'",
    "needs: [plan]",
)
NAMES = ("one", "two", "plan", "shop/one", "shop/two", "shop/plan", "other/one", "changes/fix", "other/gone")
IMPLEMENTS = (
    "implements:\n  docs/interfaces/a.py::A: src/cart.py::Cart",
    'implements:\n  "docs/interfaces/a.py::A" : "src\\x2fcart.py::Cart"',
)
KINDS = ("implementation", '"implementation-plan"', "'own'", "implementation-plan # it", '"o\\x77n"', "own")
ITEMS = (
    "it is so (src/cart.py)",
    "it is so (`./tests/it's.py::test_b`)  ",
    "so (README.md)",
    "so (docs/é.md) ends",
)
OWN = "---\nwrites: {writes}\nneeds: {needs}\n{more}---\n# Own\n"
TASKS = (
    "Writes: src/cart.py, `README.md`",
    "Writes:\n  - src/a\n    b.py\n  - docs/é.md",
    "Writes: src/a\n  b.py",
)


def text(front: Iterable[str], items: Iterable[str], ends: str) -> str:
    lines = ("---", *front, "---", "# Title", "", "## Checklist", "", *(f"- [x] {one}" for one in items))
    return ends.join("\n".join(lines).split("\n"))


FRONT = st.tuples(
    st.sampled_from(KINDS).map("kind: {}".format),
    *(st.sampled_from(("", *some)) for some in (WRITES, NEEDS, IMPLEMENTS)),
).map(lambda lines: [line for line in lines if line])
SESSIONS = st.one_of(
    st.builds(text, FRONT, st.lists(st.sampled_from(ITEMS), max_size=2), st.sampled_from(("\n", "\r\n"))),
    st.just("# No front matter\n\n## Checklist\n\n- [ ] it is so (src/cart.py)\n\n---\n"),
    st.just("---\nkind: own\nwrites: [src/cart.py]\n"),
)
TEMPLATES = st.builds(
    OWN.format,
    writes=st.sampled_from(("[]", "[README.md]", '["src/{session}.py"]', '["notes/{feature}", "docs/*"]')),
    needs=st.sampled_from(("[]", "[one]", '["{feature}/one"]')),
    more=st.sampled_from(("", f"{IMPLEMENTS[0]}\n")),
)
PLANS = st.lists(st.sampled_from(TASKS), max_size=2).map(
    lambda told: (
        "# Plan\n\n## Tasks\n\n"
        + "".join(
            f"### {at}: A\n\n- Goal: g\n- {one}\n- Acceptance: a\n\n"
            for at, one in zip(("one", "two"), told, strict=False)
        )
    )
)
PROJECTS = st.fixed_dictionaries(
    {},
    optional={
        **{f"sessions__{name.replace('/', '__')}": SESSIONS for name in NAMES[:-1]},
        "sessions__templates__own": TEMPLATES,
        "docs__implementation-plan": PLANS,
        "docs__shop__implementation-plan": PLANS,
        "docs__changes__fix": st.sampled_from(WRITES).map("---\n{}\n---\n".format),
    },
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """Verdicts that last, so that all sessions are read."""
    return Verdicts(str(tmp_path_factory.mktemp("kept")), b"k" * 32)


def both(known: dict[bytes, bytes], verdicts: Verdicts) -> tuple[Project, Project]:
    """A project that is searched, and the same one read."""
    searched = in_memory(known)
    return derive(searched), derive(
        Snapshot("the same", searched.entries, searched.read_all, verdicts=verdicts)
    )


@settings(max_examples=150)
@given(PROJECTS, st.sets(st.sampled_from(PATHS), min_size=1), st.sets(st.sampled_from(NAMES)))
def test_a_search_leads_to_what_reading_all_sessions_gives(
    kept: Verdicts, told: dict[str, str], paths: set[str], names: set[str]
) -> None:
    searched, read = both(files(**told), kept)
    assert naming(searched, paths) == naming(read, paths)
    assert dependents(searched, names) == dependents(read, names)
    assert implementing(searched, {"src"}) == implementing(read, {"src"})
    assert [*all_pairs(searched)] == [*all_pairs(read)]


ROW = tuple[dict[str, str], str]
HEAD = "---\nkind: own\n"
PLAN = "# Plan\n\n## Tasks\n\n### 01: A\n\n- Goal: g\n- Acceptance: a\n"


def one(front: str, **more: str) -> dict[str, str]:
    return {"sessions__shop__01": f"{HEAD}{front}---\n# Title\n"} | more


WAYS: dict[str, ROW] = {
    "a list on its line": (one("writes: [b, src/a.py]\n"), "src/a.py"),
    "a list below its key": (one("needs: []\nwrites:\n\n# two\n- b\n- src/a.py\nowner: x\n"), "src/a.py"),
    "ends of lines as on Windows": (
        {"sessions__shop__01": one("writes:\n- src/a.py\n")["sessions__shop__01"].replace("\n", "\r\n")},
        "src/a.py",
    ),
    "quotes": (one("writes: ['src/a.py']\n"), "src/a.py"),
    "a quote in quotes": (one("writes: ['src/it''s']\n"), "src/it's"),
    "an escape": (one('writes: ["src\\x2fa.py"]\n'), "src/a.py"),
    "a number": (one("writes: [5]\n"), "5"),
    "no letters": (one("writes: [é]\n"), "é"),
    "evidence": (
        {"sessions__shop__01": f"{HEAD}---\n## Checklist\n\n- [ ] a (`./src/a.py::b`) \n"},
        "src/a.py",
    ),
    "evidence without front matter": (
        {"sessions__shop__01": "# A\n\n## Checklist\n\n- [ ] a (src/a.py)\n\n---\n"},
        "src/a.py",
    ),
    "a template": (
        one("", sessions__templates__own='---\nwrites: ["{docs}/{session}"]\n---\n# T\n'),
        "docs/shop/01",
    ),
    "a template in plain words": (one("", sessions__templates__own="---\nwrites: [a]\n---\n# T\n"), "a"),
    "a task": (one("", docs__shop__implementation_plan=f"{PLAN}- Writes: `src/a.py`\n"), "src/a.py"),
    "a task on two lines": (
        one("", docs__shop__implementation_plan=f"{PLAN}- Writes: src/a\n    b.py\n"),
        "src/a b.py",
    ),
    "a page": (
        {"sessions__changes__01": f"{HEAD}---\n", "docs__changes__01": "---\nwrites: [src/a.py]\n---\n"},
        "src/a.py",
    ),
    "an escape in a page": (
        {"sessions__changes__01": f"{HEAD}---\n", "docs__changes__01": '---\nwrites: ["\\x61"]\n---\n'},
        "a",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_name_a_file_is_found(way: str, kept: Verdicts) -> None:
    told, path = WAYS[way]
    known = {name.replace("_plan", "-plan"): text for name, text in told.items()}
    searched, read = both(files(**known), kept)
    assert (
        naming(searched, {path})
        == naming(read, {path})
        == {next(iter(told)).removeprefix("sessions__").replace("__", "/")}
    )


IMPLEMENTING = {
    "a map": one("implements:\n  docs/a.py::A: src/a.py::A\n"),
    "an escape in its key": one('implements:\n  "docs/a.py\\x3a:A": src/a.py::A\n'),
    "a template": one(
        "", sessions__templates__own="---\nimplements:\n  docs/a.py::A: src/a.py::A\n---\n# T\n"
    ),
}


@pytest.mark.parametrize("way", IMPLEMENTING)
def test_every_way_to_implement_a_contract_is_found(way: str, kept: Verdicts) -> None:
    searched, read = both(files(**IMPLEMENTING[way]), kept)
    assert implementing(searched) == implementing(read) != []
    assert implementing(searched, {"docs"}) == implementing(read, {"docs"}) != []
    assert implementing(searched, {"lib"}) == implementing(read, {"lib"}) == []


NEEDING: dict[str, ROW] = {
    "its own feature": (one("needs: [two]\n", sessions__shop__two=f"{HEAD}---\n"), "shop/two"),
    "as it stands": (one("needs: [a/two]\n"), "a/two"),
    "an escape": (one('needs: ["tw\\x6f"]\n'), "shop/two"),
    "a template": (one("", sessions__templates__own='---\nneeds: ["{feature}/two"]\n---\n# T\n'), "shop/two"),
    "the plan of a task": (
        {
            "sessions__shop__01": f"{HEAD}needs: [p]\n---\n",
            "sessions__shop__two": f"{HEAD}needs: [p]\n---\n",
            "sessions__shop__p": '---\nkind: "implementation-\\x70lan"\n---\n',
            "docs__shop__implementation-plan": PLAN.replace("### 01", "### two") + "- Writes: a\n",
        },
        "shop/two",
    ),
}


@pytest.mark.parametrize("way", NEEDING)
def test_every_way_to_need_a_session_is_found(way: str, kept: Verdicts) -> None:
    told, name = NEEDING[way]
    searched, read = both(files(**told), kept)
    assert dependents(searched, {name}) == dependents(read, {name}) == {"shop/01"}


@pytest.mark.parametrize(
    ("entry", "found"),
    [(b" [src/cart.py]", True), (b" [src/carts.py]", False), (b" [src/my-cart.py]", False), (b"", False)],
)
def test_words_stand_alone(entry: bytes, found: bool) -> None:
    assert Words(["src/cart.py"]).within(entry) == found


def test_what_is_made_of_no_letters_is_looked_for_as_it_stands() -> None:
    assert Words(["é"]).within("[é]".encode())
    assert not Words(["é"]).within(b"[e]")
    assert Words([""]).within(b"")
    assert not Words([]).within(b"a")


def test_only_sessions_that_may_be_meant_are_read() -> None:
    told = {
        f"sessions__shop__{at:03}": text(["kind: own", f"writes: [src/{at:03}.py]"], [], "\n")
        for at in range(50)
    }
    project = derive(in_memory(files(**told)))
    assert pointers.writing(project, {"src/007.py", "src/100.py"}) == {"shop/007"}
    assert pointers.Needed({"shop/007"}).by(project, "shop") == pointers.implementing(project) == set()
    assert [*pointers.of_kind(project, ["shop"], "implementation")] == []


def test_what_is_held_of_bytes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pointers, "MOST_KNOWN", 3)
    monkeypatch.setattr(pointers, "_known", {})
    told = {
        f"sessions__{place}__{at}": text(["kind: own", f"writes: [{place}{at}]"], [], "\n")
        for place in "ab"
        for at in (1, 2)
    }
    project = derive(in_memory(files(**told)))
    assert pointers.writing(project, {"a1", "b2"}) == {"a/1", "b/2"}
    assert len(pointers._known) <= 3
