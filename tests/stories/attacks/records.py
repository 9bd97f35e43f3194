"""Attacks on approvals: forged, copied, old, early, or signed by somebody or something else."""

from __future__ import annotations

from people import DAY
from shop import ARCHITECTURE, CODE, PAGE, PLAN, REVOKED, SPEC
from stories.attacks.world import (
    NOTES,
    SEALED,
    SECURITY,
    T0,
    WORDS,
    World,
    approved_change,
    bytes_of,
    commit,
    entry,
    key,
    place,
    row,
    signed,
    touched,
    unsigned,
)

SHOP_SPEC = b"docs/shop/product-spec.md"
LATER = {SPEC: b"# A larger shop\n"}
VAULT, BOX = b"security/vault.py", b"sealed/box.py"
AHEAD = 4_000_000_000  # 2096
WRITTEN = commit({SPEC: WORDS[SPEC], ARCHITECTURE: WORDS[ARCHITECTURE], PLAN: WORDS[PLAN]})
RECORD, SIGNATURE = place(SPEC), place(SECURITY) + b".sig"


def twice(data: bytes) -> bytes:
    """A record in which the gate is named a second time."""
    return data.replace(b'gate = "spec"\n', b'gate = "spec"\ngate = "spec"\n')


def unknown(data: bytes) -> bytes:
    """A record with a key that nobody knows."""
    return data.replace(b"[inputs]", b"valid_for = 99\n\n[inputs]")


def relabelled(world: World, data: bytes) -> bytes:
    """A signature over sha512 that says sha256."""
    from sdd.gates.signature import armoured, parse

    found = parse(world.sign("alice", data))
    assert not isinstance(found, str)
    return armoured(found.blob.replace(b"\0\0\0\6sha512", b"\0\0\0\6sha256")).encode()


def _withdrawn(world: World, *names: str) -> bytes:
    """`revoked_keys` with the keys of these people added."""
    there = world.box.read_bytes(REVOKED)
    return there + "".join(f"{world.people[name].public}\n" for name in names).encode()


ROWS = (
    # whose key
    row(
        "a record in alice's name, signed with bob's key",
        "check A..B",
        "SDD305",
        (WRITTEN, commit(signed(SPEC, sign=key("bob")))),
        (WRITTEN, commit(signed(SPEC, sign=key("alice")))),
        start="begun",
    ),
    row(
        "a record in alice's name, signed with a key that is not enrolled",
        "proposal",
        "SDD305",
        (WRITTEN, commit(signed(SPEC, sign=key("mallory")))),
        (WRITTEN, commit(signed(SPEC))),
        start="begun",
    ),
    row(
        "an approval by somebody who is no approver",
        "proposal",
        "SDD306",
        (WRITTEN, commit(signed(SPEC, by="mallory"))),
        (WRITTEN, commit(signed(SPEC, by="bob"))),
        start="begun",
    ),
    row(
        "an approver whose name differs in case",
        "proposal",
        "SDD306",
        (WRITTEN, commit(signed(SPEC, sign=key("alice"), approver="Alice@example.org"))),
        (WRITTEN, commit(signed(SPEC, sign=key("alice"), approver="alice@example.org"))),
        start="begun",
    ),
    row(
        "an approval with a key that was withdrawn",
        "proposal",
        "SDD305",
        commit(signed(PAGE, by="bob", at=T0 + 1)),
        commit(signed(PAGE, by="alice", at=T0 + 1)),
        given=commit(lambda world: {REVOKED: _withdrawn(world, "bob")}),
    ),
    row(
        "an approval by a former approver",
        "check A..B",
        "SDD305",
        commit(signed(PAGE, by="dave", at=T0 + 1)),
        commit(signed(PAGE, by="bob", at=T0 + 1)),
    ),
    row(
        "two approvers with one key",
        "proposal",
        "SDD401",
        (
            commit(signed(SECURITY, by="bob"), signed(SECURITY, by="carol", sign=key("bob"))),
            commit({VAULT: b""}),
        ),
        (commit(signed(SECURITY, by="bob"), signed(SECURITY, by="alice")), commit({VAULT: b""})),
    ),
    row(
        "one approval where two are needed",
        "proposal",
        "SDD401",
        (commit(signed(SECURITY, by="bob")), commit({VAULT: b""})),
        (commit(signed(SECURITY, by="bob"), signed(SECURITY)), commit({VAULT: b""})),
    ),
    # what was signed
    row(
        "a signature for another namespace",
        "proposal",
        "SDD305",
        (WRITTEN, commit(signed(SPEC, sign=key("alice", "git")))),
        (WRITTEN, commit(signed(SPEC, sign=key("alice", "approval@sdd")))),
        start="begun",
    ),
    row(
        "a signature that says another hash than it was made with",
        "proposal",
        "SDD305",
        (WRITTEN, commit(signed(SPEC, sign=relabelled))),
        (WRITTEN, commit(signed(SPEC, sign=key("alice", "approval@sdd", "-O", "hashalg=sha256")))),
        start="begun",
    ),
    row(
        "the genuine signature of another record",
        "proposal",
        "SDD305",
        (
            WRITTEN,
            commit(signed(ARCHITECTURE, sign=lambda world, data: world.sign("alice", data + b"\n"))),
        ),
        (WRITTEN, commit(signed(ARCHITECTURE))),
        start="begun",
    ),
    row(
        "an empty signature",
        "proposal",
        "SDD305",
        (WRITTEN, commit(signed(SPEC, sign=bytes_of(b"")))),
        (WRITTEN, commit(signed(SPEC))),
        start="begun",
    ),
    row(
        "a record without a signature",
        "check A..B",
        "SDD305",
        (WRITTEN, commit(signed(SPEC, sign=unsigned))),
        (WRITTEN, commit(signed(SPEC))),
        start="begun",
    ),
    row(
        "a signature taken away from a record that was merged",
        "proposal",
        "SDD305",
        commit({SIGNATURE: None}),
        commit({b"README.md": None}),
        given=(commit(signed(SECURITY)),),
    ),
    row(
        "a record changed after it was signed",
        "proposal",
        "SDD305",
        (
            WRITTEN,
            commit(signed(SPEC), {}),
            commit(lambda world: {RECORD: world.box.read_bytes(RECORD) + b"#\n"}),
        ),
        (WRITTEN, commit(signed(SPEC), {}), commit(lambda world: {RECORD: world.box.read_bytes(RECORD)})),
        start="begun",
    ),
    row(
        "a hardware key that was not touched",
        "proposal",
        "SDD305",
        commit(signed(SEALED, by="grace", sign=touched(0))),
        commit(signed(SEALED, by="grace", sign=touched(1))),
    ),
    row(
        "a key in a file where a touch is needed",
        "proposal",
        "SDD305",
        commit(signed(SEALED, by="alice")),
        commit(signed(SEALED, by="grace", sign=touched(5))),
    ),
    row(
        "a genuine signature over other bytes than the document's",
        "check A..B",
        "SDD401",
        (WRITTEN, commit(signed(SPEC, words=LATER), signed(ARCHITECTURE, PLAN)), commit({CODE: b"new\n"})),
        (WRITTEN, commit(signed(SPEC), signed(ARCHITECTURE, PLAN)), commit({CODE: b"new\n"})),
        start="begun",
    ),
    # another approval's record
    row(
        "a record copied to another document",
        "proposal",
        "SDD302",
        (WRITTEN, commit(signed(ARCHITECTURE, place=place(PLAN)))),
        (WRITTEN, commit(signed(ARCHITECTURE))),
        start="begun",
    ),
    row(
        "a record copied to another gate",
        "proposal",
        "SDD302",
        commit(signed(SPEC, place=place(SPEC).replace(b"/spec/", b"/implementation/"))),
        commit(signed(SPEC)),
    ),
    row(
        "a record copied to another feature",
        "proposal",
        "SDD302",
        commit({SHOP_SPEC: WORDS[SPEC]}, signed(SPEC, place=place(SPEC).replace(SPEC, SHOP_SPEC))),
        commit({SHOP_SPEC: WORDS[SPEC]}, signed(SHOP_SPEC, words={SHOP_SPEC: WORDS[SPEC]}, gate="spec")),
    ),
    row(
        "a record copied to another approver",
        "proposal",
        "SDD302",
        commit(signed(SECURITY, by="bob", place=place(SECURITY, "alice"))),
        commit(signed(SECURITY, by="bob", place=place(SECURITY, "bob"))),
    ),
    row(
        "a record from another project",
        "proposal",
        "SDD305",
        (WRITTEN, commit(signed(SPEC, project="bank"))),
        (WRITTEN, commit(signed(SPEC, project="shop"))),
        start="begun",
    ),
    row(
        "a record for a gate that the policy does not have",
        "check A..B",
        "SDD303",
        commit(signed(SECURITY, gate="hotfix")),
        commit(signed(SECURITY, gate="security")),
    ),
    row(
        "a record where only merging approves",
        "proposal",
        "SDD303",
        commit(signed(b"docs/legal.md")),
        commit(signed(SECURITY)),
    ),
    row(
        "a record for what is no document of its gate",
        "proposal",
        "SDD310",
        commit(signed(CODE, words={CODE: b"cart = 0\n"}, gate="spec")),
        commit(signed(SHOP_SPEC, words={SHOP_SPEC: b"cart = 0\n"}, gate="spec")),
    ),
    row(
        "a file among the approvals that is none",
        "proposal",
        "SDD304",
        commit({b".sdd/approvals/spec/all.json": b"{}"}),
        commit({b".sdd-approvals/spec/all.json": b"{}"}),
    ),
    row(
        "a record that is a link to a genuine one",
        "proposal",
        "SDD706",
        entry("120000", place(SECURITY), b"../../spec/docs/product-spec.md/alice@example.org.toml"),
        commit(signed(SECURITY)),
    ),
    # its form
    row(
        "a record with a key twice",
        "proposal",
        "SDD301",
        (WRITTEN, commit(signed(SPEC, spoil=twice))),
        (WRITTEN, commit(signed(SPEC))),
        start="begun",
    ),
    row(
        "a record with a key that nobody knows",
        "proposal",
        "SDD301",
        (WRITTEN, commit(signed(SPEC, spoil=unknown))),
        (WRITTEN, commit(signed(SPEC))),
        start="begun",
    ),
    # its time
    row(
        "a record dated ahead",
        "check A..B",
        "SDD305",
        commit(signed(PAGE, by="bob", at=AHEAD)),
        commit(signed(PAGE, by="bob", at=T0 + 1)),
    ),
    row(
        "a record dated back to when its key still counted",
        "proposal",
        "SDD305",
        commit(signed(PAGE, by="erin", at=T0 + 1)),
        commit(signed(PAGE, by="bob", at=T0 + 1)),
    ),
    row(
        "an older record in place of a newer one",
        "proposal",
        "SDD307",
        commit(signed(PAGE, at=T0 - 1)),
        commit(signed(PAGE, at=T0 + 1)),
    ),
    row(
        "the old spec with its own genuine record",
        "check A..B",
        "SDD307",
        commit({SPEC: WORDS[SPEC]}, signed(SPEC)),
        commit({SPEC: WORDS[SPEC]}, signed(SPEC, at=T0 + 2 * DAY)),
        given=(commit(approved_change(SPEC, LATER[SPEC])),),
    ),
    row(
        "the newest record dropped, so that an older one counts",
        "proposal",
        "SDD308",
        commit({SPEC: WORDS[SPEC], place(SPEC, "bob"): None, place(SPEC, "bob") + b".sig": None}),
        commit({SPEC: WORDS[SPEC]}, signed(SPEC, at=T0 + 2 * DAY)),
        given=(commit(approved_change(SPEC, LATER[SPEC], by="bob")),),
    ),
    row(
        "an older record, once the newest one's key is withdrawn",
        "check A..B",
        "SDD401",
        (commit({SPEC: WORDS[SPEC]}), commit({CODE: b"new\n"})),
        (commit({SPEC: WORDS[SPEC]}, signed(SPEC, at=T0 + 2 * DAY)), commit({CODE: b"new\n"})),
        given=(
            commit(approved_change(SPEC, LATER[SPEC], by="bob")),
            commit(lambda world: {REVOKED: _withdrawn(world, "bob")}),
        ),
    ),
    row(
        "the newest record's key withdrawn in the same step, so that an older one counts",
        "proposal",
        "SDD309",
        commit({SPEC: WORDS[SPEC]}, lambda world: {REVOKED: _withdrawn(world, "bob")}),
        commit(
            {SPEC: WORDS[SPEC]},
            lambda world: {REVOKED: _withdrawn(world, "bob")},
            signed(SPEC, at=T0 + 2 * DAY),
        ),
        given=(commit(approved_change(SPEC, LATER[SPEC], by="bob")),),
    ),
    row(
        "a document edited after its approval",
        "proposal",
        "SDD309",
        commit(LATER),
        commit(LATER, signed(SPEC, at=T0 + 1, words=LATER)),
    ),
    row(
        "a document deleted whose gate is open",
        "proposal",
        "SDD309",
        commit({PAGE: None}),
        commit({NOTES: None}),
    ),
)
