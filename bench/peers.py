"""Other tools on the same amount of work: as many open tasks as sdd's project has sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from bench import peer_trees as trees
from bench.contest import Contest, Goal, Row, Subject
from bench.ground import Ground
from bench.packed import Commit, begin, extend
from bench.shop import NOW


class Peer(NamedTuple):
    """A peer's command, sdd's that answers the same, and the tree with so many tasks."""

    command: str
    sdd: str
    tree: Callable[[int], trees.Files]


PEERS = (
    Peer("openspec list", "status", trees.openspec),
    Peer("openspec validate --all", "check", trees.openspec),
    Peer("backlog task list --plain", "status", trees.backlog),
    Peer("task-master list", "status", trees.task_master),
    Peer(f"spec-kitty agent tasks status --mission {trees.MISSION}", "status", trees.spec_kitty),
    Peer("sk work-list", "status", trees.solokit),
)


@contextmanager
def beside(peer: Peer, ground: Ground, sessions: int) -> Iterator[Contest]:
    """A peer's command beside sdd's, each in its own project."""
    program, *argv = peer.command.split()
    ground.sdd.program(program)  # nothing is made for one that is not here
    place = ground.folder / f"{program}-{sessions}"
    if not place.exists():
        half = place.with_suffix(".half")
        begin(half)
        files = ((path.encode(), text.encode()) for path, text in peer.tree(sessions).items())
        extend(half, [Commit("Begin", NOW, files)])
        half.rename(place)
    name = f"sdd {peer.sdd}"
    commands = {
        peer.command: ground.command(place, program, *argv),
        name: ground.command(ground.project(sessions).place, "sdd", *peer.sdd.split()),
    }
    yield Contest(commands, (Row(peer.command, name, {sessions: Goal(1, is_most=False)}),))


def subjects(*sizes: int) -> dict[str, Subject]:
    """A subject for each peer's command, called after it."""
    return {f"peers: {peer.command}": Subject(partial(beside, peer), sizes) for peer in PEERS}
