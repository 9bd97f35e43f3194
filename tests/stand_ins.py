"""Owns programs that stand in for agents: real processes on the search path that say what a test wrote down for them.

bin = StandIns(tmp_path)
bin.put("codex", Says(out=['{"type": ...}']))
...  # with bin.environ; afterwards: bin.seen("codex").argv
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = """\
import json, os, pathlib, signal, sys, time
home = pathlib.Path({home!r})
if sys.argv[1:] == ["--version"]:
    says = json.loads((home / "says.json").read_text())
    time.sleep(says["version_takes_s"])
    print(says["version"])
    sys.exit(says["version_code"])
says = json.loads((home / "says.json").read_text())
words = sys.argv[1:]
files = {{word: open(word).read() for word in words if os.path.isfile(word) and word.endswith("prompt.md")}}
# Whoever waits for a prompt that does not come would wait for ever: so the stand-in reads to the end, as agents do.
seen = {{"argv": words, "stdin": sys.stdin.read(), "cwd": os.getcwd(), "env": dict(os.environ), "files": files}}
(home / "seen.json").write_text(json.dumps(seen))
for word, text in says["writes"].items():
    pathlib.Path(words[int(word)]).write_text(text)
for name, text in says["leaves"].items():
    pathlib.Path(name).write_text(text)
sys.stderr.write(says["err"])
sys.stderr.flush()
for line in says["out"]:
    os.write(1, line.encode("utf-8", "surrogateescape") + says["end"].encode())
if says["then"] == "stall":
    time.sleep(60)
if says["then"] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
if says["then"] == "chatter":
    for _ in range(600):
        print(json.dumps({{"type": "error", "message": "waiting for network"}}), flush=True)
        time.sleep(0.1)
sys.exit(says["code"])
"""


@dataclass(frozen=True)
class Says:
    """What a stand-in does: lines of output, standard error, how it ends; `writes` into the file that the n-th word names."""

    out: Sequence[str] = ()
    err: str = ""
    code: int = 0
    then: str = "exit"
    end: str = "\n"
    writes: Mapping[str, str] = field(default_factory=dict)
    leaves: Mapping[str, str] = field(default_factory=dict)
    version: str = "9.8.7"
    version_takes_s: float = 0.0
    version_code: int = 0


@dataclass(frozen=True)
class Seen:
    """How it was called the last time."""

    argv: list[str]
    stdin: str
    cwd: str
    env: dict[str, str]
    files: dict[str, str]


class StandIns:
    """A folder of programs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "bin"
        self.folder.mkdir(parents=True)

    def put(self, name: str, says: Says | None = None) -> Path:
        """A program of that name that says this from now on; its path."""
        home = self.folder / f"{name}.d"
        home.mkdir(exist_ok=True)
        (home / "says.json").write_text(json.dumps(asdict(says or Says())))
        script = home / "program.py"
        script.write_text(PROGRAM.format(home=str(home)))
        if os.name == "nt":
            path = self.folder / f"{name}.cmd"
            path.write_text(f'@"{sys.executable}" "{script}" %*\n')
        else:
            path = self.folder / name
            path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "{script}" "$@"\n')
            path.chmod(0o755)
        return path

    def seen(self, name: str) -> Seen:
        """How the program was called the last time."""
        told: dict[str, Any] = json.loads((self.folder / f"{name}.d" / "seen.json").read_text())
        return Seen(**told)

    def was_called(self, name: str) -> bool:
        """Whether it was called for anything but its version."""
        return (self.folder / f"{name}.d" / "seen.json").exists()

    @property
    def path(self) -> str:
        """The search path with these programs first."""
        return f"{self.folder}{os.pathsep}{os.environ['PATH']}"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the tests, in which these programs are found first."""
        return {**os.environ, "PATH": self.path}
