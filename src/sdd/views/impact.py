"""What a change touches: sessions that rest on it, directly and onwards, documents, approvals and code. A value, no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.findings import nearest
from sdd.gates import approval
from sdd.gates.approval import Approval
from sdd.globs import is_glob, matching
from sdd.prompts.contract_change import SAME, Change, contract_change, worst
from sdd.prompts.selectors import FORM
from sdd.runs.resting import SELECTING, by_path, shown
from sdd.sessions.session import CHANGES
from sdd.sessions.whole_run import Input
from sdd.snapshot import show
from sdd.values import Value
from sdd.views.suspects import CAN_BE, traces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sdd.gates.picture import Picture
    from sdd.runs.resting import Trace
    from sdd.snapshot import Snapshot


class Reason(Value):
    """Why a session is touched: the selector by which it saw a path, and the session that wrote it, empty for the change itself."""

    selector: str
    path: bytes
    wrote: str = ""


class Touched(Value):
    """A session that a change touches. `steps` is 1 where it rests on the change itself, 2 where on what such a one wrote, and so on."""

    session: str
    state: str
    steps: int
    reasons: tuple[Reason, ...]


class Part(Value):
    """A changed part that somebody rests on, or a whole path, and what became of it."""

    selector: str
    path: bytes
    change: Change


class Vote(Value):
    """An approval that a change touches: `how` is "document" (it covers these bytes) or "input" (its document rested on them)."""

    gate: str
    document: bytes
    approver: str
    how: str
    path: bytes


class Impact(Value):
    """All that a change touches. `later` are sessions that have yet to run and will read it."""

    asked: str
    parts: tuple[Part, ...]
    sessions: tuple[Touched, ...]
    later: tuple[str, ...]
    approvals: tuple[Vote, ...]
    documents: tuple[bytes, ...]
    code: tuple[bytes, ...]

    @property
    def verdict(self) -> str:
        """The worst of what became of the changed parts; `same` where nothing differs yet."""
        return worst([one.change.verdict for one in self.parts])


def of_path(seen: Picture, before: Snapshot, asked: str) -> Impact:
    """What a change of a path, a part of one (`path#Heading`, `path::Symbol`) or a glob's files touches.

    `before` are the files that the change began from, where there is one already: then those sessions count that saw a
    text which is another now, else all who saw anything of it.

    Raises:
        SddError: there is nothing of that name, and no session rests on it.
    """
    known = _traces(seen)
    resting = by_path(known)
    path, part = _divided({*seen.project.snapshot.entries, *resting}, asked)
    paths = (
        {path}
        if path is not None
        else {*matching([asked], sorted({*seen.project.snapshot.entries, *resting}))}
    )
    if not paths:
        like = nearest(asked, sorted(show(one) for one in resting))
        raise SddError(
            f"there is no file `{asked}`", hint=f"sdd impact {like}" if like else "sdd impact PATH, or A..B"
        )
    files = (seen.project.snapshot, before)

    def hit(one: Input) -> bool:
        return not part or any(_overlap(snapshot, one, asked) for snapshot in files)

    def changed(one: Input) -> bool:
        return hit(one) and _differs(before, files[0], one)

    begun = any(changed(one) for each in paths for _, one in resting.get(each, ()))
    return _impact(seen, known, asked, before, dict.fromkeys(paths, changed if begun else hit))


def of_range(seen: Picture, before: Snapshot, asked: str) -> Impact:
    """What the step from `before` to the picture's files touches: those who saw a text of it that says something else now."""
    now = seen.project.snapshot

    def hit(one: Input) -> bool:
        return _differs(before, now, one)

    return _impact(seen, _traces(seen), asked, before, dict.fromkeys(now.differing(before), hit))


def _traces(seen: Picture) -> list[Trace]:
    snapshot = seen.project.snapshot
    return [one for feature in (*seen.project.features, CHANGES) for one in traces(snapshot, feature)]


def _divided(known: set[bytes], asked: str) -> tuple[bytes | None, str]:
    """The path that is meant, and the part of it; no path where a glob is meant, or nothing that is known."""
    ends = [len(asked), *(found.start() for found in FORM.finditer(asked))]
    for end in ends:
        path = asked[:end].encode("utf-8", "surrogateescape")
        if path in known:
            return path, asked[end:]
    return None, ""


def _overlap(snapshot: Snapshot, one: Input, asked: str) -> bool:
    """Whether two parts of a file have a line in common."""
    mine, other = shown(snapshot, one.selector, one.path), shown(snapshot, asked, one.path)
    if mine is None or other is None:
        return False
    return mine.first_line <= other.last_line and other.first_line <= mine.last_line


def _impact(
    seen: Picture,
    known: Sequence[Trace],
    asked: str,
    before: Snapshot,
    hits: Mapping[bytes, Callable[[Input], bool]],
) -> Impact:
    touched = _touched(seen, known, hits)
    names = {one.session for one in touched}
    later = _later(seen, hits, names)
    direct = [why for one in touched if one.steps == 1 for why in one.reasons]
    parts = (why for each in later.values() for why in each if FORM.search(why.selector))
    reasons = [*direct, *parts]
    outputs = {path for one in known if one.session in names for path in one.wrote}
    there = sorted(path for path in outputs if path in seen.project.snapshot)
    documents = tuple(path for path in there if path.startswith(b"docs/"))
    return Impact(
        asked,
        tuple(_parts(seen.project.snapshot, before, asked, reasons, hits)),
        tuple(touched),
        tuple(sorted(later)),
        tuple(_approvals(seen.project.snapshot, {*hits, *documents})),
        documents,
        tuple(path for path in there if path not in documents),
    )


def _touched(
    seen: Picture, known: Sequence[Trace], hits: Mapping[bytes, Callable[[Input], bool]]
) -> list[Touched]:
    """The sessions in waves: who rests on the change, who rests on what these wrote, and so on."""
    resting, wrote = by_path(known), {one.session: one.wrote for one in known}
    found: dict[str, Touched] = {}
    wave = _wave(resting, [("", path, hits[path]) for path in sorted(hits)])
    steps = 1
    while wave:
        for name, reasons in sorted(wave.items()):
            found[name] = Touched(name, seen.states[name].state, steps, tuple(dict.fromkeys(reasons)))
        grounds = [(name, path, lambda _: True) for name in sorted(wave) for path in wrote[name]]
        wave = {name: why for name, why in _wave(resting, grounds).items() if name not in found}
        steps += 1
    return sorted(found.values(), key=lambda one: (one.steps, one.session))


def _wave(
    resting: Mapping[bytes, Sequence[tuple[str, Input]]],
    grounds: Iterable[tuple[str, bytes, Callable[[Input], bool]]],
) -> dict[str, list[Reason]]:
    found: dict[str, list[Reason]] = {}
    for writer, path, hit in grounds:
        for name, one in resting.get(path, ()):
            if name != writer and hit(one):
                found.setdefault(name, []).append(Reason(one.selector, path, writer))
    return found


def _parts(
    now: Snapshot,
    before: Snapshot,
    asked: str,
    reasons: Sequence[Reason],
    hits: Mapping[bytes, Callable[[Input], bool]],
) -> Iterator[Part]:
    """What became of each part that somebody rests on; of a single path that was asked for also as a whole."""
    seen = {(why.selector if FORM.search(why.selector) else show(why.path), why.path) for why in reasons}
    if len(hits) == 1 and not seen:
        seen = {(asked if FORM.search(asked) else show(path), path) for path in hits}
    for selector, path in sorted(seen):
        change = became(before, now, selector, path)
        if change.verdict != SAME:
            yield Part(selector, path, change)


def _differs(before: Snapshot, now: Snapshot, one: Input) -> bool:
    same = before.blob(one.path) == now.blob(one.path)
    return not same and became(before, now, one.selector, one.path).verdict != SAME


def became(before: Snapshot, now: Snapshot, selector: str, path: bytes) -> Change:
    """What became of the text of a path that a selector gives."""
    old, new = shown(before, selector, path), shown(now, selector, path)
    language = (new or old).language if new or old else ""  # type: ignore[union-attr] # one of them is there
    if old is None and new is None:
        return Change(SAME)
    return contract_change(old.shown if old else None, new.shown if new else None, language)


def _later(
    seen: Picture, hits: Mapping[bytes, Callable[[Input], bool]], touched: set[str]
) -> dict[str, list[Reason]]:
    """The sessions that have yet to run and name what changes in what they read, each with the selectors that do."""
    project = seen.project
    found: dict[str, list[Reason]] = {}
    for name in project.sessions:
        if name in touched or seen.states[name].state in CAN_BE:
            continue
        implements = project.keys[name].get("implements", {})
        selectors = [text for key in SELECTING for text in project.texts(name, key)]
        selectors += map(str, implements if isinstance(implements, dict) else ())
        reasons = [
            Reason(selector, path)
            for selector in selectors
            for path in _named(selector, {*hits})
            if hits[path](Input(selector, path, "", ""))
        ]
        if reasons:
            found[name] = reasons
    return found


def _named(selector: str, paths: set[bytes]) -> list[bytes]:
    """Those of the paths that a selector speaks of, whole or a part."""
    plain = FORM.split(selector, maxsplit=1)[0].encode("utf-8", "surrogateescape")
    named = paths & {plain, selector.encode("utf-8", "surrogateescape")}
    return sorted(named or (matching([selector], sorted(paths)) if is_glob(selector) else ()))


def _approvals(snapshot: Snapshot, paths: set[bytes]) -> Iterator[Vote]:
    """The records that speak of one of the paths, by their own words."""
    places = [path for path in approval.find(snapshot) if snapshot.is_file(path)]
    for path, data in snapshot.read_all(places).items():
        record = approval.read(path, data)
        if not isinstance(record, Approval):
            continue
        if record.document in paths:
            yield Vote(record.gate, record.document, record.approver, "document", record.document)
        for name in sorted(paths.intersection(name for name, _ in record.inputs)):
            yield Vote(record.gate, record.document, record.approver, "input", name)
