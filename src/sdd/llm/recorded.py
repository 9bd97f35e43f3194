"""Owns playing recordings: responses that stand in files, for demos and tests; a recording is called one.

The folder named by SDD_RECORDING holds `001-<label>.md`, `002-<label>.md` ...; each is played once, in that
order, whatever the prompt. What was played stands in `.played` beside them, a name a line: delete it to start
again.
"""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sdd.disk import lock, write
from sdd.llm.problems import ProblemError
from sdd.llm.request import Progress

if TYPE_CHECKING:
    from sdd.llm.request import Request, Watch
    from sdd.llm.response import Response

NAME = "recorded"
CONTINUES: Literal["id", "history", "none"] = "none"
EDITS = False
FOLDER = "SDD_RECORDING"
WAIT_S = 10.0  # for another process to play its recording, which takes it milliseconds

_RECORDING = re.compile(r"[0-9]+-.*\.md")


def ready() -> str:
    """See `sdd.llm.providers.Provider`."""
    folder = os.environ.get(FOLDER, "")
    if not folder:
        return (
            f"{FOLDER} names no folder of recordings: export {FOLDER}=<folder with 001-<label>.md, 002-...>"
        )
    if not Path(folder).is_dir():
        return f"{FOLDER} names {folder}, which is no folder: make it, with 001-<label>.md in it"
    return ""


def respond(request: Request, watch: Watch) -> Response:
    """Play the next recording; see `sdd.llm.providers.Provider`.

    Raises:
        ProblemError: SDD_RECORDING names no folder, all of it was played, or a file cannot be read.
        SddError: what was played cannot be noted.
    """
    missing = ready()
    if missing:
        sentence, _, hint = missing.partition(": ")
        raise ProblemError("no_recordings", sentence, hint=hint)
    started, began = datetime.now(UTC), time.monotonic()
    try:
        name, text = _next(Path(os.environ[FOLDER]))
    except (OSError, UnicodeDecodeError) as error:
        raise ProblemError(
            "garbage",
            f"the recordings in {os.environ[FOLDER]} cannot be played: {error}",
            hint=f"make its files readable and UTF-8: ls -l {os.environ[FOLDER]}",
        ) from error
    seconds = time.monotonic() - began
    from sdd.llm.response import Response  # pydantic: 60 ms, which a dry run does without

    watch(Progress(text, None, seconds, None))
    return Response(
        text=text,
        provider=NAME,
        model_asked=request.model,
        model_answered=None,
        conversation=request.conversation,
        usage=None,
        cost=None,
        stop_reason=None,
        partial=False,
        started=started,
        seconds=seconds,
        first_text_seconds=seconds,
        raw={"recording": name},
    )


def _next(folder: Path) -> tuple[str, str]:
    """Name and text of the next recording, which counts as played from here on."""
    memory = folder / ".played"
    with lock(
        f"{memory}.lock", f"the recordings in {folder}", WAIT_S
    ):  # sessions side by side share a folder
        played = memory.read_text("utf-8").splitlines() if memory.exists() else []
        names = (path.name for path in folder.iterdir())
        recordings = sorted((name for name in names if _RECORDING.fullmatch(name)), key=_place)
        left = [name for name in recordings if name not in played]
        if not left:
            raise _exhausted(folder, recordings, len(played))
        text = (folder / left[0]).read_bytes().decode("utf-8")  # as it stands: no line ends translated
        write(str(memory), "".join(f"{name}\n" for name in [*played, left[0]]).encode())
    return left[0], text


def _place(name: str) -> tuple[int, str]:
    return int(name.partition("-")[0]), name


def _exhausted(folder: Path, recordings: list[str], played: int) -> ProblemError:
    number = _place(recordings[-1])[0] + 1 if recordings else 1
    return ProblemError(
        "exhausted",
        f"all recordings in {folder} were played ({played}); the next would be {number:03}-<label>.md",
        hint=f"add {folder / f'{number:03}-<label>.md'}, or start again: rm {folder / '.played'}",
    )
