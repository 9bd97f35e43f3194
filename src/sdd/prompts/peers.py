"""The sessions of a feature, as each of them is told of the others: which there are, which are done, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.sessions.session import CHANGES
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdd.sessions.project import Project
    from sdd.sessions.session import Session
    from sdd.sessions.state import State


class Peer(Value):
    """A session of a feature as the others are told of it; `summary` is that of its last run, if it is done."""

    name: str
    title: str
    done: bool
    summary: str


def peers(project: Project, states: Mapping[str, State], name: str) -> tuple[Peer, ...]:
    """The sessions of a session's feature in their order, itself among them; a small change has no others."""
    one = project.sessions[name]
    every = [one] if one.feature == CHANGES else project.of_feature(one.feature)
    return tuple(_peer(peer, states[peer.name].state == "done") for peer in every)


def _peer(one: Session, done: bool) -> Peer:
    said = (run.summary for run in reversed(one.runs) if run.outcome == "done")
    return Peer(one.name, one.title, done, " ".join(next(said, "").split()) if done else "")
