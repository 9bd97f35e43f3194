"""What agents are told about sdd: hooks, a skill and a block in AGENTS.md, put in place and taken away again."""

from sdd.agents.installing import install, uninstall
from sdd.agents.pieces import NAMES

__all__ = ["NAMES", "install", "uninstall"]
