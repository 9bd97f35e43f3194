"""One tool call of an agent, judged before it is made: what it would write, and the words that it may not run.

A speed bump, which tells an agent at once what git's hooks and CI would tell it later. It proves nothing.
"""

from __future__ import annotations

from sdd.gates import code
from sdd.gates.command_line import Target, banned, targets
from sdd.gates.governed import RECORDS, Territory, code_rules, fold, is_trust
from sdd.globs import is_glob, matching
from sdd.snapshot import show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdd.gates.openings import Openings
    from sdd.snapshot import Snapshot

EDITS = {"Edit": "file_path", "MultiEdit": "file_path", "NotebookEdit": "notebook_path", "Write": "file_path"}
"""The tools that write one file, and the key of their input that names it."""
SHELLS = {"Bash": "command"}
"""The tools that run a command, and the key of their input that holds it."""
SWITCHES = frozenset({b".claude/settings.json", b".claude/settings.local.json"})
"""Files that turn this very door on and off."""

_GIT = frozenset({b".git", b"git~1"})
_BY_HAND = "ask a person: they change it in an editor of their own"


class Refusal(Value):
    """Why a tool call may not be made, and the one thing to do next."""

    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.message}\n→ {self.hint}"


class Call(Value):
    """What a tool call would write, as paths were typed, and a refusal of its words where there is one."""

    targets: tuple[Target, ...] = ()
    refusal: Refusal | None = None


def call(tool: str, given: Mapping[str, object]) -> Call:
    """What a tool's input says that it would do; nothing at all for a tool that is in neither table."""
    key = EDITS.get(tool) or SHELLS.get(tool)
    if key is None:
        return Call()
    words = given.get(key)
    if not isinstance(words, str) or not words or "\0" in words:
        return Call(refusal=Refusal(f"{tool} says no {key} that could be judged", f"give {key} as a text"))
    if tool in EDITS:
        return Call((Target(words, exact=True),))
    ban = banned(words)
    if ban is None:
        return Call(tuple(targets(words)))
    told = f"an agent may not run `{ban.words}`, nor a command that holds these words"
    return Call(refusal=Refusal(told, ban.instead))


def paths(path: bytes, target: Target, before: Snapshot) -> list[bytes]:
    """The paths of the tree that a target means, which stands for `path` ("" for the top); a shell's globs count."""
    text = path.decode("utf-8", "surrogateescape")
    if is_glob(text) and not target.exact:
        return matching([text, f"{text}/**"], before.entries) or [path]
    below = before.under(path)
    if target.names and (below or target.path.endswith("/")):
        inside = path + b"/" if path else b""
        return [inside + name.encode("utf-8", "surrogateescape") for name in target.names]
    return below if below and target.deep else [path]


def refusal(path: bytes, openings: Openings) -> Refusal | None:
    """Why an agent may not write this path now, or None. `openings` are the gates of the working tree as it is before.

    Gates that the policy only reports on refuse nothing here either; what is a person's alone stays so.

    Raises:
        SddError: an approval cannot be verified.
    """
    policy = openings.policy
    return _of_a_person(path, openings) or (_of_gates(path, openings) if policy.mode == "enforce" else None)


def _of_a_person(path: bytes, openings: Openings) -> Refusal | None:
    """The refusal of what no agent writes, whatever is open: git's folder, approvals, trust files, this door's switch."""
    name, folded, policy = show(path), fold(path), openings.policy
    if not _GIT.isdisjoint(folded.split(b"/")):
        return Refusal(f"{name} is git's own", "use git's commands, and leave its folder alone")
    if (folded + b"/").startswith(RECORDS):
        told = f"{name} is a record of an approval, which only a person makes"
        return Refusal(told, "ask a person: sdd approve DOCUMENT --gate GATE")
    if folded in SWITCHES:
        return Refusal(f"{name} turns this door on and off, and is no agent's to change", _BY_HAND)
    ours = folded == b".sdd" or folded.startswith(b".sdd/")
    if not ours and not is_trust(policy, path):
        return None
    who = " or ".join(policy.trust.approvers)
    told = f"{name} is a trust file, which an agent may not change; that is up to {who}"
    if policy.trust.proof == "merged":
        return Refusal(told, f"ask {who}: a person changes it, and has it merged into the protected branch")
    return Refusal(told, f"ask {who}: a person changes it, then: sdd approve {name} --gate trust")


def _of_gates(path: bytes, openings: Openings) -> Refusal | None:
    """The refusal of governed code whose gates are shut or that nothing approved grants, and of names like another's."""
    alike = Territory(openings.policy).look_alike(path)
    if alike:
        told = f"{show(path)} is {alike} on macOS or Windows, but another file in git"
        return Refusal(told, "choose a name that differs in more than its letters' case")
    if not code_rules(openings.policy, path):
        return None
    found = code.findings(openings, openings, [path], None)
    return next((Refusal(one.message, one.hint) for one in found), None)
