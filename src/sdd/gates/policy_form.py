"""The form of the policy's tables: which keys there are, and of what type. What they mean is `policy`'s to say."""

from __future__ import annotations

from sdd.findings import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    Kind: TypeAlias = tuple[
        Callable[[Any], bool], str, bool
    ]  # whether a value fits, in words, whether it is needed

MODES = ("enforce", "report")
PROOFS = {
    "none": "a record that anyone with write access can forge: recorded, not proven",
    "merged": "no record: what stands in the trusted commit counts, because a review on the forge let it in",
    "ssh": "a record, signed with an SSH key; as good as the key is kept from others, agents among them",
    "touch": "a record, signed with a hardware key that a person touched",
}


def fields(table: Any, known: Mapping[str, Kind], where: str, problems: list[str]) -> dict[str, Any]:
    """The fields of a table that are as they should be, lists as tuples; what is wrong is added to `problems`."""
    if not isinstance(table, dict):
        problems.append(f"{where} must be a table")
        return {}
    start = f"{where}." if where else ""
    for name in [name for name in table if name not in known]:
        near = nearest(name, list(known))
        problems.append(f"{start}{name} is unknown" + (f", did you mean {near}?" if near else ""))
    for name, (fits, words, needed) in known.items():
        if name in table and not fits(table[name]):
            problems.append(f"{start}{name} must be {words}")
        elif name not in table and needed:
            problems.append(f"{start}{name} is missing")
    return {
        name: _frozen(table[name])
        for name, (fits, _, _) in known.items()
        if name in table and fits(table[name])
    }


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != "" and value.isprintable()


def _is_count(value: Any) -> bool:
    return type(value) is int and value > 0


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_some_texts(value: Any) -> bool:
    return _are_texts(value) and value != []


def _are_sets(value: Any) -> bool:
    return isinstance(value, list) and value != [] and all(map(_are_some_texts, value))


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_mode(value: Any) -> bool:
    return isinstance(value, str) and value in MODES


def _is_proof(value: Any) -> bool:
    return isinstance(value, str) and value in PROOFS


_SOME, _ANY = "a list of one or more texts", "a list of texts"
_PEOPLE: dict[str, Kind] = {
    "approvers": (_are_some_texts, _SOME, True),
    "approvals": (_is_count, "a number from 1", False),
    "proof": (_is_proof, f"one of {', '.join(PROOFS)}", False),
    "former": (_are_texts, _ANY, False),
}
GATE: dict[str, Kind] = {
    **_PEOPLE,
    "documents": (_are_some_texts, _SOME, True),
    "after": (_are_texts, _ANY, False),
    "refs": (_are_texts, _ANY, False),
}
TRUST: dict[str, Kind] = {**_PEOPLE, "files": (_are_texts, _ANY, False)}
CODE: dict[str, Kind] = {
    "paths": (_are_some_texts, _SOME, True),
    "requires": (_are_sets, "a list of lists of gates, none of them empty", True),
    "within_writes": (lambda value: isinstance(value, bool), "true or false", False),
}
POLICY: dict[str, Kind] = {
    "version": (lambda value: type(value) is int and value == 1, "1", True),
    "project": (_is_text, "the project's name", True),
    "protected": (_are_some_texts, _SOME, True),
    "mode": (_is_mode, f"one of {', '.join(MODES)}", False),
    "gates": (_is_table, "a table", False),
    "trust": (_is_table, "a table", True),
    "code": (lambda value: isinstance(value, list), "a list of tables", False),
}
