"""A history on top of a large project: sessions run, code follows its plan, and other work goes on. Every step is honest."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.board import retold
from bench.packed import Commit, extend
from bench.shop import NOW, PROSE, Size, built, open_tasks
from sdd.runs.record import appended, whole
from sdd.sessions.run import Run, file_name

STEP_S = 60  # from one commit to the next
TICKED = ("quantities below one are refused", "the sum is in one currency")


def make(place: Path, size: Size, count: int) -> str:
    """Put so many commits on top of the project at `place`, and pack it anew; the id of the last."""
    return extend(place, commits(place, size, count), "HEAD^0")


def commits(place: Path, size: Size, count: int) -> Iterator[Commit]:
    """The commits, in turn: a session gets a run, approved code changes, something that no gate governs does."""
    work = _Work(place, size)
    kinds = (work.ran, work.coded, work.noted)
    for number in range(count):
        epoch = NOW + STEP_S * (number + 1)
        message, files = kinds[number % len(kinds)](number // len(kinds), epoch)
        yield Commit(message, epoch, files.items())


class _Work:
    """The files of the project as the last commit left them; each kind of step, by its number, gives those it changes."""

    def __init__(self, place: Path, size: Size) -> None:
        self.place = place
        self.size = size
        self._changed: dict[str, bytes] = {}

    def ran(self, number: int, epoch: int) -> tuple[str, Mapping[bytes, bytes]]:
        """A session runs and is done, with its code; or, if it is its turn again, a person sends it back, and so on."""
        feature, slot = self._feature(number)
        slugs = open_tasks(self.size)
        slug = slugs[slot % len(slugs)]
        outcome = "rejected" if slot // len(slugs) % 2 else "done"
        clock = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch))
        run = Run(clock, outcome, provider="manual", answers=1, confidence=0.97, summary="Built.")
        name, code = f"{feature}/{slug}", f"src/{feature}/{slug}.py"
        data = whole(name, run, response=PROSE * 10)
        file = file_name(name, clock, data)
        session, tracker = f"sessions/{name}.md", f"docs/{feature}/tracker.md"
        is_done = outcome == "done"
        text = appended(self._read(session), run.replace(file=file), ticked=TICKED if is_done else ())
        files = {
            f"sessions/{file}": data.decode(),
            session: text,
            tracker: retold(self._read(tracker), slug, "done" if is_done else "ready", code),
        }
        return f"Run {name}", self._put(files | ({code: f'"""Built at {clock}."""\n'} if is_done else {}))

    def coded(self, number: int, epoch: int) -> tuple[str, Mapping[bytes, bytes]]:
        """Code that was built long ago, and that its plan still grants, is improved."""
        feature, slot = self._feature(number)
        slugs = built(self.size)
        path = f"src/{feature}/{slugs[slot % len(slugs)]}.py"
        text = self._read(path).partition("\nIMPROVED")[0]
        return f"Improve {path}", self._put({path: f"{text}\nIMPROVED = {epoch}\n"})

    def noted(self, number: int, epoch: int) -> tuple[str, Mapping[bytes, bytes]]:
        """Something changes that no gate governs, and that sdd never reads."""
        return "Take a note", {f"notes/{number % 100:02}.md".encode(): f"# A note\n\n{epoch}\n".encode()}

    def _feature(self, number: int) -> tuple[str, int]:
        """The feature that a step is about, and how often it was its turn before."""
        slot, which = divmod(number, self.size.features)
        return f"f{which:05}", slot

    def _read(self, path: str) -> str:
        return (self._changed.get(path) or (self.place / path).read_bytes()).decode()

    def _put(self, files: Mapping[str, str]) -> Mapping[bytes, bytes]:
        self._changed |= {path: text.encode() for path, text in files.items()}
        return {path.encode(): text.encode() for path, text in files.items()}
