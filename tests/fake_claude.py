"""Owns a program that plays Claude Code: real argv, real stdin, real lines, as a script tells it.

    fake = FakeClaude(folder, [answer("Hello"), [line(...), SLEEP, kill(9)]])
    ...  # SDD_CLAUDE=fake.path; afterwards: fake.calls

Each start plays the next of the plays, which is a list of steps; the last one again when there are no more. The forms of the
lines are those of Claude Code 2.1.329, taken from its own output.
"""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Step = Mapping[str, Any]

PROGRAM = r"""#!{python}
import json, os, signal, sys, time
from pathlib import Path

here = Path(__file__).parent
calls = sorted(here.glob("call-*.json"))
plays = json.loads((here / "plays.json").read_text())
play = plays[min(len(calls), len(plays) - 1)]
if sys.argv[1:] == ["--version"]:
    print("2.1.329 (Claude Code)")
    sys.exit(0)
call = {{"argv": sys.argv[1:], "cwd": os.getcwd(), "env": dict(os.environ), "pid": os.getpid()}}

def keep():
    whole = here / f"call-{{len(calls):03}}.json"
    whole.with_suffix(".new").write_text(json.dumps(call))
    whole.with_suffix(".new").replace(whole)

def conversation():
    for name in ("--session-id", "--resume"):
        if name in sys.argv:
            return sys.argv[sys.argv.index(name) + 1]

def out(data):
    while data:
        data = data[os.write(1, data):]

def act(step):
    if "line" in step:
        out(json.dumps(step["line"] | {{"session_id": conversation()}}).encode() + b"\n")
    elif "raw" in step:
        out(step["raw"].encode("latin-1"))
    elif "stderr" in step:
        os.write(2, step["stderr"].replace("<id>", conversation() or "").encode())
    elif "sleep" in step:
        time.sleep(step["sleep"])
    elif "write" in step:
        path = Path(step["write"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step["text"])
    elif "remove" in step:
        Path(step["remove"]).unlink()
    elif "sigint" in step:
        def stopped(*_):
            for one in step["sigint"]:
                act(one)
            sys.exit(0)
        signal.signal(signal.SIGINT, stopped)
    elif "kill" in step:
        os.kill(os.getpid(), step["kill"])
    elif "deaf" in step:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
    elif "exit" in step:
        sys.exit(step["exit"])

keep()
if not any("unread" in step for step in play):
    call["stdin"] = sys.stdin.buffer.read().decode("utf-8", "replace")
    keep()
for step in play:
    act(step)
"""


class FakeClaude:
    """The program in a folder of its own; `path` goes into SDD_CLAUDE."""

    def __init__(self, folder: Path, plays: Sequence[Sequence[Step]]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.path = folder / "claude"
        self.path.write_text(PROGRAM.format(python=sys.executable))
        self.path.chmod(self.path.stat().st_mode | stat.S_IXUSR)
        (folder / "plays.json").write_text(json.dumps(plays))

    @property
    def calls(self) -> list[Any]:
        """Each start that is under way: its argv, cwd, env, pid and stdin."""
        return [json.loads(path.read_text()) for path in sorted(self.folder.glob("call-*.json"))]


def line(kind: str, **fields: object) -> Step:
    """A line of stream-json."""
    return {"line": {"type": kind, **fields}}


INIT = line(
    "system", subtype="init", model="claude-sonnet-5-5", claude_code_version="2.1.329", tools=["Read"]
)
START = line(
    "stream_event",
    event={"type": "message_start", "message": {"model": "claude-sonnet-5-5"}},
    parent_tool_use_id=None,
)


def piece(text: str, **fields: object) -> Step:
    """A piece of text, as it comes with --include-partial-messages."""
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
    return line("stream_event", event=delta, **{"parent_tool_use_id": None, **fields})


def said(text: str, model: str = "claude-sonnet-5-5", **fields: object) -> Step:
    """A block of text that is whole. Its usage is that of the message's start, which is wrong."""
    message = {
        "id": "msg_1",
        "model": model,
        "role": "assistant",
        "content": [{"type": "text", "text": text}],
    }
    usage = {"input_tokens": 3, "output_tokens": 1}
    return line("assistant", message={**message, "usage": usage}, **{"parent_tool_use_id": None, **fields})


def share(cost: object = 0.0007, model: str = "claude-sonnet-5-5", **fields: object) -> dict[str, Any]:
    """This run's share of one model."""
    counts = {
        "inputTokens": 100,
        "outputTokens": 50,
        "cacheReadInputTokens": 7,
        "cacheCreationInputTokens": 3,
    }
    return {model: {**counts, "costUSD": cost, "costBasis": "list", **fields}}


def result(text: str | None = "Hello", **fields: object) -> Step:
    """The last line; its totals are those of the whole conversation, which are not this run's."""
    usage = {
        "input_tokens": 100,
        "output_tokens": 50,
        "cache_read_input_tokens": 7,
        "cache_creation_input_tokens": 3,
    }
    told = {
        "subtype": "success",
        "is_error": False,
        "result": text,
        "num_turns": 1,
        "stop_reason": "end_turn",
        "terminal_reason": "completed",
        "api_error_status": None,
        "total_cost_usd": 9.99,
        "usage": usage,
        "modelUsage": share(9.99),
        "permission_denials": [],
        "model_usage_since_last_result": share(),
    }
    return line("result", **{**told, **fields})


def answer(text: str, *before: Step, **fields: object) -> list[Step]:
    """A run that ends well: pieces, the whole text, the result."""
    half = len(text) // 2
    return [INIT, *before, START, piece(text[:half]), piece(text[half:]), said(text), result(text, **fields)]


def failure(text: str, **fields: object) -> list[Step]:
    """A run that the API failed: subtype "success", and a text of Claude Code's own."""
    told = {"is_error": True, "terminal_reason": "api_error", "stop_reason": "stop_sequence"}
    own = said(text, model="<synthetic>", error="unknown")
    return [INIT, own, result(text, **{**told, "model_usage_since_last_result": {}, **fields}), {"exit": 1}]


def sleep(seconds: float) -> Step:
    """Say nothing for so long."""
    return {"sleep": seconds}
