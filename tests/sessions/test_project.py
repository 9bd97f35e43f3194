"""The project is what a snapshot says; what points nowhere, or shows nothing, is a finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects import files, run, runs, session, snapshot
from sdd.errors import SddError
from sdd.sessions.names import folded
from sdd.sessions.project import Project, derive, misplaced, page_path, wrong_references
from sdd.sessions.run import Run, file_name
from sdd.snapshot import FILE, LINK, Entry, Snapshot, in_memory, overlaid, show

KIND = "implementation"
PLAN = "# P\n\n## Tasks\n\n### 04-cart: A\n\n- Goal: g\n- Writes: a\n- Acceptance: b\n"


def project(more: Mapping[str, str] | None = None) -> Project:
    return derive(snapshot(files() | {path.encode(): text.encode() for path, text in (more or {}).items()}))


def told(seen: Project) -> list[str]:
    return [f"{one} -> {one.hint}" for one in seen.findings()]


SHOP = {
    "sessions/01-spec.md": session("product-spec"),
    "sessions/shop/01-spec.md": session("product-spec"),
    "sessions/shop/04-cart.md": session(KIND, "needs: [01-spec, other/01-x, gate:spec, 99-none]"),
    "sessions/other/01-x.md": session(KIND),
    "sessions/changes/fix.md": session("change"),
    "docs/shop/implementation-plan.md": PLAN.replace(
        "### 04-cart", "### 05-b: B\n\n- Goal: g\n- Writes: a\n- Acceptance: b\n\n### 04-cart"
    ),
    "docs/changes/fix.md": "---\nwrites: [src/a.py]\n---\n# Fix\n",
}


class TestNames:
    seen = project(SHOP)

    def test_sessions_are_in_the_order_of_their_names_and_changes_are_no_feature(self) -> None:
        assert list(self.seen.sessions) == [
            "01-spec",
            "changes/fix",
            "other/01-x",
            "shop/01-spec",
            "shop/04-cart",
        ]
        assert self.seen.features == ["", "other", "shop"]
        assert [one.name for one in self.seen.of_feature("shop")] == ["shop/01-spec", "shop/04-cart"]
        assert [one.name for one in self.seen.of_feature("changes")] == ["changes/fix"]
        assert self.seen.of_feature("none") == []

    @pytest.mark.parametrize(
        ("asked", "name"),
        [
            ("shop/04-cart", "shop/04-cart"),
            ("04-cart", "shop/04-cart"),
            ("sessions/shop/04-cart.md", "shop/04-cart"),
            ("01-spec", "01-spec"),
            ("fix", "changes/fix"),
        ],
    )
    def test_a_session_is_found_as_people_name_it(self, asked: str, name: str) -> None:
        assert self.seen.session(asked).name == name

    @pytest.mark.parametrize(
        ("asked", "message", "hint"),
        [
            ("04-card", "there is no session `04-card`", "did you mean `shop/04-cart`?"),
            ("zzz", "there is no session `zzz`", "list them with `sdd status`"),
        ],
    )
    def test_a_session_that_is_not_there_is_told_with_the_nearest(
        self, asked: str, message: str, hint: str
    ) -> None:
        with pytest.raises(SddError, match=message) as raised:
            self.seen.session(asked)
        assert raised.value.hint == hint

    def test_a_name_in_two_features_has_to_be_whole(self) -> None:
        seen = project({path: session(KIND) for path in ("sessions/a/01-x.md", "sessions/b/01-x.md")})
        with pytest.raises(SddError, match="there are several sessions `01-x`: a/01-x, b/01-x") as raised:
            seen.session("01-x")
        assert raised.value.hint

    def test_needs_are_sessions_of_the_feature_first_and_gates_apart(self) -> None:
        assert self.seen.needs("shop/04-cart") == ["shop/01-spec", "other/01-x"]
        assert self.seen.gates_needed("shop/04-cart") == ["spec"]
        assert self.seen.need("01-spec", "other") == "01-spec"
        assert self.seen.need("99-none", "shop") is None

    def test_settled_keys_come_typed(self) -> None:
        assert self.seen.text("shop/01-spec", "gate") == "spec"
        assert self.seen.text("shop/01-spec", "writes") == ""
        assert self.seen.texts("shop/01-spec", "writes") == ("docs/shop/product-spec.md",)
        assert self.seen.texts("shop/01-spec", "gate") == ()
        assert self.seen.own_writes("shop/01-spec") == ()

    def test_a_task_or_page_grants_and_all_else_is_not_spoken_of(self) -> None:
        assert self.seen.granted("changes/fix") == ("src/a.py",)
        assert self.seen.granted("shop/04-cart") == ("a",)
        assert self.seen.granted("shop/01-spec") is None
        assert self.seen.granted("01-spec") is None
        assert self.seen.unplanned("shop") == ["05-b"]
        assert self.seen.unplanned("") == []
        assert page_path("changes/fix") == b"docs/changes/fix.md"


@pytest.mark.parametrize(
    ("more", "finding"),
    [
        (
            {"sessions/a.md": session("implementaton")},
            "sessions/a.md:1: SDD120 there is no template for the kind `implementaton` -> write `kind: implementation`",
        ),
        (
            {"sessions/a.md": session("zzzzzz")},
            "sessions/a.md:1: SDD120 there is no template for the kind `zzzzzz` -> add the template, or copy the shipped ones: `sdd init`",
        ),
        (
            {"sessions/s/02-a.md": session(KIND, "needs: [01-sepc]"), "sessions/s/01-spec.md": session(KIND)},
            "sessions/s/02-a.md:1: SDD121 it needs `01-sepc`, which is no session -> write `01-spec`",
        ),
        (
            {
                "sessions/s/02-a.md": session(KIND, "needs: [t/01-sepc]"),
                "sessions/t/01-spec.md": session(KIND),
            },
            "sessions/s/02-a.md:1: SDD121 it needs `t/01-sepc`, which is no session -> write `t/01-spec`",
        ),
        (
            {"sessions/a.md": session(KIND, "needs: [zzzzzz]")},
            "sessions/a.md:1: SDD121 it needs `zzzzzz`, which is no session -> name a session of this feature, or `<feature>/<session>`",
        ),
        (
            {"sessions/a.md": session(KIND, "continues: b")},
            "sessions/a.md:1: SDD123 it continues `b`, which is no session -> name a session of this feature, or `<feature>/<session>`",
        ),
        (
            {"sessions/a.md": session(KIND, "needs: [b]"), "sessions/b.md": session(KIND, "needs: [a]")},
            "sessions/a.md:1: SDD122 the sessions need each other: a → b → a -> take one need out",
        ),
        (
            {"sessions/a.md": session(KIND), "sessions/A.md": session(KIND)},
            "sessions/a.md: SDD124 sessions/a.md and sessions/A.md are one file on macOS and Windows -> rename one: `git mv sessions/a.md NEW`",
        ),
        (
            {"sessions/shop/a.md": session(KIND), "sessions/Shop/b.md": session(KIND)},
            "sessions/shop/a.md: SDD124 sessions/shop and sessions/Shop are one folder on macOS and Windows -> rename one: `git mv sessions/shop NEW`",
        ),
        (
            {"sessions/con.md": session(KIND)},
            "sessions/con.md: SDD125 sessions/con.md has a name that Windows keeps for a device -> move or rename it: `git mv OLD NEW`",
        ),
        (
            {"sessions/notes.txt": ""},
            "sessions/notes.txt: SDD125 sessions/notes.txt is no session: a session is a `.md` file with a name in UTF-8 -> move or rename it: `git mv OLD NEW`",
        ),
        (
            {"sessions/a.md": session(KIND, "need: [b]")},
            "sessions/a.md:3: SDD105 `need` is no key of a session -> write `needs`",
        ),
        (
            {"sessions/templates/x.md": "# T\n"},
            "sessions/templates/x.md:1: SDD102 the front matter is missing: the first line is `# T`, not `---` -> begin the file with a line that is `---` and nothing else, then the keys, then `---` again",
        ),
        (
            {"sessions/a.md": session(KIND), "docs/implementation-plan.md": PLAN.replace("- Goal: g\n", "")},
            "docs/implementation-plan.md:5: SDD164 the task `04-cart` has no `Goal` -> add `- Goal: …`",
        ),
        (
            {"sessions/changes/a.md": session("change"), "docs/changes/a.md": "---\nwrites: [..]\n---\n"},
            "docs/changes/a.md:2: SDD108 `..` in `writes` is not written the shortest way, without `.`, `..`, `//` and a last `/` -> write a path from the top of the project, as `src/shop/**`",
        ),
    ],
)
def test_what_is_wrong_is_told_with_place_and_hint(more: dict[str, str], finding: str) -> None:
    assert told(project(more)) == [finding]


PARTS = st.lists(st.sampled_from(["a", "A", "b", "\u00e9", "e\u0301", "\u00c9"]), min_size=1, max_size=3)


@given(st.sets(PARTS.map(lambda parts: "/".join(["sessions", *parts]).encode()), max_size=8))
def test_each_file_or_folder_that_another_is_taken_for_is_told_once(paths: set[bytes]) -> None:
    first: dict[bytes, bytes] = {}
    told: dict[bytes, bytes] = {}
    for path in sorted(paths):
        parts = path.split(b"/")
        for place in (b"/".join(parts[:depth]) for depth in range(1, len(parts) + 1)):
            if first.setdefault(folded(place), place) != place:
                told.setdefault(place, path)
    found = [one for one in misplaced(in_memory(dict.fromkeys(paths, b""))) if one.code == "SDD124"]
    assert [(one.message.partition(" and ")[0], one.path) for one in found] == [
        (show(place), path) for place, path in told.items()
    ]


def test_a_name_that_cannot_be_typed_is_no_session_and_cannot_be_needed() -> None:
    seen = project({"sessions/a\x1b[2Jb.md": session(KIND), "sessions/interfaces/c.md": session(KIND)})
    assert not seen.sessions
    assert [one.code for one in seen.findings()] == ["SDD125", "SDD125"]


def test_a_link_is_no_session_and_the_file_behind_it_is_not_read() -> None:
    entries = {b"sessions/a.md": Entry(LINK, "1" * 40), b"sessions/b.md": Entry(FILE, "2" * 40)}
    seen = derive(Snapshot("test", entries, lambda paths: {path: session(KIND).encode() for path in paths}))
    assert list(seen.sessions) == ["b"]
    assert [(one.code, one.path) for one in misplaced(seen.snapshot)] == [("SDD125", b"sessions/a.md")]


def test_a_plan_or_page_that_is_a_link_is_none() -> None:
    given = files(sessions__changes__a=session("change"), sessions__b=session(KIND))
    below = snapshot(given)
    links = {path: Entry(LINK, "1" * 40) for path in (b"docs/implementation-plan.md", b"docs/changes/a.md")}
    seen = derive(Snapshot("test", {**below.entries, **links}, below.read_all))
    assert not seen.plans
    assert not seen.pages


def test_a_whole_project_asks_for_its_files_by_the_feature_and_not_for_each() -> None:
    given = files()
    for feature in ("", "a/", "b/", "c/"):
        given[f"docs/{feature}brief.md".encode()] = b"# B\n\nx\n"
        given[f"docs/{feature}implementation-plan.md".encode()] = PLAN.encode()
        for name in ("04-cart", "05-b"):
            whole = b"whole"
            made = run(file=file_name(f"{feature}{name}", "2026-11-21T10:15:00Z", whole))
            given[f"sessions/{feature}{name}.md".encode()] = session(KIND, rest=runs(made)).encode()
            given[f"sessions/{made.file}".encode()] = whole
    below = in_memory(given)
    asked: Counter[int] = Counter()

    def load(paths: list[bytes]) -> Mapping[bytes, bytes]:
        asked[len(paths)] += 1
        return below.read_all(paths)

    seen = derive(Snapshot("test", below.entries, load))
    assert not seen.findings()
    assert (
        asked.total() <= 1 + 3 * 4
    )  # the templates; of each of four features the sessions, the runs and the plan


class TestRuns:
    whole = b"# A run of a\n"
    made = run(file=file_name("a", "2026-11-21T10:15:00Z", whole))

    def found(self, made: Run, whole: bytes | None = whole, name: str = "a", path: str = "") -> list[str]:
        given = {f"sessions/{name}.md": session(KIND, rest=runs(made))}
        data = {} if whole is None else {f"sessions/{path or made.file}".encode(): whole}
        seen = derive(
            overlaid(snapshot(files() | {key.encode(): text.encode() for key, text in given.items()}), data)
        )
        return [f"{one.code}:{one.line} {one.message}" for one in seen.findings()]

    def test_a_run_whose_whole_is_there_as_it_was_is_right(self) -> None:
        assert self.found(self.made) == []

    def test_a_whole_run_that_was_edited_does_not_fit_its_name(self) -> None:
        name = f"sessions/{self.made.file}"
        message = f"names {name}, which was edited or renamed: its name does not fit its bytes"
        assert self.found(self.made, b"other") == [f"SDD142:18 the run of 2026-11-21T10:15:00Z {message}"]

    @pytest.mark.parametrize(
        "file", ["../a.md", "a.runs/x.md", "a.runs/20261121T101500Z-000000000000.md", "\0"]
    )
    def test_a_whole_run_that_is_missing_is_told(self, file: str) -> None:
        (message,) = self.found(self.made.replace(file=file), None)
        assert message.startswith("SDD142:18 the run of 2026-11-21T10:15:00Z names ")
        assert message.endswith("which is not there")

    def test_a_whole_run_belongs_to_its_session_and_time(self) -> None:
        assert self.found(self.made, name="b", path=self.made.file)[0].startswith("SDD142")
        assert self.found(self.made.replace(time="2026-11-21T10:15:01Z"))[0].startswith("SDD142")

    @pytest.mark.parametrize(
        ("outcome", "wrong"), [("done", 1), ("failed", 1), ("rejected", 0), ("proceed", 0)]
    )
    def test_only_what_a_person_says_in_a_sentence_has_no_whole(self, outcome: str, wrong: int) -> None:
        assert len(self.found(run(outcome), None)) == wrong

    @given(st.binary())
    def test_any_other_bytes_are_found(self, data: bytes) -> None:
        assert bool(self.found(self.made, data)) is (data != self.whole)


class TestEvidence:
    def found(self, item: str, *made: Run, there: tuple[str, ...] = ("tests/a.py",)) -> list[str]:
        blocks = runs(*(one.replace(file=file_name("a", one.time, b"w")) for one in made))
        text = session(KIND, items=(item,), rest=blocks).replace("- [ ]", "- [x]")
        given = {"sessions/a.md": text, **dict.fromkeys(there, "")}
        if made:
            given[f"sessions/{file_name('a', made[0].time, b'w')}"] = "w"
        return [one.message for one in project(given).findings() if one.code == "SDD131"]

    def test_a_test_that_could_have_run_and_passed_is_evidence(self) -> None:
        assert not self.found("x (tests/a.py::b)", run(checks=("0 pytest",)))
        assert not self.found("x (./tests/a.py::b)", run(checks=("1 ruff", "0 pytest")))

    def test_a_file_that_is_not_there_shows_nothing(self) -> None:
        assert self.found("x (tests/b.py::b)", run(checks=("0 pytest",))) == [
            "`x (tests/b.py::b)` is ticked, but tests/b.py is not there"
        ]
        assert self.found("x (docs/b.md)", run()) == ["`x (docs/b.md)` is ticked, but docs/b.md is not there"]

    @pytest.mark.parametrize("checks", [(), ("1 pytest",), ("- pytest",)])
    def test_a_test_that_nothing_ran_shows_nothing(self, checks: tuple[str, ...]) -> None:
        assert self.found("x (tests/a.py::b)", run(checks=checks)) == [
            "`x (tests/a.py::b)` is ticked, but no command of its runs has passed"
        ]

    def test_a_document_needs_no_command_and_neither_does_a_person(self) -> None:
        assert not self.found("x (docs/a.md)", run(), there=("docs/a.md",))
        assert not self.found("x (tests/a.py::b)", run(provider="person"))
        assert self.found("x (tests/a.py::b)", run(provider="person", outcome="failed"))

    def test_what_is_not_ticked_has_nothing_to_show(self) -> None:
        seen = project({"sessions/a.md": session(KIND, items=("x (tests/none.py::b)",))})
        assert not seen.findings()


def test_one_session_can_be_judged_alone() -> None:
    seen = project(SHOP)
    assert [one.code for one in wrong_references(seen, "shop/04-cart")] == ["SDD121"]
    assert not wrong_references(seen, "01-spec")
    assert not wrong_references(project({"sessions/a.md": ""}), "a")
