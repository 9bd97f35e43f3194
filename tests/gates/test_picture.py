"""The picture of a snapshot: what its gates say to sessions, with and without a policy that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from gitbox import GitBox
from people import filed, record
from projects import ALICE, files, policy, run, runs, seen, session
from sdd.gates import picture as module
from sdd.gates.picture import picture, streamed
from sdd.gates.policy import PATH, render
from sdd.repository import Repository
from sdd.snapshot import Snapshot, in_memory

SPEC = b"docs/product-spec.md"
WORDS = b"# Spec\n"


def spec(**more: str) -> dict[bytes, bytes]:
    """A project whose product spec is written."""
    done = session("product-spec", rest=runs(run("done")))
    return files(**{"sessions__01-product-spec": done, "docs__product-spec": WORDS.decode()} | more)


def test_an_approval_opens_the_gate_and_ends_the_session() -> None:
    shut = seen(spec())
    assert shut.states["01-product-spec"].state == "review"
    assert not shut.gates.opening("spec", "01-product-spec").open
    opened = seen({**spec(), **filed(record(SPEC, WORDS, ALICE), None)})
    assert opened.states["01-product-spec"].state == "done"
    assert opened.gates.opening("spec", "01-product-spec").open


def test_a_gate_has_the_documents_of_the_sessions_feature() -> None:
    gates = seen(files()).gates
    assert gates.documents("spec", "01-product-spec") == ("docs/product-spec.md",)
    assert gates.documents("spec", "checkout/01-product-spec") == ("docs/checkout/product-spec.md",)
    assert gates.documents("change", "changes/fix") == ("docs/changes/fix.md",)
    assert gates.documents("nothing", "01-product-spec") == ()


def test_a_gate_that_the_policy_does_not_know_is_shut() -> None:
    opening = seen(files()).gates.opening("nothing", "01-product-spec")
    assert (opening.open, opening.why) == (False, "the policy has no gate `nothing`")


def test_a_gate_is_asked_about_once() -> None:
    read: list[bytes] = []

    def load(paths: list[bytes]) -> dict[bytes, bytes]:
        read.extend(paths)
        return {path: spec()[path] for path in paths}

    known = in_memory(spec())
    gates = picture(Snapshot("counting", known.entries, load)).gates
    assert gates.opening("spec", "01-product-spec") is gates.opening("spec", "02-architecture")
    assert read.count(SPEC) == 1


def test_without_a_policy_every_gate_is_shut_and_says_why() -> None:
    given = spec()
    del given[PATH]
    shut = seen(given)
    assert shut.gates.policy is None
    opening = shut.gates.opening("spec", "01-product-spec")
    assert (opening.open, opening.why) == (False, "there is no .sdd/policy.toml: `sdd init`")
    assert shut.gates.documents("spec", "01-product-spec") == ()


def test_a_policy_that_cannot_be_read_shuts_every_gate_and_says_why() -> None:
    shut = seen({**spec(), PATH: b"version = 2\n"})
    assert not shut.gates.opening("spec", "01-product-spec").open
    assert ".sdd/policy.toml cannot be read" in shut.gates.opening("spec", "01-product-spec").why


def test_the_trusted_snapshot_says_what_was_merged() -> None:
    rules = policy()
    merged = {name: gate.replace(proof="merged") for name, gate in rules.gates.items()}
    given = in_memory({**spec(), PATH: render(rules.replace(gates=merged)).encode()})
    assert picture(given, trusted=given).gates.opening("spec", "01-product-spec").open
    assert not picture(given).gates.opening("spec", "01-product-spec").open


def test_a_text_that_comes_in_parts_is_kept_unless_it_is_very_long(
    box: GitBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST", 3)
    box.write("docs/brief.md", "words")
    repository = Repository.find(str(box.path)).without_verdicts()
    made = picture(repository.commit(box.commit()))
    asked: list[str] = []

    def found(text: str) -> Iterator[str]:
        asked.append(text)
        yield from text

    for text in ("abc", "abc", "long", "long"):
        assert "".join(streamed(made, "text", partial(found, text), text)) == text
    assert asked == ["abc", "long", "long"]
