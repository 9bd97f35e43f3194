"""Note the shipped templates as they are now in versions.txt, so that `sdd init --update` knows them; nothing is taken out."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

TEMPLATES = Path(__file__).parent.parent / "src" / "sdd" / "sessions" / "templates"


def with_new(listed: str, templates: dict[str, bytes]) -> str:
    """The list with a line for each template (by kind) that it does not know yet, at its end."""
    known = {line.split()[0] for line in listed.splitlines() if line and not line.startswith("#")}
    digests = {
        kind: sha256(data.replace(b"\r\n", b"\n")).hexdigest() for kind, data in sorted(templates.items())
    }
    return listed + "".join(f"{digest} {kind}\n" for kind, digest in digests.items() if digest not in known)


def main(folder: Path = TEMPLATES) -> None:
    """Bring versions.txt in this folder up to date."""
    versions = folder / "versions.txt"
    templates = {path.stem: path.read_bytes() for path in folder.glob("*.md")}
    listed = versions.read_text("utf-8")
    versions.write_text(with_new(listed, templates), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
