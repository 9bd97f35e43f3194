"""The shipped process: its templates, the sessions of a new feature, and the text of a new session."""

from __future__ import annotations

import os

from sdd.errors import RefusedError, SddError
from sdd.findings import nearest
from sdd.sessions.front_matter import render
from sdd.sessions.names import CHANGES, RESERVED, why_no_name
from sdd.sessions.planned import prose
from sdd.sessions.run import plain
from sdd.sessions.session import docs, path_of
from sdd.sessions.template import filled
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdd.sessions.project import Project
    from sdd.sessions.template import Template

PLAN_KIND = "implementation-plan"
SHIPPED = os.path.join(os.path.dirname(__file__), "templates")  # noqa: PTH118, PTH120 - pathlib costs a hook 7 ms

PROCESS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("01-product-spec", "product-spec", ()),
    ("02-architecture", "architecture", ("01-product-spec", "gate:spec")),
    ("03-implementation-plan", "implementation-plan", ("02-architecture", "gate:spec")),
    ("90-build-verification", "build-verification", ("03-implementation-plan", "gate:implementation")),
    ("91-testing", "testing", ("90-build-verification",)),
    ("92-user-verification", "user-verification", ("91-testing",)),
    ("93-final-verification", "final-verification", ("92-user-verification", "gate:user-verification")),
    ("94-post-mortem", "post-mortem", ("93-final-verification", "gate:deployment")),
)
"""Name, kind and needs of a feature's sessions. Numbers only sort; 04 to 89 are left for the plan's tasks."""


class NewFile(Value):
    """A file that is to be made."""

    path: bytes
    data: bytes


def shipped() -> dict[str, bytes]:
    """The templates that come with this sdd, by kind."""
    names = sorted(name for name in os.listdir(SHIPPED) if name.endswith(".md"))  # noqa: PTH208 - likewise
    return {name.removesuffix(".md"): _read(name) for name in names}


def shipped_versions() -> frozenset[str]:
    """The sha256 of every template that any sdd ever came with: what equals one of them was not changed by a person."""
    lines = _read("versions.txt").decode().splitlines()
    return frozenset(line.split()[0] for line in lines if line and not line.startswith("#"))


def _read(name: str) -> bytes:
    with open(os.path.join(SHIPPED, name), "rb") as file:  # noqa: PTH118, PTH123 - likewise
        return file.read().replace(b"\r\n", b"\n")


def feature_files(project: Project, feature: str, idea: str) -> list[NewFile]:
    """The brief and the sessions of a feature that are not there yet.

    Raises:
        RefusedError: the name cannot be a feature's.
        SddError: a template of the process is missing.
    """
    check_feature(feature)
    prefix = f"{feature}/" if feature else ""
    brief = f"{docs(feature)}/brief.md".encode()
    files = [NewFile(brief, _brief(feature, idea).encode())]
    for slug, kind, needs in PROCESS:
        name = prefix + slug
        text = session_text(name, template_of(project, kind), needs={"needs": needs} if needs else {})
        files.append(NewFile(path_of(name), text.encode()))
    return [file for file in files if file.path not in project.snapshot]


def check_feature(feature: str) -> None:
    """Refuse what cannot be a feature's name.

    Raises:
        RefusedError: it is reserved, or cannot be typed.
    """
    if feature.lower() in RESERVED:
        raise RefusedError(
            f"`{feature}` cannot be a feature: {', '.join(RESERVED)} are reserved", hint="choose another name"
        )
    why = why_no_name(feature) if feature else ""
    if why:
        raise RefusedError(
            f"`{plain(feature)}` cannot be a feature: it {why}", hint='sdd new checkout "sell things"'
        )


def _brief(feature: str, idea: str) -> str:
    return f"# Brief{': ' + feature if feature else ''}\n\n{plain(idea) or EMPTY_BRIEF}\n"


EMPTY_BRIEF = (
    "<!-- Write the idea here, in your own words: what, for whom, why now. `sdd next` waits for it. -->"
)


def template_of(project: Project, kind: str) -> Template:
    """The template of a kind.

    Raises:
        SddError: there is none.
    """
    if kind in project.templates:
        return project.templates[kind]
    known = list(project.templates)
    like = nearest(kind, known)
    meant = f"did you mean `{like}`? " if like else ""
    hint = f"{meant}there are {', '.join(sorted(known))}" if known else "sdd init"
    raise SddError(f"there is no kind `{kind}`", hint=hint)


def session_text(
    name: str,
    template: Template,
    *,
    needs: Mapping[str, object],
    title: str = "",
    goal: str = "",
    checklist: Sequence[str] = (),
) -> str:
    """The text of a new session: what its template says, unless it is given.

    Raises:
        SddError: a key's value holds a character that front matter cannot.
    """
    front = render({"kind": template.kind, **needs})  # type: ignore[dict-item] # callers give texts and lists, as the key table says
    boxes = "\n".join(f"- [ ] {item}" for item in checklist) or filled(template.checklist, name)
    return f"{front}# {title or template.title}\n\n## Goal\n\n{prose(plain(goal)) or filled(template.goal, name)}\n\n## Checklist\n\n{boxes}\n"


def free_name(project: Project, feature: str, slug: str) -> str:
    """The whole name of a session to be added: a number after those of the tasks, where the slug has none."""
    prefix = f"{feature}/" if feature else ""
    if feature == CHANGES or _number(slug) is not None:
        return prefix + slug
    numbers = (_number(one.slug) or 0 for one in project.of_feature(feature))
    return f"{prefix}{max([3, *(number for number in numbers if number < 90)]) + 1:02}-{slug}"  # noqa: PLR2004 - 90 and up come after the tasks


def _number(slug: str) -> int | None:
    """The number that a name begins with: 4 for `04-cart`."""
    digits = slug.partition("-")[0]
    return int(digits[:9]) if digits.isascii() and digits.isdigit() else None
