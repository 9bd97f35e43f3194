"""The doors at which an attack is met, and what each of them says."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from gitbox import GitBox
from hooked import path_with_sdd, tried, with_hooks
from sdd.gates.audit import audit
from sdd.gates.history import History
from sdd.gates.judgement import Judgement
from sdd.gates.proposal import proposal
from sdd.gates.refs import judge_ref
from sdd.repository import Repository


class Told(NamedTuple):
    """The codes of findings and of notices, and the exit code."""

    codes: frozenset[str]
    notices: frozenset[str]
    exit: int


def _command(*args: str) -> Callable[[GitBox], Told]:
    """A door that is the real command, in a process of its own."""

    def door(box: GitBox) -> Told:
        done = box.sdd("check", *args, "--json", check=None)
        found = json.loads(done.out) if done.out else []
        return Told(frozenset(one["code"] for one in found), frozenset(), done.code)

    return door


def _told(found: Judgement) -> Told:
    codes, notices = ({one.code for one in ones} for ones in (found.findings, found.notices))
    return Told(frozenset(codes), frozenset(notices), 0 if found.passes else 1)


def _history(box: GitBox) -> History:
    return History(Repository.find(str(box.path)))


def _proposal(box: GitBox) -> Told:
    history = _history(box)
    return _told(
        proposal(history, history.commit("main"), history.commit("HEAD"), now_epoch=int(time.time()))
    )


def _audit(box: GitBox) -> Told:
    history = _history(box)
    now = int(time.time())
    return _told(audit(history, history.commit("HEAD"), now_epoch=now, since=history.commit("main")))


def _ref(box: GitBox) -> Told:
    """The tag v1 on the commit that is checked out."""
    history = _history(box)
    main, head = history.commit("main"), history.commit("HEAD")
    merged = history.is_ancestor(head, main)
    two = history.snapshot(head), history.snapshot(main)
    return _told(judge_ref("refs/tags/v1", *two, in_protected_history=merged, now_epoch=int(time.time())))


def _push(*args: str) -> Callable[[GitBox], Told]:
    """A push to a bare repository, made of main, with the real pre-receive hook."""

    def door(box: GitBox) -> Told:
        server = box.path.with_name(box.path.name + ".git")
        box.git("clone", "-q", "--bare", "--single-branch", "-b", "main", str(box.path), str(server))
        with_hooks(GitBox(server), "pre-receive")
        done = tried(box, "push", "-q", str(server), *args, PATH=path_with_sdd())
        return Told(frozenset(re.findall(r"SDD\d{3}", done.err)), frozenset(), done.code)

    return door


DOORS: Mapping[str, Callable[[GitBox], Told]] = {
    "check A..B": _command("main..HEAD"),
    "check origin/main..HEAD": _command("origin/main..HEAD"),
    "check --staged": _command("--staged"),
    "check --audit": _command("--audit"),
    "check --audit A..B": _command("--audit", "main..HEAD"),
    "proposal": _proposal,
    "audit": _audit,
    "ref": _ref,
    "push": _push("HEAD:main"),
    "push --force": _push("--force", "HEAD:main"),
    "push --delete": _push("--delete", "main"),
}


def at(name: str, box: GitBox) -> Told:
    """What this door says of a repository."""
    return DOORS[name](box)


def folder_of(base: Path, name: str) -> Path:
    """A folder for one row, whose name a file system takes."""
    return base / re.sub(r"[^a-z0-9]+", "-", name.lower())[:40]
