"""`sdd doctor`: what is set up here, what is not, and what to do."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdd.cli.agents_here import commands_here, found_here
from sdd.cli.here import examples, show_json
from sdd.cli.hooks import way
from sdd.cli.status import in_progress
from sdd.clipboard import paste
from sdd.errors import NO, YES, SddError
from sdd.gates import signature
from sdd.gates.picture import picture
from sdd.gates.protected import believed
from sdd.githooks import told as githooks
from sdd.githooks.clone import look
from sdd.llm import providers
from sdd.repository import Repository
from sdd.sessions.process import shipped, shipped_versions
from sdd.sessions.template import PERSON
from sdd.views import doctor
from sdd.views.doctor import FAIL, OK, WARN, Line
from sdd.views.going import MANUAL
from sdd.views.owners import of_owners
from sdd.views.tracker import findings as of_trackers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdd.gates.picture import Picture
    from sdd.llm.providers import Provider
    from sdd.settings import Settings

COLOURS = {OK: "green", WARN: "yellow", FAIL: "red"}

# A signature that every fit ssh-keygen verifies. Its key was made for it and thrown away.
SIGNED_BY = "doctor@example.org"
SIGNED_AT = 1795255200  # 2026-11-21T10:00:00Z
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPaE7GTwOAdGGMl4MttNY1yGu6Se3q+Q0aW2wyEJE55c"
SIGNATURE = b"""\
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg9oTsZPA4B0YYyXgy201jXIa7pJ
7er5DRpbbDIQkTnlwAAAAMYXBwcm92YWxAc2RkAAAAAAAAAAZzaGE1MTIAAABTAAAAC3Nz
aC1lZDI1NTE5AAAAQBG2aAbl4OymfqxHQhgxLKPC8+130iVig90VI6PuwELfcmryxon7v2
3GCTwueaZ+YN+T1+7OOdx3FAbWoG0ffgw=
-----END SSH SIGNATURE-----
"""


@click.command(epilog=examples("sdd doctor", "sdd doctor --json", "sdd doctor --agents"))
@click.option(
    "--agents",
    "ask",
    is_flag=True,
    help="Ask each installed agent a question of one word, to see whether it answers. Each answer costs what its "
    "provider takes for some thousand tokens, since agents send instructions of their own along.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON (docs/reference/json.md).")
@click.pass_context
def command(ctx: click.Context, *, ask: bool, as_json: bool) -> None:
    """Look at all that sdd needs: ok, warn or fail, and what to do. Writes nothing; exit 1 where something fails."""
    found = list(_lines(ask=ask))
    failed = any(line.verdict == FAIL for line in found)
    if as_json:
        told = [
            {"about": line.about, "verdict": line.verdict, "what": line.words, "hint": line.hint or None}
            for line in found
        ]
        show_json({"version": 1, "ok": not failed, "lines": told})
    else:
        for line in found:
            click.echo(
                f"{click.style(f'{line.verdict:<4}', fg=COLOURS[line.verdict], bold=True)}  {line.about}: {line.words}"
            )
            for number, hint in enumerate(line.hint.splitlines()):
                click.echo(f"        {hint}" if number else f"      {click.style('→', fg='cyan')} {hint}")
    ctx.exit(NO if failed else YES)


def _lines(*, ask: bool) -> Iterator[Line]:
    yield Line("Python", OK, platform.python_version())
    try:
        yield doctor.of_git(
            Repository("", ".", ".", "sha1").git("version").decode("utf-8", "replace").strip()
        )
        place = Repository.find()
    except SddError as error:
        yield Line("repository", FAIL, error.message, error.hint)
        return
    if not place.root:
        yield Line("repository", FAIL, "it has no working tree", "git clone it, and work there")
        return
    yield _repository(place)
    seen = picture(place.working_tree(), believed(place))
    yield doctor.of_signatures(*_signature_problem(), seen.gates.policy)
    if not any(path.startswith((b"sessions/", b".sdd/")) for path in seen.project.snapshot.entries):
        yield Line("project", FAIL, "this repository does not use sdd yet", "sdd init")
        return
    yield from doctor.of_policy(seen.gates)
    yield from _owners(place, seen)
    yield from _providers(place, seen, ask=ask)
    yield from doctor.of_templates(seen.project, shipped(), shipped_versions())
    yield from doctor.of_findings(seen.project.findings(), of_trackers(picture(seen.project.snapshot)))
    yield from doctor.of_plans(seen.project)
    clone = look(place)
    yield from githooks.lines(clone, way(clone))
    yield from doctor.of_runs(in_progress(place).values())
    yield doctor.of_clipboard(there=_has_clipboard())


def _repository(place: Repository) -> Line:
    if place.is_shallow:
        return Line(
            "repository",
            WARN,
            f"{place.root}: its history is cut, so what came before cannot be judged",
            "git fetch --unshallow",
        )
    return Line("repository", OK, place.root)


def _signature_problem() -> tuple[str, str]:
    """Why this ssh-keygen cannot verify a good signature, and what to do; empty where it can."""
    from sdd.gates.signers import line_for

    try:
        verdict = signature.verify(
            b"sdd doctor\n", SIGNATURE, SIGNED_BY, line_for(SIGNED_BY, PUBLIC_KEY).encode(), (), SIGNED_AT
        )
    except SddError as error:
        return error.message, error.hint
    return ("", "") if verdict.ok else (f"it refuses a good signature: {verdict.why}", signature.HINT_MISSING)


def _owners(place: Repository, seen: Picture) -> Iterator[Line]:
    from sdd.workspace import remotes  # 60 ms

    policy = seen.gates.policy
    if policy:
        yield from of_owners(seen.project.snapshot, policy, remotes(place.root).values())


def _providers(place: Repository, seen: Picture, *, ask: bool) -> Iterator[Line]:
    """What `sdd.toml` says, whether the provider that it chooses is ready, and which agents are here."""
    from sdd.settings import chosen_provider, read

    snapshot = seen.project.snapshot
    try:
        settings = read(snapshot.read(b"sdd.toml") if snapshot.is_file(b"sdd.toml") else None)
    except SddError as error:
        yield Line("sdd.toml", FAIL, error.message, error.hint)
        return
    commands = settings.verify.commands
    if commands:
        yield Line("sdd.toml", OK, f"after a run that writes code: {'; '.join(commands)}")
    else:
        yield Line(
            "sdd.toml",
            WARN,
            "no command verifies a run",
            'name one: commands = ["python -m pytest -q"] below [verify]',
        )
    yield _prices(place, settings)
    modules = {name: providers.load(name) for name in providers.built_in()}
    agents = {name: module for name, module in modules.items() if module.EDITS}
    try:
        agents |= commands_here(os.environ)
    except SddError as error:
        yield Line("agent", FAIL, error.message, error.hint)
    known: dict[str, Provider] = {**modules, **agents}
    missing = {MANUAL: "", **{name: one.ready() for name, one in known.items()}}
    chosen = chosen_provider(None, os.environ, None, settings)
    named = {
        name: own
        for name in seen.project.sessions
        if (own := seen.project.text(name, "provider")) and own != PERSON
    }
    yield from doctor.of_providers(missing, chosen, named, agents)
    models = {chosen: settings.model}
    yield from doctor.of_agents(
        found_here(agents, os.environ, ask=place.root if ask else None, models=models)
    )


def _prices(place: Repository, settings: Settings) -> Line:
    """How old the prices are by which costs are computed."""
    from datetime import UTC, datetime

    from sdd.llm.prices import measured

    try:
        day = measured(str(Path(place.root, settings.prices)) if settings.prices else None)
    except SddError as error:
        return Line("prices", FAIL, error.message, error.hint)
    return doctor.of_prices(day, datetime.now(UTC).date(), settings.prices or "")


def _has_clipboard() -> bool:
    try:
        paste()
    except SddError:
        return False
    return True
