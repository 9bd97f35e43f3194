"""Attacks on trust itself: the policy, the signers, the revoked keys, CI's job, and how a project adopts sdd."""

from __future__ import annotations

from people import DAY
from shop import CODE, PAGE, POLICY, REVOKED, SIGNERS, SPEC, Files
from stories.attacks.world import (
    ATTRIBUTES,
    CI,
    EXCUSED,
    OLD,
    OTHER,
    T0,
    Made,
    World,
    approved_change,
    commit,
    git,
    merge,
    on_main,
    policy_file,
    row,
    rules,
    signed,
)

FREE = policy_file(code=())
REPORT = policy_file(mode="report")
ANYBODY = policy_file(
    gates={**rules().gates, "spec": rules().gates["spec"].replace(approvers=("mallory@example.org",))}
)
LARGER = {SPEC: b"# A larger shop\n"}
EVIL_JOB = b"on: pull_request_target\n"


def approved_policy(change: Files | bytes, at: int = T0 + DAY) -> Made:
    """A policy file and its approval."""
    data = change if isinstance(change, bytes) else change[POLICY]
    assert data is not None
    return approved_change(POLICY, data, at=at)


def enrolled(line: str, *, approved: bool) -> Made:
    """`allowed_signers` with one more line, in which KEY stands for the public key of mallory."""

    def files(world: World) -> Files:
        more = line.replace("KEY", world.people["mallory"].public)
        data = f"{world.signers()}{more}\n".encode()
        return approved_change(SIGNERS, data)(world) if approved else {SIGNERS: data}

    return files


def revoked(*names: str, more: bytes = b"") -> Made:
    """`revoked_keys` as it was, with the keys of these people and more lines."""

    def files(world: World) -> Files:
        keys = "".join(f"{world.people[name].public}\n" for name in ("frank", *names))
        return {REVOKED: keys.encode() + more}

    return files


def excusing(*, approved: bool) -> Made:
    """`.sdd/excused.toml` that names the commit that is checked out."""

    def files(world: World) -> Files:
        head = world.box.git("rev-parse", "HEAD")
        data = f'[commits]\n"{head}" = "it was urgent"\n'.encode()
        return approved_change(EXCUSED, data)(world) if approved else {EXCUSED: data}

    return files


LINE = 'mallory@example.org namespaces="approval@sdd" KEY'

ROWS = (
    # the policy
    row(
        "the policy weakened on the branch",
        "check A..B",
        "SDD704 SDD501",
        (commit(FREE), commit({OTHER: b""})),
        (commit(approved_policy(FREE)), commit({b"lib/other.py": b""})),
    ),
    row(
        "an approver added on the branch, who then approves",
        "proposal",
        "SDD704 SDD306 SDD309",
        (commit(ANYBODY), commit(LARGER, signed(SPEC, by="mallory", at=T0 + 1, words=LARGER))),
        (commit(approved_policy(ANYBODY)), commit(LARGER, signed(SPEC, by="alice", at=T0 + 1, words=LARGER))),
    ),
    row(
        "the mode set to report on the branch",
        "check A..B",
        "SDD704 SDD501",
        (commit(REPORT), commit({OTHER: b""})),
        (commit(approved_policy(REPORT)), commit({CODE: b"new\n"})),
    ),
    row(
        "the mode set to report on the way, so that an audit refuses nothing",
        "check --audit A..B",
        "SDD704 SDD501",
        (commit(REPORT), commit({OTHER: b""})),
        (commit(approved_policy(REPORT)), commit({CODE: b"new\n"})),
    ),
    row(
        "the list of protected branches emptied, approved",
        "proposal",
        "SDD701",
        commit(approved_policy(policy_file()[POLICY].replace(b'["refs/heads/main"]', b"[]"))),  # type: ignore[union-attr]  # it has bytes
        commit(approved_policy(policy_file(protected=("refs/heads/main", "refs/heads/stable")))),
    ),
    row(
        "a policy of a version that nobody knows, approved",
        "proposal",
        "SDD701",
        commit(approved_policy(policy_file()[POLICY].replace(b"version = 1", b"version = 2"))),  # type: ignore[union-attr]  # it has bytes
        commit(approved_policy(policy_file()[POLICY].replace(b"version = 1", b"version  = 1"))),  # type: ignore[union-attr]  # it has bytes
    ),
    row(
        "the policy deleted",
        "proposal",
        "SDD705",
        commit({POLICY: None}),
        commit({b"README.md": None}),
    ),
    row(
        "the policy deleted, and a weaker one adopted",
        "check A..B",
        "SDD705 SDD704 SDD501",
        (commit({POLICY: None}), commit(FREE), commit({OTHER: b""})),
        (commit({b"README.md": None}), commit(approved_policy(FREE)), commit({b"lib/other.py": b""})),
    ),
    row(
        "the policy deleted, and a weaker one adopted, in an audit",
        "audit",
        "SDD705 SDD704",
        (commit({POLICY: None}), commit(FREE)),
        (commit({b"README.md": None}), commit(approved_policy(FREE)), commit({OTHER: b""})),
    ),
    row(
        "an older policy with its own genuine record",
        "proposal",
        "SDD307",
        commit(approved_policy(FREE)),
        commit(approved_policy(FREE, at=T0 + 3 * DAY)),
        given=(commit(approved_policy(FREE)), commit(approved_policy(policy_file(), at=T0 + 2 * DAY))),
    ),
    row(
        "the policy of the adoption, put back",
        "proposal",
        "SDD704",
        commit(FREE),
        commit(approved_policy(FREE, at=T0 + 2 * DAY)),
        given=(
            commit(
                approved_policy(policy_file(project="shop", protected=("refs/heads/main", "refs/heads/x")))
            ),
        ),
    ),
    row(
        "code in the step that adopts",
        "check A..B",
        "SDD403",
        commit(policy_file(), {OTHER: b""}),
        (commit(policy_file(), {b"lib/other.py": b""})),
        start="bare",
    ),
    row(
        "a second adoption on a side branch, with code after it",
        "proposal",
        "SDD704 SDD401",
        (
            git("switch", "-q", "-c", "side"),
            commit(FREE),
            commit({OTHER: b""}),
            git("switch", "-q", "work"),
            commit(policy_file()),
            merge("-s", "ours", "side"),
        ),
        (
            git("switch", "-q", "-c", "side"),
            commit({b"lib/other.py": b""}),
            git("switch", "-q", "work"),
            commit(policy_file()),
            merge("-s", "ours", "side"),
        ),
        start="bare",
        told="SDD709",
    ),
    # the signers
    row(
        "one's own key added on the branch",
        "proposal",
        "SDD704",
        commit(enrolled(LINE, approved=False)),
        commit(enrolled(LINE, approved=True)),
    ),
    row(
        "one's own key added for alice, who then seems to approve",
        "proposal",
        "SDD704 SDD305 SDD309",
        (
            commit(enrolled('alice@example.org namespaces="approval@sdd" KEY', approved=False)),
            commit(
                LARGER, signed(SPEC, at=T0 + 1, words=LARGER, sign=lambda w, data: w.sign("mallory", data))
            ),
        ),
        (
            commit(enrolled('alice@example.org namespaces="approval@sdd" KEY', approved=True)),
            commit(LARGER, signed(SPEC, at=T0 + 1, words=LARGER)),
        ),
    ),
    row(
        "a line for a key without a namespace, approved",
        "proposal",
        "SDD702",
        commit(enrolled("mallory@example.org KEY", approved=True)),
        commit(enrolled(LINE, approved=True)),
    ),
    row(
        "a line for everybody of a domain, approved",
        "check A..B",
        "SDD702",
        commit(enrolled('*@example.org namespaces="approval@sdd" KEY', approved=True)),
        commit(enrolled(LINE, approved=True)),
    ),
    row(
        "a line whose time is the local one of whoever verifies, approved",
        "proposal",
        "SDD702",
        commit(
            enrolled(
                'mallory@example.org namespaces="approval@sdd",valid-before="20300101" KEY', approved=True
            )
        ),
        commit(
            enrolled(
                'mallory@example.org namespaces="approval@sdd",valid-before="20300101Z" KEY', approved=True
            )
        ),
    ),
    row(
        "the signers deleted",
        "proposal",
        "SDD705 SDD309",
        (commit({SIGNERS: None}), commit(LARGER)),
        (commit(enrolled(LINE, approved=True)), commit(LARGER, signed(SPEC, at=T0 + 1, words=LARGER))),
    ),
    # the revoked keys
    row(
        "a withdrawn key taken back",
        "proposal",
        "SDD704",
        commit({REVOKED: b"# none\n"}),
        commit(approved_change(REVOKED, b"# none\n")),
    ),
    row(
        "a withdrawn key brought back by a merge with strategy ours",
        "check A..B",
        "SDD704",
        (commit({b"README.md": b""}), merge("-s", "ours", "main")),
        (commit({b"README.md": b""}), merge("main")),
        given=(git("branch", "older"), commit(revoked("alice")), git("switch", "-q", "older")),
    ),
    row(
        "a withdrawn key used once more on a branch that was made before",
        "proposal",
        "SDD305",
        (commit(signed(PAGE, at=T0 + 1)), on_main(revoked("alice"))),
        (commit(signed(PAGE, at=T0 + 1, by="bob")), on_main(revoked("alice"))),
    ),
    row(
        "junk among the revoked keys",
        "proposal",
        "SDD703",
        commit(revoked(more=b"everybody\n")),
        commit(revoked("mallory")),
    ),
    row(
        "everybody among the revoked keys",
        "check A..B",
        "SDD708",
        commit(revoked("alice", "bob")),
        commit(revoked("bob")),
    ),
    # what else is trusted
    row(
        "CI's job edited",
        "proposal",
        "SDD704",
        commit({CI: EVIL_JOB}),
        commit(approved_change(CI, EVIL_JOB)),
    ),
    row(
        "CI's job renamed",
        "proposal",
        "SDD704 SDD705",
        (git("mv", CI.decode(), ".github/workflows/other.yml"), commit()),
        (git("mv", "README.md", ".github/other.md"), commit()),
    ),
    row(
        "a second job added",
        "proposal",
        "SDD704",
        commit({b".github/workflows/evil.yml": EVIL_JOB}),
        commit(approved_change(b".github/workflows/evil.yml", EVIL_JOB)),
    ),
    row(
        "a filter in .gitattributes that shows other bytes",
        "check A..B",
        "SDD704",
        commit({ATTRIBUTES: b"docs/** filter=nicer\n"}),
        commit(approved_change(ATTRIBUTES, b"docs/** filter=nicer\n")),
    ),
    row(
        "a commit excused on the branch",
        "check --audit A..B",
        "SDD704",
        (commit({OTHER: b""}), commit(excusing(approved=False))),
        (commit({OTHER: b""}), commit(excusing(approved=True))),
    ),
    row(
        "a commit excused where only what is protected can be",
        "proposal",
        "SDD704 SDD501",
        (commit({OTHER: b""}), commit(excusing(approved=False))),
        (commit({b"lib/other.py": b""}), commit(excusing(approved=True))),
    ),
    row(
        "the mode of a trust file changed with nothing approved",
        "proposal",
        "SDD704",
        (git("update-index", "--chmod=+x", CI.decode()), git("commit", "-q", "-m", "x")),
        (git("update-index", "--chmod=+x", "README.md"), git("commit", "-q", "-m", "x")),
    ),
    row(
        "old code that nobody ever approved, deleted with the gate's words",
        "proposal",
        "SDD501",
        commit({OLD: None}, signed(SPEC, at=T0 + 1)),
        commit({CODE: None}),
    ),
)
