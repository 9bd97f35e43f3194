"""Owns a server on 127.0.0.1 that speaks the Messages API over real HTTP, as a script tells it.

    with MessagesApi([Reply("Hello"), Fault(529), Reply("Bye", then="cut")]) as api:
        ...  # ANTHROPIC_BASE_URL=api.url ANTHROPIC_API_KEY=dummy-key; afterwards: api.requests

Each POST /v1/messages takes the next step of the script; a function of the request serves where the number of
requests is not known. After the last step every request fails loudly. The form of the events is the real API's
(anthropic 2.11.0, types/raw_*_event.py). To count tokens is no step: the answer is `tokens`, or what `counting` says.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self


@dataclass(frozen=True)
class Reply:
    """A streamed answer of `pieces` pieces; `then` breaks it after `after` of them (all, unless told)."""

    text: str = "ok"
    pieces: int = 2
    then: Literal["stop", "cut", "end", "stall", "error", "garbage"] = "stop"
    after: int | None = None
    error_type: str = "overloaded_error"
    stop_reason: str = "end_turn"
    model: str | None = None  # the one asked for
    input_tokens: int = 100
    output_tokens: int = 50
    cache_read: int | None = None
    cache_write: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Sequence[bytes] = ()  # raw lines of the stream, sent before the text
    tools: Sequence[tuple[str, Mapping[str, object]]] = ()  # calls of tools after the text: name and input


@dataclass(frozen=True)
class Fault:
    """An answer that is none: the API's own error, or `body` as it stands."""

    status: int = 500
    error_type: str = "api_error"
    message: str = "scripted"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "application/json"
    silent: bool = False  # never answers


@dataclass(frozen=True)
class Seen:
    """A request as it came; the names of headers in lower case."""

    path: str
    headers: Mapping[str, str]
    body: Any


Step = Reply | Fault
_CALLS = itertools.count()
Script = Sequence[Step] | Callable[[Seen], Step]


class MessagesApi:
    """The server, for as long as the `with` lasts."""

    def __init__(self, script: Script = (), *, tokens: int = 1000, counting: Fault | None = None) -> None:
        self.requests: list[Seen] = []
        self.counted: list[Seen] = []
        self.counting = counting or Fault(200, body=json.dumps({"input_tokens": tokens}).encode())
        self.stopping = threading.Event()
        self._script = script
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """What goes into ANTHROPIC_BASE_URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def step(self, seen: Seen) -> Step:
        """Note the request and say what to do with it."""
        with self._lock:
            self.requests.append(seen)
            if callable(self._script):
                return self._script(seen)
            if len(self.requests) <= len(self._script):
                return self._script[len(self.requests) - 1]
        message = f"the script has {len(self._script)} steps, this is request {len(self.requests)}"
        return Fault(500, message=message, headers={"x-should-retry": "false"})


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close() waits for them
    api: MessagesApi


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        pass

    def do_POST(self) -> None:
        self.close_connection = True
        raw = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.path, headers, json.loads(raw))
        try:
            if self.path.startswith("/v1/messages/count_tokens"):
                self.server.api.counted.append(seen)
                self._whole(self.server.api.counting)
                return
            match self.server.api.step(seen):
                case Reply() as reply:
                    self._stream(reply, str(seen.body["model"]))
                case Fault() as fault:
                    self._whole(fault)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client had enough, which is part of some tests

    def _whole(self, fault: Fault) -> None:
        if fault.silent:
            self.server.api.stopping.wait()
            return
        error = {"type": "error", "error": {"type": fault.error_type, "message": fault.message}}
        body = json.dumps(error).encode() if fault.body is None else fault.body
        headers = {"content-type": fault.content_type, "content-length": str(len(body)), **fault.headers}
        self._head(fault.status, headers)
        self.wfile.write(body)

    def _stream(self, reply: Reply, model: str) -> None:
        stream = {"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"}
        self._head(200, {**stream, "request-id": "req_fake", **reply.headers})
        for event in _events(reply, reply.model or model):
            self._chunk(event)
        if reply.then == "stall":
            self.server.api.stopping.wait()
        elif reply.then != "cut":  # without its last chunk a body counts as cut
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()


def _events(reply: Reply, model: str) -> Iterator[bytes]:
    """The stream's events up to where the reply breaks."""
    usage: dict[str, int | None] = {"input_tokens": reply.input_tokens, "output_tokens": 1}
    usage |= {"cache_read_input_tokens": reply.cache_read, "cache_creation_input_tokens": reply.cache_write}
    message = {"id": "msg_fake", "type": "message", "role": "assistant", "model": model, "content": []}
    yield _event("message_start", message={**message, "stop_reason": None, "usage": usage})
    yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    yield _event("ping")
    yield from reply.extra
    for piece in _pieces(reply)[: reply.after]:
        yield _event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    if reply.then == "error":
        yield _event("error", error={"type": reply.error_type, "message": "scripted"})
    elif reply.then == "garbage":
        yield b"data: {no JSON\n\n"
    elif reply.then == "stop":
        yield _event("content_block_stop", index=0)
        yield from _tool_calls(reply)
        delta = {"stop_reason": "tool_use" if reply.tools else reply.stop_reason, "stop_sequence": None}
        yield _event("message_delta", delta=delta, usage={"output_tokens": reply.output_tokens})
        yield _event("message_stop")


def _tool_calls(reply: Reply) -> Iterator[bytes]:
    """A block for each call; no two calls of a server's life have the same id."""
    for index, (name, given) in enumerate(reply.tools, 1):
        block = {"type": "tool_use", "id": f"toolu_{next(_CALLS):06}", "name": name, "input": {}}
        yield _event("content_block_start", index=index, content_block=block)
        delta = {"type": "input_json_delta", "partial_json": json.dumps(given)}
        yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)


def _pieces(reply: Reply) -> list[str]:
    size = max(1, -(-len(reply.text) // reply.pieces))
    return [reply.text[start : start + size] for start in range(0, len(reply.text), size)]


def _event(kind: str, **fields: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()
