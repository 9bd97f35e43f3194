"""Who owns a path by CODEOWNERS, as GitHub and as GitLab tell it in their documentation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbox import GitBox
from sdd.codeowners import LARGEST, Codeowners, read

GITHUB = """\
# The last line that fits decides.
*        @everyone @org/all
*.js     @js   # a comment may follow
/build/logs/ doctocat@example.org
docs/*   @docs
apps/    @apps
/scripts/ @ops
**/logs  @logs
/apps/github
/a\\ b.md @blank
"""
GITLAB = """\
* @everyone
*.rb @ruby
\\#file.rb @sharp
LICENSE @legal this is not janedoe@example.org
README @group @group/nested/sub
/docs/ @docs
/docs/* @root-docs
lib/ @lib
internal/x.md @x
path\\ with\\ spaces/ @space
/[^a]x @class
/config/ @@maintainer

[Documentation][2] @writers
docs/
README @readers

^[Nice to have] @nice
docs/extra.md

[database]
db/ @db
!db/generated/
[Database]
/db/seed.rb @seed
"""


def owners(text: str, path: str, *, gitlab: bool = False, required: bool = False) -> str:
    return " ".join(read(text.encode(), gitlab=gitlab).owners(path.encode(), required=required))


def wrong(text: str, *, gitlab: bool = False) -> list[tuple[int, str]]:
    return list(read(text.encode(), gitlab=gitlab).wrong)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("x", "@everyone @org/all"),
        ("src/deep/x.py", "@everyone @org/all"),
        ("src/x.js", "@js"),
        ("build/logs/today/x", "@logs"),
        ("build/logs", "@logs"),
        ("docs/start.md", "@docs"),
        ("docs/build/trouble.md", "@everyone @org/all"),
        ("src/apps/x", "@apps"),
        ("apps", "@everyone @org/all"),
        ("scripts/x", "@ops"),
        ("src/scripts/x", "@everyone @org/all"),
        ("apps/github", ""),
        ("apps/github/x", ""),
        ("a b.md", "@blank"),
    ],
)
def test_github_reads_it_as_gitignore_and_the_last_line_wins(path: str, expected: str) -> None:
    assert owners(GITHUB, path) == expected
    assert wrong(GITHUB) == []


PATHS = [
    "/".join(parts)
    for parts in [
        *((one,) for one in ("docs", "a.md", "x", ".x")),
        *((one, two) for one in ("docs", "src", "x") for two in ("docs", "a.md", "x", "**")),
        *(("docs", two, three) for two in ("docs", "src", "x") for three in ("a.md", "x", "docs")),
        ("src", "docs", "x", "a.md"),
        ("src", "b", "docs", "c", "a.md"),
    ]
]


@pytest.mark.parametrize(
    "pattern",
    [
        *("docs", "/docs", "docs/", "/docs/", "docs/x", "/docs/x/", "a.md", "/a.md", "*", "*.md", "/*.md"),
        *("**/docs", "docs/**", "docs/**/a.md", "**/docs/**", "/**/a.md", "d*s/", "?", "**", "src/**/docs/"),
        *("docs/**.md", "x/a?md", ".x"),
    ],
)
def test_githubs_patterns_fit_what_git_itself_ignores_by_them(box: GitBox, pattern: str) -> None:
    """Apart from `docs/*`, where GitHub says that it departs from `.gitignore`."""
    box.write(".git/info/exclude", f"{pattern}\n")
    told = box.git("check-ignore", "--no-index", "--stdin", "-z", "-v", "-n", stdin="\0".join(PATHS))
    fields = told.split("\0")[:-1]
    ignored = {path for pattern_, path in zip(fields[2::4], fields[3::4], strict=True) if pattern_}
    assert {path for path in PATHS if owners(f"{pattern} @a", path)} == ignored


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("x", "@everyone"),
        ("a/b.rb", "@ruby"),
        ("deep/#file.rb", "@sharp"),
        ("LICENSE", "@legal janedoe@example.org"),
        ("README", "@group @group/nested/sub @readers"),
        ("docs/x.md", "@root-docs @writers"),
        ("docs/a/x.md", "@docs @writers"),
        ("src/docs/x.md", "@everyone @writers"),
        ("src/lib/a/x", "@lib"),
        ("lib", "@everyone"),
        ("src/internal/x.md", "@x"),
        ("path with spaces/x", "@space"),
        ("bx", "@class"),
        ("config/x", "@@maintainer"),
        ("docs/extra.md", "@root-docs @writers @nice"),
        ("db/x", "@everyone @db"),
        ("db/generated/x", "@everyone"),
        ("db/seed.rb", "@ruby @seed"),
    ],
)
def test_gitlab_judges_each_section_for_itself(path: str, expected: str) -> None:
    assert owners(GITLAB, path, gitlab=True) == expected
    assert wrong(GITLAB, gitlab=True) == []


def test_an_optional_section_requires_nobodys_review() -> None:
    assert owners(GITLAB, "docs/extra.md", gitlab=True, required=True) == "@root-docs @writers"
    twice = "^[One] @a\nx\n[one] @b\ny\n"
    assert owners(twice, "x", gitlab=True, required=True) == "@a"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("!x @a", "a pattern begins with neither `!` nor `\\#`, so GitHub skips the line"),
        ("\\#x @a", "a pattern begins with neither `!` nor `\\#`, so GitHub skips the line"),
        ("[Docs] @a", "there are no `[ ]` in a pattern, so GitHub skips the line"),
        ("x @a bob", "`bob` is no @name, @org/team or e-mail, so GitHub skips the line"),
        ("x @@role", "`@@role` is no @name, @org/team or e-mail, so GitHub skips the line"),
    ],
)
def test_a_line_that_github_skips_is_told_and_decides_nothing(line: str, why: str) -> None:
    text = f"\n* @all\n{line}\n"
    assert wrong(text) == [(3, why)]
    assert owners(text, "x") == "@all"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x\n", [(1, "it names no owner, so GitLab requires no review")]),
        ("x nobody\n", [(1, "it names no owner, so GitLab requires no review")]),
        ("[Docs @a\n", [(1, "it begins like a section and is none, so GitLab reads it as a path")]),
        ("[a]\n!x\n", []),
        ("[a] @b\nx\n", []),
    ],
)
def test_what_gitlab_does_not_require_is_told(text: str, why: list[tuple[int, str]]) -> None:
    assert wrong(text, gitlab=True) == why


def test_a_file_that_github_does_not_load_has_no_owners() -> None:
    data = b"* @a\n" + b"#" * LARGEST
    assert read(data) == Codeowners(wrong=((0, "it has more than 3 MB, so GitHub does not load it"),))
    assert read(data, gitlab=True).owners(b"x") == ("@a",)


def test_windows_lines_a_byte_order_mark_and_names_that_are_no_utf_8_are_read() -> None:
    found = read(b"\xef\xbb\xbf/a @a\r\n/\xff @b\r\n")
    assert (found.owners(b"a"), found.owners(b"\xff"), found.wrong) == (("@a",), ("@b",), ())


@given(st.binary(), st.binary(min_size=1), st.booleans())
def test_nothing_in_a_file_makes_the_reader_raise(data: bytes, path: bytes, gitlab: bool) -> None:
    read(data, gitlab=gitlab).owners(path)


words = st.text(st.sampled_from("/*?[]!^#\\@ ab.\t"))


@given(st.lists(words).map("\n".join), words, st.booleans())
def test_nothing_like_a_line_makes_the_reader_raise(text: str, path: str, gitlab: bool) -> None:
    read(text.encode(), gitlab=gitlab).owners(path.encode())
