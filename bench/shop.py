"""A large project that uses sdd, made of one feature repeated: sessions, documents, signed approvals, trackers and code.

Everything in it is in order: `sdd check` finds nothing wrong, so a benchmark measures judging and not the telling of findings.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from bench.packed import MAIL, Commit, begin, extend
from sdd.gates import approval, signers
from sdd.gates.approval import Approval
from sdd.gates.picture import picture
from sdd.gates.policy import Code, Gate, Policy, Trust, render
from sdd.runs.record import whole
from sdd.sessions.process import shipped
from sdd.sessions.run import Run, file_name
from sdd.sessions.run import render as block
from sdd.snapshot import blob_id, in_memory
from sdd.views.tracker import trackers

ALICE = MAIL
NOW = 1767261600  # 2026-01-01T10:00:00Z; the past wherever it is measured, for an approval from the future is invalid
TOKEN = b"f00000"  # the one feature that is made; a repetition has another number of as many digits
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


def code(count: int) -> dict[bytes, bytes]:
    """Governed code that no session speaks of: it was there before the policy."""
    return {
        f"src/other/p{number // 100:03}/m{number:05}.py".encode(): _module(number) for number in range(count)
    }


def _module(number: int) -> bytes:
    return f'"""Module {number}."""\n\n\ndef answer() -> int:\n    return {number}\n'.encode()


def tasks(size: Size) -> list[str]:
    """The slugs of the sessions that the plan of a feature gives."""
    return [f"{number:03}-task" for number in range(len(FIRST) + 1, size.sessions + 1)]


def built(size: Size) -> list[str]:
    """Those that are done, so that their code is there: every third."""
    return tasks(size)[::3]


def open_tasks(size: Size) -> list[str]:
    """Those that have still to be done."""
    return sorted(set(tasks(size)) - set(built(size)))


def feature(size: Size) -> dict[bytes, bytes]:
    """The files of the one feature, without approvals and tracker."""
    name = TOKEN.decode()
    done = set(built(size))
    files = {
        f"docs/{name}/brief.md": f"# {name}\n\nSell things, in one currency.\n",
        f"docs/{name}/product-spec.md": f"# Product spec of {name}\n\n{PROSE * 20}",
        f"docs/{name}/architecture.md": f"# Architecture of {name}\n\n{PROSE * 20}",
        f"docs/{name}/implementation-plan.md": _plan(name, tasks(size)),
    }
    for slug in FIRST[: size.sessions]:
        kind = slug.partition("-")[2]
        files |= _session(f"{name}/{slug}", kind, "[]", done=True)
    for number, slug in enumerate(tasks(size)):
        files |= _session(f"{name}/{slug}", "implementation", f"[src/{name}/{slug}.py]", done=slug in done)
        files |= {f"src/{name}/{slug}.py": _module(number).decode()} if slug in done else {}
    return {path.encode(): text.encode() for path, text in files.items()}


def _plan(name: str, slugs: list[str]) -> str:
    told = (
        f"### {slug}: Task {slug}\n\n- Goal: build it\n- Depends on: none\n- Writes: src/{name}/{slug}.py\n"
        "- Layer: core\n- Acceptance:\n  - it holds\n\n"
        for slug in slugs
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
    run = Run("2025-12-31T09:00:00Z", "done", provider="manual", answers=1, confidence=0.97, summary="Built.")
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
        yield approval.signature_path(place), _signed(record, key)


def _signed(data: bytes, key: Path) -> bytes:
    """As `sdd approve` signs, but without ssh-keygen's word on each, of which a large project would have 1,500."""
    argv = ["ssh-keygen", "-Y", "sign", "-n", signers.NAMESPACE, "-f", str(key)]
    return subprocess.run(argv, input=data, check=True, capture_output=True).stdout


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


def derived(files: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """The trackers of a project that has these files."""
    return trackers(picture(in_memory(files)))


def begun(key: Path, code_files: int) -> list[Commit]:
    """How the project began: with code, and then with a policy for what comes after it."""
    return [
        Commit("Begin", NOW, code(code_files).items()),
        Commit("Adopt sdd", NOW, common(key).items()),
    ]


def features(size: Size, key: Path) -> Iterator[tuple[bytes, bytes]]:
    """The files of all features, and the tracker that lists them."""
    once, one = common(key), feature(size)
    board = b"docs/" + TOKEN + b"/tracker.md"
    one[board] = derived(once | one | dict(approvals(one, TOKEN, key)))[board]
    for number in range(size.features):
        files = repeated(one, number)
        yield from files.items()
        yield from approvals(files, f"f{number:05}".encode(), key)
    top = derived(once | {f"sessions/f{n:05}/x.md".encode(): b"" for n in range(size.features)})
    yield b"docs/tracker.md", top[b"docs/tracker.md"]


def make(place: Path, size: Size, code_files: int = CODE_FILES) -> str:
    """Make the repository of such a project, its key below `.git`; the id of its last commit."""
    begin(place)
    key = place / ".git" / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True)
    return extend(place, [*begun(key, code_files), Commit("Plan and build", NOW, features(size, key))])
