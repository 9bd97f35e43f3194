"""`sdd tracker`: write the trackers, or compare them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdd import disk
from sdd.cli.here import examples, picture_of, repository
from sdd.errors import NO, YES, RefusedError
from sdd.gates.picture import picture
from sdd.snapshot import show
from sdd.views.quoting import shown
from sdd.views.tracker import changed, difference, foreign, is_as_written, trackers, vain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sdd.gates.picture import Picture
    from sdd.repository import Repository


@click.command(
    epilog=examples(
        "sdd tracker",
        "sdd tracker --check",
        "sdd tracker --stage   (before a commit; also resolves a conflict in a tracker)",
    )
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 with a diff where a tracker is stale.")
@click.option(
    "--stage",
    is_flag=True,
    help="Render from the index, into the index and the working tree; with --check, compare in the index.",
)
@click.pass_context
def command(ctx: click.Context, *, check: bool, stage: bool) -> None:
    """Write the trackers of all features, derived from the files as they are."""
    found = repository()
    seen = picture(found.index()) if stage else picture_of(found)
    if check:
        diff = difference(seen)
        click.echo(shown(diff), nl=False)
        ctx.exit(NO if diff else YES)
    here = picture_of(found) if stage else seen
    _refuse_foreign(here)
    gone = _gone(here, seen)
    wrote = _staged(found, seen, gone) if stage else _written(found, changed(seen), gone)
    for path in wrote:
        click.echo(f"wrote {show(path)}")
    for path in gone:
        click.echo(f"removed {show(path)}")
    if not wrote and not gone:
        click.echo("the trackers say what the files say")


def _refuse_foreign(seen: Picture) -> None:
    others = foreign(seen)
    if others:
        raise RefusedError(
            f"{show(others[0])} is not sdd's, and would be overwritten",
            hint="move it away, for example: git mv " + f"{show(others[0])} docs/notes.md",
        )


def _gone(here: Picture, seen: Picture) -> list[bytes]:
    """The trackers of no session, in what is rendered from; on disk, too, they must be as sdd wrote them."""
    gone, on_disk = vain(seen), here.project.snapshot
    edited = [path for path in gone if path in on_disk and not is_as_written(on_disk, path)]
    if edited:
        raise RefusedError(
            f"{show(edited[0])} has no session any more, and somebody has edited it",
            hint="move it away, for example: git mv " + f"{show(edited[0])} docs/notes.md",
        )
    return gone


def _written(found: Repository, files: Mapping[bytes, bytes], gone: Iterable[bytes] = ()) -> list[bytes]:
    for path, data in files.items():
        disk.write(disk.inside(found.root, path), data)
    for path in gone:
        disk.remove(disk.inside(found.root, path))
    return list(files)


def _staged(found: Repository, seen: Picture, gone: Iterable[bytes]) -> list[bytes]:
    """Write and stage the trackers as the index says they should be; the paths that were different here or there."""
    from sdd.workspace import stage

    wanted = trackers(seen)
    open_ = [path for path in found.unmerged() if path not in wanted]
    if open_:
        raise RefusedError(
            f"{show(open_[0])} is in conflict, and a tracker rests on it",
            hint=f"resolve it first: git add {show(open_[0])}",
        )
    stale = {path: data for path, data in wanted.items() if _lies_otherwise(found, path, data)}
    _written(found, stale, gone)
    stage(found.root, [path.decode() for path in (*wanted, *gone)])
    return [path for path in wanted if path in {**stale, **changed(seen)}]


def _lies_otherwise(found: Repository, path: bytes, data: bytes) -> bool:
    place = Path(disk.inside(found.root, path))
    return not place.is_file() or place.read_bytes().replace(b"\r\n", b"\n") != data
