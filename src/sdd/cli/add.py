"""`sdd add`: add one session, or a small change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdd.cli.here import complete_kinds, examples, picture_of, repository, utf8, write_new
from sdd.cli.names import check_known_feature
from sdd.errors import RefusedError
from sdd.findings import nearest
from sdd.sessions.process import NewFile, free_name, session_text, template_of
from sdd.sessions.project import GATE, derive
from sdd.sessions.session import CHANGES, misplaced, path_of
from sdd.snapshot import overlaid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdd.gates.picture import Picture
    from sdd.sessions.project import Project
    from sdd.sessions.session import Session

CHANGE = CHANGES.removesuffix("s")


def _each_utf8(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(utf8(ctx, param, value) for value in values)


@click.command(
    epilog=examples(
        "sdd add change fix-rounding",
        "sdd add integration checkout/cart-and-stock --needs 04-cart --needs 05-stock",
        "sdd add refactoring rename-price --writes 'src/shop/**'",
        "sdd add refactoring prices --from-impact docs/interfaces/price.py",
    )
)
@click.argument("kind", shell_complete=complete_kinds)
@click.argument("slug", callback=utf8)
@click.option(
    "--needs",
    multiple=True,
    metavar="SESSION",
    callback=_each_utf8,
    help="A session that must be done before (or gate:NAME); may be repeated.",
)
@click.option(
    "--reads",
    multiple=True,
    metavar="SELECTOR",
    callback=_each_utf8,
    help="Context: path, path#Heading, path::Symbol, glob; may be repeated.",
)
@click.option(
    "--writes",
    multiple=True,
    metavar="GLOB",
    callback=_each_utf8,
    help="What it may write; may be repeated.",
)
@click.option(
    "--from-impact",
    "impact",
    default="",
    callback=utf8,
    metavar="PATH|A..B",
    help="Carry this change through all sessions that rest on it (sdd impact): needs, reads, writes and checklist.",
)
@click.option("--goal", default="", callback=utf8, help="The goal, instead of the template's.")
@click.option("--owner", default="", callback=utf8, metavar="EMAIL", help="Who looks after it.")
def command(
    kind: str,
    slug: str,
    needs: tuple[str, ...],
    reads: tuple[str, ...],
    writes: tuple[str, ...],
    *,
    impact: str,
    goal: str,
    owner: str,
) -> None:
    """Add a session of KIND. SLUG is its name, or feature/name; a small `change` stands alone, with half a page."""
    found = repository()
    lists = {"needs": needs, "reads": reads, "writes": writes}
    checklist: tuple[str, ...] = ()
    if impact:
        from sdd.cli.impact import asked
        from sdd.views.carrying import carried

        made = carried(found.working_tree(), asked(found, impact))
        goal, checklist = goal or made.goal, made.checklist
        lists = {key: tuple(dict.fromkeys((*given, *made.keys.get(key, ())))) for key, given in lists.items()}
    keys = {key: value for key, value in {**lists, "owner": owner}.items() if value}
    name, file = added(picture_of(found), kind, slug, keys, goal, checklist)
    for path in write_new(found, [file]):
        click.echo(f"wrote {path}")
    what = "" if goal else f"say what it is for in {path_of(name).decode()} (## Goal), then "
    click.echo(f"\nNext: {what}sdd next {name}")


def added(
    picture: Picture,
    kind: str,
    slug: str,
    keys: Mapping[str, object],
    goal: str,
    checklist: Sequence[str] = (),
) -> tuple[str, NewFile]:
    """The session that is to be added: its name and file, with which nothing in the project is wrong that was not before.

    Without a goal or a checklist it has its template's.

    Raises:
        RefusedError: the name is taken or cannot be one, or what was given does not fit.
        SddError: there is no such kind.
    """
    project = picture.project
    template = template_of(project, kind)
    feature, last = _place(kind, slug)
    if feature != CHANGES:
        check_known_feature(project, feature)
    name = free_name(project, feature, last)
    path = path_of(name)
    wrong = misplaced(path)
    if wrong:
        raise RefusedError(wrong.message, hint="use letters, digits, `-`, `_` and `.`, as in checkout/cart")
    _refuse_taken(project, feature, name, last)
    _refuse_unknown_gates(picture, keys)
    title = _bare(last).replace("-", " ")
    text = session_text(
        name, template, needs=keys, title=title[:1].upper() + title[1:], goal=goal, checklist=checklist
    )
    file = NewFile(path, text.encode())
    _refuse_findings(project, file)
    return name, file


def _place(kind: str, slug: str) -> tuple[str, str]:
    """The feature and the last part of a name; a small change stands in a folder of its own, and nothing else does."""
    feature, _, last = slug.rpartition("/")
    if not last:
        raise RefusedError(f"`{slug}` names no session", hint=f"sdd add {kind} {slug}NAME")
    if kind == CHANGE and feature in {"", CHANGES}:
        return CHANGES, last
    if kind == CHANGE or feature == CHANGES:
        hint = f"sdd add {CHANGE} {last}" if kind == CHANGE else f"sdd add {kind} FEATURE/{last}"
        raise RefusedError(
            f"`{slug}` is no place for a {kind}: small changes have {CHANGES}/ to themselves", hint=hint
        )
    return feature, last


def _bare(slug: str) -> str:
    """The name without the number that only sorts."""
    number, _, rest = slug.partition("-")
    return rest if rest and number.isdigit() else slug


def _refuse_taken(project: Project, feature: str, name: str, last: str) -> None:
    same = project.sessions.get(name) or _same_but_number(project, feature, last)
    if path_of(name) in project.snapshot or same:
        there = same.name if same else name
        raise RefusedError(
            f"{path_of(there).decode()} is there already",
            hint=f"go on with it: sdd next {there}\nor add another: give it a name or a number of its own",
        )


def _same_but_number(project: Project, feature: str, last: str) -> Session | None:
    """The session that was most likely meant already, where the name was given without a number."""
    given = _bare(last) == last and feature != CHANGES
    return next((one for one in project.of_feature(feature) if given and _bare(one.slug) == last), None)


def _refuse_unknown_gates(picture: Picture, keys: Mapping[str, object]) -> None:
    needs = keys.get("needs", ())
    known = list(picture.gates.policy.gates) if picture.gates.policy else []
    for need in needs if isinstance(needs, tuple) else ():
        gate = str(need).removeprefix(GATE)
        if str(need).startswith(GATE) and gate not in known:
            like = nearest(gate, known)
            hint = f"--needs {GATE}{like}" if like else f"the gates are {', '.join(known)}"
            raise RefusedError(f"the policy has no gate `{gate}`", hint=hint)


def _refuse_findings(project: Project, file: NewFile) -> None:
    """Judge the project as it would be: nothing may be wrong that was not before."""
    before = set(project.findings())
    after = derive(overlaid(project.snapshot, {file.path: file.data})).findings()
    new = next((finding for finding in after if finding not in before), None)
    if new:
        raise RefusedError(f"that would be wrong: {new.code} {new.message}", hint=new.hint)
