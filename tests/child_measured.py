"""What each Python started by a test does first when coverage is measured: note which line of sdd follows which.

Run by a .pth file (see children_measured.py). Coverage's own start imports a hundred modules and opens a database, which
takes two to four times as long as most of our commands. This asks the same C code, and leaves a few numbers in a file.
"""

from __future__ import annotations

import atexit
import marshal
import os
import sys
import threading
from importlib.machinery import ExtensionFileLoader, ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, ModuleType

    from coverage.types import TTraceFn

TRACER, SOURCE, FOLDER = os.environ["COVERAGE_OF_CHILDREN"].split(os.pathsep)[1:]


def loaded() -> ModuleType:
    """Coverage's C code, without the package around it."""
    loader = ExtensionFileLoader("coverage.tracer", TRACER)
    module = loader.create_module(ModuleSpec("coverage.tracer", loader, origin=TRACER))
    loader.exec_module(module)
    return module


class Measured:
    """The lines that follow each other, by file, in all threads."""

    def __init__(self) -> None:
        self.code = loaded()
        self.files: dict[str, object] = {}
        self.found: dict[str, set[int]] = {}
        self.lock = threading.Lock()

    def wanted(self, name: str, _frame: FrameType) -> object:
        """Whether a file is ours, in the words of the C code, which asks once for each."""
        answer = self.code.CFileDisposition()
        answer.original_filename = name
        answer.canonical_filename = answer.source_filename = os.path.abspath(name)  # noqa: PTH100 - pathlib takes 5 ms to load
        answer.trace = answer.canonical_filename.startswith(SOURCE)
        answer.reason = ""
        answer.file_tracer = None
        answer.has_dynamic_filename = False
        return answer

    def begin(self) -> TTraceFn:
        """Measure this thread; all that the C code may ask for, as coverage's Collector gives it."""
        tracer = self.code.CTracer()
        tracer.data = self.found
        tracer.lock_data, tracer.unlock_data = self.lock.acquire, self.lock.release
        tracer.trace_arcs = True
        tracer.should_trace, tracer.should_trace_cache = self.wanted, self.files
        tracer.warn = tracer.check_include = tracer.disable_plugin = tracer.switch_context = print
        tracer.concur_id_func = tracer.should_start_context = None
        tracer.file_tracers = {}
        traced: TTraceFn = tracer.start()
        return traced

    def thread(self, frame: FrameType, event: str, arg: object) -> TTraceFn | None:
        """What another thread begins with."""
        sys.settrace(None)
        return self.begin()(frame, event, arg)

    def leave(self) -> None:
        """Write what was found, under a name that no other process has (one that was forked leaves its own)."""
        sys.settrace(None)
        found = {name: list(arcs) for name, arcs in self.found.copy().items() if arcs}
        if found:
            with open(f"{FOLDER}/{os.getpid()}-{os.urandom(8).hex()}", "wb") as file:  # noqa: PTH123 - see above
                marshal.dump(found, file)


if sys.gettrace() is None:  # Python reads a .pth file twice where lib64 is lib
    measured = Measured()
    atexit.register(measured.leave)
    threading.settrace(measured.thread)
    measured.begin()
