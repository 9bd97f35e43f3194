"""What `sdd init` writes down first: how the project works and who approves what, proposed from what is there."""

from __future__ import annotations

from pathlib import PurePath
from time import time
from typing import TYPE_CHECKING

from sdd.cli.keys import gits_public_key
from sdd.codeowners import GITHUB, GITLAB
from sdd.errors import RefusedError, SddError
from sdd.gates.approval import is_email, quoted
from sdd.gates.enrolling import enrolled, one_key
from sdd.gates.policy import Code, Gate, Policy, Trust, read, render
from sdd.proposals import code_paths, has_code, verify_commands
from sdd.workspace import config, remotes

if TYPE_CHECKING:
    from sdd.repository import Repository
    from sdd.snapshot import Snapshot

GATES = {
    "spec": (("{docs}/product-spec.md",), ()),
    "implementation": (("{docs}/architecture.md", "{docs}/implementation-plan.md"), ("spec",)),
    "user-verification": (("{docs}/user-verification.md",), ("implementation",)),
    "deployment": (("{docs}/release.md",), ("user-verification",)),
    "change": (("docs/changes/{session}.md",), ()),
}
"""The gates of the shipped process: documents, and the gates that come before."""
TRUSTED = (".github/workflows/**", ".gitlab-ci.yml", ".pre-commit-config.yaml", ".gitattributes")
OWNERS = tuple(path.decode() for path in dict.fromkeys((*GITHUB, *GITLAB)))
"""Where forges look for who reviews what; with proof `merged` that decides who approves."""
USUAL = ("main", "master")


def settings_text(snapshot: Snapshot) -> str:
    """`sdd.toml` as it begins: the commands that were found, and what else there is, in comments."""
    commands = ", ".join(map(quoted, verify_commands(snapshot)))
    return f"""format = 1
provider = "manual"   # copy and paste; or "anthropic" (needs a key): sdd doctor

[verify]
commands = [{commands}]   # must pass after a run that writes code
fixes = 3   # how often each kind of failure goes back to the model; [fixes] says more
"""


def policy_text(found: Repository, snapshot: Snapshot) -> str:
    """The policy as it begins: the user approves, with the proof that this repository can give; code that is there makes it report.

    Raises:
        SddError: git does not know who the user is, or something here cannot be named in a policy.
    """
    email = _email(found)
    proof = _proof(found)
    gates = {
        name: Gate(name, documents, (email,), proof=proof, after=after)
        for name, (documents, after) in GATES.items()
    }
    files = (*TRUSTED, *OWNERS) if proof == "merged" else TRUSTED
    text = render(
        Policy(
            version=1,
            project=_project(found),
            protected=(f"refs/heads/{_protected(found)}",),
            mode="report" if has_code(snapshot) else "enforce",
            gates=gates,
            trust=Trust((email,), proof, files),
            code=(Code(_governed(snapshot), (("spec", "implementation"), ("change",))),),
        )
    )
    read(text.encode())  # what could not be read again is not written
    return text


def signers_text(found: Repository, before: bytes) -> bytes:
    """`allowed_signers` with the key that git signs with, where that is what proves approvals here; else as it was.

    Raises:
        SddError: git does not know who the user is, or the key is somebody else's there.
    """
    if _proof(found) != "ssh":
        return before
    return enrolled(before, b"", _email(found), gits_public_key(found), now_epoch=int(time()))


def ways(policy: Policy) -> list[str]:
    """What the proposed proof proves, and the way up from it, in words for the person who began."""
    proof, who = policy.trust.proof, ", ".join(policy.trust.approvers)
    if proof == "merged":
        return [
            f'Approvals are up to {who}: what a review lets into {_branch(policy)} counts (proof = "merged" in .sdd/policy.toml).',
            f"That proves as much as the forge holds: protect {_branch(policy)} there, require a review by code owners, and name them in a file CODEOWNERS (a trust file; `sdd doctor` gives its lines).",
            'Where the remote has no reviews, sign instead: sdd enrol EMAIL --key PUB, and proof = "ssh".',
        ]
    if proof == "ssh":
        return [
            f'Approvals are up to {who}, signed with the SSH key that git signs with (proof = "ssh" in .sdd/policy.toml).',
            "They prove as much as that key is kept from others, agents among them: a hardware key cannot be used without a touch.",
        ]
    return [f'Approvals are up to {who}; they are recorded, not proven (proof = "none" in .sdd/policy.toml).']


def way_up(policy: Policy) -> list[str]:
    """What makes approvals provable where they are only recorded."""
    if policy.trust.proof != "none":
        return []
    who = policy.trust.approvers[0]
    return [
        f'Proven are approvals with a key: sdd enrol {who} --key ~/.ssh/id_ed25519.pub, and proof = "ssh"; or with a forge: proof = "merged".'
    ]


def _branch(policy: Policy) -> str:
    return policy.protected[0].removeprefix("refs/heads/")


def _proof(found: Repository) -> str:
    """What an approval can take here: a review on a forge, the SSH key that git signs with, or nothing but a record."""
    if any(map(is_forge, remotes(found.root).values())):
        return "merged"
    try:
        one_key(gits_public_key(found))
    except RefusedError:  # none, or of a kind that signs no approvals
        return "none"
    return "ssh"


def is_forge(url: str) -> bool:
    """Whether a remote lies on another machine, which may hold reviews; a path or `file://` does not."""
    scheme, there, _ = url.partition("://")
    if there:
        return scheme.lower() != "file"
    host, colon, _ = url.partition(":")
    return bool(colon) and "/" not in host and len(host) > 1  # host:path as scp has it; not C:\\path


def _email(found: Repository) -> str:
    email = config(found.root, "user.email")
    if not email:
        raise SddError(
            "git does not know your e-mail, and somebody has to approve",
            hint="git config user.email you@example.org",
        )
    if not is_email(email):
        raise SddError(
            f"git's user.email is {email!r}, which is no plain e-mail address",
            hint="git config user.email you@example.org",
        )
    return email


def _project(found: Repository) -> str:
    """The project's name: that of the main working tree's folder, or of the bare repository."""
    common = PurePath(found.common_dir)
    folder = common.parent.name if common.name == ".git" else common.name.removesuffix(".git")
    name = "".join(char if char.isalnum() or char in "-_." else "-" for char in folder.lower())
    return name.strip("-.") or "project"


def _protected(found: Repository) -> str:
    """The branch where trust lives: what the remote has checked out, else main or master, else the one we are on."""
    told = found.git("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD", ok=(0, 1))
    remote = told.decode("utf-8", "replace").strip().removeprefix("origin/")
    here = found.branch()
    usual = (name for name in USUAL if found.resolve(f"refs/heads/{name}"))
    return remote or next(usual, here) or USUAL[0]


def _governed(snapshot: Snapshot) -> tuple[str, ...]:
    """Globs of the governed code; a sign that no glob of a policy can hold stands as `?`, which matches it."""
    return tuple(
        "".join("?" if _odd(number, sign) else sign for number, sign in enumerate(glob))
        for glob in code_paths(snapshot)
    )


def _odd(number: int, sign: str) -> bool:
    return sign in "{\\" or (sign == "!" and not number) or (not sign.isprintable() and ord(sign) < 0xA0)  # noqa: PLR2004 - C0, C1
