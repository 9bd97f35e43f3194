"""`sdd new`: begin a feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdd.cli.here import examples, picture_of, plural, repository, utf8, write_new
from sdd.cli.names import check_new_feature
from sdd.errors import SddError
from sdd.sessions.process import EMPTY_BRIEF, NewFile, feature_files
from sdd.sessions.session import docs
from sdd.sessions.state import brief_path

if TYPE_CHECKING:
    from sdd.sessions.project import Project


@click.command(
    epilog=examples(
        'sdd new checkout "sell things, in one currency"',
        'sdd new "a shop for one town"   (the root feature)',
    )
)
@click.argument("feature", required=False, default="", callback=utf8)
@click.argument("idea", required=False, default="", callback=utf8)
def command(feature: str, idea: str) -> None:
    """Begin FEATURE with an IDEA: write its brief and all sessions of the process; without a name, the root feature."""
    if " " in feature and not idea:
        feature, idea = "", feature
    found = repository()
    project = picture_of(found).project
    if feature:
        check_new_feature(project, feature)
    what = f"the feature {feature}" if feature else "the root feature"
    files = [*_brief(project, feature, idea), *feature_files(project, feature, idea)]
    if not files:
        raise SddError(f"{what} is there already", hint=_already(feature, idea))
    new = [file for file in files if file.path not in project.snapshot]
    wrote = write_new(found, files)
    for path in wrote:
        click.echo(f"wrote {path}")
    brief = f"{docs(feature)}/brief.md"
    if idea and brief not in wrote:
        click.echo(f"{brief} was there already and is left as it is; the idea was not written", err=True)
    write_it = (
        "" if _says_something(picture_of(found).project, feature) else f"write the idea into {brief}, then "
    )
    click.echo(f"\n{what}: {plural(len(new), 'new file')}. Next: {write_it}sdd next")


def _brief(project: Project, feature: str, idea: str) -> list[NewFile]:
    """The brief that was written without an idea, with the idea that is given now."""
    path, snapshot = brief_path(f"{feature}/" if feature else "").encode(), project.snapshot
    before = snapshot.read(path) if snapshot.is_file(path) else b""
    if not idea.strip() or EMPTY_BRIEF.encode() not in before:
        return []
    return [NewFile(path, before.replace(EMPTY_BRIEF.encode(), idea.strip().encode()))]


def _already(feature: str, idea: str) -> str:
    return f"write the idea into {docs(feature)}/brief.md" if idea else "sdd status"


def _says_something(project: Project, feature: str) -> bool:
    path = f"{docs(feature)}/brief.md".encode()
    return project.snapshot.is_file(path) and EMPTY_BRIEF.encode() not in project.snapshot.read(path)
