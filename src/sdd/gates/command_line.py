"""What a line for a shell says that it would run and write, by its words: no shell is parsed here, and none could be.

Whoever wants to get past this can. It tells an agent at once what git's hooks and CI would tell it later, and no more.
"""

from __future__ import annotations

from itertools import pairwise

from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from re import Match

_ON = r"[^;&|\n]*"  # the rest of one simple command
_SDD = r"\bsdd(\.exe|\.main)?\s+"
_GIT = r"\bgit(\.exe)?(\s+-\S+(\s+[^-\s]\S*)?)*?\s+"  # with its own options, of which some take a word


class Ban(Value):
    """Words that an agent may not run: as people write them, as a regular expression, and what to do instead."""

    words: str
    pattern: str
    instead: str


_PERSON = "ask a person: they do it in a terminal of their own"
_COMMIT = "commit without it; if a hook refuses, do what it says"
BANS = (
    Ban("sdd approve", rf"{_SDD}approve\b", _PERSON),
    Ban("sdd enrol", rf"{_SDD}enrol\b", _PERSON),
    Ban("sdd init --hooks none", rf"{_SDD}init\b{_ON}--hooks[\s=]+none\b", _PERSON),
    Ban("sdd init --remove-agent", rf"{_SDD}init\b{_ON}--remove-a", _PERSON),
    Ban("ssh-keygen -Y sign", rf"\bssh-keygen(\.exe)?\b{_ON}-Y\s*sign\b", _PERSON),
    Ban("--no-verify", r"--no-veri", _COMMIT),
    Ban("git commit -n", rf"{_GIT}commit\b{_ON}\s(?-i:-[aepsiovqz]*n)", _COMMIT),
    Ban("SKIP=", r"(?<!\w)(?-i:SKIP)=", _COMMIT),
    Ban("core.hooksPath", r"\bhooksPath\b", _PERSON),
    Ban("git commit-tree", rf"{_GIT}commit-tree\b", "git commit"),
    Ban("git update-ref", rf"{_GIT}update-ref\b", "git commit, git branch or git tag"),
    Ban("git fast-import", rf"{_GIT}fast-import\b", "git commit"),
    Ban("pre-commit uninstall", r"\b(pre-commit|prek)\s+uninstall\b", _PERSON),
)
"""What is denied wherever it stands in a command, quoted or not. docs/how-to/agents.md publishes the same list."""

EVERY, LAST, IN_PLACE, NAMED = "every path", "the last path", "every path, with `-i`", "`of=`"
WRITERS = {
    "chmod": (EVERY, ""),
    "cp": (LAST, "St"),
    "dd": (NAMED, ""),
    "install": (LAST, "Sgmot"),
    "ln": (LAST, "St"),
    "mv": (EVERY, "St"),
    "perl": (IN_PLACE, "Ee"),
    "rm": (EVERY, ""),
    "rsync": (LAST, "e"),
    "sed": (IN_PLACE, "ef"),
    "shred": (EVERY, "ns"),
    "tee": (EVERY, ""),
    "touch": (EVERY, "drt"),
    "truncate": (EVERY, "rs"),
    "unlink": (EVERY, ""),
}
"""Programs that write the paths they are given, and the letters of their options that take a word. Beside these count the
targets of every `>` and `>>`."""

_BEFORE = frozenset(
    {
        *("!", "{", "do", "else", "if", "then", "while"),
        *("builtin", "command", "env", "exec", "git", "nohup", "sudo", "time", "xargs"),
    }
)
# A here-document's text is data, unless its line names a shell that could run it.
_HERE = r"<<-?[ \t]*(['\"]?)([A-Za-z_]\w*)\1([^\n]*)\n(?:.*?\n)??[ \t]*\2(?=\n|$)"
_SHELL = r"\b((ba|da|k|z)?sh|eval|source)\b"
_LEXEME = (
    r"(?P<copy>>&[\d-]+)"
    r"|(?P<into>(?<![-=])&?>>?[|&]?)"  # not the arrows -> and =>
    r"|(?P<out><+)"
    r"|(?P<sign>[;&|()`\n])"
    r"|(?P<word>(?:\\(?:.|\n)|'[^']*'|\"(?:\\.|[^\"\\])*\"|[^\s;&|()`<>'\"\\]|(?<=[-=])>)+)"
)
_PIECE = r"\\(.|\n)|'([^']*)'|\"((?:\\.|[^\"\\])*)\""


class Target(Value):
    """A path that a command would write, as it was typed, below the folders that `cd` led to.

    `names` would lie in it if it is a folder; with `deep` all that lies below it counts as well. An `exact` one is no
    word of a shell, so `*` and the like are themselves.
    """

    path: str
    names: tuple[str, ...] = ()
    deep: bool = False
    exact: bool = False


def banned(command: str) -> Ban | None:
    """The first ban whose words a command holds: between quotes, or outside of them."""
    import re  # `json`, with which every tool call comes, has it in memory

    tokens = _tokens(command)
    quoted = [text for kind, text in tokens if kind == "word" and len(text.split()) > 1]
    texts = (" ".join("_" if text in quoted else text for _, text in tokens), *quoted)
    return next(
        (ban for ban in BANS if any(re.search(ban.pattern, text, re.IGNORECASE) for text in texts)), None
    )


def targets(command: str) -> list[Target]:
    """The paths that a command says it would write: by a redirection, or by one of the `WRITERS`."""
    found: list[Target] = []
    here = ""
    for words, into in _simple_commands(_tokens(command)):
        name, args = _program(words)
        if name in {"cd", "pushd"}:
            here = _joined(here, args[0]) if args and "$" not in args[0] else here
        written = [*map(Target, into), *_written(name, args)]
        written += [one for inner in _inner(words) for one in targets(inner)]
        found += [one.replace(path=_joined(here, one.path)) for one in written]
    return found


def _tokens(command: str) -> list[tuple[str, str]]:
    """Kinds (as in `_LEXEME`) and texts, words without their quotes. A quote that is never closed is left out."""
    import re

    text = re.sub(_HERE, _without_body, command, flags=re.DOTALL)
    found = [(str(one.lastgroup), one[0]) for one in re.finditer(_LEXEME, text)]
    return [(kind, re.sub(_PIECE, _unquoted, text) if kind == "word" else text) for kind, text in found]


def _without_body(here: Match[str]) -> str:
    """The line of a here-document without the text, unless a shell could run it."""
    import re

    before = here.string[here.string.rfind("\n", 0, here.start()) + 1 : here.start()]
    return here[0] if re.search(_SHELL, before + here[3]) else f"{here[3]}\n"


def _unquoted(piece: Match[str]) -> str:
    import re

    if piece[1] is not None:
        return "" if piece[1] == "\n" else piece[1]
    return piece[2] if piece[2] is not None else re.sub(r"\\(.)", r"\1", piece[3], flags=re.DOTALL)


def _simple_commands(tokens: Iterable[tuple[str, str]]) -> Iterator[tuple[list[str], list[str]]]:
    """The words of each simple command, and what its output goes into."""
    words: list[str] = []
    into: list[str] = []
    before = ""
    for kind, text in (*tokens, ("sign", ";")):
        if kind == "sign":
            yield words, into
            words, into = [], []
        elif kind == "word" and before != "out":
            (into if before == "into" else words).append(text)
        before = kind


def _program(words: Sequence[str]) -> tuple[str, list[str]]:
    """The name of the program that a command runs, without its folder, and the words after it."""
    for at, word in enumerate(words):
        name = word.replace("\\", "/").rpartition("/")[2].removesuffix(".exe")
        is_set = word.partition("=")[0].isidentifier() and "=" in word
        if name not in _BEFORE and not word.startswith("-") and not is_set:
            return name, list(words[at + 1 :])
    return "", []


def _written(name: str, args: Sequence[str]) -> list[Target]:
    """What one of the `WRITERS` would write, given these words."""
    how, valued = WRITERS.get(name, ("", ""))
    paths = _paths(name, args, valued)
    if not how or not paths or (how == IN_PLACE and not any(map(_is_in_place, args))):
        return []
    if how == NAMED:
        return [Target(word.removeprefix("of=")) for word in paths if word.startswith("of=")]
    if how != LAST and name != "mv":
        return [Target(word, deep=True) for word in paths]
    folder = _folder(args)
    sources = paths if folder else paths[:-1]
    names = tuple(word.rstrip("/").rpartition("/")[2] for word in sources)
    moved = [Target(word, deep=True) for word in sources] if name == "mv" else []
    return [*moved, Target(f"{folder}/" if folder else paths[-1], names)]


def _paths(name: str, args: Sequence[str], valued: str) -> list[str]:
    """The words that can be paths: no options, not their words, and neither a mode nor a script."""
    taking = {at for at, word in enumerate(args) if _is_cluster(word) and word[-1] in valued}
    plain = [
        word for at, word in enumerate(args) if word and not word.startswith("-") and at - 1 not in taking
    ]
    return plain[1:] if name == "chmod" or (name in {"perl", "sed"} and not taking) else plain


def _is_cluster(word: str) -> bool:
    """Whether a word is one or more options of a letter each."""
    return word[:1] == "-" and word[1:2] not in {"", "-"}


def _is_in_place(option: str) -> bool:
    return option.startswith("--in-place") or (_is_cluster(option) and "i" in option)


def _folder(args: Sequence[str]) -> str:
    """The folder that an option names as the target, or an empty string."""
    for option, word in zip(args, [*args[1:], ""], strict=True):
        if option == "-t":
            return word
        if option.startswith("--target-directory="):
            return option.partition("=")[2]
    return ""


def _inner(words: Sequence[str]) -> Iterator[str]:
    """The words that a shell would run as a command: those after `-c` or `eval`."""
    for before, word in pairwise(words):
        if before == "eval" or (_is_cluster(before) and before.endswith("c")):
            yield word


def _joined(here: str, path: str) -> str:
    return path if not here or path.startswith(("/", "~")) else f"{here}/{path}"
