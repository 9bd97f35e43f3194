"""What the names in a file mean: imports followed inside the snapshot, classes with all that they inherit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.contracts.interface import Class, Imported, Member, Module
from sdd.contracts.reading import module_at
from sdd.contracts.types import OLD, is_standard
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sdd.snapshot import Snapshot

MOST_BASES = 50
NO_CLASS = ("object", "Protocol", "Generic", "ABC", "NamedTuple", "TypedDict", "Enum", "IntEnum", "StrEnum")
"""Bases that bring no method of a component."""


class Place(Value):
    """A class and the file that it stands in."""

    module: Module
    name: str

    @property
    def own(self) -> Class:
        """The class itself."""
        return self.module.classes[self.name]


class Names:
    """The names of the files of a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def where(self, module: Module, name: str) -> Place | None:
        """The class that a name means in a file: its own or an imported one; None where it is in no file of the snapshot."""
        found = self.home(module, name)
        return Place(*found) if found and found[1] in found[0].classes else None

    def home(self, module: Module, name: str) -> tuple[Module, str] | None:
        """The file in which the class or variable stands that a name means, and its name there; None where it is in no file of the snapshot."""
        for _ in range(MOST_BASES):  # a name may be handed on by file after file
            if name in module.classes or name in module.variables:
                return module, name
            top, _, rest = name.partition(".")
            told = module.imports.get(top)
            if told is None:
                return None
            found = self._file(module.path, told, rest)
            if found is None:
                return None
            module, name = found
        return None

    def _file(self, path: bytes, told: Imported, rest: str) -> tuple[Module, str] | None:
        """The file that an import names, and what it takes from there."""
        whole = [part for part in (told.module, told.name, rest) if part]
        for taken in range(len(".".join(whole).split(".")), 0, -1):
            words = ".".join(whole).split(".")
            name = ".".join(words[taken:])
            found = self._module(path, told.level, words[:taken]) if name else None
            if found:
                return found, name
        if told.level and not told.module and (found := self._module(path, told.level, [])):
            return found, ".".join(whole)
        return None

    def _module(self, path: bytes, level: int, words: list[str]) -> Module | None:
        folder = path.rpartition(b"/")[0]
        for _ in range(max(0, level - 1)):
            folder = folder.rpartition(b"/")[0]
        rest = "/".join(words).encode()
        for place in [folder] if level else _above(folder):
            start = b"/".join(part for part in (place, rest) if part)
            for file in (start + b".py", start + b".pyi", start + b"/__init__.py"):
                if self._snapshot.is_file(file):
                    return module_at(self._snapshot, file)
        return None

    def bases(self, place: Place) -> tuple[list[Place], bool]:
        """A class's bases in the snapshot, and whether those are all that can bring a method."""
        found: list[Place] = []
        whole = True
        for text in place.own.bases:
            name = text.partition("[")[0]
            there = self.where(place.module, name)
            if there:
                found.append(there)
            elif "=" not in text and name.rpartition(".")[2] not in NO_CLASS:
                whole = False
        return found, whole

    def line(self, place: Place) -> tuple[list[Place], bool]:
        """A class with all that it inherits from, nearest first, and whether nothing is missing there."""
        order: list[Place] = []
        whole = True
        waiting = [place]
        while waiting and len(order) < MOST_BASES:
            one = waiting.pop(0)
            if one in order:
                continue
            order.append(one)
            bases, known = self.bases(one)
            whole = whole and known
            waiting = bases + waiting
        return order, whole and not waiting

    def members(self, place: Place) -> tuple[dict[str, tuple[Place, Member]], bool]:
        """All members of a class with where they stand, inherited ones too; what is left open only where nothing else is.

        The second tells whether that is all: False where a base is in no file of the snapshot.
        """
        order, whole = self.line(place)
        found: dict[str, tuple[Place, Member]] = {}
        for one in order:
            for name, member in one.own.members.items():
                known = found.get(name)
                if known is None or (known[1].is_open and not member.is_open):
                    found[name] = (one, member)
        return found, whole

    def alias(self, module: Module) -> Callable[[str], str]:
        """What a bare name in a file stands for: the name it was imported under, in today's form."""

        def meaning(name: str) -> str:
            told = module.imports.get(name)
            if told is None:
                return name
            real = told.name or told.module
            return OLD.get(real, real) if told.module in {"typing", "typing_extensions"} else real

        return meaning

    def expanded(self, module: Module) -> Callable[[str], str]:
        """The same, with the file's own aliases of types (`Sku = str`) replaced by what they stand for."""
        plain = self.alias(module)

        def meaning(name: str) -> str:
            for _ in range(MOST_BASES):  # an alias of an alias
                if name not in module.aliases:
                    break
                name = module.aliases[name]
            return plain(name)

        return meaning

    def above(self, *modules: Module) -> Callable[[str], tuple[str, ...] | None]:
        """The names of the bases of a class that one of these files knows; None where nobody does."""

        def found(name: str) -> tuple[str, ...] | None:
            for module in modules:
                place = next((each for each in self._known(module, name)), None)
                if place:
                    return tuple(base.partition("[")[0].rpartition(".")[2] for base in place.own.bases)
            told = next((each for module in modules for each in self._imported(module, name)), None)
            return () if told and is_standard(told.module) else None

        return found

    def _known(self, module: Module, name: str) -> Iterator[Place]:
        for local in (name, *(key for key, told in module.imports.items() if told.name == name)):
            place = self.where(module, local)
            if place:
                yield place

    @staticmethod
    def _imported(module: Module, name: str) -> Iterator[Imported]:
        return (told for key, told in module.imports.items() if name in {told.name, key})


def _above(folder: bytes) -> Iterator[bytes]:
    """A folder and those above it, up to the top; then `src`."""
    while folder:
        yield folder
        folder = folder.rpartition(b"/")[0]
    yield from (b"", b"src")
