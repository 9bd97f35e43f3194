"""A large project that uses sdd, made of one feature repeated: sessions, documents, signed approvals, trackers and code.

Everything in it is in order: `sdd check` finds nothing wrong, so a benchmark measures judging and not the telling of findings.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from sdd.gates import approval, signature, signers
from sdd.gates.approval import Approval
from sdd.gates.picture import picture
from sdd.gates.policy import Code, Gate, Policy, Trust, render
from sdd.runs.record import whole
from sdd.sessions.process import shipped
from sdd.sessions.run import Run, file_name
from sdd.sessions.run import render as block
from sdd.snapshot import Snapshot, blob_id, in_memory
from sdd.views.tracker import trackers

ALICE = "alice@example.org"
NOW = 1795255200  # 2026-11-21T10:00:00Z
TOKEN = (
    b"f00000"  # the name of the one feature that is made; a repetition has another number of as many digits
)
CODE_FILES = 5_000
FIRST = ("01-product-spec", "02-architecture", "03-implementation-plan")
PROSE = "The rule is kept as it was agreed, so that whoever reads this in a year finds the reason beside the fact.\n"


class Size(NamedTuple):
    """How many features there are, and how many sessions each of them has, the three of its process included."""

    features: int
    sessions: int

    @classmethod
    def of(cls, sessions: int) -> Size:
        """So many sessions in all, at most 200 of them in a folder."""
        each = min(sessions, 100 if sessions <= 10_000 else 200)  # noqa: PLR2004 - a folder of some hundred files at the most
        return cls(max(sessions // each, 1), each)


def policy() -> Policy:
    """Two signed gates, and code that needs both."""
    spec = Gate("spec", ("{docs}/product-spec.md",), (ALICE,))
    plan = Gate(
        "implementation",
        ("{docs}/architecture.md", "{docs}/implementation-plan.md"),
        (ALICE,),
        after=("spec",),
    )
    return Policy(
        version=1,
        project="shop",
        protected=("refs/heads/main",),
        mode="enforce",
        gates={"spec": spec, "implementation": plan},
        trust=Trust((ALICE,), "ssh"),
        code=(Code(("src/**",), (("spec", "implementation"),)),),
    )


def common(key: Path) -> dict[bytes, bytes]:
    """The files that the project has once: policy, signers, templates, guidelines."""
    public = key.with_suffix(".pub").read_text("utf-8").strip()
    return {
        b".sdd/policy.toml": render(policy()).encode(),
        b".sdd/allowed_signers": f"{signers.line_for(ALICE, public)}\n".encode(),
        b"docs/guidelines.md": b"# Guidelines\n\n## Quality\n\nErrors are told.\n",
        b".gitattributes": b"sessions/**/*.runs/*.md linguist-generated -text\n",
        **{f"sessions/templates/{kind}.md".encode(): data for kind, data in shipped().items()},
    }


def code(count: int = CODE_FILES) -> dict[bytes, bytes]:
    """Governed code that no session speaks of."""
    return {
        f"src/other/p{number // 100:03}/m{number:05}.py".encode(): _module(number) for number in range(count)
    }


def _module(number: int) -> bytes:
    return f'"""Module {number}."""\n\n\ndef answer() -> int:\n    return {number}\n'.encode()


def feature(size: Size) -> dict[bytes, bytes]:
    """The files of the one feature, without approvals and tracker."""
    name = TOKEN.decode()
    tasks = [f"{number:03}-task" for number in range(4, size.sessions + 1)]
    files = {
        f"docs/{name}/brief.md": f"# {name}\n\nSell things, in one currency.\n",
        f"docs/{name}/product-spec.md": f"# Product spec of {name}\n\n{PROSE * 20}",
        f"docs/{name}/architecture.md": f"# Architecture of {name}\n\n{PROSE * 20}",
        f"docs/{name}/implementation-plan.md": _plan(name, tasks),
    }
    for slug in FIRST[: size.sessions]:
        kind = slug.partition("-")[2]
        files |= _session(f"{name}/{slug}", kind, "[]", done=True)
    for number, slug in enumerate(tasks):
        done = number % 3 == 0
        files |= _session(f"{name}/{slug}", "implementation", f"[src/{name}/{slug}.py]", done=done)
        files |= {f"src/{name}/{slug}.py": _module(number).decode()} if done else {}
    return {path.encode(): text.encode() for path, text in files.items()}


def _plan(name: str, tasks: list[str]) -> str:
    told = (
        f"### {slug}: Task {slug}\n\n- Goal: build it\n- Depends on: none\n- Writes: src/{name}/{slug}.py\n"
        "- Layer: core\n- Acceptance:\n  - it holds\n\n"
        for slug in tasks
    )
    return f"# Plan of {name}\n\n## Tasks\n\n{''.join(told)}"


def _session(name: str, kind: str, writes: str, *, done: bool) -> dict[str, str]:
    tick = "x" if done else " "
    own = (
        f"writes: {writes}\nneeds: [03-implementation-plan, gate:implementation]\n" if writes != "[]" else ""
    )
    text = (
        f"---\nkind: {kind}\n{own}owner: {ALICE}\n---\n# {name.rpartition('/')[2]}\n\n## Goal\n\n{PROSE * 20}\n"
        f"## Checklist\n\n- [{tick}] quantities below one are refused\n- [{tick}] the sum is in one currency\n\n"
        "## Questions\n\n- Do carts expire?\n  > After thirty days without a change.\n\n## Runs\n"
    )
    if not done:
        return {f"sessions/{name}.md": text}
    run = Run("2026-11-20T09:00:00Z", "done", provider="manual", answers=1, confidence=0.97, summary="Built.")
    data = whole(name, run, response=PROSE * 10)
    place = file_name(name, run.time, data)
    return {
        f"sessions/{name}.md": f"{text}\n{block(run.replace(file=place), 1)}",
        f"sessions/{place}": data.decode(),
    }


def approvals(files: Mapping[bytes, bytes], name: bytes, key: Path) -> Iterator[tuple[bytes, bytes]]:
    """The signed records of a feature's three documents."""
    gates = {
        b"product-spec.md": "spec",
        b"architecture.md": "implementation",
        b"implementation-plan.md": "implementation",
    }
    for document, gate in gates.items():
        path = b"docs/" + name + b"/" + document
        data = files[path]
        made = Approval("shop", gate, path, hashlib.sha256(data).hexdigest(), blob_id(data), ALICE, NOW)
        place, record = approval.path(gate, path, ALICE), approval.render(made)
        yield place, record
        yield approval.signature_path(place), signature.sign(record, str(key))


def repeated(files: Mapping[bytes, bytes], number: int) -> dict[bytes, bytes]:
    """The files of the one feature under another number. A whole run is named after its bytes, so its name changes too."""
    name = f"f{number:05}".encode()
    renamed = {path.replace(TOKEN, name): data.replace(TOKEN, name) for path, data in files.items()}
    runs = {path: data for path, data in renamed.items() if b".runs/" in path}
    names = {
        path: path[:-15] + hashlib.sha256(data).hexdigest()[:12].encode() + b".md"
        for path, data in runs.items()
    }
    places = {path[len(b"sessions/") : -3]: new[len(b"sessions/") : -3] for path, new in names.items()}
    found = {}
    for path, data in renamed.items():
        if path.startswith(b"sessions/") and path not in runs:
            own = next(
                (old for old in places if old.startswith(path[len(b"sessions/") : -3] + b".runs/")), None
            )
            data = data.replace(own, places[own]) if own else data  # noqa: PLW2901 - the same file, corrected
        found[names.get(path, path)] = data
    return found


def derived(snapshot: Snapshot) -> dict[bytes, bytes]:
    """The trackers of a snapshot."""
    return trackers(picture(snapshot))


def everything(size: Size, key: Path) -> Iterator[tuple[bytes, bytes]]:
    """Every file of a project of this size."""
    once = common(key)
    yield from once.items()
    yield from code().items()
    one = feature(size)
    signed = dict(approvals(one, TOKEN, key))
    board = derived(in_memory(once | one | signed))[b"docs/" + TOKEN + b"/tracker.md"]
    for number in range(size.features):
        files = repeated(one | {b"docs/" + TOKEN + b"/tracker.md": board}, number)
        yield from files.items()
        yield from approvals(files, f"f{number:05}".encode(), key)
    top = derived(in_memory(once | {f"sessions/f{n:05}/x.md".encode(): b"" for n in range(size.features)}))
    yield b"docs/tracker.md", top[b"docs/tracker.md"]


def make(place: Path, size: Size) -> None:
    """Make the repository, in one commit, packed as a repository is that was cloned."""
    place.mkdir(parents=True)
    key = place.parent / f"{place.name}-key"
    _run(place.parent, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key))
    _run(place, "git", "init", "-q", "-b", "main")
    for name, value in (
        ("user.name", "Alice"),
        ("user.email", ALICE),
        ("gc.auto", "0"),
        ("maintenance.auto", "false"),
    ):
        _run(place, "git", "config", name, value)
    with subprocess.Popen(["git", "fast-import", "--quiet"], cwd=place, stdin=subprocess.PIPE) as importer:
        assert importer.stdin is not None  # noqa: S101 - asked for above
        importer.stdin.write(
            b"commit refs/heads/main\ncommitter Alice <alice@example.org> %d +0000\ndata 5\nBegin\n" % NOW
        )
        for path, data in everything(size, key):
            importer.stdin.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path, len(data), data))
        importer.stdin.write(b"done\n")
    _run(place, "git", "reset", "-q", "--hard")
    _run(place, "git", "repack", "-q", "-a", "-d", "-f")
    _run(place, "git", "status", "-s")


def _run(place: Path, *argv: str) -> None:
    subprocess.run(argv, cwd=place, check=True, stdout=subprocess.DEVNULL)
