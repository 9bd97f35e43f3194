"""What `sdd init` writes down first: how the project works and who approves what, proposed from what is there."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.gates.approval import is_email, quoted
from sdd.gates.policy import Code, Gate, Policy, Trust, read, render
from sdd.proposals import code_paths, has_code, verify_commands

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
USUAL = ("main", "master")


def settings_text(snapshot: Snapshot) -> str:
    """`sdd.toml` as it begins: the commands that were found, and what else there is, in comments."""
    commands = ", ".join(map(quoted, verify_commands(snapshot)))
    return f"""format = 1
provider = "manual"   # copy and paste; or "anthropic" (needs a key): sdd doctor

[verify]
commands = [{commands}]   # must pass after a run that writes code
fixes = 3   # how often a failing check goes back to the model
"""


def policy_text(found: Repository, snapshot: Snapshot) -> str:
    """The policy as it begins: the user approves, by a record; where code is already, it only reports.

    Raises:
        SddError: git does not know who the user is, or something here cannot be named in a policy.
    """
    email = _email(found)
    gates = {
        name: Gate(name, documents, (email,), proof="none", after=after)
        for name, (documents, after) in GATES.items()
    }
    text = render(
        Policy(
            version=1,
            project=_project(found),
            protected=(f"refs/heads/{_protected(found)}",),
            mode="report" if has_code(snapshot) else "enforce",
            gates=gates,
            trust=Trust((email,), "none", TRUSTED),
            code=(Code(_governed(snapshot), (("spec", "implementation"), ("change",))),),
        )
    )
    read(text.encode())  # what could not be read again is not written
    return text


def _email(found: Repository) -> str:
    from sdd.workspace import config

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
