"""What a commit pays for: the hook alone, a whole `git commit`, and the same judgement under the pre-commit framework."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.contest import HUGE, LARGE, SMALL, Contest, Row, at_most
from bench.ground import Ground
from bench.packed import git
from bench.staged import staged

PYTHON, STATUS, INDEX = "python -c pass", "git status", "git diff-index --cached"


@contextmanager
def hook(ground: Ground, sessions: int) -> Iterator[Contest]:
    """The hook alone, as git starts it."""
    project = ground.project(sessions)
    script = str(ground.hooks("pre-commit") / "pre-commit")
    measured = "native hook"
    commands = {
        PYTHON: ground.command(project.place, "python", "-c", "pass"),
        STATUS: ground.command(project.place, "git", "status"),
        INDEX: ground.command(project.place, "git", "diff-index", "--cached", "--raw", "-z", "HEAD"),
        measured: ground.command(project.place, script, env={"GIT_INDEX_FILE": ".git/index"}),
    }
    rows = (
        Row(measured, PYTHON, at_most((LARGE, 2.5), (HUGE, 3.5))),
        Row(measured, STATUS, at_most((LARGE, 0.7), (HUGE, 0.25))),
        Row(measured, INDEX),
    )
    with staged(project.place, project.size):
        yield Contest(commands, rows)


@contextmanager
def commit(ground: Ground, sessions: int) -> Iterator[Contest]:
    """A whole commit: without hooks, with the one that judges, and with both that `sdd init` places at this door."""
    project = ground.project(sessions)
    hooks = {
        "git commit": ground.hooks(),
        "git commit with the native hook": ground.hooks("pre-commit"),
        "git commit with pre-commit and commit-msg": ground.hooks("pre-commit", "commit-msg"),
    }
    floor, one, both = hooks
    with staged(project.place, project.size):
        undo = _undoing(project.place)
        commands = {
            name: ground.command(
                project.place, "git", "-c", f"core.hooksPath={folder}", "commit", "-q", "-m", "Ask"
            )._replace(before=undo)
            for name, folder in hooks.items()
        }
        try:
            yield Contest(commands, (Row(one, floor, at_most((SMALL, 2.2))), Row(both, floor)))
        finally:
            undo()


def _undoing(place: Path) -> Callable[[], None]:
    """What brings back the branch and the index as they are now."""
    index, head = place / ".git" / "index", git(place, "rev-parse", "HEAD")
    kept = index.read_bytes()

    def undo() -> None:
        git(place, "update-ref", "HEAD", head)
        index.write_bytes(kept)

    return undo


@contextmanager
def framework(ground: Ground, sessions: int) -> Iterator[Contest]:
    """All that the pre-commit framework does for one hook: nothing, or sdd."""
    project = ground.project(sessions)
    entries = {"pre-commit with `true`": "true", "pre-commit with `sdd`": "sdd hook pre-commit"}
    floor, measured = entries
    commands = {}
    for name, entry in entries.items():
        config = ground.folder / f"pre-commit-{entry.partition(' ')[0]}.yaml"
        config.write_text(_config(entry), "utf-8")
        commands[name] = ground.command(project.place, "pre-commit", "run", "--config", str(config))
    with staged(project.place, project.size):
        yield Contest(commands, (Row(measured, floor, at_most((SMALL, 1.12))),))


def _config(entry: str) -> str:
    """The framework's configuration with one hook, as `.pre-commit-hooks.yaml` describes it; JSON is YAML."""
    settings = {"always_run": True, "pass_filenames": False, "require_serial": True}
    one = {"id": "one", "name": "one", "entry": entry, "language": "system", **settings}
    return json.dumps({"repos": [{"repo": "local", "hooks": [one]}]})
