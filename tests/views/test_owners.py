"""What the doctor says of CODEOWNERS, where a merge approves."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sdd.gates.policy import Gate, Policy, Trust
from sdd.snapshot import in_memory
from sdd.views.doctor import Line
from sdd.views.owners import of_owners

ALICE, BOB = "alice@example.org", "bob@example.org"
GITHUB, GITLAB = "git@github.com:shop/shop.git", "https://gitlab.example.org/shop/shop.git"
GATES = {
    "spec": Gate("spec", ("{docs}/product-spec.md",), (ALICE,), proof="merged"),
    "change": Gate("change", ("docs/changes/{session}.md",), (BOB,), proof="merged"),
    "extra": Gate("extra", ("docs/changes/{session}.md", "plans/{feature}/a b.md"), (ALICE,), proof="merged"),
    "signed": Gate("signed", ("{docs}/release.md",), (ALICE,)),
}
TRUST = Trust(
    (ALICE,),
    "merged",
    (
        ".github/CODEOWNERS",
        ".gitlab/CODEOWNERS",
        ".github/workflows/**",
        "ci/*.yml",
        "ops/",
        ".gitattributes",
    ),
)
LINES = """\
/docs/**/product-spec.md alice@example.org
/docs/changes/*.md bob@example.org alice@example.org
/plans/*/a\\ b.md alice@example.org
/.sdd/ alice@example.org
/.github/CODEOWNERS alice@example.org
/.gitlab/CODEOWNERS alice@example.org
/.github/workflows/ alice@example.org
/ci/*.yml alice@example.org
/ops/ alice@example.org
/.gitattributes alice@example.org
"""
FILES = {
    b"docs/checkout/product-spec.md": b"",
    b".sdd/policy.toml": b"",
    b".sdd/allowed_signers": b"",
    b".sdd/approvals/x": b"",
    b".github/workflows/deep/ci.yml": b"",
}


def policy(gates: Mapping[str, Gate] = GATES, trust: Trust = TRUST) -> Policy:
    return Policy(1, "shop", ("refs/heads/main",), "enforce", gates, trust)


def said(files: Mapping[bytes, bytes], remote: str = GITHUB, rules: Policy | None = None) -> list[Line]:
    return list(of_owners(in_memory({**FILES, **files}), rules or policy(), [remote]))


def words(lines: list[Line]) -> list[str]:
    return [f"{line.verdict} {line.words}" for line in lines]


def test_where_no_merge_approves_there_is_nothing_to_say() -> None:
    signed = policy({"signed": GATES["signed"]}, Trust((ALICE,), "ssh", TRUST.files))
    assert said({}, rules=signed) == []


@pytest.mark.parametrize(
    ("remote", "place"), [(GITHUB, ".github/CODEOWNERS"), (GITLAB, ".gitlab/CODEOWNERS")]
)
def test_without_a_file_all_its_lines_are_given_and_they_are_enough(remote: str, place: str) -> None:
    (line,) = said({}, remote)
    assert line.verdict == "warn"
    assert line.words == (
        "there is none, so anybody's review lets in docs/checkout/product-spec.md and 13 more"
    )
    assert line.hint == f"add to {place}, at its end:\n{LINES}".rstrip("\n")
    assert words(said({place.encode(): LINES.encode()}, remote)) == [
        f"ok {place} names an owner of all that a merge approves; that their review is required, the forge must be told"
    ]


def test_what_the_last_fitting_line_leaves_without_an_owner_is_named_with_its_line() -> None:
    lines = b"* @team\n/docs/checkout/\n"
    (line,) = said({b".github/CODEOWNERS": lines})
    assert line.words == (
        ".github/CODEOWNERS names no owner of docs/checkout/product-spec.md, so anybody's review lets a change in"
    )
    assert line.hint.splitlines() == [
        "add to .github/CODEOWNERS, at its end:",
        "/docs/**/product-spec.md alice@example.org",
    ]


def test_a_feature_that_was_not_begun_is_thought_of() -> None:
    lines = b"* @team\n/docs/*/product-spec.md\n/docs/checkout/ @team\n"
    (line,) = said({b".github/CODEOWNERS": lines})
    assert "names no owner of docs/<feature>/product-spec.md, so" in line.words


def test_a_signed_gate_and_records_need_no_owner() -> None:
    only_trust = policy({"signed": GATES["signed"]}, Trust((ALICE,), "merged"))
    lines = b"/.sdd/policy.toml @a\n/.sdd/allowed_signers @a\n"
    found = words(said({b"CODEOWNERS": lines}, rules=only_trust))
    assert found[0].startswith("ok CODEOWNERS names an owner of all")
    assert found[1:] == ["warn CODEOWNERS is no trust file, so a change of it is not told of"]


def test_a_file_that_is_no_trust_file_is_told_with_what_to_write() -> None:
    hint = said({b"docs/CODEOWNERS": b"* @team\n"})[-1].hint
    assert hint == 'add "docs/CODEOWNERS" to files below [trust] in .sdd/policy.toml'
    only_gates = policy(trust=Trust((ALICE,), "ssh"))
    assert len(said({b"docs/CODEOWNERS": b"* @team\n"}, rules=only_gates)) == 1


def test_lines_that_the_forge_skips_are_told_with_their_place() -> None:
    first = said({b".github/CODEOWNERS": b"* @team\n\n!x @team\n"})[0]
    assert first.words.startswith(".github/CODEOWNERS:3: a pattern begins with neither")
    assert first.hint == "correct .github/CODEOWNERS"
    whole = said({b".github/CODEOWNERS": b"#" * 3_000_001})[0]
    assert whole.words == ".github/CODEOWNERS: it has more than 3 MB, so GitHub does not load it"


@pytest.mark.parametrize(
    ("remote", "files", "place"),
    [
        (GITHUB, {b".gitlab-ci.yml": b""}, ".github"),
        (GITLAB, {}, ".gitlab"),
        ("git@forge.example.org:x/y", {}, ".github"),
        ("git@forge.example.org:x/y", {b".gitlab-ci.yml": b""}, ".gitlab"),
        ("git@forge.example.org:x/y", {b".gitlab/issue_templates/a.md": b""}, ".gitlab"),
        ("git@forge.example.org:x/y", {b".gitlab-ci.yml": b"", b".github/x": b""}, ".github"),
    ],
)
def test_which_forge_it_is_is_told_by_the_remote_or_by_what_is_there(
    remote: str, files: dict[bytes, bytes], place: str
) -> None:
    (line,) = of_owners(in_memory(files), policy(), [remote])
    assert line.hint.startswith(f"add to {place}/CODEOWNERS")


def test_each_forge_looks_in_its_own_places_first_come_first_read() -> None:
    both = {b".github/CODEOWNERS": b"* @a\n", b"CODEOWNERS": b"* @b\n", b".gitlab/CODEOWNERS": b"* @c\n"}
    assert words(said(both))[0].startswith("ok .github/CODEOWNERS")
    assert words(said(both, GITLAB))[0].startswith("ok CODEOWNERS")
    assert words(said({b".gitlab/CODEOWNERS": b"* @c\n"}))[0].startswith("warn there is none")
