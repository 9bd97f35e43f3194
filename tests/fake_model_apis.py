"""Owns a server on 127.0.0.1 that speaks to agents as their models do: OpenAI's Responses and Chat Completions, Gemini's.

    with ModelApis() as apis:
        apis.status = 401  # from here on every request is refused
        ...  # afterwards: apis.requests

Each request is answered with "forty-two N", N counting from 1, and with 90 tokens in (30 of them cached) and 10 out. The
forms of the streams are those that codex 0.171.0, opencode 1.18.33 and gemini 0.61.0 were seen to take.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class ModelApis:
    """The server, for as long as the `with` lasts."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.status = 200
        self.stalls = False
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.apis = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """Where it listens."""
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


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # an agent that is ended may leave a connection open
    apis: ModelApis


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        pass

    def do_GET(self) -> None:
        self._whole(200, {"object": "list", "data": [], "models": []})

    def do_POST(self) -> None:
        apis = self.server.apis
        apis.requests.append(self.rfile.read(int(self.headers.get("content-length", 0))).decode())
        if apis.status != 200:
            error = {
                "message": "Incorrect API key provided",
                "type": "invalid_request_error",
                "code": "invalid_api_key",
            }
            self._whole(apis.status, {"error": error})
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        try:
            for event in _events(self.path, len(apis.requests)):
                self.wfile.write(event.encode())
                self.wfile.flush()
                if apis.stalls:
                    apis.stopping.wait(60)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the agent was ended, which is part of some tests

    def _whole(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _events(path: str, number: int) -> Iterator[str]:
    if path.endswith("/responses"):
        return _responses(number)
    return _gemini(number) if "GenerateContent" in path else _chat(number)


def _responses(number: int) -> Iterator[str]:
    text = {"type": "output_text", "text": f"forty-two {number}"}
    item = {"type": "message", "role": "assistant", "id": f"msg_{number}", "content": [text]}
    usage = {
        "input_tokens": 90,
        "input_tokens_details": {"cached_tokens": 30},
        "output_tokens": 10,
        "total_tokens": 100,
    }
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {"id": f"resp_{number}"}},
        {"type": "response.output_item.done", "item": item},
        {"type": "response.completed", "response": {"id": f"resp_{number}", "usage": usage}},
    ]
    for event in events:
        yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"


def _chat(number: int) -> Iterator[str]:
    usage = {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100}
    usage_told = {"usage": {**usage, "prompt_tokens_details": {"cached_tokens": 30}}}
    steps: list[tuple[dict[str, str], str | None, dict[str, Any]]] = [
        ({"role": "assistant", "content": "forty-"}, None, {}),
        ({"content": f"two {number}"}, None, {}),
        ({}, "stop", usage_told),
    ]
    for delta, reason, more in steps:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        chunk = {
            "id": f"c{number}",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [choice],
        }
        yield f"data: {json.dumps({**chunk, **more})}\n\n"
    yield "data: [DONE]\n\n"


def _gemini(number: int) -> Iterator[str]:
    usage = {
        "promptTokenCount": 90,
        "candidatesTokenCount": 10,
        "totalTokenCount": 100,
        "cachedContentTokenCount": 30,
    }
    for text, reason in (("forty-", None), (f"two {number}", "STOP")):
        candidate = {
            "index": 0,
            "content": {"role": "model", "parts": [{"text": text}]},
            "finishReason": reason,
        }
        event = {"candidates": [{key: value for key, value in candidate.items() if value is not None}]}
        yield f"data: {json.dumps({**event, 'usageMetadata': usage})}\r\n\r\n"
