"""The policy, `.sdd/policy.toml`: which gates there are, who opens them, what proof it takes, which code needs them.

Read strictly: whatever is not understood is an error, because a policy that is half understood is a way past a gate.
"""

from __future__ import annotations

from sdd.errors import SddError
from sdd.findings import nearest
from sdd.gates import policy_form
from sdd.gates.approval import is_email, is_gate_name, is_tree_path, quoted, table_of
from sdd.snapshot import show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from sdd.snapshot import Snapshot

PATH = b".sdd/policy.toml"
LARGEST = 1 << 20  # bytes
TRUST = "trust"  # the gate of the trust files, whose approvers are those of [trust]
DOCS, FEATURE, SESSION = "{docs}", "{feature}", "{session}"


class Gate(Value):
    """One gate. `documents` are patterns with `{docs}`, `{feature}` and `{session}`; `refs` patterns of full names."""

    name: str
    documents: tuple[str, ...]
    approvers: tuple[str, ...]
    approvals: int = 1
    proof: str = "ssh"
    after: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    former: tuple[str, ...] = ()


class Trust(Value):
    """Who may change the trust files: `.sdd/` (approvals apart) and those that `files` (globs) names."""

    approvers: tuple[str, ...]
    proof: str = "ssh"
    files: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    approvals: int = 1


class Code(Value):
    """Governed code: `paths` are globs, `requires` sets of gates of which one must be open."""

    paths: tuple[str, ...]
    requires: tuple[tuple[str, ...], ...]
    within_writes: bool = True


class Policy(Value):
    """The whole policy; `protected` are full names of branches."""

    version: int
    project: str
    protected: tuple[str, ...]
    mode: str
    gates: Mapping[str, Gate]
    trust: Trust
    code: tuple[Code, ...] = ()

    def gate(self, name: str) -> Gate | None:
        """The gate of this name; `trust` is the gate of the trust files, whose documents are those files themselves."""
        if name == TRUST:
            rule = self.trust
            return Gate(TRUST, (), rule.approvers, rule.approvals, rule.proof, former=rule.former)
        return self.gates.get(name)


class PolicyError(SddError):
    """The policy cannot be read; `problems` are all that is wrong with it, each with its key."""

    def __init__(self, path: bytes, problems: Sequence[str]) -> None:
        super().__init__(
            f"{show(path)} cannot be read: {'; '.join(problems)}",
            hint="correct it as docs/reference/policy.md says; until then nothing passes",
        )
        self.problems = tuple(problems)


def read(data: bytes, path: bytes = PATH) -> Policy:
    """The policy in a file's bytes.

    Raises:
        PolicyError: it is no TOML, or a key is unknown, missing, of a wrong type or in contradiction with another.
    """
    parsed = table_of(data, LARGEST)
    if isinstance(parsed, str):
        raise PolicyError(path, [parsed])
    problems: list[str] = []
    table = policy_form.fields(parsed, policy_form.POLICY, "", problems)
    gates = table.pop("gates", {}).items()
    trust = table.pop("trust", {})
    code = table.pop("code", ())
    policy = Policy(
        version=table.get("version", 1),
        project=table.get("project", ""),
        protected=table.get("protected", ()),
        mode=table.get("mode", "enforce"),
        gates={name: _gate(name, value, problems) for name, value in gates},
        trust=Trust(**{"approvers": ()} | policy_form.fields(trust, policy_form.TRUST, "trust", problems)),
        code=tuple(_code(number, value, problems) for number, value in enumerate(code)),
    )
    problems += _contradictions(policy)
    if problems:
        raise PolicyError(path, problems)
    return policy


def of(snapshot: Snapshot) -> Policy:
    """The policy of a snapshot that has one; read anew only where its bytes were not read before.

    Raises:
        PolicyError: it cannot be read.
    """
    if "policy" not in snapshot.found:
        snapshot.found["policy"] = _of(snapshot)
    found: Policy = snapshot.found["policy"]
    return found


def _of(snapshot: Snapshot) -> Policy:
    blob = snapshot.blob(PATH)
    kept = snapshot.verdicts.kept("policy", (blob.encode(),), lambda: _plain(read(snapshot.read(PATH))))
    version, project, protected, mode, gates, trust, code = kept
    return Policy(
        version,
        project,
        protected,
        mode,
        {one[0]: Gate(*one) for one in gates},
        Trust(*trust),
        tuple(Code(*one) for one in code),
    )


def _plain(policy: Policy) -> tuple[object, ...]:
    gates = tuple(one.as_tuple() for one in policy.gates.values())
    code = tuple(one.as_tuple() for one in policy.code)
    head = (policy.version, policy.project, policy.protected, policy.mode)
    return (*head, gates, policy.trust.as_tuple(), code)


def expand(pattern: str, feature: str = "", session: str = "") -> bytes:
    """A document's path: `{docs}` is `docs` for the root feature ("") and `docs/<feature>` for others."""
    filled = {DOCS: f"docs/{feature}" if feature else "docs", FEATURE: feature, SESSION: session}
    text, *parts = pattern.split("{")
    for part in parts:  # from left to right, so that nothing which was filled in is filled once more
        name, closed, rest = part.partition("}")
        known = filled.get(f"{{{name}}}") if closed else None
        text += f"{{{part}" if known is None else f"{known}{rest}"
    return text.encode("utf-8", "surrogateescape")


def documents(gate: Gate, feature: str, session: str = "") -> tuple[bytes, ...]:
    """The paths of a gate's documents for a feature and, where they name one, a session.

    None at all where a placeholder has nothing to fill it, or where what fills it leads elsewhere: such a gate is shut.
    """
    for pattern in gate.documents:
        lacks = (FEATURE in pattern and not feature) or (SESSION in pattern and not session)
        if lacks or not is_tree_path(expand(pattern, feature, session).decode("utf-8", "replace")):
            return ()
    return tuple(dict.fromkeys(expand(pattern, feature, session) for pattern in gate.documents))


def render(policy: Policy) -> str:
    """The policy as TOML, with comments that say what each line means; `read` gives it back."""
    proofs = [f"#   {name:<7} {words}" for name, words in policy_form.PROOFS.items()]
    lines = [
        "# Which gates there are and who opens them. Judged as it stands in the protected branch, never in a proposal.",
        "# What an approval takes (proof):",
        *proofs,
        f"version = {policy.version}",
        f"project = {quoted(policy.project)}  # an approval is worth nothing in another project",
        f"protected = {_list(policy.protected)}  # where trust lives",
        f'mode = {quoted(policy.mode)}  # "report" prints findings and exits 0: not enforced',
    ]
    for gate in policy.gates.values():
        lines += ["", f"[gates.{gate.name}]", f"documents = {_list(gate.documents)}", *_people(gate)]
        lines += [f"after = {_list(gate.after)}  # shut while one of these is"] if gate.after else []
        lines += [f"refs = {_list(gate.refs)}  # made only where this gate is open"] if gate.refs else []
    lines += [
        "",
        "# Who may change .sdd/ (approvals apart) and these files.",
        "[trust]",
        *_people(policy.trust),
    ]
    lines += [f"files = {_list(policy.trust.files)}"]
    for code in policy.code:
        lines += ["", "[[code]]", f"paths = {_list(code.paths)}"]
        lines += [f"requires = [{', '.join(map(_list, code.requires))}]  # any one of these sets of gates"]
        lines += [
            f"within_writes = {str(code.within_writes).lower()}  # only what an approved task or change grants"
        ]
    return "\n".join([*lines, ""])


def _people(rule: Gate | Trust) -> list[str]:
    lines = [
        f"approvers = {_list(rule.approvers)}",
        f"approvals = {rule.approvals}  # distinct approvers with distinct keys",
        f"proof = {quoted(rule.proof)}  # {policy_form.PROOFS[rule.proof]}",
    ]
    return lines + (
        [f"former = {_list(rule.former)}  # what they approved before stays"] if rule.former else []
    )


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"


def _gate(name: str, value: Any, problems: list[str]) -> Gate:
    where = f"gates.{name}"
    if not is_gate_name(name) or name == TRUST:
        problems.append(
            f"{where} is no name for a gate (lower-case letters, digits, hyphens; trust has its own table)"
        )
    return Gate(
        **{"name": name, "documents": (), "approvers": ()}
        | policy_form.fields(value, policy_form.GATE, where, problems)
    )


def _code(number: int, value: Any, problems: list[str]) -> Code:
    return Code(
        **{"paths": (), "requires": ()}
        | policy_form.fields(value, policy_form.CODE, f"code[{number}]", problems)
    )


def _contradictions(policy: Policy) -> list[str]:
    names = list(policy.gates)
    problems = _wrong_people("trust", policy.trust)
    for gate in policy.gates.values():
        problems += _wrong_gate(f"gates.{gate.name}", gate, names)
    for number, code in enumerate(policy.code):
        problems += _unknown_gates(
            f"code[{number}].requires", [name for names in code.requires for name in names], names
        )
        problems += _wrong_globs(f"code[{number}].paths", code.paths)
    problems += _wrong_globs("trust.files", policy.trust.files)
    problems += [
        f"protected: {ref!r} must begin with refs/heads/ and be one branch"
        for ref in policy.protected
        if not _is_branch(ref)
    ]
    return problems + _cycles({gate.name: gate.after for gate in policy.gates.values()})


def _wrong_gate(where: str, gate: Gate, names: Sequence[str]) -> list[str]:
    problems = [*_wrong_people(where, gate), *_unknown_gates(f"{where}.after", gate.after, names)]
    problems += [
        f"{where}.documents: {pattern!r} must be a path with no placeholders but {DOCS}, {FEATURE} and {SESSION}, outside of .sdd"
        for pattern in gate.documents
        if not _is_document(pattern)
    ]
    problems += [f"{where}.refs: {ref!r} must begin with refs/" for ref in gate.refs if not _is_ref(ref)]
    if gate.proof == "merged" and gate.refs:
        problems.append(f'{where}.refs needs records, and proof = "merged" has none')
    return problems


def _wrong_people(where: str, rule: Gate | Trust) -> list[str]:
    everyone = [*rule.approvers, *rule.former]
    folded = [email.lower() for email in everyone]
    problems = [f"{where}: {email!r} is no plain e-mail address" for email in everyone if not is_email(email)]
    problems += [
        f"{where}: {email} is named twice" for email in sorted(set(folded)) if folded.count(email) > 1
    ]
    if rule.approvers and rule.approvals > len(rule.approvers):
        problems.append(
            f"{where}.approvals is {rule.approvals}, but there are {len(rule.approvers)} approvers"
        )
    if rule.proof == "merged" and rule.approvals > 1:
        problems.append(f'{where}.approvals counts records, and proof = "merged" has none')
    return problems


def _unknown_gates(where: str, named: Iterable[str], names: Sequence[str]) -> list[str]:
    return [
        f"{where}: there is no gate {name!r}" + (f", did you mean {near}?" if near else "")
        for name in named
        if name not in names
        for near in [nearest(name, list(names))]
    ]


def _wrong_globs(where: str, globs: Iterable[str]) -> list[str]:
    return [
        f"{where}: {glob!r} would match nothing; write a path or a glob from the top, like src/**"
        for glob in globs
        if not is_tree_path(glob) or glob.startswith("!") or "{" in glob
    ]


def _cycles(after: Mapping[str, Sequence[str]]) -> list[str]:
    """A problem for each gate that waits for itself, with the way round."""
    problems = []
    for start in after:
        ways: list[tuple[str, ...]] = [(name,) for name in after[start]]
        seen: set[str] = set()
        while ways:
            way = ways.pop(0)
            if way[-1] == start:
                problems.append(f"gates.{start}.after waits for itself: {' -> '.join((start, *way))}")
                break
            if way[-1] not in seen:
                seen.add(way[-1])
                ways += [(*way, name) for name in after.get(way[-1], ())]
    return problems


def _is_document(pattern: str) -> bool:
    path = expand(pattern, "x", "x").decode()
    return (
        is_tree_path(path)
        and not any(sign in path for sign in "{}*?[")
        and path.partition("/")[0].lower() != ".sdd"
    )


def _is_ref(ref: str) -> bool:
    return ref.startswith("refs/") and is_tree_path(ref) and " " not in ref


def _is_branch(ref: str) -> bool:
    return _is_ref(ref) and ref.startswith("refs/heads/") and not any(sign in ref for sign in "*?[")
