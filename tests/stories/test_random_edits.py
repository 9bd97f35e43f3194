"""No random edit of a valid project, with all that was ever signed at hand, makes an unapproved change pass.

The oracle knows nothing of how sdd judges. It knows what was truly signed, because the test signed it, and asks of every
step that passed whether it was covered by that. `make test-long` tries ten thousand.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from itertools import accumulate, pairwise
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people import DAY, NOW, Person, filed, record
from sdd.gates.policy import Code, Gate, Policy, Trust, render
from sdd.gates.proposal import shut
from sdd.gates.step import judge
from sdd.snapshot import EXECUTABLE, FILE, LINK, SUBMODULE, Entry, Snapshot, blob_id

EDITS = int(os.environ.get("SDD_EDITS", "300"))
NAMES = ("alice", "bob")
EMAILS = tuple(f"{name}@example.org" for name in NAMES)
POLICY, SIGNERS, REVOKED = b".sdd/policy.toml", b".sdd/allowed_signers", b".sdd/revoked_keys"
EXCUSED, ATTRIBUTES = b".sdd/excused.toml", b".gitattributes"
SPEC, PLAN, PAGE = b"docs/product-spec.md", b"docs/implementation-plan.md", b"docs/changes/fix.md"
CART, PRICE, OTHER = b"src/cart.py", b"src/price.py", b"src/other.py"
FIRST, SECOND, THIRD, LAST = NOW - 10 * DAY, NOW - 9 * DAY, NOW - DAY, NOW - 60

Tree = Mapping[bytes, tuple[str, bytes]]  # by path: the mode and the bytes


def plan(*writes: str) -> bytes:
    """A plan whose one task grants these."""
    return f"# Plan\n\n## Tasks\n\n### 01-cart: Cart\n\n- Goal: it\n- Writes: {', '.join(writes)}\n- Acceptance: holds\n".encode()


def page(*writes: str) -> bytes:
    """A change's page that grants these."""
    return f"---\nwrites: [{', '.join(writes)}]\n---\n# Fix\n".encode()


GATES = {SPEC: "spec", PLAN: "implementation", PAGE: "change"}
AFTER = {"spec": (), "implementation": ("spec",), "change": ()}
SETS = (("spec", "implementation"), ("change",))
FREE = Policy(1, "shop", ("refs/heads/main",), "report", {}, Trust(EMAILS, "ssh"))
RULES = FREE.replace(
    mode="enforce",
    gates={
        "spec": Gate("spec", ("{docs}/product-spec.md",), EMAILS),
        "implementation": Gate("implementation", ("{docs}/implementation-plan.md",), EMAILS, after=("spec",)),
        "change": Gate("change", ("docs/changes/{session}.md",), EMAILS),
    },
    trust=Trust(EMAILS, "ssh", (".gitattributes",)),
    code=(Code(("src/**",), SETS),),
)
GRANTS = {  # what each version of a document grants that somebody has ever approved
    plan("src/cart.py", "src/other.py"): {CART, OTHER},
    plan("src/cart.py"): {CART},
    page("src/price.py", "src/other.py"): {PRICE, OTHER},
    page("src/price.py"): {PRICE},
}
OLD = {
    SPEC: b"# A large shop\n",
    PLAN: plan("src/cart.py", "src/other.py"),
    PAGE: page("src/price.py", "src/other.py"),
}
NEW = {SPEC: b"# A shop\n", PLAN: plan("src/cart.py"), PAGE: page("src/price.py")}
TRUST = {
    POLICY: (render(FREE).encode(), render(RULES).encode()),
    ATTRIBUTES: (b"* text\n", b"* -text\n"),
}


class Genuine(NamedTuple):
    """One approval that was really made: what it covers, when, and its two files."""

    gate: str
    document: bytes
    sha256: str
    at: int
    place: bytes
    record: bytes
    signature: bytes
    key: bytes


class Shop(NamedTuple):
    """The trusted tree, all that was ever signed, and the public keys."""

    tree: Tree
    genuine: tuple[Genuine, ...]
    keys: Mapping[str, bytes]

    def __repr__(self) -> str:
        """Short: a failing example is told by its edits."""
        return "Shop(…)"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def approvals(people: Mapping[str, Person]) -> Iterator[Genuine]:
    """Alice approved what is there now, then everything old, then bob what is there now, then alice the old again.

    Her first approvals were replaced by her second ones; her last ones are not merged yet.
    """
    versions = [(path, OLD[path], NEW[path], GATES[path]) for path in GATES]
    versions += [(path, old, new, "trust") for path, (old, new) in TRUST.items()]
    for path, old, new, gate in versions:
        made_at = ((FIRST, "alice", new), (SECOND, "alice", old), (THIRD, "bob", new), (LAST, "alice", old))
        for at, name, content in made_at:
            made = record(path, content, f"{name}@example.org", at, gate=gate)
            files = filed(made, people[name])
            place = min(files)
            key = people[name].public.split()[1].encode()
            yield Genuine(gate, path, sha(content), at, place, files[place], files[place + b".sig"], key)


@pytest.fixture(scope="module")
def shop(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("keys")
    people = {name: Person.make(folder, name) for name in (*NAMES, "frank", "mallory")}
    genuine = tuple(approvals(people))
    files = {
        **NEW,
        POLICY: TRUST[POLICY][1],
        ATTRIBUTES: TRUST[ATTRIBUTES][1],
        SIGNERS: "".join(f"{people[name].line}\n" for name in NAMES).encode(),
        REVOKED: f"{people['frank'].public}\n".encode(),
        **dict.fromkeys((CART, PRICE, OTHER), b"old\n"),
        **{file: data for one in genuine if one.at in {SECOND, THIRD} for file, data in two(one).items()},
    }
    keys = {name: f"{person.public}\n".encode() for name, person in people.items()}
    return Shop({path: (FILE, data) for path, data in files.items()}, genuine, keys)


def two(one: Genuine) -> Mapping[bytes, bytes]:
    """The files of an approval."""
    return {one.place: one.record, one.place + b".sig": one.signature}


def snapshot(tree: Tree) -> Snapshot:
    """A tree as sdd is given it."""
    entries = {path: Entry(mode, blob_id(data)) for path, (mode, data) in tree.items()}
    return Snapshot("memory", entries, lambda paths: {path: tree[path][1] for path in paths})


# What is edited


class Edit(NamedTuple):
    """One edit: what is done, and to which of the paths, with which number and bytes."""

    what: str
    path: int
    number: int
    data: bytes


KINDS = (
    *("code", "code", "version", "version", "approve", "approve", "revoke"),
    *("flip", "cut", "delete", "rename", "copy", "mode", "text"),
)
ODD = (b"src/\xff\n.py", b"Src/x.py", b"src", b"docs/evil/implementation-plan.md", b"src/cart.py/x", EXCUSED)
EDITED = st.builds(
    Edit, st.sampled_from(KINDS), st.integers(0, 99), st.integers(0, 9999), st.binary(max_size=4)
)
proposals = st.lists(st.lists(EDITED, min_size=1, max_size=4), min_size=1, max_size=4)


def edited(tree: Tree, edit: Edit, shop: Shop) -> Tree:
    """The tree after one edit."""
    made = dict(tree)
    places = sorted({*shop.tree, *tree, *ODD})
    path = places[edit.path % len(places)]
    code = (CART, PRICE, OTHER)[edit.path % 3]
    if edit.what == "code":
        made[code] = (FILE, edit.data)
    elif edit.what == "version":
        choices = [pair for words in (OLD, NEW) for pair in words.items()]
        choices += [(one, words) for one, pair in TRUST.items() for words in pair]
        document, content = choices[edit.number % len(choices)]
        made[document] = (FILE, content)
    elif edit.what == "approve":
        made |= {
            file: (FILE, data) for file, data in two(shop.genuine[edit.number % len(shop.genuine)]).items()
        }
    elif edit.what == "revoke":
        made[REVOKED] = (FILE, made.get(REVOKED, ("", b""))[1] + sorted(shop.keys.values())[edit.number % 4])
    elif path in made:
        _spoil(made, path, places[edit.number % len(places)], edit)
    return made


def _spoil(made: dict[bytes, tuple[str, bytes]], path: bytes, other: bytes, edit: Edit) -> None:
    mode, data = made[path]
    at = edit.number % (len(data) + 1)
    if edit.what == "flip":
        made[path] = (mode, data[:at] + edit.data + data[at + 1 :])
    elif edit.what == "cut":
        made[path] = (mode, data[:at])
    elif edit.what == "text":
        made[path] = (mode, data + edit.data)
    elif edit.what == "mode":
        made[path] = ((FILE, EXECUTABLE, LINK, SUBMODULE)[edit.number % 4], data)
    elif edit.what == "copy":
        made[other] = (mode, data)
    else:
        del made[path]
        if edit.what == "rename":
            made[other] = (mode, data)


# What sdd says


def passes(trees: list[Tree]) -> bool:
    """Whether a proposal of these trees, one a commit, is let in; the first one is trusted."""
    trusted, *steps = map(snapshot, trees)
    for before, after in pairwise((trusted, *steps)):
        if judge(before, after, trusted, now_epoch=NOW, bases=(trusted,)).findings:
            return False
    head = steps[-1]
    whole = judge(trusted, head, trusted, now_epoch=NOW, bases=(trusted,), audit=True).findings
    return not (whole or shut(trusted, head, trusted, now_epoch=NOW, bases=(trusted,)))


# What is true


def holds(tree: Tree, path: bytes, data: bytes) -> bool:
    """Whether a regular file with these bytes stands there."""
    return path in tree and tree[path][0] in {FILE, EXECUTABLE} and tree[path][1] == data


def is_signed(tree: Tree, one: Genuine) -> bool:
    """Whether an approval stands in the tree, its signature in whatever lines and blanks."""
    there = tree.get(one.place + b".sig", (LINK, b""))
    return (
        holds(tree, one.place, one.record)
        and there[0] in {FILE, EXECUTABLE}
        and unwrapped(there[1]) == unwrapped(one.signature)
    )


def unwrapped(signature: bytes) -> bytes:
    """A signature without its lines and blanks."""
    return b"".join(signature.split())


def is_approved(tree: Tree, gate: str, document: bytes, shop: Shop) -> bool:
    """Whether somebody approved the bytes that stand there, with a key not withdrawn, and nobody others later."""
    if document not in tree or tree[document][0] not in {FILE, EXECUTABLE}:
        return False
    there = [
        one for one in shop.genuine if (one.gate, one.document) == (gate, document) and is_signed(tree, one)
    ]
    digest = sha(tree[document][1])
    gone = [known[REVOKED][1] for known in (shop.tree, tree) if REVOKED in known]
    good = [one for one in there if one.sha256 == digest and not any(one.key in data for data in gone)]
    return bool(good) and max(one.at for one in there) == max(one.at for one in good)


def is_open(tree: Tree, gate: str, shop: Shop) -> bool:
    """Whether the gate's document is approved, and those of the gates before it."""
    (document,) = (path for path, name in GATES.items() if name == gate)
    return is_approved(tree, gate, document, shop) and all(is_open(tree, name, shop) for name in AFTER[gate])


def may_write(tree: Tree, path: bytes, shop: Shop) -> bool:
    """Whether approved words in this tree grant a path of governed code."""
    return any(
        all(is_open(tree, gate, shop) for gate in gates) and path in _granted(tree, gates) for gates in SETS
    )


def _granted(tree: Tree, gates: Iterable[str]) -> set[bytes]:
    known = [tree[path][1] for path, gate in GATES.items() if gate in gates]
    return set().union(*(GRANTS.get(data, set()) for data in known))


def is_covered(before: Tree, after: Tree, path: bytes, shop: Shop) -> bool:
    """Whether what a step did to a path may be let in, by what was really approved."""
    if path.startswith(b"src/"):
        return may_write(before, path, shop)
    if path.startswith(b".sdd/approvals/"):
        return _is_newer(before, after, path.removesuffix(b".sig"), shop)
    if path == REVOKED and path in after:
        return said(before.get(path, ("", b""))[1]) <= said(after[path][1])
    if path.startswith(b".sdd/") or path == ATTRIBUTES:
        return is_approved(after, "trust", path, shop)
    return True


def said(data: bytes) -> set[bytes]:
    """The lines of a file that say anything: what stands behind the last end of line, if nothing, is none."""
    return {line for line in data.split(b"\n") if line}


def _is_newer(before: Tree, after: Tree, place: bytes, shop: Shop) -> bool:
    """Whether the record at a place is a genuine one, and newer than the genuine one that it replaces."""
    here = [one for one in shop.genuine if one.place == place]
    old = [one.at for one in here if place in before and before[place][1] == one.record]
    return any(is_signed(after, one) and [one.at] >= old for one in here)


def test_no_random_edit_makes_an_unapproved_change_pass(shop: Shop) -> None:
    """And enough of them pass, and enough are refused, for that to say something."""
    counted: Counter[str] = Counter()

    @settings(max_examples=EDITS, deadline=None)
    @given(proposals)
    def nothing_unapproved_passes(proposal: list[list[Edit]]) -> None:
        trees = list(
            accumulate(proposal, lambda tree, edits: committed(tree, edits, shop), initial=shop.tree)
        )
        passed = passes(trees)
        counted[f"{_touched(trees)} {'passed' if passed else 'refused'}"] += 1
        for before, after in pairwise(trees if passed else ()):
            assert not uncovered(before, after, shop)

    nothing_unapproved_passes()
    print(f"\n{sum(counted.values())} proposals: {dict(sorted(counted.items()))}")  # noqa: T201 - make test-long shows it
    assert counted["code passed"] > EDITS // 50
    assert counted["code refused"] > EDITS // 10


def committed(tree: Tree, edits: list[Edit], shop: Shop) -> Tree:
    """The tree after all edits of a commit."""
    return reduce(lambda made, edit: edited(made, edit, shop), edits, tree)


def uncovered(before: Tree, after: Tree, shop: Shop) -> list[bytes]:
    """The paths to which a step did what nobody approved; what is set to the trusted bytes needs nobody."""
    return [
        path
        for path in before.keys() | after.keys()
        if after.get(path) not in (before.get(path), shop.tree.get(path))
        and not is_covered(before, after, path, shop)
    ]


def _touched(trees: list[Tree]) -> str:
    first, *later = trees
    changed = {
        path for tree in later for path in first.keys() | tree.keys() if tree.get(path) != first.get(path)
    }
    return "code" if any(path.startswith(b"src/") for path in changed) else "other" if changed else "nothing"
