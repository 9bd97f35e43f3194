"""The process is what is shipped, and whatever sdd writes of it is right by its own judgement."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects import files, session, snapshot
from sdd.errors import RefusedError, SddError
from sdd.sessions.process import (
    EMPTY_BRIEF,
    PROCESS,
    NewFile,
    check_feature,
    feature_files,
    free_name,
    session_text,
    shipped,
    shipped_versions,
    template_of,
)
from sdd.sessions.project import Project, derive
from sdd.snapshot import overlaid


def project(**more: str) -> Project:
    return derive(snapshot(files(**more)))


def with_files(before: Project, new: list[NewFile]) -> Project:
    return derive(overlaid(before.snapshot, {file.path: file.data for file in new}))


def test_every_kind_of_the_process_is_shipped_and_every_shipped_one_is_known() -> None:
    kinds = {kind for _, kind, _ in PROCESS} | {"implementation", "integration", "refactoring", "change"}
    assert set(shipped()) == kinds
    assert len(kinds) == 12
    assert {sha256(data).hexdigest() for data in shipped().values()} <= shipped_versions()


@pytest.mark.parametrize("feature", ["", "checkout", "été"])
def test_a_new_feature_is_right_as_it_is_written(feature: str) -> None:
    before = project()
    new = feature_files(before, feature, "sell things")
    after = with_files(before, new)
    assert not after.findings()
    assert [one.slug for one in after.of_feature(feature)] == [slug for slug, _, _ in PROCESS]
    assert (f"docs/{feature}/brief.md".encode() in after.snapshot) is bool(feature)
    assert not feature_files(after, feature, "something else")


def test_a_brief_says_what_the_person_said() -> None:
    assert feature_files(project(), "shop", " sell\r\n \ud800things ")[0] == NewFile(
        b"docs/shop/brief.md", "# Brief: shop\n\nsell\n \ufffdthings\n".encode()
    )
    assert feature_files(project(), "shop", " ")[0].data == f"# Brief: shop\n\n{EMPTY_BRIEF}\n".encode()


@pytest.mark.parametrize("feature", ["templates", "changes", "interfaces", "tracker", "Tracker"])
def test_a_reserved_name_cannot_be_a_feature(feature: str) -> None:
    with pytest.raises(RefusedError, match="are reserved") as raised:
        feature_files(project(), feature, "x")
    assert raised.value.hint


@pytest.mark.parametrize(
    "feature", ["a b", "-a", ".a", "a/b", "con", "NUL", "a.", "a.md", "a.runs", "a\ud800", "a" * 101]
)
def test_a_name_that_is_not_one_folder_everywhere_cannot_be_a_feature(feature: str) -> None:
    with pytest.raises(RefusedError, match="cannot be a feature: it has a name") as raised:
        check_feature(feature)
    raised.value.message.encode()


@pytest.mark.parametrize("feature", ["", "a", "a.b", "買い物"])
def test_other_names_can(feature: str) -> None:
    check_feature(feature)


def test_an_unknown_kind_names_the_nearest_one() -> None:
    with pytest.raises(SddError, match="there is no kind `testin`") as raised:
        template_of(project(), "testin")
    assert raised.value.hint.startswith("did you mean `testing`? there are architecture, ")
    with pytest.raises(SddError) as raised:
        template_of(derive(snapshot({})), "testing")
    assert raised.value.hint == "sdd init"


@given(st.sampled_from(sorted(shipped())), st.text(), st.lists(st.text("ab c#`(", min_size=1)))
def test_a_new_session_is_right_whatever_its_goal(kind: str, goal: str, checklist: list[str]) -> None:
    seen = project()
    boxes = [" ".join(f"a{item}".split()) for item in checklist]
    text = session_text("a", template_of(seen, kind), needs={}, goal=goal, checklist=boxes)
    found = derive(overlaid(seen.snapshot, {b"sessions/a.md": text.encode()}))
    assert not [one for one in found.findings() if one.code != "SDD127"]
    if boxes:
        assert [item.text for item in found.sessions["a"].checklist] == boxes


@pytest.mark.parametrize(
    ("there", "feature", "slug", "name"),
    [
        ((), "", "cart", "04-cart"),
        (("04-a", "90-b"), "", "cart", "05-cart"),
        (("01-a",), "", "cart", "04-cart"),
        (("shop/17-a", "04-b"), "shop", "cart", "shop/18-cart"),
        (("²-a", "٣-b", "x-c"), "", "cart", "04-cart"),
        ((), "", "7-cart", "7-cart"),
        ((), "shop", "12-cart", "shop/12-cart"),
        ((), "changes", "fix", "changes/fix"),
    ],
)
def test_a_name_without_a_number_gets_the_next_one_of_the_tasks(
    there: tuple[str, ...], feature: str, slug: str, name: str
) -> None:
    seen = project(**{f"sessions__{one.replace('/', '__')}": session("implementation") for one in there})
    assert free_name(seen, feature, slug) == name
