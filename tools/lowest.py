"""Print every requirement of pyproject.toml pinned to its lower bound, one a line, for `pip install -r`.

With these `make test-lowest` shows that the lower bounds are true.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from requirements import development, project

LOWER_BOUND = re.compile(r"(?P<name>[\w.-]+(\[[\w.,-]+\])?)\s*>=\s*(?P<version>[\w.]+)(\s*,\s*[<!=][^,;]*)*")


def pins(content: dict[str, Any]) -> list[str]:
    """All direct requirements (of the project, its extras, its development), as `name==lowest version`.

    Raises:
        ValueError: a requirement is not of the form `name>=version`.
    """
    extras = content["project"].get("optional-dependencies", {})
    wanted = [*content["project"]["dependencies"], *(each for extra in extras.values() for each in extra)]
    return [_pin(requirement) for requirement in [*wanted, *development(content)]]


def _pin(requirement: str) -> str:
    found = LOWER_BOUND.fullmatch(requirement.strip())
    if not found:
        raise ValueError(f"{requirement!r} has no lower bound: write it as name>=version")
    return f"{found['name']}=={found['version']}"


if __name__ == "__main__":
    try:
        print("\n".join(pins(project())))
    except ValueError as error:
        sys.exit(str(error))
