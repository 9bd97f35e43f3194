"""`sdd check`: judge the working tree, the index, a commit, a proposal or the protected branch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from sdd.cli.here import examples, found_here, plural
from sdd.errors import NO, YES, SddError

if TYPE_CHECKING:
    from sdd.gates.judgement import Judgement
    from sdd.repository import Repository
    from sdd.views.verdict import Checked

FORMATS = ("text", "json", "sarif", "github")


@click.command(
    epilog=examples(
        "sdd check",
        "sdd check --staged --json",
        "sdd check origin/main..HEAD --format github   (a pull request)",
        "sdd check --audit   (the protected branch, in CI)",
    )
)
@click.argument("range_", metavar="[A..B]", required=False)
@click.option("--staged", is_flag=True, help="Judge the index, as a commit would be.")
@click.option("--rev", default="", metavar="R", help="Judge the files of one commit.")
@click.option(
    "--audit", is_flag=True, help="Judge every step of the protected branch, each by the one before."
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="What to print."
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_context
def command(
    ctx: click.Context, range_: str | None, *, staged: bool, rev: str, audit: bool, form: str, as_json: bool
) -> None:
    """Judge the working tree; or A..B as a proposal, by what A says. Writes nothing; exit 1 where something is wrong."""
    from sdd.views.reports import FORMATS as RENDERED

    if sum(map(bool, (staged, rev, range_ or audit))) > 1:
        raise SddError("--staged, --rev and A..B ask for different things", hint="sdd check --help")
    repository = found_here()
    found, subject = _judgement(repository, range_ or "", rev, staged=staged, audit=audit)
    form = "json" if as_json else form
    click.echo(RENDERED[form](found), nl=False)
    if form == "text":
        _summary(found, subject)
    elif not found.enforced:
        click.echo("not enforced", err=True)
    ctx.exit(YES if found.passes else NO)


def _judgement(
    repository: Repository, range_: str, rev: str, *, staged: bool, audit: bool
) -> tuple[Judgement, str]:
    """What is wrong, and of what."""
    from sdd.views import verdict

    now = int(time.time())
    if audit:
        since, head = _ends(range_) if range_ else ("", "HEAD")
        found = verdict.of_protected(repository, head, since, now_epoch=now)
        return found, range_ or "the protected branch"
    if range_:
        return verdict.of_proposal(repository, *_ends(range_), now_epoch=now), range_
    if rev:
        return verdict.of_revision(repository, rev), rev
    if not staged:
        return _told(verdict.of_working_tree(repository, now_epoch=now))
    checked = verdict.of_index(repository, now_epoch=now)
    if checked is None:
        raise SddError("there is no .sdd/policy.toml in the index, so nothing can be judged", hint="sdd init")
    return _told(checked)


def _told(checked: Checked) -> tuple[Judgement, str]:
    from sdd.views.whole import number

    return checked.found, plural(number(checked.files), "session")


def _ends(range_: str) -> tuple[str, str]:
    """Both ends of `A..B`; B may be left out for HEAD."""
    start, dots, end = range_.partition("..")
    if not dots or not start or end.startswith("."):
        raise SddError(f"{range_} is no range of the form A..B", hint="sdd check origin/main..HEAD")
    return start, end or "HEAD"


def _summary(found: Judgement, subject: str) -> None:
    if found.findings:
        words = (
            f"{plural(len(found.findings), 'finding')}; what one means: sdd explain {found.findings[0].code}"
        )
        click.echo(words, err=True)
    else:
        click.echo(f"{subject}: nothing wrong")
