"""The agent's doors: `sdd hook pre-tool-use`, `post-tool-use` and `stop`, in the protocol of Claude Code's hooks.

A call comes as JSON on standard input, the answer goes as JSON to standard output. Measured with its version 2.1: other
exit codes than 0 and 2, and output that is no JSON, let a call pass. So what cannot be judged is denied in both ways.
"""
# ruff: noqa: PTH109 - pathlib costs a hook 10 ms

from __future__ import annotations

import os

from sdd.doors.clones import Clones, in_clones, places, repositories, sound, untold
from sdd.errors import CANNOT_TELL, YES, SddError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from sdd.findings import Finding
    from sdd.gates.command_line import Target
    from sdd.gates.judgement import Judgement
    from sdd.gates.tool_call import Refusal
    from sdd.repository import Repository

    Payload = Mapping[str, Any]
    Answer = Mapping[str, object]

MOST = 20  # findings told at once
PROJECT = "CLAUDE_PROJECT_DIR"  # where the agent was started; the payload's `cwd` follows its `cd`
REFUSED = "sdd: a commit of the working tree as it is now would be refused."
REPORTED = 'sdd: not enforced, since the policy says mode = "report":'


def run(name: str, argv: Iterable[str] = ()) -> int:
    """Judge at the door of that name (one of `DOORS`); the exit code. Arguments mean nothing here.

    0 with nothing on standard output lets pass, 0 with JSON says no; 2, with JSON too and words on standard error, says
    no because nothing could be told.
    """
    del argv
    try:
        answer = DOORS[name](_payload())
        if answer:
            _write(1, _json(answer))
    except SddError as error:
        return _cannot_tell(name, "\n→ ".join(filter(None, (error.message, error.hint))))
    except Exception:  # noqa: BLE001 - a bug must not open a door
        import traceback

        return _cannot_tell(name, f"this is a bug in sdd, and nothing passes it\n{traceback.format_exc()}")
    return YES


def before_tool(payload: Payload) -> Answer:
    """Deny a tool call that would write what may not be written now, or that runs what only a person may."""
    from sdd.gates.tool_call import call

    tool, given = payload.get("tool_name"), payload.get("tool_input")
    if not isinstance(tool, str) or not isinstance(given, dict):
        raise SddError("the hook was given no tool_name or no tool_input", hint="update sdd, or the agent")
    asked = call(tool, given)
    if not asked.targets and asked.refusal is None:
        return {}
    starts = _starts(payload)
    clones = Clones(starts)
    found = asked.refusal if clones.near else None
    for target in asked.targets:
        found = found or _refusal(target, starts[0], clones)
    return _denial(str(found)) if found else {}


def after_tool(payload: Payload) -> Answer:
    """Tell what is wrong with the working tree after a tool call, each thing once in a conversation."""
    conversation = str(payload.get("session_id", ""))
    refused: list[Finding] = []
    reported: list[Finding] = []
    for repository, judged in _judged(payload):
        new = untold(repository, conversation, judged.findings)
        (refused if judged.enforced else reported).extend(new)
    if refused:
        return _block(_listed(REFUSED, refused))
    return {"systemMessage": _listed(REPORTED, reported)} if reported else {}


def at_stop(payload: Payload) -> Answer:
    """Send the agent back where the working tree would be refused, but not twice in a row."""
    if payload.get("stop_hook_active"):
        return {}
    found = [one for _, judged in _judged(payload) if not judged.passes for one in judged.findings]
    return _block(_listed(REFUSED, found)) if found else {}


DOORS = {"pre-tool-use": before_tool, "post-tool-use": after_tool, "stop": at_stop}
"""The doors by the names that `sdd hook` knows; each gives what to answer, nothing where the call may pass."""


def _payload() -> Payload:
    import json
    import sys

    try:
        told = json.loads(sys.stdin.buffer.read())
    except ValueError as error:
        raise SddError(
            f"what the hook was given is no JSON: {error}", hint="update sdd, or the agent"
        ) from error
    if not isinstance(told, dict):
        raise SddError("what the hook was given is no JSON object", hint="update sdd, or the agent")
    return told


def _starts(payload: Payload) -> list[str]:
    """The folders that the agent works in: where it is now, and where it was started."""
    folder = payload.get("cwd") or os.getcwd()
    if not isinstance(folder, str):
        raise SddError(
            f"the hook was given no folder as cwd, but {folder!r}", hint="update sdd, or the agent"
        )
    return [os.path.realpath(sound(one)) for one in (folder, os.environ.get(PROJECT, "")) if one]


def _refusal(target: Target, cwd: str, clones: Clones) -> Refusal | None:
    from sdd.gates.tool_call import paths, refusal

    judged = (
        refusal(one, clone.openings)
        for place in places(target.path, cwd)
        for clone, path in in_clones(place, clones)
        for one in paths(path, target, clone.tree)
    )
    return next(filter(None, judged), None)


def _judged(payload: Payload) -> Iterator[tuple[Repository, Judgement]]:
    """What is wrong with the step from HEAD to the working tree, wherever the agent works and sdd is."""
    import time

    from sdd.gates.local import unstaged

    for repository in repositories(_starts(payload)):
        found = unstaged(repository, now_epoch=int(time.time()))
        if found is not None:
            yield repository, found.found


def _listed(head: str, found: list[Finding]) -> str:
    lines = [f"{one}\n  → {one.hint}".replace("\n", "\n  ") for one in found[:MOST]]
    more = [f"and {len(found) - MOST} more"] if len(found) > MOST else []
    return "\n".join([head, *lines, *more])


def _denial(reason: str) -> Answer:
    told = {
        "hookEventName": "PreToolUse",
        "permissionDecision": "deny",
        "permissionDecisionReason": f"sdd: {reason}",
    }
    return {"hookSpecificOutput": told}


def _block(reason: str) -> Answer:
    return {"decision": "block", "reason": reason}


def _cannot_tell(name: str, why: str) -> int:
    """Say no in both ways that are understood: the exit code with words, and the answer."""
    told = f"sdd cannot judge this, so it is refused: {why}"
    _write(2, told + "\n")
    try:
        _write(1, _json(_denial(why) if name == "pre-tool-use" else _block(told)))
    except OSError:  # nobody reads it; the exit code says the same
        return CANNOT_TELL
    return CANNOT_TELL


def _json(answer: Answer) -> str:
    import json

    return json.dumps(answer)


def _write(stream: int, text: str) -> None:
    with open(stream, "wb", closefd=False) as file:
        file.write(text.encode("utf-8", "backslashreplace"))
