"""A run in progress, kept below this clone's git directory so that a killed process loses nothing.

One folder for each session: the facts (`run.json`), the prompt, what has come of the response so far (`partial.md`),
and the whole response. It is gone when the run stands in the session's file.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from sdd import disk
from sdd.errors import SddError
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

ASKED, ANSWERED, APPLIED = "asked", "answered", "applied"
VERSION = 1
STOPPED = "sdd was stopped before its end"
"""Why a response is not whole that a killed process was waiting for."""


class Pending(Value):
    """The facts of a run in progress.

    `shown` maps paths to the blob ids that the prompt showed ("" for absent), `sources` are (selector, path, blob, sha256 of
    the text, sha256 of its words), `wrote` (path, blob before, blob after); `bold` says that a person lifted the bar of confidence; `cut` why the
    response is not whole; `seconds` how long the provider took; `raw` names the file of the provider's own data; `said` is
    what sdd told meanwhile, as that a conversation was gone.
    """

    session: str
    turn: str
    writes: tuple[str, ...]
    time: str
    provider: str
    prompt: str
    shown: Mapping[str, str]
    sources: tuple[tuple[str, ...], ...] = ()
    wrote: tuple[tuple[str, str, str], ...] = ()
    changed_lines: int | None = None
    answers: int = 0
    bold: bool = False
    stage: str = ASKED
    model: str = ""
    conversation: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: str = ""
    seconds: int | None = None
    cut: str = ""
    raw: str = ""
    said: tuple[str, ...] = ()


def as_text(path: bytes) -> str:
    """A path of the tree as these facts hold it; bytes that are no UTF-8 become half characters."""
    return path.decode("utf-8", "surrogateescape")


def as_bytes(path: str) -> bytes:
    """A path of the tree that `as_text` made text of."""
    return path.encode("utf-8", "surrogateescape")


def folder(git_dir: str, session: str) -> str:
    """Where a session's run in progress is kept."""
    return str(Path(git_dir, "sdd", "pending", quote(session, safe="")))


def begin(git_dir: str, run: Pending, prompt: str) -> None:
    """Keep a prompt and the facts of its run, before it is sent or given out; in place of what was in progress."""
    new = _aside(git_dir)
    disk.write(str(new / "prompt.md"), prompt.encode())
    disk.write(str(new / "run.json"), _facts(run))
    drop(git_dir, run.session)
    place = Path(folder(git_dir, run.session))
    place.parent.mkdir(parents=True, exist_ok=True)
    new.rename(place)


def _aside(git_dir: str) -> Path:
    """A place for a folder that is not yet, or no longer, a run in progress; named like all that a killed process leaves."""
    return Path(git_dir, "sdd", f".sdd-{os.getpid()}-{os.urandom(4).hex()}.tmp")


def save(git_dir: str, run: Pending) -> None:
    """Keep the facts of a run."""
    disk.write(str(Path(folder(git_dir, run.session), "run.json")), _facts(run))


def _facts(run: Pending) -> bytes:
    import json

    facts = {"version": VERSION} | {name: getattr(run, name) for name in Pending._fields}
    return json.dumps(facts, indent=1).encode()


def load(git_dir: str, session: str) -> Pending | None:
    """The session's run in progress, if there is one.

    Raises:
        SddError: the facts cannot be read, or were written by a newer sdd.
    """
    path = Path(folder(git_dir, session), "run.json")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    import json  # 1 ms, only where a run is in progress

    try:
        facts = json.loads(data)
        version = facts.pop("version")
        if version != VERSION:
            raise SddError(
                f"{path} is of version {version}, which this sdd does not know",
                hint="use the sdd that wrote it",
            )
        rows = {key: tuple(tuple(row) for row in facts[key]) for key in ("sources", "wrote")}
        return Pending(
            **(facts | rows | {"writes": tuple(facts["writes"]), "said": tuple(facts.get("said", ()))})
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SddError(
            f"{path} cannot be read: {error}", hint=f"drop the run with `sdd next {session} --drop`"
        ) from error


def sessions(git_dir: str) -> list[str]:
    """The sessions with a run in progress, by name."""
    found = Path(git_dir, "sdd", "pending")
    return sorted(unquote(path.parent.name) for path in found.glob("*/run.json"))


def keep_response(git_dir: str, run: Pending, text: str) -> Pending:
    """Keep a response (text that UTF-8 can hold), verbatim, before anything is made of it."""
    disk.write(str(Path(folder(git_dir, run.session), "response.md")), text.encode())
    answered = run.replace(stage=ANSWERED)
    save(git_dir, answered)
    return answered


def response(git_dir: str, session: str) -> str:
    """The response of a run in progress."""
    return Path(folder(git_dir, session), "response.md").read_bytes().decode()


def prompt(git_dir: str, session: str) -> str:
    """The prompt of a run in progress."""
    return Path(folder(git_dir, session), "prompt.md").read_bytes().decode()


def partial_path(git_dir: str, session: str) -> str:
    """The file that a response is appended to as it comes."""
    return str(Path(folder(git_dir, session), "partial.md"))


def partial(git_dir: str, session: str) -> str:
    """What has come of a response that did not end."""
    path = Path(partial_path(git_dir, session))
    return path.read_bytes().decode("utf-8", "replace") if path.exists() else ""


def drop(git_dir: str, session: str) -> None:
    """Forget a run in progress, at once: it stands in the session's file, or a person wants it gone."""
    old = _aside(git_dir)
    with suppress(FileNotFoundError):
        Path(folder(git_dir, session)).rename(old)
    disk.remove_folder(str(old))


def raw_name(time: str, prompt: str) -> str:
    """A free name for a provider's data: the run's time, its prompt's hash, and a part that no other run has."""
    return f"{time.replace(':', '')}-{prompt[:12]}-{os.urandom(4).hex()}.json"
