"""What is found of a whole project feature by feature is what is found of it at once, whatever was kept before."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitbox import GitBox
from projects import files, run, runs, session
from sdd.contracts.judged import of_project
from sdd.findings import Finding, by_place
from sdd.gates.picture import picture
from sdd.repository import Repository
from sdd.sessions.links import dependents, links, reaches
from sdd.sessions.project import derive
from sdd.sessions.run import file_name
from sdd.sessions.session import CHANGES
from sdd.snapshot import Snapshot, in_memory
from sdd.views import tracker, whole

PLAN = "# Plan\n\n## Tasks\n\n### 01-a: A\n\n- Goal: a\n- Writes: src/a.py\n- Acceptance: it holds\n"
RUN = b"all that was said\n"
RUN_FILE = file_name("alpha/01-a", "2026-11-21T10:15:00Z", RUN)
EVIDENCED = session(
    "implementation",
    "writes: [src/a.py]",
    "needs: [beta/01-b]",
    items=("it is so (tests/test_a.py)",),
    rest=runs(run(file=RUN_FILE)),
).replace("[ ]", "[x]")
BEGIN = files(
    **{
        "sessions__00-root": session("implementation", "writes: [src/root.py]"),
        "sessions__alpha__01-a": EVIDENCED,
        "sessions__alpha__02-c": session("implementation", "writes: [src/c.py]", "needs: [01-a]"),
        "sessions__beta__01-b": session("implementation", "writes: [docs/gamma]"),
        "sessions__changes__fix": session("change"),
        "docs__changes__fix": "---\nwrites: [src/price.py]\n---\n# Rounding\n",
        "docs__alpha__implementation-plan": PLAN,
    }
) | {
    b"sessions/" + RUN_FILE.encode(): RUN,
    b"src/a.py": b"a\n",
    b"tests/test_a.py": b"def test(): pass\n",
    b"src/root.py": b"",
}

OTHER = session("implementation", "writes: [src/other.py]", "needs: [alpha/02-c]").encode()
MAKES = session(
    "implementation", "implements:", "  docs/interfaces/a.py::IA: src/made.py::A", rest=runs(run())
).encode()
EDITS: Mapping[str, tuple[str, bytes | None]] = {
    "a session implements a contract": ("sessions/beta/05-made.md", MAKES),
    "a contract comes": ("docs/interfaces/a.py", b"class IA(IBase): ...\n"),
    "a contract is no Python": ("docs/interfaces/a.py", b"class IA(:\n"),
    "an implementation comes": ("src/made.py", b"from base import Base\nclass A(Base): ...\n"),
    "a base class comes": ("src/base.py", b"class Base: ...\n"),
    "an output goes": ("src/a.py", None),
    "an output changes": ("src/a.py", b"other\n"),
    "an output comes": ("src/c.py", b"c\n"),
    "a test that was evidence goes": ("tests/test_a.py", None),
    "a whole run is edited": (f"sessions/{RUN_FILE}", b"other\n"),
    "a needed session goes": ("sessions/beta/01-b.md", None),
    "a needed session changes": (
        "sessions/beta/01-b.md",
        BEGIN[b"sessions/beta/01-b.md"].replace(b"[ ]", b"[x]"),
    ),
    "a cycle": ("sessions/beta/01-b.md", OTHER),
    "a session comes": ("sessions/beta/02-d.md", OTHER),
    "a session comes in a new feature": ("sessions/gamma/01-a.md", OTHER),
    "a session comes that another shadows": ("sessions/alpha/00-root.md", OTHER),
    "a session at the top goes": ("sessions/00-root.md", None),
    "a session at the top comes": ("sessions/09-last.md", BEGIN[b"sessions/00-root.md"]),
    "a session is no session": ("sessions/alpha/01-a.md", b"no session\n"),
    "a session is back": ("sessions/alpha/01-a.md", BEGIN[b"sessions/alpha/01-a.md"]),
    "a template goes": ("sessions/templates/implementation.md", None),
    "a template is back": (
        "sessions/templates/implementation.md",
        BEGIN[b"sessions/templates/implementation.md"],
    ),
    "a plan grants other": ("docs/alpha/implementation-plan.md", PLAN.replace("src/a", "src/b").encode()),
    "a plan asks for more": (
        "docs/alpha/implementation-plan.md",
        (PLAN + PLAN[17:].replace("01-a", "03-e")).encode(),
    ),
    "a page is broken": ("docs/changes/fix.md", b"# No front matter\n"),
    "the policy goes": (".sdd/policy.toml", None),
    "the brief goes": ("docs/brief.md", None),
    "a brief comes": ("docs/alpha/brief.md", b"# Brief\n"),
    "a file in the place of a folder": ("docs/gamma", b"x"),
    "a misplaced file": ("sessions/alpha/deeper/x.md", b"x"),
    "a name that is another's on macOS": ("sessions/ALPHA/01-a.md", OTHER),
    "a tracker is stale": ("docs/alpha/tracker.md", b"# Tracker\n"),
    "something else": ("README.md", b"# Read\n"),
}


@pytest.fixture(scope="module")
def made(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "shop"
    box = GitBox(Path(shutil.copytree(template_repository, folder)))
    for path, data in BEGIN.items():
        box.write(path, data)
    settle(box)
    box.commit()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CI", raising=False)
        holds(box)  # what is kept is copied with the repository
    return folder


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> GitBox:
    return GitBox(Path(shutil.copytree(made, tmp_path / "shop")))


@pytest.fixture(autouse=True)
def _kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("SDD_CACHE", raising=False)


def settle(box: GitBox) -> None:
    for path, data in tracker.trackers(picture(Repository.find(str(box.path)).working_tree())).items():
        box.write(path, data)


def edit(box: GitBox, name: str) -> None:
    rel, data = EDITS[name]
    path = box.path / rel
    if data is None:
        path.unlink(missing_ok=True)
        return
    for above in reversed(path.relative_to(box.path).parents):
        if (box.path / above).is_file():
            (box.path / above).unlink()
    if path.is_dir():
        shutil.rmtree(path)
    box.write(rel, data)


def _copied(snapshot: Snapshot) -> Snapshot:
    return Snapshot(snapshot.name, dict(snapshot.entries), snapshot.read_all, snapshot.algorithm)


def at_once(snapshot: Snapshot) -> list[Finding]:
    """What is wrong with the same files, where nothing is kept and nothing read lazily."""
    copy = _copied(snapshot)
    project = derive(copy)
    found = {*project.findings(), *of_project(project), *tracker.findings(picture(copy))}
    return sorted(found, key=by_place)


def holds(box: GitBox) -> None:
    """Of the working tree, the index and a commit: what was kept, what is found without, and what is found at once."""
    repository = Repository.find(str(box.path))
    for look in (Repository.working_tree, Repository.index):
        expected = at_once(look(repository))
        assert whole.findings(look(repository)) == expected
        assert whole.findings(look(Repository.find(str(box.path)))) == expected
        assert whole.findings(look(repository.without_verdicts())) == expected
        assert _links(look(repository)) == _links(look(repository.without_verdicts()))
        assert _links(look(repository)) == _links(_copied(look(repository)))


def _links(snapshot: Snapshot) -> object:
    project = derive(snapshot)
    return reaches(project), [links(project, feature) for feature in (*project.features, CHANGES)]


def test_a_project_that_is_in_order_has_no_findings(shop: GitBox) -> None:
    assert whole.findings(Repository.find(str(shop.path)).commit("HEAD")) == []
    holds(shop)


@pytest.mark.parametrize("name", EDITS)
def test_what_was_kept_is_not_believed_after_an_edit(shop: GitBox, name: str) -> None:
    edit(shop, name)
    holds(shop)


def test_what_was_kept_is_not_believed_after_a_commit(shop: GitBox) -> None:
    edit(shop, "an output comes")
    shop.commit()
    holds(shop)
    settle(shop)
    shop.commit()
    holds(shop)


@settings(max_examples=6)
@given(names=st.lists(st.sampled_from(sorted(EDITS)), min_size=2, max_size=4), staged=st.booleans())
def test_random_edits_change_no_answer(
    made: Path, tmp_path_factory: pytest.TempPathFactory, names: list[str], *, staged: bool
) -> None:
    box = GitBox(Path(shutil.copytree(made, tmp_path_factory.mktemp("edits") / "shop")))
    for name in names:
        edit(box, name)
        if staged:
            box.git("add", "-A")
        holds(box)
    box.git("reset", "-q", "--hard")
    box.git("clean", "-qfd")
    holds(box)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a test that was evidence goes", "SDD131"),
        ("a needed session goes", "SDD121"),
        ("a template goes", "SDD120"),
        ("a cycle", "SDD122"),
        ("a plan grants other", "SDD126"),
        ("an output comes", "SDD201"),
        ("a file in the place of a folder", "SDD201"),
    ],
)
def test_what_goes_wrong_elsewhere_is_seen_and_gone_when_it_is_righted(
    shop: GitBox, name: str, code: str
) -> None:
    def codes() -> set[str]:
        return {one.code for one in whole.findings(Repository.find(str(shop.path)).working_tree())}

    assert codes() == set()
    edit(shop, name)
    assert code in codes()
    shop.git("reset", "-q", "--hard")
    shop.git("clean", "-qfd")
    assert codes() == set()


def test_of_features_that_nothing_touched_nothing_is_read(shop: GitBox) -> None:
    def asked(snapshot: Snapshot) -> list[bytes]:
        paths: list[bytes] = []
        load = snapshot._load

        def counted(wanted: list[bytes]) -> Mapping[bytes, bytes]:
            paths.extend(wanted)
            return load(wanted)

        snapshot._load = counted
        whole.findings(snapshot)
        return paths

    assert asked(Repository.find(str(shop.path)).working_tree()) == []
    shop.write("sessions/beta/01-b.md", OTHER)
    read = asked(Repository.find(str(shop.path)).working_tree())
    assert b"sessions/beta/01-b.md" in read
    assert b"sessions/changes/fix.md" not in read


def test_files_in_memory_are_judged_without_anything_kept() -> None:
    assert whole.findings(in_memory(BEGIN)) == at_once(in_memory(BEGIN)) != []


def test_those_that_need_a_session_or_a_plan_depend_on_it(shop: GitBox) -> None:
    edit(shop, "a plan asks for more")
    plan = session("implementation-plan")
    shop.write("sessions/alpha/00-plan.md", plan)
    shop.write("sessions/beta/03-last.md", session("implementation", "needs: [alpha/00-plan]"))
    project = derive(Repository.find(str(shop.path)).working_tree())
    assert dependents(project, set()) == set()
    assert dependents(project, {"beta/01-b"}) == {"alpha/01-a"}
    assert dependents(project, {"alpha/03-e"}) == {"beta/03-last"}  # a task of the plan that is needed
    assert dependents(project, {"alpha/01-a"}) == {"alpha/02-c", "beta/03-last"}
    assert dependents(project, {"00-root", "beta/none"}) == set()


def test_a_session_at_the_top_that_is_renamed_has_its_links_by_its_new_name(shop: GitBox) -> None:
    def names(look: Callable[[Repository], Snapshot]) -> list[str]:
        return [one.name for one in links(derive(look(Repository.find(str(shop.path)))), "")]

    assert names(Repository.working_tree) == ["00-root"]
    (shop.path / "sessions/00-root.md").rename(shop.path / "sessions/01-root.md")
    assert names(Repository.working_tree) == ["01-root"]
    assert names(Repository.index) == ["00-root"]
