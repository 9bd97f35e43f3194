"""The hooks by which an agent asks sdd: those that stand in its settings, and those that a run of ours brings along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.gates.tool_call import EDITS, SHELLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

TOOLS = "|".join([*EDITS, *SHELLS])
HOOKS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "PreToolUse": [
        {
            "matcher": TOOLS,
            "hooks": [
                {"type": "command", "command": "sdd hook pre-tool-use", "timeout": 30, "onFailure": "block"}
            ],
        }
    ],
    "PostToolUse": [
        {
            "matcher": TOOLS,
            "hooks": [{"type": "command", "command": "sdd hook post-tool-use", "timeout": 60}],
        }
    ],
    "Stop": [{"hooks": [{"type": "command", "command": "sdd hook stop", "timeout": 120}]}],
}
"""The groups that go into the agent's settings, by event. Without `onFailure` a hook that cannot start lets the call pass."""
