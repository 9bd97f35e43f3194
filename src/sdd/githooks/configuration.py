"""`.pre-commit-config.yaml` as text: the hooks of sdd in it, and what a configuration says of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PATH = b".pre-commit-config.yaml"
OF_PREK = (b"prek.toml", PATH, b".pre-commit-config.yml")
"""What prek looks for, in its order."""

DOORS = ("pre-commit", "pre-merge-commit", "commit-msg", "pre-push")
"""The doors in a clone, by git's names; also the types of hooks that the framework has to install."""
IDS = {"sdd": DOORS[:2], "sdd-commit-msg": DOORS[2:3], "sdd-push": DOORS[3:]}
"""The framework's hooks of sdd, and at which doors each asks."""

BLOCK = """\
- repo: local
  hooks: # written by `sdd init`; whether git asks them: sdd doctor
    - id: sdd
      name: sdd
      entry: sdd hook pre-commit
      language: system
      always_run: true # deletions, links and renames give no file names, and are judged all the same
      pass_filenames: false
      require_serial: true
      stages: [pre-commit, pre-merge-commit, manual]
    - id: sdd-commit-msg
      name: sdd (message)
      entry: sdd hook commit-msg
      language: system
      always_run: true
      require_serial: true
      stages: [commit-msg]
    - id: sdd-push
      name: sdd (push)
      entry: sdd hook pre-push
      language: system
      always_run: true
      pass_filenames: false
      require_serial: true
      stages: [pre-push]
"""
TOML = """\
[[repos]]
repo = "local"
hooks = [
  { id = "sdd", name = "sdd", entry = "sdd hook pre-commit", language = "system", always_run = true, pass_filenames = false, require_serial = true, stages = ["pre-commit", "pre-merge-commit", "manual"] },
  { id = "sdd-commit-msg", name = "sdd (message)", entry = "sdd hook commit-msg", language = "system", always_run = true, require_serial = true, stages = ["commit-msg"] },
  { id = "sdd-push", name = "sdd (push)", entry = "sdd hook pre-push", language = "system", always_run = true, pass_filenames = false, require_serial = true, stages = ["pre-push"] },
]
"""
VERSION, TYPES, STAGES = "minimum_pre_commit_version", "default_install_hook_types", "default_stages"
OLDEST = f"{VERSION}: 3.2.0 # the first that knows these stages"
ALL_TYPES = f"{TYPES}: [{', '.join(DOORS)}]"

_ID = re.compile(r"""\bid["']?\s*[:=]\s*["']?(sdd(?:-commit-msg|-push)?)["']?\s*(?:[,}]|$)""", re.MULTILINE)
_ENTRY = re.compile(r"\bsdd(?:\.exe)?[\"']? hook (pre-commit|commit-msg|pre-push)\b")
_BY_ENTRY = {"pre-commit": "sdd", "commit-msg": "sdd-commit-msg", "pre-push": "sdd-push"}
_BY_NAME = re.compile(r"""\bentry["']?\s*[:=]\s*["']?sdd hook """)
_REMARK = re.compile(r"(?:^|(?<=\s))#.*")
_TYPES_VALUE = re.compile(rf"^{TYPES}\s*[:=](.*(?:\n(?![A-Za-z_\[]).*)*)", re.MULTILINE)


def stages(before: Iterable[str]) -> str:
    """The line that lets hooks which name no stages run where they ran when only these types were installed."""
    kept = ", ".join([*before, "manual"])
    return f"{STAGES}: [{kept}] # for hooks that name none: without it they would run at each of sdd's doors"


def fresh() -> str:
    """A configuration that holds sdd's hooks and nothing else."""
    top = (OLDEST, ALL_TYPES, stages(("pre-commit",)), "repos:")
    return "".join(f"{line}\n" for line in (*top, *indented("  ")))


def indented(margin: str) -> list[str]:
    """The lines of sdd's item of `repos`, for a list that is indented so far."""
    return [margin + line for line in BLOCK.splitlines()]


def held(text: str) -> set[str]:
    """Which hooks of sdd, by id, a configuration in YAML or TOML holds, under their own ids or by what they run."""
    bare = without_remarks(text)
    return {*_ID.findall(bare), *(_BY_ENTRY[name] for name in _ENTRY.findall(bare))}


def doors(text: str) -> set[str]:
    """The doors at which a configuration has the framework ask sdd."""
    return {door for hook in held(text) for door in IDS[hook]}


def opened_by_default(text: str) -> set[str]:
    """The doors that a bare `pre-commit install` opens."""
    value = _TYPES_VALUE.search(without_remarks(text))
    return set(re.findall(r"[a-z]+(?:-[a-z]+)+", value[1])) & set(DOORS) if value else {"pre-commit"}


def starts_by_name(text: str) -> bool:
    """Whether a hook starts `sdd` as it is found on the PATH."""
    return bool(_BY_NAME.search(without_remarks(text)))


def is_only_ours(text: str) -> bool:
    """Whether a configuration is what sdd writes, remarks apart: by it the framework runs nobody else's commands."""
    return without_remarks(text) == without_remarks(fresh())


def without_remarks(text: str) -> str:
    """The lines that say something, without the remarks at their ends."""
    lines = (without_remark(line) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def without_remark(line: str) -> str:
    """A line without the remark and the white space at its end."""
    return _REMARK.sub("", line).rstrip()
