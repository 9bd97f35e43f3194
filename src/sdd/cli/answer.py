"""`sdd answer`: answer the questions of a session."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sdd.cli.here import complete_sessions, examples, here, plural, settle, show_json
from sdd.errors import WaitingError
from sdd.runs.person import answer, keep_lesson, proceed

if TYPE_CHECKING:
    from sdd.runs.place import Place
    from sdd.sessions.session import Session


@click.command(
    epilog=examples(
        "sdd answer checkout/01-product-spec",
        'sdd answer 01-product-spec 2 "After thirty days without a change."',
        'sdd answer 01-product-spec --proceed -m "good enough: it is a prototype"',
        'sdd answer 04-cart --lesson -m "prices are decimals: a float loses cents"',
    )
)
@click.argument("session", shell_complete=complete_sessions)
@click.argument("number", required=False, type=int)
@click.argument("words", required=False, default="")
@click.option(
    "--proceed",
    "go_on",
    is_flag=True,
    help="Let it go on though its confidence is below the bar; say why with -m.",
)
@click.option(
    "--lesson",
    is_flag=True,
    help="Keep in docs/lessons.md what failed twice in the same way; in your words with -m.",
)
@click.option(
    "-m",
    "message",
    default="",
    metavar="WORDS",
    help="The answer, with --proceed the reason, with --lesson the lesson.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the questions and answers as JSON.")
def command(
    session: str,
    number: int | None,
    words: str,
    *,
    go_on: bool,
    lesson: bool,
    message: str,
    as_json: bool,
) -> None:
    """Answer question NUMBER of SESSION with WORDS; without a number, be asked each open one, or see them all.

    Answers can as well be written into the session's file: any text under a question answers it.
    """
    place = here()
    one = place.picture().project.session(session)
    if as_json:
        show_json(
            [
                {"number": number, "question": item.text, "answer": item.answer}
                for number, item in enumerate(one.questions, 1)
            ]
        )
        return
    if lesson:
        for text in keep_lesson(place, one.name, message):
            click.echo(f"kept in docs/lessons.md: {text}")
        return
    if go_on:
        proceed(place, one.name, message)
    elif number is not None:
        answer(place, one.name, number, words or message)
    elif not one.open_questions:
        click.echo(f"{one.name} has no open question")
        return
    else:
        _ask_all(place, one)
    settle(place)
    left = place.picture().project.session(one.name).open_questions
    click.echo(
        f"{plural(len(left), 'question')} left: sdd answer {one.name}"
        if left
        else f"nothing is open. Next: sdd next {one.name}"
    )


def _ask_all(place: Place, one: Session) -> None:
    """Ask each open question on the terminal, and write each answer as it comes.

    Raises:
        WaitingError: there is no terminal to ask on; the questions were printed.
    """
    found = [(number, item.text) for number, item in enumerate(one.questions, 1) if not item.answer]
    if not sys.stdin.isatty():
        for number, question in found:
            click.echo(f"{number}. {question}")
        raise WaitingError(
            f"{one.name} has {plural(len(found), 'open question')}", hint=f'sdd answer {one.name} NUMBER "…"'
        )
    for number, question in found:
        answer(place, one.name, number, click.prompt(f"{number}. {question}\n"))
