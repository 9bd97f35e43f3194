r"""A file CODEOWNERS: who owns which paths, as GitHub and as GitLab read it.

GitHub: patterns as in `.gitignore`, without `!`, `[ ]` and `\#`; `docs/*` is that folder's own files alone; a wrong line
is skipped. GitLab: shell globs, at any depth unless a `/` comes first; sections, each judged for itself; words that are
no owners are left out. In both the last line that fits decides, and with no owner on it the path has none.
"""

from __future__ import annotations

import re

from sdd.globs import matches
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GITHUB = (b".github/CODEOWNERS", b"CODEOWNERS", b"docs/CODEOWNERS")
GITLAB = (b"CODEOWNERS", b"docs/CODEOWNERS", b".gitlab/CODEOWNERS")
"""Where each looks, in this order; the first that is there counts alone."""
LARGEST = 3_000_000  # bytes; GitHub loads none that is larger

_WORD = re.compile(r"(?:\\.|[^\s\\]|\\$)+")
_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)*|[^@\s]+@[^@\s]+")
_SECTION = re.compile(r"(?P<optional>\^?)\[(?P<name>[^\]]+)\](?:\[\d+\])?(?P<owners>(?:\s.*)?)")


class Rule(Value):
    """One line: `globs` are those of `sdd.globs`; no owners means that nobody owns what they match.

    What GitLab excludes (`excludes`) comes back by no later line of the section.
    """

    line: int
    globs: tuple[str, ...]
    owners: tuple[str, ...]
    excludes: bool = False


class Section(Value):
    """The lines of one section, in order; GitHub's only one has no name. An `optional` one asks and requires nothing."""

    name: str = ""
    optional: bool = False
    rules: tuple[Rule, ...] = ()


class Codeowners(Value):
    """What a file says, and what in it is not understood: the line (0: the file), and why in words."""

    sections: tuple[Section, ...] = ()
    wrong: tuple[tuple[int, str], ...] = ()

    def owners(self, path: bytes, *, required: bool = False) -> tuple[str, ...]:
        """Who owns a path, each once, as written: `@name`, `@org/team` or an e-mail; `required`: whose review is required."""
        asked = (one for one in self.sections if not (required and one.optional))
        return tuple(dict.fromkeys(owner for one in asked for owner in _in_section(one.rules, path)))


def read(data: bytes, *, gitlab: bool = False) -> Codeowners:
    """What the bytes of a file say, to GitLab or to GitHub. Whatever cannot be understood is told, never raised."""
    if not gitlab and len(data) > LARGEST:
        return Codeowners(wrong=((0, "it has more than 3 MB, so GitHub does not load it"),))
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1)]
    told = [(number, line) for number, line in lines if line and not line.startswith("#")]
    return _gitlab(told) if gitlab else _github(told)


def _in_section(rules: Sequence[Rule], path: bytes) -> tuple[str, ...]:
    fitting = [rule for rule in rules if any(matches(glob, path) for glob in rule.globs)]
    if not fitting or any(rule.excludes for rule in fitting):
        return ()
    return fitting[-1].owners


def _github(lines: Iterable[tuple[int, str]]) -> Codeowners:
    rules: list[Rule] = []
    wrong: list[tuple[int, str]] = []
    for number, line in lines:
        pattern, *rest = _WORD.findall(line)
        comment = next((at for at, word in enumerate(rest) if word.startswith("#")), len(rest))
        owners = rest[:comment]
        why = _not_github(pattern, owners)
        if why:
            wrong.append((number, f"{why}, so GitHub skips the line"))
        else:
            rules.append(Rule(number, _as_ignored(_plain(pattern)), tuple(owners)))
    return Codeowners((Section(rules=tuple(rules)),), tuple(wrong))


def _not_github(pattern: str, owners: Iterable[str]) -> str:
    """Why GitHub does not understand a line, or an empty string."""
    if pattern.startswith(("!", "\\#")):
        return "a pattern begins with neither `!` nor `\\#`"
    if "[" in pattern:
        return "there are no `[ ]` in a pattern"
    return next(
        (f"`{word}` is no @name, @org/team or e-mail" for word in owners if not _OWNER.fullmatch(word)), ""
    )


def _as_ignored(pattern: str) -> tuple[str, ...]:
    """A pattern as in `.gitignore`: without a `/` before its end it fits at any depth; a folder is all that is below it."""
    bare = pattern.rstrip("/").lstrip("/")
    deep = "" if "/" in pattern.rstrip("/") else "**/"
    if not bare:
        return ("**",)
    if pattern.endswith("/"):
        return (f"{deep}{bare}/**",)
    if not deep and bare.rpartition("/")[2] == "*":
        return (bare,)
    return (deep + bare, f"{deep}{bare}/**")


def _gitlab(lines: Iterable[tuple[int, str]]) -> Codeowners:
    sections: dict[str, Section] = {"": Section()}
    wrong: list[tuple[int, str]] = []
    name = ""
    defaults: tuple[str, ...] = ()
    for number, line in lines:
        begun = _SECTION.fullmatch(line)
        if begun:
            name, defaults = begun["name"].strip().lower(), _owners(begun["owners"].split())
            one = sections.get(name, Section(begun["name"].strip(), optional=True))
            sections[name] = one.replace(optional=one.optional and bool(begun["optional"]))
            continue
        if line.startswith(("[", "^[")):
            wrong.append((number, "it begins like a section and is none, so GitLab reads it as a path"))
        rule = _gitlab_rule(number, line, defaults)
        one = sections[name]
        sections[name] = one.replace(rules=(*one.rules, rule))
        if not rule.owners and not rule.excludes:
            wrong.append((number, "it names no owner, so GitLab requires no review"))
    return Codeowners(tuple(sections.values()), tuple(wrong))


def _gitlab_rule(number: int, line: str, defaults: tuple[str, ...]) -> Rule:
    pattern, *rest = _WORD.findall(line)
    excludes = pattern.startswith("!")
    glob = _plain(pattern.removeprefix("!")).replace("[^", "[!")
    anchored = glob.lstrip("/") if glob.startswith("/") else f"**/{glob}"
    below = f"{anchored}**" if anchored.endswith("/") or not anchored else anchored
    return Rule(number, (below,), () if excludes else _owners(rest) or defaults, excludes)


def _owners(words: Iterable[str]) -> tuple[str, ...]:
    """The owners among words, for GitLab; `@@role` is one."""
    return tuple(word for word in words if any(map(_OWNER.fullmatch, {word, word.replace("@@", "@", 1)})))


def _plain(pattern: str) -> str:
    r"""A pattern without its escapes: `\ ` is a blank, `\#` a number sign."""
    return re.sub(r"\\(.)", r"\1", pattern)
