"""Print the development requirements of pyproject.toml, one a line, for `pip install -r`.

pip reads dependency groups by itself from 25.1 on; a fresh Python 3.11 brings 23.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent.parent / "pyproject.toml"


def project(path: Path = PROJECT) -> dict[str, Any]:
    """The content of pyproject.toml."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def development(content: dict[str, Any]) -> list[str]:
    """The requirements of the group `dev`, as they are written."""
    return list(content["dependency-groups"]["dev"])


if __name__ == "__main__":
    print("\n".join(development(project())))
