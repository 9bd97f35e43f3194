"""An implementation held against its contract: what is missing, called otherwise, of another type, or raised unsaid (SDD186 to SDD189)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.contracts.interface import ATTRIBUTE, METHOD, Class, Member, Module
from sdd.contracts.names import Names, Place
from sdd.contracts.raised import Raised, raised
from sdd.contracts.reading import PYTHON, Contract, contract, module_at, parts, path_of
from sdd.contracts.sections import ERRORS, names
from sdd.contracts.signatures import differences, matching
from sdd.contracts.types import Type, awaited, fits, parsed
from sdd.findings import Finding, nearest
from sdd.snapshot import show
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sdd.snapshot import Snapshot

MADE_BY_DECORATORS = ("__init__", "__eq__", "__hash__", "__repr__", "__lt__", "__le__", "__gt__", "__ge__")
"""What `dataclass` and its like write into a class."""


class Held(Value):
    """What came of holding an implementation against a contract.

    `unknown` says what nobody can tell without running it, a sentence for each; `there` whether there is an implementation.
    """

    findings: tuple[Finding, ...] = ()
    unknown: tuple[str, ...] = ()
    there: bool = True


def held(snapshot: Snapshot, selector: str, implementation: str) -> Held:
    """Hold an implementation (`src/cart.py::Cart`) against a contract, both as in this snapshot. Never raises for what they say."""
    asked = contract(snapshot, selector)
    name, _, symbol = parts(implementation)
    path = path_of(implementation)
    if asked.problem:  # which is a finding of its own, SDD180
        return Held(unknown=(f"{asked.problem}, so nothing can be held against it",), there=path in snapshot)
    if not name.endswith(PYTHON) and snapshot.is_file(path):
        return Held(unknown=(f"{show(path)} is no Python, so its signatures are not looked at",))
    module = module_at(snapshot, path)
    if module.problem:
        place = f"{show(path)}:{module.problem_line}" if module.problem_line else show(path)
        return Held(
            (_missing(asked, path, module.problem_line, f"{place} {_why(module)}", implementation),),
            there=path in snapshot,
        )
    return _of_module(Judge(Names(snapshot), asked, module), symbol)


def _why(module: Module) -> str:
    plain = ("is ", "has ")
    return (
        module.problem
        if module.problem.startswith(plain)
        else f"is no Python that can be read: {module.problem}"
    )


def _missing(asked: Contract, path: bytes, line: int, what: str, implementation: str) -> Finding:
    hint = f"bring `{implementation}` back, or name in `implements` what implements the contract now"
    return Finding("SDD186", path, line, f"{what}, which is to implement {asked.selector}", hint)


def _of_module(judge: Judge, symbol: str) -> Held:
    asked, module = judge.contract, judge.module
    findings: list[Finding] = []
    single = len(asked.classes) == 1 and not asked.functions
    for name in asked.classes:
        place = judge.names.where(module, symbol) if symbol else _namesake(module, name, single=single)
        function = module.functions.get(symbol)
        call = _only_call(asked.classes[name])
        if place is None and function and call:
            findings += judge.of_member(call, module, symbol, function, ())
        elif place is None:
            findings.append(
                _missing(asked, module.path, 0, _no_class(module, symbol or name), symbol or name)
            )
        else:
            findings += judge.of_class(name, place)
    for name, function in asked.functions.items():
        own = symbol or name
        made = module.functions.get(own) or _method(judge.names, module, own)
        if made is None:
            findings.append(_missing(asked, module.path, 0, _no_class(module, own), own))
        else:
            findings += judge.of_member(function, module, own, made, (own.rpartition(".")[0],))
    return Held(tuple(findings), tuple(dict.fromkeys(judge.unknown)))


def _only_call(wanted: Class) -> Member | None:
    """What a contract asks of a function: a class that promises nothing but `__call__`."""
    return wanted.members.get("__call__") if set(wanted.members) == {"__call__"} else None


def _namesake(module: Module, name: str, *, single: bool) -> Place | None:
    """The class that implements one of the same name, or of the same name without an `I`; or the only one there is."""
    for own in (name, name.removeprefix("I"), name.removesuffix("Protocol"), name.removesuffix("Interface")):
        if own in module.classes:
            return Place(module, own)
    only = [one for one in module.classes if "." not in one and not module.classes[one].is_data]
    return Place(module, only[0]) if single and len(only) == 1 else None


def _method(found: Names, module: Module, own: str) -> Member | None:
    holder, _, name = own.rpartition(".")
    place = found.where(module, holder) if holder else None
    return found.members(place)[0].get(name, (None, None))[1] if place else None


def _no_class(module: Module, name: str) -> str:
    like = nearest(name, [*module.classes, *module.functions])
    return f"{show(module.path)} has no `{name}`" + (f" (it has `{like}`)" if like else "")


class Judge:
    """Holds the classes and functions of one file against one contract; what can't be told gathers in `unknown`."""

    def __init__(self, found: Names, asked: Contract, module: Module) -> None:
        self.names = found
        self.contract = asked
        self.module = module
        self.unknown: list[str] = []

    def of_class(self, name: str, place: Place) -> Iterator[Finding]:
        """What a class lacks of what the contract's class promises, inherited members included on both sides."""
        promised, _ = self.names.members(Place(self.contract.module, name))
        made, whole = self.names.members(place)
        order, _ = self.names.line(place)
        owners = tuple(one.name for one in order)
        for key, (_, member) in sorted(promised.items(), key=lambda one: one[1][1].line):
            if key.startswith("_") and not key.endswith("__"):
                continue
            found = made.get(key)
            if found is None or (found[1].is_open and found[1].form != ATTRIBUTE):
                yield from self._lack(place, member, found, whole=whole)
            else:
                yield from self.of_member(
                    member, found[0].module, f"{place.name}.{key}", found[1], owners, found[0].name
                )

    def _lack(
        self, place: Place, member: Member, found: tuple[Place, Member] | None, *, whole: bool
    ) -> Iterator[Finding]:
        own = place.own
        if found is None and (not whole or (own.decorators and member.name in MADE_BY_DECORATORS)):
            self.unknown.append(
                f"whether `{place.name}.{member.name}` is there: a base class or decorator of it is in no file of the project"
            )
            return
        what = "is left open" if found else "is missing"
        where = found[0] if found else place
        line = found[1].line if found else own.line
        told = f"`{place.name}.{member.name}` {what}, which {self.contract.selector} promises"
        yield Finding("SDD186", where.module.path, line, told, f"implement it: {self._said(member)}")

    def of_member(
        self,
        wanted: Member,
        module: Module,
        shown: str,
        made: Member,
        owners: tuple[str, ...],
        holder: str = "",
    ) -> Iterator[Finding]:
        """Everything about one member: how it is called, its types, its errors."""
        wrong = "; ".join(differences(wanted, made))
        if wrong:
            told = f"`{shown}` {wrong}: so it breaks {self.contract.selector}"
            yield Finding("SDD187", module.path, made.line, told, f"do as {self._said(wanted)}")
        yield from self._types(wanted, module, shown, made)
        if made.form != ATTRIBUTE:
            key = f"{holder}.{made.name}" if holder else shown
            found = raised(module.nodes, key, owners)
            yield from self._unsaid(wanted, module, shown, made, found)
            yield from self._unraised(wanted, module, shown, made, found)

    def _said(self, wanted: Member) -> str:
        """Where the contract says what; in a hint, because a line moves while the finding stays the same."""
        return f"{show(self.contract.path)}:{wanted.line} says, `{_signature(wanted)}`"

    def _types(self, wanted: Member, module: Module, shown: str, made: Member) -> Iterator[Finding]:
        pairs = [("gives", wanted.type, made.type, False)]
        taken = matching(wanted.parameters, made.parameters)
        pairs = [] if wanted.form == METHOD and made.form != METHOD else pairs
        if wanted.is_async != made.is_async:  # one of them says what is awaited, the other what it comes in
            pairs = [(verb, awaited(its), awaited(own), is_taken) for verb, its, own, is_taken in pairs]
        if not wanted.overloads and not made.overloads:
            pairs += [
                (f"takes `{one.name}` as", one.type, taken[one.name].type, True)
                for one in wanted.parameters
                if one.name in taken and taken[one.name].kind == one.kind
            ]
        for verb, its, own, is_taken in pairs:
            told = self._fit(module, its, own, is_taken=is_taken, shown=shown) if its else True
            if told is False:
                what = f"`{shown}` {verb} `{own}`, where {self.contract.selector} has `{its}`"
                yield Finding("SDD188", module.path, made.line, what, f"do as {self._said(wanted)}")
            elif told is None:
                self.unknown.append(
                    f"whether `{shown}` {verb} `{its}`"
                    + (f": it says `{own}`" if own else ": it says no type")
                )

    def _fit(self, module: Module, its: str, own: str, *, is_taken: bool, shown: str) -> bool | None:
        """Whether types agree: as they are written, else with aliases replaced; more may be taken, less may be given."""
        if its == own:
            return True
        above = self.names.above(module, self.contract.module)
        answers = []
        for way in (self.names.alias, self.names.expanded):
            wanted, made = parsed(its, way(self.contract.module)), parsed(own, way(module))
            wanted, made = self._selves(wanted, shown), self._selves(made, shown)
            answers.append(fits(wanted, made, above) if is_taken else fits(made, wanted, above))
        return True if True in answers else answers[-1]

    def _selves(self, one: Type | None, shown: str) -> Type | None:
        """A type in which the class itself is `Self`, whichever of its names stands there."""
        own = {shown.rpartition(".")[0], *self.contract.classes}
        return _replaced(one, lambda name: "Self" if name in own else name) if one else None

    def _unsaid(
        self, wanted: Member, module: Module, shown: str, made: Member, found: Raised
    ) -> Iterator[Finding]:
        """Errors that a caller who knows the contract alone does not expect."""
        above = self.names.above(module, self.contract.module)
        plain = self.names.alias(module)
        promised = sorted({*wanted.raises, *names(self.contract.told.get(ERRORS, ""))})
        real = {plain(error): line for error, line in found.errors.items()}
        for error, line in {**dict.fromkeys(made.raises, made.line), **real}.items():
            known = [fits(Type(error), Type(each), above) for each in promised]
            if True in known:
                continue
            if None in known:
                self.unknown.append(
                    f"whether `{error}`, which `{shown}` raises, is an error that the contract names"
                )
                continue
            what = f"`{shown}` raises `{error}`, of which {self.contract.selector} says nothing"
            hint = (
                f"raise one of {', '.join(wanted.raises)}"
                if wanted.raises
                else "let the contract say so first"
            )
            hint += f" ({show(self.contract.path)}:{wanted.line})"
            yield Finding("SDD189", module.path, line, what, hint)

    def _unraised(
        self, wanted: Member, module: Module, shown: str, made: Member, found: Raised
    ) -> Iterator[Finding]:
        """Errors that a caller waits for in vain."""
        above = self.names.above(module, self.contract.module)
        plain = self.names.alias(module)
        raises = [*map(plain, found.errors), *made.raises]
        for error in wanted.raises:
            if any(fits(Type(one), Type(error), above) for one in raises):
                continue
            if not found.whole:
                self.unknown.append(f"whether `{shown}` raises `{error}`: it may come from what it calls")
                continue
            what = f"`{shown}` never raises `{error}`, as {self.contract.selector} says it does"
            hint = f"raise it where {show(self.contract.path)}:{wanted.line} says so"
            yield Finding("SDD189", module.path, made.line, what, hint)


def _replaced(one: Type, name: Callable[[str], str]) -> Type:
    return Type(name(one.name), tuple(_replaced(each, name) for each in one.arguments))


def _signature(one: Member) -> str:
    """A member as its contract has it, on one line."""
    if one.form != METHOD:
        return f"{one.name}: {one.type}" if one.type else one.name
    stars = {"variadic positional": "*", "variadic keyword": "**"}
    words: list[str] = []
    for each in one.parameters:
        if (
            each.kind == "keyword-only"
            and "*" not in words
            and not any(word.startswith("*") for word in words)
        ):
            words.append("*")
        shown = stars.get(each.kind, "") + each.name + (f": {each.type}" if each.type else "")
        words.append(shown + (f" = {each.default}" if each.default else ""))
    last = max((at for at, each in enumerate(one.parameters) if each.kind == "positional-only"), default=-1)
    words[last + 1 : last + 1] = ["/"] if last >= 0 else []
    return f"{'async ' if one.is_async else ''}def {one.name}({', '.join(words)})" + (
        f" -> {one.type}" if one.type else ""
    )
