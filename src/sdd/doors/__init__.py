"""The doors beyond the index: a commit's message, a push as it leaves, a push as it arrives, an agent's own hooks.

The index itself, which every commit asks for, is judged without this room.
"""

from __future__ import annotations

import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdd.gates.judgement import Judgement
    from sdd.repository import Repository


def judged(repository: Repository, name: str, argv: Sequence[str]) -> Judgement:
    """What is wrong at one of git's doors here, now, with what git says in its arguments and on standard input.

    Raises:
        SddError: something cannot be read or verified; then nothing may pass.
    """
    if name == "commit-msg":
        from sdd.doors.message import run as at_message

        return at_message(repository, argv)
    repository = repository.without_verdicts()
    given, now_epoch = sys.stdin.buffer.read(), int(time.time())
    if name == "pre-push":
        from sdd.doors.push import run as at_push

        return at_push(repository, argv, given, now_epoch=now_epoch)
    from sdd.doors.receive import run as at_receive

    return at_receive(repository, argv, given, now_epoch=now_epoch)
