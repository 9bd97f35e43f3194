"""A plan's graph as lines for people, and as Mermaid and DOT for what draws them. The same graph gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.views import effort
from sdd.views.status_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from sdd.views.plan_graph import Graph, Node

COLOURS = {
    "done": "#c8e6c9",
    "ready": "#b3e5fc",
    "asking": "#fff59d",
    "review": "#ffe082",
    "failing": "#ffcdd2",
    "blocked": "#eceff1",
    "no session": "#ffffff",
}
"""The fill of a node by its state; text on it is black."""
CRITICAL = "#d84315"
NO_LAYER = "no layer"
SHOWN = 3  # names of unknown effort that one line has room for


def lines(graph: Graph) -> Iterator[tuple[str, str]]:
    """The lines of the graph for a terminal, each with the state by which it may be coloured, empty for none.

    `*` marks the critical path; behind an arrow stands what a session comes after.
    """
    width = max((len(name) for name in graph.nodes), default=0)
    before = graph.before
    for layer, nodes in graph.layers:
        yield layer or NO_LAYER, ""
        for node in nodes:
            mark = "*" if node.name in graph.critical else " "
            after = f"  ← {', '.join(before[node.name])}" if before[node.name] else ""
            facts = f"{node.state:<10}  {_effort(node):<8}"
            yield plain(f"  {mark} {node.name:<{width}}  {facts}{after}".rstrip()), node.state
    yield from ((line, "") for line in told(graph))


def told(graph: Graph) -> Iterator[str]:
    """What there is to say of the whole: the critical path, the waves, what is not known, what goes round."""
    if graph.critical:
        yield f"critical path (*): {effort.told(graph.hours)} left: {' → '.join(graph.critical)}"
        yield f"waves: {len(graph.waves)}; at most {max(map(len, graph.waves))} side by side"
    elif graph.nodes and not graph.circles:
        yield "everything is done"
    yield from unknown(graph)
    yield from (f"a circle: {' → '.join(circle)}" for circle in graph.circles)


def unknown(graph: Graph) -> Iterator[str]:
    """That efforts are not known, and what they count as."""
    if graph.guessed:
        more = f" and {len(graph.guessed) - SHOWN} more" if len(graph.guessed) > SHOWN else ""
        some = ", ".join(graph.guessed[:SHOWN]) + more
        yield f"unknown effort, counted as medium ({effort.told(effort.MEDIUM)}): {plain(some)}"


def waves(graph: Graph) -> Iterator[str]:
    """What may run side by side, a line for each wave."""
    for number, names in enumerate(graph.waves, 1):
        longest = max(graph.nodes[name].hours for name in names)
        head = f"wave {number}, {effort.told(longest)}"
        shown = (f"{name} ({graph.nodes[name].state})" for name in names)
        yield plain(f"{head}: {', '.join(shown)}")
    yield from told(graph)


def _effort(node: Node) -> str:
    return "" if node.done else ("?" if node.guessed else effort.told(node.hours))


def mermaid(graph: Graph) -> str:
    """The graph in Mermaid, as forges show it in Markdown: layers are subgraphs, states colours, thick edges the critical path."""
    ids = {name: f"n{at}" for at, name in enumerate(graph.nodes)}
    out = ["flowchart LR"]
    for at, (layer, nodes) in enumerate(graph.layers):
        out.append(f'  subgraph l{at}["{layer or NO_LAYER}"]')
        out += [f'    {ids[node.name]}["{_mermaid(node)}"]:::{_class(node.state)}' for node in nodes]
        out.append("  end")
    for edge in graph.edges:
        arrow = "==>" if (edge.earlier, edge.later) in graph.marked else "-->"
        out.append(f"  {ids[edge.earlier]} {arrow} {ids[edge.later]}")
    used = {node.state for node in graph.nodes.values()}
    out += [
        f"  classDef {_class(state)} fill:{fill},stroke:#455a64,color:#000"
        for state, fill in COLOURS.items()
        if state in used
    ]
    critical = ",".join(ids[name] for name in graph.critical)
    out += (
        [f"  classDef critical stroke:{CRITICAL},stroke-width:3px", f"  class {critical} critical"]
        if critical
        else []
    )
    return "\n".join(out) + "\n"


def _mermaid(node: Node) -> str:
    """A node's label; Mermaid reads `#` and a number as a character, and quotation marks end it."""
    words = "".join(
        char if char.isalnum() or char in " -_.,/" else f"#{ord(char)};" for char in plain(node.title)
    )
    return f"{node.name}<br>{words}<br>{node.state}"


def _class(state: str) -> str:
    return state.replace(" ", "_")


def dot(graph: Graph) -> str:
    """The graph in DOT: layers are clusters, states fills, bold edges the critical path."""
    out = [
        "digraph plan {",
        "  rankdir=LR;",
        '  node [shape=box, style="filled,rounded", fontname="sans-serif"];',
    ]
    for at, (layer, nodes) in enumerate(graph.layers):
        out += [f"  subgraph cluster_{at} {{", f"    label={_quoted(layer or NO_LAYER)};"]
        out += [f"    {_quoted(node.name)} [{_dot_facts(graph, node)}];" for node in nodes]
        out.append("  }")
    for edge in graph.edges:
        style = f' [penwidth=3, color="{CRITICAL}"]' if (edge.earlier, edge.later) in graph.marked else ""
        out.append(f"  {_quoted(edge.earlier)} -> {_quoted(edge.later)}{style};")
    return "\n".join([*out, "}"]) + "\n"


def _dot_facts(graph: Graph, node: Node) -> str:
    label = _quoted(f"{node.name}\n{plain(node.title)}\n{node.state}")
    bold = f', penwidth=3, color="{CRITICAL}"' if node.name in graph.critical else ""
    return f'label={label}, fillcolor="{COLOURS[node.state]}"{bold}'


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def data(graph: Graph) -> dict[str, Any]:
    """The graph as `sdd plan --graph --json` prints it."""
    return {
        "version": 1,
        "feature": graph.feature,
        "sessions": [
            {
                "name": node.name,
                "title": node.title,
                "state": node.state,
                "layer": node.layer or None,
                "group": node.group or None,
                "owner": node.owner or None,
                "effort": node.effort or None,
                "hours_left": node.hours,
                "effort_known": not node.guessed,
                "critical": node.name in graph.critical,
            }
            for node in (
                graph.nodes[name] for name in (*graph.order, *(sorted(set(graph.nodes) - set(graph.order))))
            )
        ],
        "edges": [{"from": edge.earlier, "to": edge.later, "why": edge.why} for edge in graph.edges],
        "waves": [list(wave) for wave in graph.waves],
        "critical_path": {"sessions": list(graph.critical), "hours_left": graph.hours},
        "circles": [list(circle) for circle in graph.circles],
    }
