"""A small real project whose sessions are carried out, and the responses that a model might send."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import projects
from gitbox import GitBox
from sdd.gates.picture import picture
from sdd.llm.request import Progress
from sdd.repository import Repository
from sdd.runs.place import Place
from sdd.sessions.run import Run
from sdd.sessions.session import parse
from sdd.views import tracker

ITEM = "it is so"
FRONT = ("writes: [src/a.py, src/b.py]",)


def begin(box: GitBox, *front: str, commands: Sequence[str] = (), **more: str) -> None:
    """Make a project with one session, `01-a`; `front` is its front matter, `commands` verify it, `more` are as in projects.

    The same project is made once and then copied: 60 ms against 8.
    """
    session = projects.session("implementation", *(front or FRONT))
    listed = ", ".join(json.dumps(command) for command in commands)
    toml = f"format = 1\n[verify]\ncommands = [{listed}]\nfixes = 1\n"
    files = projects.files(**{"sessions__01-a": session, **more})
    files |= {b"sdd.toml": toml.encode(), b".gitignore": b"__pycache__\n"}
    name = hashlib.sha256(
        repr((box.git("rev-parse", "--show-object-format"), sorted(files.items()))).encode()
    ).hexdigest()
    made = box.path.parent.parent / "made" / name
    if made.exists():
        shutil.rmtree(box.path)
        shutil.copytree(made, box.path)
        return
    for path, data in files.items():
        box.write(path, data)
    settle(box)
    box.git("config", "user.email", projects.ALICE)
    box.commit("Begin")
    shutil.copytree(box.path, made)


def settle(box: GitBox) -> None:
    """Write the trackers."""
    for path, data in tracker.trackers(picture(Repository.find(str(box.path)).working_tree())).items():
        box.write(path, data)


def place(box: GitBox, told: list[str] | None = None, **environ: str) -> Place:
    """The place to call the runs' own functions in; what is said is added to `told`."""
    said: list[str] = [] if told is None else told

    def watch(progress: Progress) -> None:
        said.append(progress.text)

    return Place(Repository.find(str(box.path)), {**os.environ, **environ}, said.append, watch)


def file(path: str, text: str) -> str:
    """A whole file as a response has it."""
    return f"````text path={path}\n{text}````\n\n"


def response(*files: str, outcome: str = "done", confidence: float = 0.97, **block: object) -> str:
    """A response with these files (see `file`) and a block; `block` replaces its keys."""
    keys = {
        "outcome": outcome,
        "confidence": confidence,
        "summary": "It is made.",
        "checklist": [ITEM],
        **block,
    }
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
    return f"{''.join(files)}```toml sdd-response\n{lines}```\n"


BOTH = response(file("src/a.py", "A = 1\n"), file("src/b.py", "B = 2\n"), lessons=["b comes after a"])


def recorded(folder: Path, *responses: str) -> dict[str, str]:
    """The environment in which the provider `recorded` plays these responses."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(responses, 1):
        (folder / f"{number:03}-r.md").write_bytes(text.encode())
    return {"SDD_PROVIDER": "recorded", "SDD_RECORDING": str(folder)}


def runs(box: GitBox, name: str = "01-a") -> tuple[Run, ...]:
    """The runs that a session's file shows."""
    path = f"sessions/{name}.md"
    return parse(path.encode(), box.read_bytes(path)).runs


def wholes(box: GitBox, name: str = "01-a") -> list[str]:
    """The files of a session's whole runs, in the order of the runs."""
    return [box.read(f"sessions/{run.file}") for run in runs(box, name) if run.file]


def findings(box: GitBox) -> list[str]:
    """What `sdd check` has to say, trackers included."""
    seen = picture(Repository.find(str(box.path)).working_tree())
    return [str(finding) for finding in (*seen.project.findings(), *tracker.findings(seen))]


TIMES = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "TIME"),
    (re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{12}"), "RUN"),
    (re.compile(r"code (\d+), [\d.]+ s\)"), r"code \1)"),
    (re.compile(r"blob [0-9a-f]{40}"), "blob"),
    (re.compile(r'conversation = "[0-9a-f-]{36}"'), "conversation"),
    (re.compile(r"seconds = \d+"), "seconds"),
)


def tree(box: GitBox) -> Mapping[str, str]:
    """All files of a project by path, without what differs from one minute to the next."""
    listed = box.git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")[:-1]
    return {_timeless(path): _timeless(box.read(path)) for path in listed if (box.path / path).exists()}


def _timeless(text: str) -> str:
    for pattern, word in TIMES:
        text = pattern.sub(word, text)
    return text


def left_behind(box: GitBox) -> list[str]:
    """Temporary files and runs in progress, anywhere."""
    found = [*box.path.rglob(".sdd-*"), *(box.path / ".git" / "sdd" / "pending").glob("*")]
    return [str(path.relative_to(box.path)) for path in found]
