"""Which providers there are, and what loading them costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sdd import llm
from sdd.errors import SddError
from sdd.llm import anthropic, claude, providers, recorded
from sdd.llm.providers import Provider


def test_the_providers_are_known_by_name() -> None:
    assert {"anthropic", "claude", "recorded", "codex"} <= set(providers.names())
    assert providers.names() == sorted(providers.names())
    for name in providers.names():
        assert name == providers.load(name).NAME


def test_each_provider_is_a_module_of_the_protocols_shape() -> None:
    modules: list[Provider] = [anthropic, claude, recorded]  # what mypy says of this is the test
    assert {module.NAME for module in modules} <= set(providers.names())


@pytest.mark.parametrize(
    ("name", "hint"), [("antropic", "choose anthropic"), ("", "choose aider or anthropic or")]
)
def test_an_unknown_provider_is_told_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(SddError) as caught:
        llm.ask("hi", provider=name)
    assert caught.value.message == f"there is no provider {name!r}"
    assert caught.value.hint.startswith(hint)


def loaded_after(statement: str) -> set[str]:
    """The heavy libraries that a fresh process has loaded after a statement."""
    script = f"import sys; {statement}; print(*({{'pydantic', 'anthropic', 'httpx2', 'filelock'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_library_loads_nothing_heavy() -> None:
    assert loaded_after("import sdd.llm, sdd.llm.providers; sdd.llm.Request('hi')") == set()


def test_loading_a_provider_does_not_load_its_sdk() -> None:
    assert loaded_after("import sdd.llm.providers as p; [p.load(n) for n in p.names()]") == {"pydantic"}


def test_what_is_lazy_is_there_when_asked_for() -> None:
    assert {getattr(llm, name).__name__ for name in ("Response", "Usage")} == {"Response", "Usage"}
    assert llm.from_json.__module__ == llm.to_json.__module__ == "sdd.llm.response"
    with pytest.raises(AttributeError, match="no attribute 'respones'"):
        llm.respones  # noqa: B018 - the point of the test
