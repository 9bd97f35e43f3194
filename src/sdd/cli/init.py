"""`sdd init`: make a repository ready for sessions, or join one that is."""

from __future__ import annotations

import os
import stat
import sys
from difflib import unified_diff
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdd import disk
from sdd.cli.here import examples, here, plural, settle
from sdd.errors import SddError
from sdd.gates.policy import PATH, Code, Gate, Policy, Trust, render
from sdd.proposals import code_paths, has_code, verify_commands
from sdd.sessions.process import shipped, shipped_versions
from sdd.sessions.template import FOLDER

if TYPE_CHECKING:
    from sdd.runs.place import Place
    from sdd.snapshot import Snapshot

ATTRIBUTES = "sessions/**/*.runs/** linguist-generated -text\n"
HOOKS = ("pre-commit", "pre-merge-commit")
MARK = "# sdd's own hook"


@click.command(
    epilog=examples("sdd init", "sdd init --update   (templates of a newer sdd)", "sdd init --hooks none")
)
@click.option(
    "--hooks",
    type=click.Choice(["native", "none"]),
    default="native",
    show_default=True,
    help="Scripts in this clone's hooks folder.",
)
@click.option(
    "--update",
    is_flag=True,
    help="Bring templates that nobody changed to this sdd's version; show the difference for the others.",
)
def command(*, hooks: str, update: bool) -> None:
    """Make this repository ready for sessions. Where it is already, only join: set up this clone's hooks, change no file."""
    place = here()
    snapshot = place.repository.working_tree()
    joining = PATH in snapshot
    wrote = [] if joining else _begin(place, snapshot)
    if joining and update:
        wrote = _update(place, snapshot)
    for path in wrote:
        click.echo(f"wrote {path}")
    for line in _hooks(place) if hooks == "native" else []:
        click.echo(line)
    if joining and not update:
        click.echo("this repository has sdd already: joined, no tracked file was changed")
    settle(place)
    _next(place, wrote, joining=joining)


def _next(place: Place, wrote: list[str], *, joining: bool) -> None:
    if joining:
        click.echo("\nNext: sdd status")
        return
    policy = place.picture().gates.policy
    approvers = policy.trust.approvers if policy else ()
    click.echo(
        f'\n{plural(len(wrote), "file")}. Approvals are up to {", ".join(approvers)} and are recorded, not proven (proof = "none" in .sdd/policy.toml).'
    )
    click.echo(
        "Next: git add -A && git commit -m 'Begin with sdd', then sdd new FEATURE \"the idea, in a sentence\""
    )


def _begin(place: Place, snapshot: Snapshot) -> list[str]:
    """Write what a project needs, never over what is there; the paths written."""
    files = {
        "sdd.toml": settings_text(verify_commands(snapshot)),
        PATH.decode(): render(proposed(place, snapshot)),
        **{f"{FOLDER.decode()}{kind}.md": data.decode() for kind, data in shipped().items()},
    }
    new = {path: text for path, text in files.items() if not place.file(path.encode()).exists()}
    for path, text in new.items():
        disk.write(disk.inside(place.root, path.encode()), text.encode())
    return [*new, *_attributes(place)]


def settings_text(commands: list[str]) -> str:
    """`sdd.toml` as it begins: what was found, and what else there is, in comments."""
    listed = ", ".join('"' + command.replace("\\", "\\\\").replace('"', '\\"') + '"' for command in commands)
    return f"""format = 1
provider = "manual"   # copy and paste; or "anthropic" (needs a key): sdd doctor

[verify]
commands = [{listed}]   # must pass after a run that writes code
fixes = 3   # how often a failing check goes back to the model
"""


def proposed(place: Place, snapshot: Snapshot) -> Policy:
    """The policy for what is there: the user approves, by a record; governed code where code is."""
    from sdd.workspace import config

    email = config(place.root, "user.email")
    if not email:
        raise SddError(
            "git does not know your e-mail, and somebody has to approve",
            hint="git config user.email you@example.org",
        )
    docs = {
        "spec": (("{docs}/product-spec.md",), ()),
        "implementation": (("{docs}/architecture.md", "{docs}/implementation-plan.md"), ("spec",)),
        "user-verification": (("{docs}/user-verification.md",), ("implementation",)),
        "deployment": (("{docs}/release.md",), ("user-verification",)),
        "change": (("docs/changes/{session}.md",), ()),
    }
    gates = {
        name: Gate(name, documents, (email,), proof="none", after=after)
        for name, (documents, after) in docs.items()
    }
    project = (
        "".join(
            char if char.isalnum() or char in "-_." else "-" for char in Path(place.root).name.lower()
        ).strip("-.")
        or "project"
    )
    return Policy(
        version=1,
        project=project,
        protected=(f"refs/heads/{place.repository.branch() or 'main'}",),
        mode="report" if has_code(snapshot) else "enforce",
        gates=gates,
        trust=Trust(
            (email,),
            "none",
            (".github/workflows/**", ".gitlab-ci.yml", ".pre-commit-config.yaml", ".gitattributes"),
        ),
        code=(Code(tuple(code_paths(snapshot)), (("spec", "implementation"), ("change",))),),
    )


def _attributes(place: Place) -> list[str]:
    """Keep whole runs out of the way in pull requests, and their bytes as they are."""
    file = place.file(b".gitattributes")
    text = file.read_bytes().decode("utf-8", "surrogateescape") if file.exists() else ""
    if ATTRIBUTES in text:
        return []
    kept = text + ("\n" if text and not text.endswith("\n") else "")
    disk.write(str(file), (kept + ATTRIBUTES).encode("utf-8", "surrogateescape"))
    return [".gitattributes"]


def _update(place: Place, snapshot: Snapshot) -> list[str]:
    """Update templates equal to a shipped version; show the difference for those that a person changed."""
    wrote = []
    known = shipped_versions()
    for kind, data in shipped().items():
        path = f"{FOLDER.decode()}{kind}.md"
        old = snapshot.read(path.encode()).replace(b"\r\n", b"\n") if path.encode() in snapshot else b""
        if old == data:
            continue
        if old and sha256(old).hexdigest() not in known:
            lines = unified_diff(
                old.decode("utf-8", "replace").splitlines(keepends=True),
                data.decode().splitlines(keepends=True),
                path,
                f"{path} (shipped)",
            )
            click.echo("".join(lines) + f"{path} was changed here, and is left as it is\n")
            continue
        disk.write(disk.inside(place.root, path.encode()), data)
        wrote.append(path)
    return wrote


def _hooks(place: Place) -> list[str]:
    """Put sdd's hooks into this clone, beside nobody else's; what was done."""
    from sdd.workspace import hooks_dir

    folder = Path(hooks_dir(place.root))
    if (
        place.root
        and folder.is_relative_to(place.root)
        and not folder.is_relative_to(place.repository.common_dir)
    ):
        return [
            f"hooks: {folder} belongs to the project (core.hooksPath); add `sdd hook pre-commit` to its pre-commit hook"
        ]
    told = []
    for name in HOOKS:
        file = folder / name
        if file.exists() and MARK not in file.read_text("utf-8", "replace"):
            told.append(f"hooks: {name} is somebody else's; add to it: sdd hook {name} || exit $?")
            continue
        script = (
            f'#!/bin/sh\n{MARK}: `sdd init --hooks none` does without\nexec "{_program()}" hook {name} "$@"\n'
        )
        if not file.exists() or file.read_text("utf-8") != script:
            disk.write(str(file), script.encode(), mode=stat.S_IMODE(0o755))
            told.append(f"hooks: {name} judges each commit in this clone")
    return told


def _program() -> str:
    """This very sdd, absolute: a shim costs a hook 60 ms, and the PATH of a desktop program may lack it."""
    return os.path.abspath(sys.argv[0]).replace("\\", "/")  # noqa: PTH100 - a link to the script is as good as the script
