"""A plan's graph as an SVG: no program and no library, the same bytes from the same graph.

Layers are bands from top to bottom. A session stands as far to the right as the longest chain that leads to it, so each arrow
goes from left to right; in a column those come first whose forerunners stand higher.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sdd.values import Value
from sdd.views import effort
from sdd.views.graph_text import COLOURS, CRITICAL, NO_LAYER
from sdd.views.status_text import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdd.views.plan_graph import Graph, Node

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN, HEAD = 200, 52, 70, 14, 16, 24
"""Sizes in pixels: of a box, between boxes, around a band, and of a band's heading."""
LETTERS = 28  # of a line that fits into a box


class _Place(Value):
    """Where a box stands: its column, its row in the band, and its upper left corner."""

    x: int
    y: int


class _Band(Value):
    """A layer: its heading, and its upper and lower edge."""

    name: str
    top: int
    bottom: int


def svg(graph: Graph) -> str:
    """The graph as a whole file."""
    columns = _columns(graph)
    places, bands = _placed(graph, columns)
    width = 2 * MARGIN + (max(columns.values(), default=0) + 1) * (WIDTH + GAP_X)
    height = max((band.bottom for band in bands), default=0) + MARGIN + HEAD
    out = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            'font-family="sans-serif" font-size="12" role="img">'
        ),
        f"<title>The plan of {escape(graph.feature or 'the project')}</title>",
        *(_marker(name, colour) for name, colour in (("arrow", "#78909c"), ("critical", CRITICAL))),
    ]
    for band in bands:
        out.append(
            f'<rect x="4" y="{band.top}" width="{width - 8}" height="{band.bottom - band.top}" fill="#fafafa" stroke="#cfd8dc" rx="6"/>'
        )
        out.append(
            f'<text x="{MARGIN}" y="{band.top + 17}" fill="#546e7a" font-weight="bold">{band.name}</text>'
        )
    out += [
        _edge(places[edge.earlier], places[edge.later], critical=(edge.earlier, edge.later) in graph.marked)
        for edge in graph.edges
    ]
    out += [_box(graph, graph.nodes[name], place) for name, place in places.items()]
    out.append(f'<text x="{MARGIN}" y="{height - MARGIN // 2}" fill="#37474f">{escape(_foot(graph))}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def _foot(graph: Graph) -> str:
    return f"critical path: {effort.told(graph.hours)} left" if graph.critical else ""


def _columns(graph: Graph) -> dict[str, int]:
    """How many boxes the longest chain to each box has; boxes in a circle begin at the left."""
    before = graph.before
    columns: dict[str, int] = {}
    for name in graph.order:
        columns[name] = max((columns[need] + 1 for need in before[name]), default=0)
    return columns | {name: 0 for name in graph.nodes if name not in columns}


def _placed(graph: Graph, columns: Mapping[str, int]) -> tuple[dict[str, _Place], list[_Band]]:
    before = graph.before
    places: dict[str, _Place] = {}
    bands: list[_Band] = []
    top = MARGIN
    for layer, nodes in graph.layers:
        rows = 0
        for column in sorted({columns[node.name] for node in nodes}):
            names = _sorted([node.name for node in nodes if columns[node.name] == column], before, places)
            rows = max(rows, len(names))
            for row, name in enumerate(names):
                x = MARGIN + column * (WIDTH + GAP_X)
                places[name] = _Place(x, top + HEAD + row * (HEIGHT + GAP_Y))
        bottom = top + HEAD + rows * (HEIGHT + GAP_Y)
        bands.append(_Band(layer or NO_LAYER, top, bottom))
        top = bottom + MARGIN
    return places, bands


def _sorted(
    names: Sequence[str], before: Mapping[str, Sequence[str]], places: Mapping[str, _Place]
) -> list[str]:
    """The boxes of one column and band by the mean height of those before them, else by name."""

    def height(name: str) -> tuple[float, str]:
        known = [places[need].y for need in before[name] if need in places]
        return (sum(known) / len(known) if known else 0.0, name)

    return sorted(names, key=height)


def _marker(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>'
    )


def _edge(start: _Place, end: _Place, *, critical: bool) -> str:
    x1, y1, x2, y2 = start.x + WIDTH, start.y + HEIGHT // 2, end.x, end.y + HEIGHT // 2
    bend = GAP_X // 2
    look = (
        f'stroke="{CRITICAL}" stroke-width="3" marker-end="url(#critical)"'
        if critical
        else 'stroke="#78909c" marker-end="url(#arrow)"'
    )
    return f'<path d="M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}" fill="none" {look}/>'


def _box(graph: Graph, node: Node, place: _Place) -> str:
    stroke = f'stroke="{CRITICAL}" stroke-width="3"' if node.name in graph.critical else 'stroke="#455a64"'
    amount = "" if node.done else f" · {'? ' if node.guessed else ''}{effort.told(node.hours)}"
    texts = (node.name, plain(node.title), f"{node.state}{amount}")
    words = "".join(
        f'<text x="{place.x + 8}" y="{place.y + 15 + 15 * at}"{" font-weight=" + chr(34) + "bold" + chr(34) if not at else ""}>{escape(_short(text))}</text>'
        for at, text in enumerate(texts)
    )
    return (
        f"<g><title>{escape(f'{node.name}: {plain(node.title)}')}</title>"
        f'<rect x="{place.x}" y="{place.y}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="{COLOURS[node.state]}" {stroke}/>{words}</g>'
    )


def _short(text: str) -> str:
    return text if len(text) <= LETTERS else text[: LETTERS - 1] + "…"
