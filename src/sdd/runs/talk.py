"""A session's turns as one conversation: which one it is, what is new for it, and what it is told where it was lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sdd.llm.continuity import Memory, converse
from sdd.llm.conversations import Conversations
from sdd.prompts.going_on import recap, what_is_new
from sdd.sessions.continuing import continued, conversation
from sdd.sessions.retries import poisoned, told
from sdd.values import Value

if TYPE_CHECKING:
    from sdd.llm.continuity import Say, Turn
    from sdd.llm.conversations import Conversation
    from sdd.llm.providers import Provider
    from sdd.llm.request import Request, Watch
    from sdd.prompts.prompt import Prompt
    from sdd.runs.place import Place
    from sdd.sessions.project import Project
    from sdd.settings import Settings


def conversations(place: Place) -> Conversations:
    """What this clone, with all its working trees, remembers of conversations."""
    return Conversations(str(Path(place.repository.common_dir, "sdd", "conversations.sqlite")), place.say)


class Talk(Value):
    """What a turn of a session's conversation needs."""

    store: Conversations
    project: Project
    session: str
    settings: Settings
    provider: Provider
    request: Request

    @property
    def key(self) -> str:
        """The name of the conversation."""
        return conversation(self.project, self.session, shared=self.settings.conversation == "shared")

    def turn(self, prompt: Prompt, watch: Watch, say: Say) -> Turn:
        """Ask: only for what is new where the model remembers, for all where it does not.

        Raises:
            ProviderError: as `sdd.llm.continuity.converse`.
            WaitingError: another process is at the same conversation.
        """
        self._leave_what_is_poisoned()
        ttl = timedelta(days=self.settings.conversation_days)
        return converse(
            Memory(self.store, self.key, task=self.session, ttl=ttl),
            self.provider,
            self.request,
            more=what_is_new(prompt, self._told()),
            recap=recap(self.project, self._sessions(), self.session),
            watch=watch,
            say=say,
        )

    def _leave_what_is_poisoned(self) -> None:
        """End a conversation in which the same failed twice: the next one starts from the code as it is, and the lesson."""
        lesson = poisoned(self.project.sessions[self.session].runs)
        found = self._open() if lesson else None
        if lesson and found:
            self.store.close(found.id, told(lesson), datetime.now(UTC))

    def _open(self) -> Conversation | None:
        folder = self.request.workplace.folder if self.request.workplace else ""
        return self.store.find(self.key, self.provider.NAME, folder, datetime.now(UTC))

    def _told(self) -> list[str]:
        """The prompts of the conversation so far."""
        found = self._open()
        return [one.prompt for one in self.store.history(found.id)] if found else []

    def _sessions(self) -> list[str]:
        """The sessions with that conversation that are near: those that it goes on with, and those of the same feature."""
        shared = self.settings.conversation == "shared"
        near = {one.name for one in self.project.of_feature(self.project.sessions[self.session].feature)}
        near |= {self.session, *continued(self.project, self.session)}
        return [name for name in sorted(near) if conversation(self.project, name, shared=shared) == self.key]
