"""`sdd init`: make a repository ready for sessions, or join one that is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdd import disk
from sdd.agents import NAMES, install, uninstall
from sdd.cli.here import examples, picture_of, plural, repository, write_new
from sdd.cli.hooks import configured, set_up, way
from sdd.cli.proposed import policy_text, settings_text, signers_text, way_up, ways
from sdd.errors import RefusedError
from sdd.gates.policy import PATH, TRUST
from sdd.gates.signers import SIGNERS
from sdd.githooks.choice import PRE_COMMIT, WAYS
from sdd.githooks.clone import look
from sdd.globs import matches
from sdd.sessions.process import NewFile, shipped, shipped_versions
from sdd.sessions.template import FOLDER
from sdd.snapshot import show
from sdd.views.quoting import shown

if TYPE_CHECKING:
    from sdd.gates.policy import Policy
    from sdd.repository import Repository

ATTRIBUTES = "sessions/**/*.runs/** linguist-generated -text"
GITATTRIBUTES = b".gitattributes"


@click.command(
    epilog=examples(
        "sdd init",
        "sdd init --update   (templates of a newer sdd)",
        "sdd init --hooks native   (scripts, which start in a tenth of pre-commit's time)",
        "sdd init --hooks none",
        "sdd init --agent claude",
        "sdd init --propose   (contracts and a first session for the code that is there)",
    )
)
@click.option(
    "--hooks",
    "asked",
    type=click.Choice(WAYS),
    help="What has git ask sdd: pre-commit (its configuration, and `pre-commit install`), native (scripts in this clone's hooks"
    " folder, which start in a tenth of the time) or none. Kept until you choose anew; at first pre-commit, or what the project has.",
)
@click.option(
    "--update",
    is_flag=True,
    help="Bring templates that nobody changed to this sdd's version, add those that are missing, show the difference for the others.",
)
@click.option(
    "--agent",
    "hired",
    multiple=True,
    type=click.Choice(NAMES),
    help="Set up an agent's own hooks, skill and rules.",
)
@click.option(
    "--remove-agent",
    "dismissed",
    multiple=True,
    type=click.Choice(NAMES),
    help="Take all of that away again.",
)
@click.option(
    "--propose",
    "wants_more",
    is_flag=True,
    help="Once more what a first init proposes for the code that is there: contracts, an outline, a first session. Written only where you agree.",
)
@click.option(
    "--yes",
    "agreed",
    is_flag=True,
    help="With --propose: write it without asking. What is there is never overwritten.",
)
def command(
    *,
    asked: str | None,
    update: bool,
    hired: tuple[str, ...],
    dismissed: tuple[str, ...],
    wants_more: bool,
    agreed: bool,
) -> None:
    """Make this repository ready for sessions. Where it is already, only join: set up this clone's hooks, change no file."""
    if agreed and not wants_more:
        raise click.UsageError("--yes goes with --propose")
    found = repository()
    joining = _on_disk(found, PATH) is not None
    clone = look(found)
    hooks = way(clone, asked, joining=joining)
    config, by_hand = configured(clone) if hooks == PRE_COMMIT and (asked or not joining) else ([], [])
    updates, left = _updates(found) if joining and update else ([], [])
    files = [*updates, *config] if joining else _first(found, config)
    wrote = write_new(found, files) if files else []
    told = [*left, *(f"wrote {path}" for path in wrote), *set_up(found, hooks, asked, by_hand)]
    for words in (*told, *_agents(found.root, hired, dismissed)):
        click.echo(shown(words))
    if joining and update:
        click.echo(f"{plural(len(updates), 'file')} updated, {len(left)} left as they are")
    elif joining:
        changed = wrote or hired or dismissed
        click.echo(
            "this repository has sdd already: joined" + ("" if changed else ", no tracked file was changed")
        )
    _next(picture_of(found).gates.policy, wrote, config if joining else None)
    _more(found, joining=joining, wants_more=wants_more, agreed=agreed)


def _more(found: Repository, *, joining: bool, wants_more: bool, agreed: bool) -> None:
    """Propose what can be made of the code that is there: the first time, and whenever it is asked for."""
    from sdd.cli.propose import offer, propose

    if wants_more:
        click.echo("")
        propose(found, agreed=agreed)
    elif not joining:
        offer(found)


def _agents(root: str, hired: tuple[str, ...], dismissed: tuple[str, ...]) -> list[str]:
    """Set agents up, and take others away; what was done."""
    return [*(install(root, hired) if hired else ()), *(uninstall(root, dismissed) if dismissed else ())]


def _after_joining(policy: Policy | None, config: list[NewFile]) -> str:
    """What to type next: where a configuration was written, what brings it in."""
    paths = [file.path for file in config]
    if not paths or policy is None:
        return "sdd status"
    names = " ".join(map(show, paths))
    if any(matches(glob, path) for glob in policy.trust.files for path in paths):
        return f"git add {names} && sdd approve {names} --gate {TRUST} --commit"
    return f"git add {names} && git commit -m 'Let pre-commit ask sdd'"


def _next(policy: Policy | None, wrote: list[str], joined: list[NewFile] | None) -> None:
    """Say what to type next; `joined` are the configurations written where the project had sdd already."""
    if joined is not None or policy is None:
        click.echo(f"\nNext: {_after_joining(policy, joined or [])}")
        return
    click.echo(f"\n{plural(len(wrote), 'file')}.")
    if policy.mode == "report":
        click.echo(
            'There is code here already, so the policy begins with mode = "report": it tells, and refuses nothing.'
        )
    for words in ways(policy):
        click.echo(words)
    tops = " ".join(dict.fromkeys(path.partition("/")[0] for path in wrote))
    click.echo(f"Next: git add {tops} && git commit -m 'Begin with sdd'")
    click.echo('then: sdd new FEATURE "the idea, in a sentence"')
    for words in way_up(policy):
        click.echo(words)


def _on_disk(found: Repository, path: bytes) -> bytes | None:
    """What lies there, ignored by git or not; None where nothing does.

    Raises:
        RefusedError: a link or a folder lies there.
    """
    place = Path(disk.inside(found.root, path))
    if place.is_dir():
        raise RefusedError(f"{place} is a folder", hint="move it away")
    return place.read_bytes() if place.exists() else None


def _first(found: Repository, config: list[NewFile]) -> list[NewFile]:
    """What a project needs and does not have. The policy comes last: where it stands, all of it was written."""
    snapshot = found.working_tree()
    policy = NewFile(PATH, policy_text(found, snapshot).encode())
    files = [NewFile(b"sdd.toml", settings_text(snapshot).encode()), *_templates()]
    missing = [file for file in files if _on_disk(found, file.path) is None]
    attributes = _attributes(_on_disk(found, GITATTRIBUTES) or b"")
    return [*missing, *attributes, *config, *_signers(found), policy]


def _signers(found: Repository) -> list[NewFile]:
    """The keys that approvals begin with; none where nothing is signed. The first ones belong to the adoption."""
    before = _on_disk(found, SIGNERS) or b""
    after = signers_text(found, before)
    return [NewFile(SIGNERS, after)] if after != before else []


def _templates() -> list[NewFile]:
    return [NewFile(FOLDER + kind.encode() + b".md", data) for kind, data in shipped().items()]


def _attributes(before: bytes) -> list[NewFile]:
    """Keep whole runs out of the way in pull requests, and their bytes as they are; all other lines stay."""
    line = ATTRIBUTES.encode()
    if line in (other.strip() for other in before.splitlines()):
        return []
    end = b"\r\n" if b"\r\n" in before else b"\n"
    kept = before + end if before and not before.endswith(b"\n") else before
    return [NewFile(GITATTRIBUTES, kept + line + end)]


def _updates(found: Repository) -> tuple[list[NewFile], list[str]]:
    """The templates to be written, and in words how the others differ from those that were changed here."""
    known = shipped_versions()
    files, left = [], []
    for file in _templates():
        old = _on_disk(found, file.path)
        if is_outdated(old, file.data, known):
            files.append(file)
        elif old is not None and _lf(old) != file.data:
            left.append(_difference(file.path.decode(), old, file.data))
    return files, left


def is_outdated(old: bytes | None, new: bytes, known: frozenset[str]) -> bool:
    """Whether a template is missing, or is as an earlier sdd brought it; `known` holds the sha256 of all that were shipped."""
    from hashlib import sha256

    return old is None or (_lf(old) != new and sha256(_lf(old)).hexdigest() in known)


def _difference(name: str, old: bytes, new: bytes) -> str:
    from difflib import unified_diff

    lines = unified_diff(_lines(_lf(old)), _lines(new), name, f"{name} (shipped)")
    return f"{''.join(lines)}{name} was changed here, and is left as it is\n"


def _lf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").splitlines(keepends=True)
