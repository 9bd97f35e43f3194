"""SARIF logs: valid by the standard's own schema whatever was found, and fit for GitHub's code scanning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sarif_schema import problems, schema
from sdd.findings import Finding
from sdd.gates.judgement import Judgement
from sdd.views import sarif
from sdd.views.rules import rules

POLICY = b".sdd/policy.toml"
ODD = (
    b"sessions/\xff x.md",
    b"docs/a b.md",
    b"docs/a\nb.md",
    b"docs/a%20b.md",
    b"a:b/c.md",
    b"docs/#[x]?{y}\\z|`.md",
    "docs/größe-日本.md".encode(),
    b"docs/\xed\xa0\x80.md",
    b"-",
)
FOUND = Judgement(
    (
        Finding("SDD401", b"src/a,b:c%.py", 0, "no\x1b[2J", "first\nthen"),
        Finding("SDD101", b"sessions/\xff x.md", 3, "not\nread", "first\nthen"),
        Finding("SDD110", b"x", 0, "bare"),
    ),
    (Finding("SDD709", POLICY, 0, "adopted", "read it"),),
)

paths = st.binary(min_size=1).filter(lambda path: b"\0" not in path)
findings = st.builds(
    Finding,
    st.sampled_from(sorted(rules())),
    paths,
    st.integers(0, 10**6),
    st.text(st.characters()),
    st.text(st.characters()),
)


def run_of(found: Judgement) -> Any:
    (run,) = sarif.log(found)["runs"]
    return run


def one(path: bytes = b"x", line: int = 1, message: str = "wrong", code: str = "SDD101") -> Any:
    """The result of one finding."""
    (result,) = run_of(Judgement((Finding(code, path, line, message),)))["results"]
    return result


def place(result: Any) -> Any:
    (location,) = result["locations"]
    return location["physicalLocation"]


class TestByTheStandard:
    def test_the_schema_is_the_one_that_a_log_names(self) -> None:
        assert schema()["id"] == sarif.SCHEMA == sarif.log(Judgement())["$schema"]

    @pytest.mark.parametrize(
        "found",
        [
            Judgement(),
            FOUND,
            FOUND.replace(enforced=False),
            FOUND.replace(findings=()),
            Judgement(tuple(Finding("SDD401", path, 0, "odd") for path in ODD)),
            Judgement(tuple(Finding(code, b"x", 1, "each") for code in rules())),
        ],
    )
    def test_a_log_is_valid_whatever_was_found(self, found: Judgement) -> None:
        assert problems(sarif.log(found)) == []

    @given(st.lists(findings, max_size=5), st.lists(findings, max_size=2))
    def test_no_words_and_no_path_make_it_invalid(self, wrong: list[Finding], told: list[Finding]) -> None:
        assert problems(sarif.log(Judgement(tuple(wrong), tuple(told)))) == []

    @pytest.mark.parametrize(
        ("break_it", "told"),
        [
            (lambda result: place(result)["region"].update(startLine=0), "minimum of 1"),
            (lambda result: place(result)["artifactLocation"].update(uri="a b"), "is not a 'uri-reference'"),
            (lambda result: result.pop("message"), "'message' is a required property"),
            (lambda result: result.update(level="fatal"), "is not one of"),
            (lambda result: result.update(code="SDD101"), "Additional properties"),
        ],
    )
    def test_the_schema_sees_what_is_wrong(self, break_it: Callable[[Any], object], told: str) -> None:
        log = sarif.log(FOUND)
        break_it(log["runs"][0]["results"][0])
        assert any(told in problem for problem in problems(log)), problems(log)

    @given(paths)
    def test_a_path_comes_back_from_its_uri_if_it_is_utf_8(self, path: bytes) -> None:
        artifact = place(one(path))["artifactLocation"]
        back = unquote_to_bytes(artifact["uri"])
        assert back.decode() == path.decode("utf-8", "replace")
        assert ("description" in artifact) == (back != path)

    def test_a_path_that_is_no_utf_8_is_told_in_words(self) -> None:
        artifact = place(one(b"sessions/\xff x.md"))["artifactLocation"]
        assert artifact["uri"] == "sessions/%EF%BF%BD%20x.md"
        assert artifact["description"] == {"text": r'"sessions/\377 x.md"'}

    def test_places_are_relative_to_the_top_of_the_repository(self) -> None:
        assert place(one(b"src/a:b.py"))["artifactLocation"] == {
            "uri": "src/a%3Ab.py",
            "uriBaseId": "%SRCROOT%",
        }
        assert run_of(FOUND)["originalUriBaseIds"] == {
            "%SRCROOT%": {"description": {"text": "The top of the repository."}}
        }

    def test_words_of_a_file_become_no_link_and_no_placeholder_and_steer_nothing(self) -> None:
        words = one(message="[click](https://x.example) {0} {docs}/a.md \x1b[2J")["message"]
        assert words == {"text": "[click] (https://x.example) {{0}} {{docs}}/a.md \\u001b[2J"}


class TestByGitHub:
    """https://docs.github.com/en/code-security/code-scanning (SARIF support: supported properties)."""

    def test_rules_places_and_levels_are_named(self) -> None:
        run = run_of(FOUND)
        assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
            "SDD101",
            "SDD110",
            "SDD401",
            "SDD709",
        ]
        first, second, third, notice = run["results"]
        assert (first["ruleId"], first["ruleIndex"], first["level"]) == ("SDD401", 2, "error")
        assert first["message"] == {"text": "no\\u001b[2J\n→ first\nthen"}
        assert place(second)["region"] == {"startLine": 3}
        assert (third["message"], notice["level"]) == ({"text": "bare"}, "note")
        assert {each["level"] for each in run_of(FOUND.replace(enforced=False))["results"]} == {
            "warning",
            "note",
        }

    @pytest.mark.parametrize("code", rules())
    def test_each_rule_has_its_help_and_descriptions_that_are_not_cut(self, code: str) -> None:
        (rule,) = run_of(Judgement((Finding(code, b"x", 1, "y"),)))["tool"]["driver"]["rules"]
        texts = [rule[name]["text"] for name in ("shortDescription", "fullDescription", "help")]
        assert all(texts)
        assert max(map(len, texts[:2])) <= 1024
        assert rule["shortDescription"]["text"] == rules()[code].title
        assert "**" not in texts[1] + texts[2]
        assert "How to mend it." in texts[2]
        assert "**How to mend it.**" in rule["help"]["markdown"]

    def test_the_whole_file_is_its_first_line(self) -> None:
        assert place(one(line=0))["region"] == {"startLine": 1}

    def test_a_finding_that_moved_is_the_same_and_another_one_is_not(self) -> None:
        def fingerprints(*some: Finding) -> list[str]:
            results = run_of(Judgement(some))["results"]
            return [result["partialFingerprints"]["codePathMessage/v1"] for result in results]

        here = Finding("SDD101", b"x", 3, "wrong")
        assert fingerprints(here) == fingerprints(here.replace(line=7))
        others = [
            here,
            here,
            here.replace(code="SDD110"),
            here.replace(path=b"y"),
            here.replace(message="other"),
        ]
        assert len(set(fingerprints(*others))) == len(others)
