"""`sdd status`: what is done, what waits and for whom, what is next."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdd import disk
from sdd.cli.here import as_json, carries_all, examples, repository
from sdd.codeowners import GITHUB, GITLAB
from sdd.errors import SddError, WaitingError
from sdd.findings import nearest
from sdd.gates.picture import picture, streamed
from sdd.gates.protected import believed
from sdd.runs import pending
from sdd.sessions.session import CHANGES
from sdd.views import status_text, whole
from sdd.views.costs import spent
from sdd.views.going import Going, going
from sdd.views.ownership import Ownership, names_of
from sdd.views.status import Gist, each, elsewhere, narrowed, status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from rich.table import Table

    from sdd.gates.picture import Picture
    from sdd.repository import Repository
    from sdd.snapshot import Snapshot
    from sdd.views.status import Feature, Status
    from sdd.views.waiting import Wait

COLOURS = {
    "done": "green",
    "ready": "bold cyan",
    "asking": "yellow",
    "review": "yellow",
    "failing": "red",
    "blocked": "dim",
}


@click.command(
    epilog=examples(
        "sdd status", "sdd status checkout", "sdd status --mine", "sdd status --ready --json   (a job matrix)"
    )
)
@click.argument("feature", required=False)
@click.option("--ready", is_flag=True, help="Only the sessions that may run now, without a person.")
@click.option(
    "--mine",
    is_flag=True,
    help="Only what you own or what awaits you, by your git e-mail and `git config sdd.me`.",
)
@click.option("--json", "json_wanted", is_flag=True, help="Print it as JSON (docs/reference/json.md).")
def command(feature: str | None, *, ready: bool, mine: bool, json_wanted: bool) -> None:
    """Show how far FEATURE is (else all): what is done, what waits, for whom and why, and what to type next."""
    place = repository()
    snapshot, trusted = place.working_tree(), believed(place)
    _refuse_bare(snapshot)
    going_on, me = in_progress(place), _me(place) if mine else None
    remotes = addresses(place, snapshot)

    seen, owned = picture(snapshot, trusted), Ownership(snapshot, remotes)

    def part() -> Status:
        _refuse_unknown(seen, feature)
        all_of_it = status(seen, going_on, len(whole.findings(snapshot)), owned)
        return narrowed(all_of_it, feature=feature, owner=me, ready=ready)

    def told() -> Iterator[str]:
        _refuse_unknown(seen, feature)
        features = each(seen, going_on, owned, feature=feature, owner=me, ready=ready)
        if json_wanted and ready:
            return status_text.ready(features, as_json)
        gist = Gist(seen.gates.wrong, len(whole.findings(snapshot)), elsewhere(seen, going_on))
        if json_wanted:
            return status_text.data(features, gist, as_json)
        return iter(["\n".join(status_text.streamed(features, gist))])

    if sys.stdout.isatty() and not json_wanted:
        _show(part())
        return
    words = repr((feature, me, ready, json_wanted, carries_all(), remotes))
    for one in streamed(seen, "status", told, repr(going_on), words):
        click.echo(one, nl=False)
    click.echo()


def _refuse_bare(snapshot: Snapshot) -> None:
    if {b"sessions", b".sdd", b"sdd.toml"}.isdisjoint(snapshot.names(b"")):
        raise SddError("this repository does not use sdd yet", hint="sdd init")


def _refuse_unknown(seen: Picture, feature: str | None) -> None:
    known = [*seen.project.features, *([CHANGES] if seen.project.of_feature(CHANGES) else [])]
    if feature is not None and feature not in known:
        named = [name for name in known if name]
        like = nearest(feature, named)
        hint = f"sdd status {like}" if like else f"there are: {', '.join(named)}" if named else "sdd status"
        raise SddError(f"there is no feature `{feature}`", hint=hint)


def _me(place: Repository) -> tuple[str, ...]:
    """The names of whoever asks, the e-mail first."""
    found = _settings(place, "^(user.email|github.user|sdd.me)$")
    if not found.get("user.email"):
        raise SddError("git does not know your e-mail", hint="git config user.email you@example.org")
    return names_of(found)


def addresses(place: Repository, snapshot: Snapshot) -> tuple[str, ...]:
    """The remotes' addresses, which tell whose CODEOWNERS it is; not asked for where there is no such file."""
    if not any(snapshot.is_file(path) for path in (*GITHUB, *GITLAB)):
        return ()
    return tuple(sorted(_settings(place, r"^remote\..*\.url$").values()))


def _settings(place: Repository, pattern: str) -> dict[str, str]:
    """Git's settings whose names fit a pattern; of one that stands twice the last counts."""
    out = place.git("config", "--includes", "-z", "--get-regexp", pattern, ok=(0, 1))
    pairs = (one.decode("utf-8", "replace").partition("\n") for one in out.split(b"\0") if one)
    return {key: value for key, _, value in pairs}


def in_progress(place: Repository) -> dict[str, Going]:
    """The runs in progress in this working tree, by session; one that cannot be read says so."""
    return {name: _going(place.git_dir, name) for name in pending.sessions(place.git_dir)}


def _going(git_dir: str, name: str) -> Going:
    try:
        run = pending.load(git_dir, name)
    except SddError as error:
        return Going(name, "unreadable", error.message, error.hint)
    if run is None:  # another process has just ended it
        return Going(name, "running", "another sdd has just ended it", "")
    return going(run, held=_held(git_dir, name), part=bool(pending.partial(git_dir, name)))


def _held(git_dir: str, name: str) -> bool:
    """Whether another process carries the session out now; a killed one holds no lock."""
    file = Path(git_dir, "sdd", "locks", Path(pending.folder(git_dir, name)).name + ".lock")
    try:
        with disk.lock(str(file), f"session {name}", 0):
            return False
    except WaitingError:
        return True


def _show(part: Status) -> None:
    """Show it on a terminal."""
    from rich.console import Console  # 60 ms, only where a person looks
    from rich.text import Text

    console = Console(highlight=False)
    for feature in part.features:
        _show_feature(console, feature)
    if part.waits:
        console.print(Text("Waits for people", style="bold"), _waits(part.waits), Text())
    for one in part.elsewhere:
        console.print(Text(f"{one.session}, which is not in these files: {one.words}", style="yellow"))
    for note in status_text.notes(part.gist):
        console.print(Text(note, style="yellow"))
    console.print(Text.assemble(("Next: ", "bold"), (status_text.following(part.gist), "bold cyan")))


def _show_feature(console: Console, feature: Feature) -> None:
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    head = Table.grid(padding=(0, 2))
    bar = ProgressBar(max(feature.total, 1), feature.done, 20, complete_style="green", finished_style="green")
    head.add_row(Text(status_text.label(feature.name), style="bold"), bar, Text(status_text.how_far(feature)))
    console.print(head)
    if feature.usage.runs:
        console.print(Text(spent(feature.usage), style="dim"))
    rows = Table.grid(padding=(0, 2))
    for row in feature.rows:
        name, state = Text(f"  {row.session.slug}", overflow="fold"), row.state.state
        rows.add_row(
            name, Text(state, style=COLOURS[state]), Text(status_text.at_a_glance(row), overflow="fold")
        )
    console.print(rows, Text())


def _waits(waits: Sequence[Wait]) -> Table:
    """Who is waited for, for what, and what they type."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for wait in waits:
        what = Text(
            status_text.plain(wait.what) + (f"\n→ {wait.command}" if wait.command else ""), overflow="fold"
        )
        table.add_row(Text(f"  {', '.join(wait.who) or 'a person'}", overflow="fold"), what)
    return table
