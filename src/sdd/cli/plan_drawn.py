"""`sdd plan --graph` and `--parallel`: how tasks and sessions hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdd.cli.here import show_json
from sdd.cli.status import COLOURS
from sdd.errors import SddError
from sdd.views import graph_text
from sdd.views.plan_graph import Graph, graph

if TYPE_CHECKING:
    from sdd.gates.picture import Picture


def draw(picture: Picture, feature: str, form: str, *, as_json: bool) -> None:
    """Print the graph of a feature's plan in a form, or without one what may run side by side.

    Raises:
        SddError: there is nothing to draw.
    """
    found = graph(picture, feature)
    if not found.nodes:
        others = [name for name in picture.project.features if graph(picture, name).nodes]
        hint = "\n".join(f"sdd plan {name} --graph".replace("  ", " ") for name in others)
        raise SddError(
            f"{feature or 'the root feature'} has neither tasks nor sessions of its own",
            hint=hint or "sdd status",
        )
    if as_json:
        show_json(graph_text.data(found))
    elif form == "text":
        for line, state in graph_text.lines(found):
            click.echo(_looking(line, state))
    else:
        click.echo(_drawn(found, form), nl=False)


def _drawn(found: Graph, form: str) -> str:
    if form == "svg":
        from sdd.views.graph_svg import svg

        return svg(found)
    forms = {"mermaid": graph_text.mermaid, "dot": graph_text.dot}
    return forms[form](found) if form else "".join(f"{line}\n" for line in graph_text.waves(found))


def _looking(line: str, state: str) -> str:
    """A line as `sdd status` shows its state on a terminal."""
    *weight, colour = COLOURS.get(state, "").split() or [""]
    if colour == "dim":
        return click.style(line, dim=True)
    return click.style(line, fg=colour or None, bold="bold" in weight or None)
