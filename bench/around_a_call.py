"""What `sdd next` adds to a call of the Messages API: beside a Python that sends the same prompt by the same SDK, and streams the answer."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import rmtree

from bench.contest import Contest, Row, at_most
from bench.ground import Ground
from bench.packed import git
from bench.shop import TOKEN, Size, make, open_tasks

SESSIONS = 10
ANSWER_S, PIECES = 1.0, 20
"""How long an answer takes from its first byte to its last, and in how many pieces of text it comes."""
TICKED = ["quantities below one are refused", "the sum is in one currency"]
"""What the sessions of `bench.shop` have on their checklist."""
BY_HAND = """
import sys
import anthropic
with open(sys.argv[1], encoding="utf-8") as file:
    prompt = file.read()
message = {"role": "user", "content": prompt}
with anthropic.Anthropic().messages.stream(model="claude-sonnet-5-5", max_tokens=32000, messages=[message]) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
"""

UNCOLLECTED = f"import gc\ngc.disable()\n{BY_HAND}\ngc.freeze()\n"
"""The same, which spares the SDK's modules what sdd spares them: to be searched for garbage. Nobody writes it so by hand."""


@contextmanager
def call(ground: Ground, sessions: int) -> Iterator[Contest]:
    """A session carried out, from the command to the record; and the same prompt sent by hand."""
    place, size = ground.folder / f"call-{sessions}", Size.of(sessions)
    if not place.exists():
        half = place.with_suffix(".half")
        make(half, size, ground.code_files)
        half.rename(place)
    session = f"{TOKEN.decode()}/{open_tasks(size)[0]}"
    prompt = ground.folder / "prompt.txt"
    prompt.write_text(ground.sdd.said("sdd", "prompt", session, place=place), "utf-8")
    with _answering(_response(f"src/{session}.py")) as url:
        env = {
            "SDD_PROVIDER": "anthropic",
            "ANTHROPIC_API_KEY": "made-for-a-bench",
            "ANTHROPIC_BASE_URL": url,
        }
        floor, measured = "the same call by hand", "sdd next by the Messages API, 1 s"
        bare = f"{floor}, without garbage collection"
        commands = {
            floor: ground.command(place, "python", "-c", BY_HAND, str(prompt), env=env),
            bare: ground.command(place, "python", "-c", UNCOLLECTED, str(prompt), env=env),
            measured: ground.command(place, "sdd", "next", session, env=env)._replace(
                before=lambda: _afresh(place)
            ),
        }
        try:
            yield Contest(commands, (Row(measured, floor, at_most((SESSIONS, 1.05))), Row(measured, bare)))
        finally:
            _afresh(place)


def _afresh(place: Path) -> None:
    """The project as it was before the session ran, and nothing remembered of a conversation."""
    git(place, "reset", "-q", "--hard")
    git(place, "clean", "-q", "-d", "-f")
    for path in (place / ".git" / "sdd").glob("conversations.sqlite*"):
        if path.is_dir():
            rmtree(path)
        else:
            path.unlink()


def _response(path: str) -> str:
    block = (
        f'outcome = "done"\nconfidence = 0.97\nsummary = "It is made."\nchecklist = {json.dumps(TICKED)}\n'
    )
    return f"```python path={path}\nANSWER = 42\n```\n\n```toml sdd-response\n{block}```\n"


@contextmanager
def _answering(text: str) -> Iterator[str]:
    """A server on 127.0.0.1 that streams this text to whoever asks; its address."""
    size = -(-len(text) // PIECES)
    pieces = [text[start : start + size] for start in range(0, len(text), size)]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            pass

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.close_connection = True
            self.send_response(200)
            for name, value in (("content-type", "text/event-stream"), ("connection", "close")):
                self.send_header(name, value)
            self.end_headers()
            for event in _events(pieces):
                self.wfile.write(event)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _events(pieces: list[str]) -> Iterator[bytes]:
    """The events of an answer, in the time that it takes."""
    usage = {"input_tokens": 100, "output_tokens": 1}
    message = {
        "id": "msg",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "content": [],
    }
    yield _event("message_start", message={**message, "stop_reason": None, "usage": usage})
    yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for piece in pieces:
        time.sleep(ANSWER_S / len(pieces))
        yield _event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    yield _event("content_block_stop", index=0)
    yield _event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 50})
    yield _event("message_stop")


def _event(kind: str, **fields: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()
