"""Where attacks happen: a project with every level of proof, the people with their real keys, and the steps that they take."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from gitbox import GitBox
from people import DAY, Person, SoftKey
from sdd.gates import approval
from sdd.gates.approval import Approval
from sdd.gates.policy import Code, Gate, Policy, Trust, render
from sdd.gates.signers import line_for
from sdd.sessions.process import shipped
from sdd.snapshot import blob_id
from shop import ARCHITECTURE, CODE, PAGE, PLAN, POLICY, REVOKED, SIGNERS, SPEC, Files, put

BEGAN = "2023-11-14T23:00:00Z"
T0 = 1_700_000_000  # 2023-11-14: records made then are long past, whenever a test runs
ENDED = 1_700_000_000 + 16 * DAY  # when the key of erin ceased to count
SECURITY, SEALED, NOTES = b"docs/security.md", b"docs/sealed.md", b"docs/notes.md"
LEGAL, RELEASE = b"docs/legal.md", b"docs/release.md"
CI, ATTRIBUTES, EXCUSED = b".github/workflows/ci.yml", b".gitattributes", b".sdd/excused.toml"
OLD, PRICE, OTHER = b"src/old.py", b"src/price.py", b"src/other.py"
SESSION = b"sessions/01-cart.md"
CART_SESSION = b"""\
---
kind: implementation
needs: [gate:implementation]
writes: [src/cart.py]
---
# Cart

## Goal

A cart.

## Checklist

- [ ] it holds
"""
NAMES = ("alice", "bob", "dave", "erin", "frank", "mallory")
ALICE, BOB = ("alice@example.org", "bob@example.org")

GATES: Mapping[bytes, str] = {
    SPEC: "spec",
    ARCHITECTURE: "implementation",
    PLAN: "implementation",
    SECURITY: "security",
    SEALED: "sealed",
    NOTES: "notes",
    LEGAL: "legal",
    RELEASE: "deployment",
}
WORDS: Mapping[bytes, bytes] = {
    SPEC: b"# A shop\n",
    ARCHITECTURE: b"# Its parts\n",
    PLAN: b"# Plan\n\n## Tasks\n\n### 01-cart: Cart\n\n- Goal: a cart\n- Writes: src/cart.py, src/new.py\n- Acceptance: it holds\n",
    PAGE: b"---\nwrites: [src/price.py]\n---\n# Rounding\n",
    SECURITY: b"# Secrets\n",
    SEALED: b"# Sealed\n",
    NOTES: b"# Notes\n",
    LEGAL: b"# Terms\n",
    RELEASE: b"# Release\n",
}
MAIN_WORDS = (SPEC, ARCHITECTURE, PLAN, PAGE)  # what is approved in the repository called "ready"


def _gate(name: str, document: str, *people: str, **fields: object) -> Gate:
    approvers = tuple(f"{one}@example.org" for one in people)
    return Gate(name, (document,), approvers).replace(**fields)


def rules(**fields: object) -> Policy:
    """The policy; `fields` replace its own."""
    gates = (
        _gate("spec", "{docs}/product-spec.md", "alice", "bob"),
        _gate("implementation", "", "alice", "bob", after=("spec",)).replace(
            documents=("{docs}/architecture.md", "{docs}/implementation-plan.md")
        ),
        _gate("change", "docs/changes/{session}.md", "alice", "bob", "erin", former=("dave@example.org",)),
        _gate("security", "docs/security.md", "alice", "bob", "carol", approvals=2),
        _gate("sealed", "docs/sealed.md", "alice", "grace", proof="touch"),
        _gate("notes", "docs/notes.md", "alice", proof="none"),
        _gate("legal", "docs/legal.md", "alice", proof="merged"),
        _gate("deployment", "docs/release.md", "alice", refs=("refs/tags/v*",)),
    )
    made = Policy(
        version=1,
        project="shop",
        protected=("refs/heads/main",),
        mode="enforce",
        gates={one.name: one for one in gates},
        trust=Trust((ALICE, BOB), "ssh", (".github/workflows/**", ".gitattributes")),
        code=(
            Code(("src/**", "app/**"), (("spec", "implementation"), ("change",))),
            *(Code((f"{name}/**",), ((name,),), within_writes=False) for name in ("security", "sealed")),
            *(Code((f"{name}/**",), ((name,),), within_writes=False) for name in ("notes", "legal")),
        ),
    )
    return made.replace(**fields)


def policy_file(**fields: object) -> Files:
    """The policy's file with some fields replaced."""
    return {POLICY: render(rules(**fields)).encode()}


class World:
    """One repository in which something happens, and the people who can sign."""

    def __init__(self, box: GitBox, people: Mapping[str, Person], hardware: SoftKey) -> None:
        self.box = box
        self.people = people
        self.hardware = hardware

    def copy(self, folder: Path) -> World:
        """The same repository in another place."""
        return World(GitBox(Path(shutil.copytree(self.box.path, folder))), self.people, self.hardware)

    def signers(self) -> str:
        """The `allowed_signers` of the project: carol has the key of bob, erin's has ended, grace has the hardware."""
        people = self.people
        lines = [people[name].line for name in ("alice", "bob", "dave", "frank")]
        lines.append(line_for("carol@example.org", people["bob"].public))
        lines.append(line_for("erin@example.org", people["erin"].public, valid_before=ENDED))
        lines.append(line_for("grace@example.org", self.hardware.public))
        return "".join(f"{line}\n" for line in lines)

    def sign(self, name: str, data: bytes, namespace: str = "approval@sdd", *options: str) -> bytes:
        """A signature by this person's key, as `ssh-keygen` itself makes it."""
        argv = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, *options, "-f", str(self.people[name].key)]
        return subprocess.run(argv, input=data, check=True, capture_output=True).stdout


Made = Callable[[World], Files]
Step = Callable[[World], None]
Signing = Callable[[World, bytes], bytes | None]


class Row(NamedTuple):
    """One attack: what it is called, at which door it is met, from where it starts, and by which rules it is refused.

    `given` comes before on main, for the attack and for its honest twin, which then take their own steps on the branch
    `work`. `ends` is what the command ends with. `told` are notices that the twin has,
    `twin_door` is another door for it.
    """

    name: str
    door: str
    attack: tuple[Step, ...]
    codes: frozenset[str]
    twin: tuple[Step, ...]
    start: str = "ready"
    given: tuple[Step, ...] = ()
    ends: int = 1
    told: frozenset[str] = frozenset()
    twin_door: str = ""


def row(  # noqa: PLR0913 - the fields of a row
    name: str,
    door: str,
    codes: str,
    attack: Steps,
    twin: Steps,
    *,
    start: str = "ready",
    given: Steps = (),
    ends: int = 1,
    told: str = "",
    twin_door: str = "",
) -> Row:
    """A row, its codes written as words."""
    some = frozenset(codes.split()), frozenset(told.split())
    return Row(
        name, door, _steps(attack), some[0], _steps(twin), start, _steps(given), ends, some[1], twin_door
    )


Steps = Step | tuple[Step, ...]


def _steps(one: Steps) -> tuple[Step, ...]:
    return one if isinstance(one, tuple) else (one,)


# What can be done in a repository


def commit(*changes: Files | Made, at: str = "") -> Step:
    """Commit these changes on the branch that is checked out."""

    def step(world: World) -> None:
        put(world.box, *(made(world, one) for one in changes), at=at)

    return step


def made(world: World, change: Files | Made) -> Files:
    """The files of a change, which may depend on people's keys."""
    return change(world) if callable(change) else change


def on_main(*changes: Files | Made) -> Step:
    """Commit these changes on main, and come back."""

    def step(world: World) -> None:
        branch = world.box.git("rev-parse", "--abbrev-ref", "HEAD")
        world.box.git("switch", "-q", "main")
        put(world.box, *(made(world, one) for one in changes))
        world.box.git("switch", "-q", branch)

    return step


def staged(*changes: Files | Made) -> Step:
    """Put these changes into the index only."""

    def step(world: World) -> None:
        for one in changes:
            for path, data in made(world, one).items():
                world.box.write(path, data or b"")
        world.box.git("add", "-A")

    return step


def git(*args: str, **env: str) -> Step:
    """Run git."""
    return lambda world: void(world.box.git(*args, env=env))


def void(told: object) -> None:
    """Forget what a command said."""
    del told


def merge(*args: str) -> Step:
    """Merge without asking for a message."""
    return git("merge", "-q", "--no-edit", *args)


def entry(mode: str, path: str | bytes, content: bytes = b"") -> Step:
    """Commit one entry of any mode; for a submodule the content is the id of a commit."""

    def step(world: World) -> None:
        blob = (
            content.decode()
            if mode == "160000"
            else world.box.git("hash-object", "-w", "--stdin", stdin=content)
        )
        told = f"{mode} {blob}\t".encode() + os.fsencode(path) + b"\0"
        world.box.git("update-index", "-z", "--add", "--index-info", stdin=told)
        world.box.git("commit", "-q", "-m", "Work")

    return step


# Approvals


def signed(
    *documents: bytes,
    by: str = "alice",
    at: int = T0,
    words: Mapping[bytes, bytes] = WORDS,
    sign: Signing | None = None,
    spoil: Callable[[bytes], bytes] = lambda data: data,
    place: bytes = b"",
    **fields: object,
) -> Made:
    """The records of these documents, each for its gate, with signatures by the approver.

    `fields` replace fields of the record, `spoil` changes its bytes before they are signed, `place` is where it is put,
    `sign` makes another signature (None: none at all).
    """

    def files(world: World) -> Files:
        found: dict[bytes, bytes | None] = {}
        for path in documents:
            record = _record(path, words, by, at, fields)
            where = place or approval.path(record.gate, record.document, record.approver)
            found[where] = data = spoil(approval.render(record))
            signature = (sign or key(by))(world, data)
            if signature is not None:
                found[where + b".sig"] = signature
        return found

    return files


def _record(
    path: bytes, words: Mapping[bytes, bytes], by: str, at: int, fields: Mapping[str, object]
) -> Approval:
    content = words[path]
    made = Approval(
        project="shop",
        gate=gate_of(path),
        document=path,
        sha256=hashlib.sha256(content).hexdigest(),
        blob=blob_id(content),
        approver=f"{by}@example.org",
        approved_at=at,
    )
    return made.replace(**fields)


def key(name: str, namespace: str = "approval@sdd", *options: str) -> Signing:
    """Sign with the key of this person."""
    return lambda world, data: world.sign(name, data, namespace, *options)


def touched(flags: int) -> Signing:
    """Sign with the hardware key, these being its flags: 1 for a touch, 0 for none."""
    return lambda world, data: world.hardware.sign(data, flags)


def unsigned(world: World, data: bytes) -> None:
    """Do not sign."""


def bytes_of(signature: bytes) -> Signing:
    """These bytes for a signature."""
    return lambda world, data: signature


def place(document: bytes, by: str = "alice") -> bytes:
    """Where a record lies."""
    return approval.path(gate_of(document), document, f"{by}@example.org")


def gate_of(document: bytes) -> str:
    """The gate that a document or a trust file belongs to."""
    return "change" if document.startswith(b"docs/changes/") else GATES.get(document, "trust")


def approved_change(path: bytes, content: bytes, by: str = "alice", at: int = T0 + DAY) -> Made:
    """A document or trust file with new bytes, and their approval."""
    return lambda world: {path: content, **signed(path, by=by, at=at, words={path: content})(world)}


# The repositories that attacks start from


def build(folder: Path, template: Path) -> Mapping[str, World]:
    """`bare` has code and no policy, `begun` a policy and nothing approved, `ready` all documents approved."""
    people = {name: Person.make(folder, name) for name in NAMES}
    world = World(GitBox(Path(shutil.copytree(template, folder / "bare"))), people, SoftKey())
    put(world.box, {b"README.md": b"# Shop\n", CODE: b"cart = 0\n", OLD: b"old = 0\n"}, at=BEGAN)
    begun = world.copy(folder / "begun")
    trust: Files = {
        SIGNERS: begun.signers().encode(),
        REVOKED: f"{people['frank'].public}\n".encode(),
        CI: b"on: pull_request\n",
        ATTRIBUTES: b"* -text\n",
        LEGAL: WORDS[LEGAL],
    }
    put(begun.box, policy_file(), trust, at=BEGAN)
    ready = begun.copy(folder / "ready")
    put(ready.box, WORDS, at=BEGAN)
    put(ready.box, signed(*MAIN_WORDS)(ready), at=BEGAN)
    return {"bare": world, "begun": begun, "ready": ready, "worked": _worked(ready, folder / "worked")}


def _worked(ready: World, folder: Path) -> World:
    """The repository with a session in it, and its tracker."""
    world = ready.copy(folder)
    template = b"sessions/templates/implementation.md"
    put(world.box, {template: shipped()["implementation"], SESSION: CART_SESSION})
    world.box.sdd("tracker", "--stage")
    world.box.git("commit", "-q", "-m", "Track")
    return world
