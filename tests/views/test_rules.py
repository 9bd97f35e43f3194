"""The rules' pages: one for each code, generated from one source, their examples played."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sdd.contracts.judged import of_project
from sdd.errors import SddError
from sdd.gates import approval, signers
from sdd.sessions.process import shipped
from sdd.sessions.project import derive
from sdd.snapshot import in_memory
from sdd.views.rules import FOLDER, index, page, rule, rules

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
FENCE = re.compile(r"^(`{3,})\w+ (wrong|right) (\S+)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
NOTICES = ("SDD709", "SDD710")

WHOLE = "---\nkind: implementation\n---\n# Other\n\n## Goal\n\nx\n\n## Checklist\n\n- [ ] y\n"
AROUND = {
    **{f"sessions/templates/{kind}.md".encode(): data for kind, data in shipped().items()},
    b"sessions/02-catalog.md": WHOLE.encode(),
    b"sessions/04-stock.md": WHOLE.encode(),
}


def codes_in(sources: list[Path], form: str) -> set[str]:
    return {code for file in sources for code in re.findall(form, file.read_text("utf-8"))}


def examples(code: str, which: str) -> dict[bytes, bytes]:
    """The files of a rule's examples that say `wrong` or `right`."""
    found = FENCE.findall(rules()[code].text)
    return {path.encode(): text.encode() for _, said, path, text in found if said == which}


def codes_of(files: dict[bytes, bytes]) -> set[str]:
    """The codes of all that is wrong with these files, in a project that is right but for them."""
    project = derive(in_memory(AROUND | files))
    found = [*project.findings(), *of_project(project)]
    for path, data in files.items():
        read = approval.read(path, data) if path.startswith(approval.FOLDER) else ()
        found += read if isinstance(read, tuple) else ()
    found += signers.read(files.get(signers.SIGNERS, b""))[1]
    found += signers.read_revoked(files.get(signers.REVOKED, b""))[1]
    return {finding.code for finding in found}


def test_every_code_that_is_given_has_a_page_and_every_page_a_code_that_is_given() -> None:
    assert set(rules()) == codes_in(SOURCES, r'"(SDD\d{3})"')


def test_every_code_that_a_message_or_docstring_names_has_a_page() -> None:
    assert set(rules()) >= codes_in(SOURCES, r"\bSDD\d{3}\b")


@pytest.mark.parametrize("code", rules())
def test_a_page_says_what_is_wrong_why_it_matters_and_how_to_mend_it(code: str) -> None:
    first = "**What is told.** " if code in NOTICES else "**What is wrong.** "
    parts = (first, "**Why it matters.** ", "**How to mend it.** ")
    places = [rules()[code].text.find(part) for part in parts]
    assert places == sorted(places)
    assert places[0] == 0
    assert rules()[code].title


@pytest.mark.parametrize("code", [code for code in rules() if examples(code, "wrong")])
def test_the_wrong_example_has_the_finding_and_the_right_one_has_not(code: str) -> None:
    assert code in codes_of(examples(code, "wrong"))
    assert examples(code, "right")
    assert code not in codes_of(examples(code, "right"))


def test_what_surrounds_the_examples_is_right() -> None:
    assert codes_of({}) == set()


@pytest.mark.parametrize("code", rules())
def test_the_page_in_the_docs_is_the_one_that_explain_prints(code: str) -> None:
    told = (ROOT / FOLDER / f"{code}.md").read_text("utf-8")
    assert told == page(rules()[code]), "run 'make docs'"


def test_the_folder_of_rules_holds_their_pages_and_the_index_alone() -> None:
    files = {file.name for file in (ROOT / FOLDER).iterdir()}
    assert files == {"README.md", *(f"{code}.md" for code in rules())}
    assert (ROOT / FOLDER / "README.md").read_text("utf-8") == index(), "run 'make docs'"


@pytest.mark.parametrize("asked", ["SDD121", "sdd121", "121"])
def test_a_rule_is_found_however_its_code_is_typed(asked: str) -> None:
    assert rule(asked).title == "a need is no session"


@pytest.mark.parametrize(("asked", "near"), [("SDD129", "SDD128"), ("999999", "SDD710")])
def test_an_unknown_code_names_the_nearest_one(asked: str, near: str) -> None:
    with pytest.raises(SddError, match=f"there is no rule `{asked}`") as raised:
        rule(asked)
    assert raised.value.hint == f"sdd explain {near}"


def test_a_misspelt_code_names_one_like_it() -> None:
    with pytest.raises(SddError) as raised:
        rule("SDD12O")
    assert re.fullmatch(r"sdd explain SDD\d{3}", raised.value.hint)


def test_an_unknown_word_is_pointed_to_the_list() -> None:
    with pytest.raises(SddError) as raised:
        rule("x" * 30)
    assert raised.value.hint == "sdd explain"
