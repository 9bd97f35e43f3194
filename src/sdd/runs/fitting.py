"""A session narrowed until its prompt keeps to a budget: what its file would say, and the file written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.gates.picture import picture as picture_of
from sdd.gates.protected import believed
from sdd.prompts.budget import fields, proposal
from sdd.runs.choice import prompt_of
from sdd.sessions.edit import edited
from sdd.sessions.front_matter import with_field
from sdd.snapshot import overlaid, show
from sdd.values import Value

if TYPE_CHECKING:
    from sdd.gates.picture import Picture
    from sdd.prompts.budget import Proposal
    from sdd.runs.place import Place

TRIES = 4
"""How often a proposal is made anew because what it leaves is a little more than was estimated."""


class Fitted(Value):
    """A session's file before and after, the proposal behind it, and the tokens that its prompt then takes, by estimate."""

    path: bytes
    before: bytes
    after: bytes
    proposal: Proposal
    tokens: int
    budget: int

    @property
    def fits(self) -> bool:
        """Whether the prompt keeps to the budget."""
        return self.tokens <= self.budget


def fitted(place: Place, picture: Picture, name: str, provider: str, budget: int) -> Fitted:
    """The session's file with narrower selectors, so that its prompt keeps to a budget in tokens, as far as that can be had.

    Nothing is written. `before` equals `after` where nothing is to be narrowed.

    Raises:
        SddError: the prompt cannot be compiled, or the front matter cannot be changed.
    """
    project = picture.project
    path = project.sessions[name].path
    before = project.snapshot.read(path)
    prompt = prompt_of(place, picture, name, provider)
    aim, left = budget, TRIES
    while True:
        found = proposal(project, name, prompt, aim)
        after = before
        for key, value in fields(project, name, found).items():
            after = edited(after, lambda text, key=key, value=value: with_field(text, key, value))  # type: ignore[misc] # bound for this turn of the loop
        then = picture_of(overlaid(project.snapshot, {path: after}), believed(place.repository))
        tokens = prompt_of(place, then, name, provider).tokens
        left -= 1
        if tokens <= budget or not left or not found.fits:
            return Fitted(path, before, after, found, tokens, budget)
        aim = max(1, aim - max(tokens - budget, budget // 100))


def write(place: Place, name: str, made: Fitted) -> None:
    """Write the session's file.

    Raises:
        SddError: it has changed meanwhile.
        WaitingError: another process is at the session.
    """
    with place.locked(name):
        if place.file(made.path).read_bytes() != made.before:
            raise SddError(f"{show(made.path)} has changed meanwhile", hint=f"sdd prompt {name} --fit")
        place.write(made.path, made.after)
