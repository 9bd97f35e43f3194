"""A session's file is read whole, says all that is wrong, and never raises."""

from __future__ import annotations

import time
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.utils import read_fixture_file

from sdd.findings import Finding
from sdd.sessions import plan, template
from sdd.sessions.body import Body
from sdd.sessions.history import changed_runs
from sdd.sessions.names import LONGEST, folded, why_no_feature, why_no_name
from sdd.sessions.run import Run, render
from sdd.sessions.session import Session, docs, misplaced, name_of, parse, path_of
from sdd.sessions.turns import progress
from sdd.snapshot import in_memory

CASES = Path(__file__).parent.parent / "cases"
PATH = b"sessions/checkout/03-cart.md"
TIME = "2026-11-21T10:15:00Z"
TEXT = (
    "---\nkind: implementation\nneeds: [02-a]\n---\n# Cart service\n\n## Goal\n\nCarts.\n\n"
    "## Checklist\n\n- [ ] one\n- [x] two (tests/test_cart.py::test_zero)\n\nwords\n\n"
    "## Questions\n\n- Do carts expire?\n  > After thirty days\n  > without a change.\n- And baskets?\n\n"
    "## Background\n\nmore\n\n## Runs\n\n" + render(Run(TIME, "done", summary="Made it."), 1)
)


def told(one: Session) -> str:
    lines = [f"{one.name}: kind {one.kind!r}, title {one.title!r}, goal {one.goal!r}"]
    lines += [
        f"{item.line} [{'x' if item.ticked else ' '}] {item.text!r} {item.evidence}".rstrip()
        for item in one.checklist
    ]
    lines += [f"{found.line} asks {found.text!r}: {found.answer!r}" for found in one.questions]
    lines += [f"{run.line} ran {run.outcome}: {run.summary!r}" for run in one.runs]
    lines += [f"note {title!r}: {text!r}" for title, text in one.notes]
    lines += [f"{found.code} line {found.line}: {found.message} -> {found.hint}" for found in one.findings]
    return "\n".join([*lines, ""])


@pytest.mark.parametrize(
    ("title", "text", "expected"), [case[1:] for case in read_fixture_file(CASES / "sessions.md")]
)
def test_a_case_of_the_table_is_read_as_it_says(title: str, text: str, expected: str) -> None:
    assert told(parse(PATH, text.encode())) == expected, title


def test_a_session_is_read_whole() -> None:
    one = parse(PATH, TEXT.encode())
    assert (one.name, one.feature, one.slug, one.kind) == (
        "checkout/03-cart",
        "checkout",
        "03-cart",
        "implementation",
    )
    assert one.own == {"kind": "implementation", "needs": ("02-a",)}
    assert [item.text for item in one.unticked] == ["one"]
    assert [item.evidence for item in one.checklist] == ["", "tests/test_cart.py::test_zero"]
    assert [(found.answer, found.height) for found in one.questions] == [
        ("After thirty days\nwithout a change.", 2),
        ("", 0),
    ]
    assert [found.text for found in one.open_questions] == ["And baskets?"]
    assert [(run.summary, run.line) for run in one.runs] == [("Made it.", 35)]
    assert one.notes == (("Background", "more"),)
    assert not one.findings


def test_ends_of_lines_of_windows_are_read_as_others() -> None:
    assert parse(PATH, TEXT.replace("\n", "\r\n").encode()) == parse(PATH, TEXT.encode())


BIG = 5_000_000
FRONT = b"---\nkind: a\n---\n"
NASTY: dict[str, tuple[bytes, set[str]]] = {
    "empty": (b"", {"SDD102"}),
    "no front matter": (b"# T\n\n## Goal\n\ng\n", {"SDD102"}),
    "front matter alone": (FRONT, {"SDD110", "SDD112"}),
    "front matter never closed": (b"---\nkind: a\n", {"SDD102"}),
    "a fence never closed": (FRONT + b"# T\n\n## Goal\n\n```\n", {"SDD110", "SDD113"}),
    "a comment never closed": (FRONT + b"# T\n\n<!-- a\n\n## Goal\n", {"SDD110", "SDD113"}),
    "a run's fence never closed": (
        FRONT + b"# T\n## Runs\n```toml sdd-run\noutcome = 1",
        {"SDD110", "SDD113", "SDD141"},
    ),
    "CRLF": (FRONT.replace(b"\n", b"\r\n") + b"# T\r\n", {"SDD110"}),
    "a byte order mark": (b"\xef\xbb\xbf" + FRONT, {"SDD101"}),
    "NUL": (FRONT + b"\0", {"SDD101"}),
    "invalid UTF-8": (FRONT + b"\xff\xfe", {"SDD101"}),
    "UTF-16": ("---\n# T".encode("utf-16"), {"SDD101"}),
    "more than 5 MB": (b"x" * (BIG + 1), {"SDD101"}),
    "an anchor": (b"---\nkind: &a b\n---\n", {"SDD103", "SDD110", "SDD112"}),
    "an alias": (b"---\nkind: *a\n---\n", {"SDD103", "SDD110", "SDD112"}),
    "tabs": (b"---\nkind:\ta\n---\n\t# T\n", {"SDD103", "SDD107", "SDD110", "SDD112"}),
    "a key twice": (b"---\nkind: a\nkind: b\n---\n# T\n", {"SDD104", "SDD110"}),
    "an unknown key": (b"---\nkind: a\nneed: [b]\n---\n# T\n", {"SDD105", "SDD110"}),
    "--- inside code": (
        FRONT + b"# T\n\n## Goal\n\n```\n---\nkind: b\n---\n```\n\n## Checklist\n\n- [ ] a\n",
        set(),
    ),
    "right to left": (
        FRONT + "# \u202eT\u202c\n\n## Goal\n\n\u05e9\u05dc\n\n## Checklist\n\n- [ ] \u05e9\u05dc\n".encode(),
        set(),
    ),
    "only line ends": (b"\n\r\n\r\r\n", {"SDD102"}),
}


@pytest.mark.parametrize(("data", "codes"), NASTY.values(), ids=NASTY)
def test_a_nasty_file_has_its_findings_and_raises_nothing(data: bytes, codes: set[str]) -> None:
    found = parse(PATH, data).findings
    assert {one.code for one in found} == codes
    assert all(one.path == PATH and one.hint for one in found)
    template.parse(b"sessions/templates/a.md", data)
    plan.parse(b"docs/implementation-plan.md", data)
    plan.parse_page(b"docs/changes/a.md", data)


@pytest.mark.parametrize(
    "line",
    [b"## x\n", b"- [ ] a\n", b"- " * 20 + b"\n", b"> " * 20 + b"\n", b"#", b"```\n", b"<!--", b"### a: b\n"],
)
def test_a_large_file_of_anything_takes_time_in_proportion_to_its_size(line: bytes) -> None:
    data = FRONT + b"# T\n\n## Goal\n\ng\n\n## Tasks\n\n## Checklist\n\n" + line * (200_000 // len(line))
    began = time.process_time()
    parse(PATH, data)
    plan.parse(PATH, data)
    assert time.process_time() - began < 4  # at most 0.5 s here; what is quadratic takes minutes


def test_a_file_of_five_megabytes_is_read() -> None:
    data = (FRONT + b"# T\n\n## Goal\n\n") + (b"word " * 20 + b"\n") * 49_000
    assert {one.code for one in parse(PATH, data).findings} == {"SDD110"}


@given(st.binary())
def test_no_bytes_make_a_parser_raise(data: bytes) -> None:
    for readable in (data, FRONT + data):
        parse(PATH, readable)
        template.parse(b"sessions/templates/a.md", readable)
        plan.parse(b"docs/implementation-plan.md", readable)
        plan.parse_page(b"docs/changes/a.md", readable)


pieces = st.sampled_from(
    [
        *(
            "# T\n",
            "## Goal\n",
            "## Checklist\n",
            "## Questions\n",
            "## Runs\n",
            "## Tasks\n",
            "### 04-a: b\n",
        ),
        *(
            "- [ ] a\n",
            "- [x] a (b/c.py::d)\n",
            "- Goal: g\n",
            "- Writes: a, `b`\n",
            "- Acceptance:\n",
            "  - c\n",
        ),
        *(
            "```toml sdd-run\n",
            "```\n",
            "~~~\n",
            f'time = "{TIME}"\n',
            'outcome = "done"\n',
            "> a\n",
            "  > b\n",
        ),
        *(
            "<!--\n",
            "-->\n",
            "---\n",
            "\n",
            "\t",
            "  ",
            "1. a\n",
            "- ",
            "- Implements: `a`: `b`\n",
            "\r\n",
            "\r",
        ),
    ]
)


@given(st.lists(pieces | st.text(max_size=5), max_size=30).map("".join))
def test_no_markdown_makes_a_parser_raise_or_a_finding_lie(text: str) -> None:
    data = (FRONT.decode() + text).encode("utf-8", "replace")
    count = data.count(b"\n") + 1
    found = (
        *parse(PATH, data).findings,
        *template.parse(b"sessions/templates/a.md", data).findings,
        *plan.parse(b"docs/implementation-plan.md", data).findings,
        *plan.parse_page(b"docs/changes/a.md", data).findings,
    )
    for one in found:
        assert 0 <= one.line <= count
        assert one.message
        assert one.hint


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("zero is refused (tests/test_cart.py::test_zero)", "tests/test_cart.py::test_zero"),
        ("zero is refused (`tests/test_cart.py::Zero::test_it[1]`)", "tests/test_cart.py::Zero::test_it[1]"),
        ("it says why (docs/release.md)", "docs/release.md"),
        ("it is tested (test_cart.py::test_zero)", "test_cart.py::test_zero"),
        *(
            (text, "")
            for text in ("a (and/or b)", "a (and/or)", "a (n/a)", "a (1.5/2.0)", "a (std::vector)", "a")
        ),
        *(
            (text, "")
            for text in ("(https://example.org/a.html)", "a (tests/*.py)", "a (b.py)", "a (docs/a.md) b")
        ),
        *((text, "") for text in ("a)", "(a", "()", "a (tests/.py)", "a (tests/)", "a (/)", "a (::)")),
    ],
)
def test_evidence_is_what_looks_like_a_test_or_file_in_brackets_at_the_end(text: str, evidence: str) -> None:
    data = f"---\nkind: a\n---\n## Checklist\n\n- [ ] {text}\n".encode()
    assert [item.evidence for item in parse(PATH, data).checklist] == [evidence]


@pytest.mark.parametrize(
    ("outcomes", "earned"),
    [
        ("", False),
        ("questions blocked unsure failed proceed", False),
        ("done", True),
        ("done failed questions", True),
        ("done rejected", False),
        ("done rejected proceed failed", False),
        ("done rejected done", True),
    ],
)
def test_a_tick_is_earned_by_a_run_that_was_done_and_not_sent_back(outcomes: str, earned: bool) -> None:
    blocks = "\n".join(render(Run(TIME, outcome), 1) for outcome in outcomes.split())
    data = (
        f"---\nkind: a\n---\n# T\n\n## Goal\n\ng\n\n## Checklist\n\n- [x] a\n- [ ] b\n\n## Runs\n\n{blocks}"
    )
    message = "`a` is ticked, but no run that was done stands behind it"
    hint = "untick it: a run ticks what it made true"
    expected = () if earned else (Finding("SDD130", PATH, 12, message, hint),)
    assert parse(PATH, data.encode()).findings == expected


def test_a_note_below_a_run_is_not_the_next_runs_summary() -> None:
    run = render(Run(TIME, "done", summary="one"), 1)
    text = f"---\nkind: a\n---\n## Runs\n\n{run}\n> a note of a person\n\n{render(Run(TIME, 'done'), 2)}"
    assert [one.summary for one in parse(PATH, text.encode()).runs] == ["one", ""]


def test_the_titles_of_a_file_that_is_never_closed_are_its_own() -> None:
    assert Body(b"", "## a\n```\n# end of the file", 1).title == ""
    assert Body(b"", "# A\n\n<!--", 1).title == "A"


class TestNames:
    @pytest.mark.parametrize(
        "name", ["a", "03-cart", "a.b", "été", "корзина", "買い物", "a_b", "console", "v1.0"]
    )
    def test_a_name_that_can_be_typed_is_a_name(self, name: str) -> None:
        assert why_no_name(name) == ""
        assert why_no_feature(name) == ""
        assert misplaced(path_of(name)) is None
        assert misplaced(path_of(f"{name}/{name}")) is None
        assert name_of(path_of(name)) == name

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            *(
                (name, "cannot be typed")
                for name in ("", "a b", "-a", ".a", 'a"b', "a'b", "a\nb", "a\\b", "a:b", "a*")
            ),
            *((name, "cannot be typed") for name in ("e\u0301t", "\u3164", "a\u202eb", "a\u200bb", "🛒")),
            *(
                (name, "device")
                for name in ("con", "CON", "nul", "aux", "prn", "com1", "LPT9", "com¹", "con.a")
            ),
            *((name, "`..`") for name in ("a.", "a.md", "a.MD", "a.runs", "a.lock", "a..b")),
            ("a" * (LONGEST + 1), "more than 100 bytes"),
            ("é" * 51, "more than 100 bytes"),
        ],
    )
    def test_a_name_that_is_not_one_file_everywhere_is_refused(self, name: str, why: str) -> None:
        assert why in why_no_name(name)
        assert why in why_no_feature(name)
        if ".runs" not in name:
            found = misplaced(f"sessions/{name}.md".encode())
            assert found is not None
            assert (found.code, found.line) == ("SDD125", 0)
            assert "\n" not in found.message

    @given(st.text("ab1-_.\u3164\u115fé ²ↄ", min_size=1, max_size=5) | st.text(min_size=1, max_size=3))
    def test_a_name_of_letters_digits_and_few_signs_can_be_typed(self, name: str) -> None:
        plain = all(
            (char.isalnum() and char not in "\u115f\u1160\u3164\uffa0") or char in "-_." for char in name
        )
        typed = plain and name[0] not in "-." and normalize("NFC", name) == name
        assert ("cannot be typed" not in why_no_name(name)) == typed

    @pytest.mark.parametrize(
        "name", ["templates", "changes", "interfaces", "tracker", "Templates", "TRACKER"]
    )
    def test_a_reserved_name_is_no_feature(self, name: str) -> None:
        assert "reserved" in why_no_feature(name)

    @pytest.mark.parametrize(
        ("path", "why"),
        [
            (b"sessions/notes.txt", "is no session: a session is a `.md` file"),
            (b"sessions/.md", "is no session: a session is a `.md` file"),
            (b"sessions/\xff.md", "is no session: a session is a `.md` file with a name in UTF-8"),
            (b"sessions/a/b/c.md", "is too deep"),
            (b"sessions/interfaces/a.md", "reserved"),
            (b"sessions/con/a.md", "Windows"),
            (b"sessions/templates/a/b.md", "is no template"),
            (b"sessions/templates/a.txt", "is no template"),
            (b"sessions/templates/a b.md", "cannot be typed"),
        ],
    )
    def test_a_file_at_the_wrong_place_is_told_so(self, path: bytes, why: str) -> None:
        found = misplaced(path)
        assert found is not None
        assert why in found.message

    @pytest.mark.parametrize(
        "path",
        [
            b"sessions/templates/a.md",
            b"sessions/changes/a.md",
            b"sessions/a.runs/x",
            b"sessions/a/b.runs/x.md",
        ],
    )
    def test_what_belongs_there_is_in_place(self, path: bytes) -> None:
        assert misplaced(path) is None

    @pytest.mark.parametrize(
        "path", [b"docs/a.md", b"sessions/a.txt", b"sessions/templates/a.md", b"sessions/a.runs/b.md"]
    )
    def test_what_is_no_session_has_no_name(self, path: bytes) -> None:
        assert name_of(path) is None
        assert parse(path, b"").name == path.decode()

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            (b"A/b", b"a/B", True),
            ("É".encode(), "e\u0301".encode(), True),
            ("ß".encode(), b"ss", False),
            (b"\xff", b"\xfe", False),
        ],
    )
    def test_file_systems_that_ignore_case_and_accents_take_some_names_for_one(
        self, one: bytes, other: bytes, same: bool
    ) -> None:
        assert (folded(one) == folded(other)) is same

    def test_documents_of_the_root_and_of_changes_lie_in_docs(self) -> None:
        assert [docs(feature) for feature in ("", "changes", "a")] == ["docs", "docs", "docs/a"]


class TestHistory:
    runs = (Run(TIME, "failed", summary="no"), Run(TIME, "done", summary="yes"))

    @staticmethod
    def text(*runs: Run, first: int = 1, above: str = "") -> bytes:
        blocks = "\n".join(render(run, number) for number, run in enumerate(runs, first))
        return f"---\nkind: a\n---\n# T\n{above}\n## Runs\n\n{blocks}".encode()

    @staticmethod
    def lost(before: dict[bytes, bytes], after: dict[bytes, bytes], path: bytes = PATH) -> list[str]:
        found = changed_runs(in_memory(before), in_memory(after), path)
        assert all((one.code, one.path, bool(one.hint)) == ("SDD140", path, True) for one in found)
        return [one.message for one in found]

    def kept(self, before: bytes, after: bytes) -> bool:
        return not self.lost({PATH: before}, {PATH: after})

    def test_other_lines_may_change_and_runs_may_come(self) -> None:
        one, two = self.runs
        assert self.kept(self.text(one), self.text(one))
        assert self.kept(self.text(one), self.text(one, two, above="\nwords\n"))
        assert self.kept(self.text(one, two), self.text(one, two).replace(b"\n", b"\r\n"))
        assert self.kept(self.text(one), self.text(one) + b"\n> a note\n")
        assert self.kept(b"", self.text(one))
        assert self.kept(self.text(), b"\0")

    def test_a_merge_may_put_runs_between_and_number_anew(self) -> None:
        one, two = self.runs
        assert self.kept(self.text(two), self.text(one, two))
        assert self.kept(self.text(one, two), self.text(one, one, two, first=5))

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b"> yes", b"> perhaps"),
            (b'"done"', b'"failed"'),
            (b"done, 2026", b"done, 2027"),
            (b"sdd-run", b"run"),
            (b"kind: a", b"\0"),
            (b"## Runs", b"## Others"),
        ],
    )
    def test_a_changed_run_is_a_finding(self, old: bytes, new: bytes) -> None:
        text = self.text(*self.runs)
        assert old in text
        assert not self.kept(text, text.replace(old, new))

    def test_a_dropped_or_moved_run_is_a_finding(self) -> None:
        one, two = self.runs
        assert not self.kept(self.text(one, two), self.text(two))
        assert not self.kept(self.text(one, two), self.text(two, one))
        assert not self.kept(self.text(one, one), self.text(one))
        assert self.lost({PATH: self.text(one)}, {}) == [
            f"a committed run was changed, dropped or moved: `failed, {TIME}`"
        ]

    def test_a_session_that_never_ran_may_go(self) -> None:
        assert not self.lost({PATH: self.text()}, {})

    def test_a_block_without_a_heading_counts(self) -> None:
        text = self.text(self.runs[0]).replace(b"### Run 1: failed, ", b"")
        assert not self.kept(text, text.replace(b"> no", b"> yes"))

    def test_a_whole_run_keeps_its_bytes(self) -> None:
        path = b"sessions/checkout/03-cart.runs/a.md"
        assert not self.lost({path: b"a"}, {path: b"a", b"b": b""}, path)
        assert not self.lost({}, {path: b"a"}, path)
        assert self.lost({path: b"a"}, {path: b"b"}, path) == ["the whole of a committed run was changed"]
        assert self.lost({path: b"a"}, {}, path) == ["the whole of a committed run was dropped"]

    def test_other_files_have_no_runs(self) -> None:
        path = b"docs/a.md"
        assert not self.lost({path: self.text(*self.runs)}, {}, path)

    def test_what_is_kept_leaves_the_progress_as_it_was(self) -> None:
        assert progress(parse(PATH, self.text(*self.runs, first=7)).runs).finished == ("work",)


def test_a_fence_among_the_runs_that_is_no_run_is_left_alone() -> None:
    text = "---\nkind: testing\n---\n# T\n\n## Goal\n\ng\n\n## Checklist\n\n- [ ] a\n\n## Runs\n\n```text\nsaid\n```\n"
    one = parse(b"sessions/01-a.md", text.encode())
    assert (one.runs, one.findings) == ((), ())
