"""The law of trailers: what is read and what is added is what git itself would read and add."""

from __future__ import annotations

import subprocess

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sdd.doors.trailers import added, values

TOKEN = "Sdd-Session"  # noqa: S105 - a trailer's token, no password
LINES = st.sampled_from(
    [
        *(
            "Subject",
            "words of a body",
            "",
            " ",
            "\t",
            "# a comment",
            "#",
            "Fixes: 12",
            "Acked-by:",
            "no trailer: here",
        ),
        *(
            "Signed-off-by: A <a@b.c>",
            "(cherry picked from commit 1234)",
            " continued",
            "\tfolded",
            "Key : x",
            ":x",
        ),
        *(
            "Conflicts:",
            "\tsrc/cart.py",
            "# ------------------------ >8 ------------------------",
            "https://a.b/c",
        ),
        *("Sdd-Session: 03-cart", "sdd-session:04-stock", "---"),
    ]
)


@settings(max_examples=60)  # two processes each
@given(st.lists(LINES, max_size=12).map("\n".join))
@example("Subject\n\nFixes: 12\n\n\n# c")
@example("Subject\n\nFixes: 12\nwords\nSigned-off-by: A <a@b.c>")
@example("Subject\n\nFixes: 12\n# a comment\nSdd-Session: 03-cart\n folded\nKey: x\n folded")
@example("\nSdd-Session: 03-cart\n ")
@example("Subject\n\nFixes: 12\n\t\n \n# a comment")
@example("Subject\n\nwords\n ")
@example("\nSdd-Session: 03-cart\n(cherry picked from commit 1234)\n\tsrc/cart.py")
@example("\nConflicts:")
@example("\nSdd-Session: 03-cart\n# a comment\n\tsrc/cart.py\nSigned-off-by: A <a@b.c>")
@example("\nSigned-off-by: A <a@b.c>\nSdd-Session: 03-cart\nSubject\n ")
@example("Subject\n\nwords\n\nConflicts:\n\tsrc/cart.py\n")
def test_the_message_is_as_git_would_make_it(text: str) -> None:
    message = f"{text}\n".encode()
    said = git_trailers(message, "--if-exists", "add", "--trailer", f"{TOKEN}: x")
    ours = added(message, TOKEN, "x")
    if not any(
        line.strip() and not line.startswith("#") for line in text.partition("# -----")[0].split("\n")
    ):
        assert ours == message
        return
    # Where a comment parts a folded value git takes the comment out, and then reads another value than before.
    assert parsed(ours) in (parsed(said), [*parsed(message), "x"])
    assert [line for line in full_lines(ours) if line != b"Sdd-Session: x"] == full_lines(message)
    assert values(ours, TOKEN) == parsed(ours)
    assert values(message, TOKEN) == parsed(message)


def test_a_message_without_a_last_newline_gets_one() -> None:
    assert added(b"Work", TOKEN, "03-cart") == b"Work\n\nSdd-Session: 03-cart\n"


def git_trailers(message: bytes, *args: str) -> bytes:
    argv = ["git", "interpret-trailers", "--no-divider", *args]
    return subprocess.run(argv, input=message, capture_output=True, check=True).stdout


def parsed(message: bytes) -> list[str]:
    """The values of our trailer, as git parses them."""
    told = git_trailers(message, "--parse").decode().splitlines()
    return [line.partition(":")[2].strip() for line in told if line.lower().startswith("sdd-session:")]


def full_lines(message: bytes) -> list[bytes]:
    return [line for line in message.split(b"\n") if line.strip()]
