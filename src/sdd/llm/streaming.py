"""Owns an answer that is read while it comes: an iterator over its text, with the response in the end.

A provider tells a watcher; a reader asks for the next piece. So the call runs in a thread of its own, and what it tells waits here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Self

from sdd.errors import SddError
from sdd.llm.problems import CutError
from sdd.llm.request import Progress, Watch

if TYPE_CHECKING:
    from sdd.llm.response import Response

ENDING_S = 2.0


class Stream:
    """The pieces of an answer's text, in their order; `response` is all of it.

    `progress` is what was told last: tokens, seconds, cost. An error of the call is raised where its text ends. `close`, which the
    end of a `with` calls, stops the call with its next piece, or at its limit of silence; what came until then is a response.
    """

    def __init__(self, call: Callable[[Watch], Response]) -> None:
        self.progress: Progress | None = None
        self._call = call
        self._queue: SimpleQueue[Progress | None] = SimpleQueue()
        self._stopping = threading.Event()
        self._response: Response | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)  # a reader that exits waits for nobody
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        """The next piece of text.

        Raises:
            ProblemError: as `sdd.llm.prompt`, once the text that came has been read.
        """
        while not self._stopping.is_set():
            progress = self._queue.get()
            if progress is None:
                self._queue.put(None)  # for whoever asks again
                return self._ended()
            self.progress = progress
            if progress.text:
                return progress.text
        raise StopIteration

    def close(self) -> None:
        """Read no further, and have the call stop; nothing happens where it has ended."""
        self._stopping.set()
        self._thread.join(ENDING_S)

    @property
    def response(self) -> Response:
        """The whole response; waits for the end of the call. After `close`, or an error, what had come, which is `partial`.

        Raises:
            ProblemError: nothing came.
        """
        self._thread.join()
        if self._response is not None:
            return self._response
        if self._error is None or isinstance(self._error, KeyboardInterrupt):
            raise SddError("the call was stopped before anything came", hint="read the stream to its end")
        raise self._error

    def _ended(self) -> str:
        if self._error is not None:
            raise self._error
        raise StopIteration

    def _run(self) -> None:
        try:
            self._response = self._call(self._hear)
        except CutError as error:
            self._error, self._response = error, error.response
        except BaseException as error:  # noqa: BLE001 - it is raised again where the reader asks
            self._error = error
        self._queue.put(None)

    def _hear(self, progress: Progress) -> None:
        self._queue.put(progress)
        if self._stopping.is_set():
            raise KeyboardInterrupt  # as if a person had: a provider keeps then what came
