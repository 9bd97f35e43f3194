"""The trailer Sdd-Session: added by a real commit-msg hook where one session is meant, checked where it stands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gitbox import GitBox
from hooked import path_with_sdd, tried, with_hooks

TOKEN = "Sdd-Session"  # noqa: S105 - a trailer's token, no password


@pytest.fixture(scope="module")
def template(begun_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two sessions and the commit-msg hook."""
    folder = tmp_path_factory.mktemp("message") / "shop"
    box = GitBox(Path(shutil.copytree(begun_repository, folder)))
    for name, writes in (("03-cart", "src/cart.py, src/both.py"), ("04-stock", "src/stock.py, src/both.py")):
        box.write(
            f"sessions/{name}.md",
            f"---\nkind: implementation\nwrites: [{writes}]\n---\n# {name}\n\n## Goal\n\nx\n\n## Checklist\n\n- [ ] y\n",
        )
    box.commit("Add sessions")
    with_hooks(box, "commit-msg")
    return folder


@pytest.fixture
def shop(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitBox:
    monkeypatch.setenv("PATH", path_with_sdd())
    return GitBox(Path(shutil.copytree(template, tmp_path / "shop")))


def edit(box: GitBox, *names: str) -> None:
    for name in names:
        path = box.path / name
        box.write(name, (path.read_bytes() if path.exists() else b"") + b"\n")


def trailers(box: GitBox, rev: str = "HEAD") -> list[str]:
    """What git itself takes for this trailer in a commit."""
    form = f"%(trailers:key={TOKEN},valueonly)"
    return box.git("log", "-1", f"--format={form}", rev).split()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        (["sessions/03-cart.md"], ["03-cart"]),
        (["sessions/03-cart.runs/20261121T090000Z-0.md"], ["03-cart"]),
        (["sessions/03-cart.md", "src/both.py", "docs/tracker.md"], ["03-cart"]),
        (["src/cart.py"], ["03-cart"]),
        (["src/cart.py", "README.md"], ["03-cart"]),
        (["src/both.py"], []),
        (["README.md"], []),
        (["src/cart.py", "src/stock.py"], []),
        (["sessions/03-cart.md", "src/stock.py"], []),
        (["sessions/03-cart.md", "sessions/04-stock.md"], []),
        (["sessions/templates/testing.md"], []),
        (["other.runs/x"], []),
    ],
)
def test_the_trailer_is_added_where_one_session_is_meant(
    shop: GitBox, changed: list[str], named: list[str]
) -> None:
    edit(shop, *changed)
    shop.commit("Work on it")
    assert trailers(shop) == named


def test_a_session_that_the_commit_deletes_is_meant_too(shop: GitBox) -> None:
    shop.git("rm", "-q", "sessions/04-stock.md")
    shop.git("commit", "-q", "-m", "Drop it")
    assert trailers(shop) == ["04-stock"]


def test_what_is_not_staged_does_not_count(shop: GitBox) -> None:
    edit(shop, "sessions/03-cart.md", "sessions/04-stock.md")
    shop.git("commit", "-q", "-m", "Work", "sessions/04-stock.md")
    assert trailers(shop) == ["04-stock"]


def test_it_is_added_once_however_often_the_commit_is_amended(shop: GitBox) -> None:
    edit(shop, "sessions/03-cart.md")
    shop.commit("Work\n\nWhy.\n\nSigned-off-by: Alice <alice@example.org>")
    edit(shop, "src/cart.py")
    shop.git("commit", "-q", "-a", "--amend", "--no-edit")
    assert shop.git("log", "-1", "--format=%b").splitlines() == [
        "Why.",
        "",
        "Signed-off-by: Alice <alice@example.org>",
        "Sdd-Session: 03-cart",
    ]


def test_a_first_commit_is_read_like_any_other(box: GitBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", path_with_sdd())
    with_hooks(box, "commit-msg")
    box.write("sessions/01-spec.md", "---\nkind: product-spec\n---\n# Spec\n")
    box.commit("Begin")
    assert trailers(box) == ["01-spec"]


@pytest.mark.parametrize("subject", ["fixup! Work", "squash! Work"])
def test_what_rebase_will_fold_away_is_left_alone(shop: GitBox, subject: str) -> None:
    edit(shop, "sessions/03-cart.md")
    shop.commit(subject)
    assert trailers(shop) == []


@pytest.mark.parametrize("side", ["README.md", "sessions/03-cart.md"])
def test_a_merge_gets_no_trailer_clean_or_not(shop: GitBox, side: str) -> None:
    shop.git("switch", "-q", "-c", "side")
    shop.write(side, "theirs\n")
    shop.git(
        "commit",
        "-q",
        "-a",
        "--no-verify",
        "-m",
        "Theirs",
        *([] if side != "README.md" else ["--allow-empty"]),
    )
    shop.git("switch", "-q", "main")
    shop.write("sessions/03-cart.md", shop.read("sessions/03-cart.md").replace("cart", "mine"))
    shop.git("commit", "-q", "-a", "--no-verify", "-m", "Mine")
    merged = tried(shop, "merge", "-q", "--no-edit", "side")
    if merged.code:
        shop.write(side, "both\n")
        shop.git("commit", "-q", "-a", "--no-edit")
    assert len(shop.git("log", "-1", "--format=%P").split()) == 2
    assert trailers(shop) == []


def test_a_trailer_that_stands_there_is_the_persons(shop: GitBox) -> None:
    edit(shop, "sessions/03-cart.md")
    shop.commit("Work\n\nsdd-session: 04-stock\nSdd-Session: 03-cart")
    assert trailers(shop) == ["04-stock", "03-cart"]


def test_a_trailer_that_names_no_session_is_refused_with_the_nearest(shop: GitBox) -> None:
    edit(shop, "sessions/03-cart.md")
    refused = tried(shop, "commit", "-q", "-a", "-m", "Work\n\nSdd-Session: 03-card")
    assert refused.code == 1
    assert "SDD150 the trailer Sdd-Session names `03-card`, and there is no such session" in refused.err
    assert "→ Sdd-Session: 03-cart" in refused.err
    assert "sdd: the commit is refused" in refused.err
    assert "leave the trailer out" in tried(shop, "commit", "-qam", "Work\n\nSdd-Session: ZZZ").err


def test_comments_and_the_shown_diff_stay_below(shop: GitBox) -> None:
    """The editor's file has comments and, with -v, a diff; git drops them after the hook."""
    edit(shop, "sessions/03-cart.md")
    for sign in ("#", ";", "auto"):
        shop.git("config", "core.commentChar", sign)
        written = "Work\n\nWhy.\n"
        editor = f'sh -c \'printf "%s" "{written}" | cat - "$1" > "$1.new" && mv "$1.new" "$1"\' -'
        shop.git("commit", "-q", "-a", "-v", "--allow-empty", env={"GIT_EDITOR": editor})
        assert shop.git("log", "-1", "--format=%B").strip() == "Work\n\nWhy.\n\nSdd-Session: 03-cart"
        shop.git("reset", "-q", "--soft", "HEAD~1")


def test_an_empty_message_stays_empty(shop: GitBox) -> None:
    edit(shop, "sessions/03-cart.md")
    refused = tried(shop, "commit", "-q", "-a", GIT_EDITOR="true")
    assert "Aborting commit due to empty commit message" in refused.err


def test_a_repository_without_sdd_is_left_alone(box: GitBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", path_with_sdd())
    with_hooks(box, "commit-msg")
    box.write("README.md", "x")
    box.commit("Work\n\nSdd-Session: whatever")
    assert trailers(box) == ["whatever"]


def test_a_missing_file_is_no_pass(shop: GitBox) -> None:
    assert "no file with the commit's message" in shop.sdd("hook", "commit-msg", check=2).err
    assert "none.txt cannot be read" in shop.sdd("hook", "commit-msg", "none.txt", check=2).err


def test_configured_commands_of_git_are_not_run(shop: GitBox) -> None:
    shop.git("config", "trailer.sdd-session.cmd", "touch trap; echo")
    shop.git("config", "trailer.other.command", "touch trap")
    edit(shop, "sessions/03-cart.md")
    shop.commit("Work")
    assert trailers(shop) == ["03-cart"]
    assert not (shop.path / "trap").exists()
