"""Files that go into no prompt, by their names and their bytes: secrets, what is no text, what is too large."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sdd.globs import matching
from sdd.snapshot import LINK, SUBMODULE

if TYPE_CHECKING:
    from sdd.snapshot import Snapshot

MOST_BYTES = 1_000_000
SECRETS = (
    *(".env", ".env.*", ".netrc", "_netrc", ".pgpass", ".pypirc", ".git-credentials"),
    *(
        "id_rsa",
        "id_dsa",
        "id_ecdsa*",
        "id_ed25519*",
        "*.pem",
        "*.key",
        "*.ppk",
        "*.p12",
        "*.pfx",
        "*.jks",
        "*.keystore",
    ),
)
"""Names, in lower case, of files that hold keys and passwords; a prompt goes to a provider and into a record."""
NO_SECRETS = ("*.example", "*.sample", "*.template", "*.dist", "*.pub")
PRIVATE_KEY = rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----"
ACCESS_KEY = (
    rb"(?<![A-Za-z0-9_-])(?:"
    rb"sk-ant-[a-z]+[0-9]+-[A-Za-z0-9_-]{80}"  # Anthropic
    rb"|sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40}|sk-[A-Za-z0-9]{48}"  # OpenAI and those that copied it
    rb"|AIza[A-Za-z0-9_-]{35}"  # Google
    rb"|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60}|glpat-[A-Za-z0-9_-]{20}"  # GitHub, GitLab
    rb"|A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Z0-9])|xox[abprs]-[A-Za-z0-9-]{20}"  # AWS, Slack
    rb")"
)
"""Keys by the form that their makers give them; as long as real ones are, so that the made ones of tests may be shown."""
MAKERS = rb"sk-|AIza|gh[pousr]_|github_pat_|glpat-|AKIA|ASIA|xox"
"""How such keys begin: looked for first, in a third of the time (with `\\b` in front it would be as long)."""


def refusal(snapshot: Snapshot, path: bytes) -> str:
    """Why an existing file goes into no prompt, as the rest of a sentence; empty where it may."""
    mode = snapshot.entries[path].mode
    if mode in {LINK, SUBMODULE}:
        return "is a link" if mode == LINK else "is a submodule"
    return refused_name(path) or refused_text(snapshot.read(path))


def refused_name(path: bytes) -> str:
    """Why a file of that name goes into no prompt, whatever it holds."""
    name = path.rpartition(b"/")[2].lower()
    hidden = matching(SECRETS, [name]) and not matching(NO_SECRETS, [name])
    return "looks like a file of secrets" if hidden else ""


def refused_text(data: bytes) -> str:
    """Why these bytes go into no prompt."""
    if len(data) > MOST_BYTES:
        return f"has {len(data):,} bytes, more than {MOST_BYTES:,}"
    if b"PRIVATE KEY" in data and re.search(PRIVATE_KEY, data):
        return "holds a private key"
    if re.search(MAKERS, data) and re.search(
        ACCESS_KEY, data
    ):  # few files have to wait for the second to be compiled
        return "holds what looks like an access key"
    return "" if b"\0" not in data and _is_utf8(data) else "is no text in UTF-8"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
