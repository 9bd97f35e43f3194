"""The graph of a plan: what comes first, what may run side by side, the longest way; drawn for people and programs."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from counting import calls
from projects import files, run, runs, seen, session
from sdd.gates.picture import Picture
from sdd.views import graph_text
from sdd.views.effort import hours, told
from sdd.views.graph_svg import svg
from sdd.views.plan_graph import NOT_MADE, Graph, graph


def task(name: str, *fields: str, title: str = "Title", writes: str = "") -> str:
    lines = "".join(f"- {field}\n" for field in fields)
    return f"### {name}: {title}\n\n- Goal: it\n{lines}- Writes: {writes or f'src/{name}.py'}\n- Acceptance: it holds\n"


PLAN = "## Tasks\n\n" + "\n".join(
    (
        task("04-money", "Layer: foundation", "Effort: small"),
        task("05-cart", "Layer: core", "Depends on: 04-money", "Effort: 2 days", title='Cart "of" <b> #1'),
        task("06-stock", "Layer: core", "Reads: src/04-money.py::Money", "Effort: somehow", "Group: g"),
        task("07-page", "Layer: interface", "Depends on: 05-cart", "Owner: bob@example.org"),
        task(
            "08-any",
            "Effort: 1h",
            writes="src/05-cart.py, docs/x.md",
        ),
    )
).replace("src/05-cart.py, docs", "docs/y.md, docs")


def shop(plan: str = PLAN, **sessions: str) -> Picture:
    given = files(
        **{f"sessions__shop__{name.strip('_').replace('_', '-')}": text for name, text in sessions.items()}
    )
    plans = session("implementation-plan").encode()
    return seen(
        given
        | {
            b"docs/shop/implementation-plan.md": plan.encode(),
            b"sessions/shop/03-plan.md": plans,
            b"src/04-money.py": b"",
        }
    )


DONE = session(
    "implementation", "layer: foundation", "writes: []", "effort: small", items=(), rest=""
) + runs(run())


def drawn(**sessions: str) -> Graph:
    return graph(shop(**sessions), "shop")


def test_the_longest_way_by_effort_is_the_critical_one() -> None:
    found = drawn()
    assert found.critical == ("04-money", "05-cart", "07-page")
    assert found.hours == 4 + 16 + 16
    assert found.guessed == ["06-stock", "07-page"]
    assert found.marked == {("04-money", "05-cart"), ("05-cart", "07-page")}


def test_what_is_done_takes_no_more_time_and_is_in_no_wave() -> None:
    found = drawn(_04_money=DONE)
    assert found.nodes["04-money"].state == "done"
    assert found.critical == ("05-cart", "07-page")
    assert found.waves == (("05-cart", "06-stock", "08-any"), ("07-page",))
    everything = graph(shop("## Tasks\n\n" + task("04-money"), _04_money=DONE), "shop")
    assert (everything.critical, everything.waves, everything.hours) == ((), (), 0)
    assert list(graph_text.told(everything)) == ["everything is done"]


def test_waves_hold_what_waits_for_nothing_in_them_and_is_in_nobodys_way() -> None:
    found = drawn()
    assert found.waves == (("04-money", "08-any"), ("05-cart", "06-stock"), ("07-page",))
    rival = session("refactoring", "reads: ['src/**']", "writes: [docs/z.md]", "layer: interface")
    assert drawn(_09_rival=rival).waves == (
        ("04-money", "08-any"),
        ("05-cart", "06-stock"),
        ("07-page",),
        ("09-rival",),
    )


def test_sessions_say_what_they_need_and_tasks_without_one_what_the_plan_says() -> None:
    made = session("implementation", "needs: [03-plan, 08-any]", "effort: 1w", "layer: core", goal="g")
    found = drawn(_05_cart=made)
    assert {(edge.earlier, edge.later): edge.why for edge in found.edges} == {
        ("08-any", "05-cart"): "needs 08-any",
        ("04-money", "06-stock"): "reads src/04-money.py, which 04-money writes",
        ("05-cart", "07-page"): "depends on 05-cart",
    }
    assert (found.nodes["05-cart"].hours, found.nodes["06-stock"].state) == (40, NOT_MADE)
    assert found.nodes["07-page"].owner == "bob@example.org"


def test_the_lines_show_layers_states_and_what_comes_before() -> None:
    lines = [line for line, _ in graph_text.lines(drawn(_04_money=DONE))]
    assert lines == [
        "foundation",
        "    04-money  done",
        "core",
        "  * 05-cart   no session  2 days    ← 04-money",
        "    06-stock  no session  ?         ← 04-money",
        "interface",
        "  * 07-page   no session  ?         ← 05-cart",
        "no layer",
        "    08-any    no session  1 h",
        "critical path (*): 4 days left: 05-cart → 07-page",
        "waves: 2; at most 3 side by side",
        "unknown effort, counted as medium (2 days): 06-stock, 07-page",
    ]
    many = "## Tasks\n\n" + "\n".join(task(f"{at:02}-t") for at in range(10, 15))
    told_of = list(graph_text.unknown(graph(shop(many), "shop")))
    assert told_of == ["unknown effort, counted as medium (2 days): 10-t, 11-t, 12-t and 2 more"]


def test_the_waves_are_told_in_lines() -> None:
    assert list(graph_text.waves(drawn()))[:3] == [
        "wave 1, 4 h: 04-money (no session), 08-any (no session)",
        "wave 2, 2 days: 05-cart (no session), 06-stock (no session)",
        "wave 3, 2 days: 07-page (no session)",
    ]


def test_a_circle_is_drawn_and_told() -> None:
    round_ = drawn(
        _20_a=session("integration", "needs: [21-b]"), _21_b=session("integration", "needs: [20-a]")
    )
    assert round_.circles == (("20-a", "21-b", "20-a"),)
    assert "a circle: 20-a → 21-b → 20-a" in [line for line, _ in graph_text.lines(round_)]
    assert ET.fromstring(svg(round_)).tag.endswith("svg")  # noqa: S314 - what sdd itself wrote
    assert graph_text.data(round_)["sessions"][-1]["name"] == "21-b"
    alone = graph(shop("## Tasks\n\n" + task("04-a", "Depends on: 04-a")), "shop")
    assert list(graph_text.told(alone)) == [
        "unknown effort, counted as medium (2 days): 04-a",
        "a circle: 04-a → 04-a",
    ]


def test_mermaid_has_layers_colours_and_the_critical_path_and_no_title_breaks_it() -> None:
    text = graph_text.mermaid(drawn(_04_money=DONE))
    assert text.startswith(
        'flowchart LR\n  subgraph l0["foundation"]\n    n0["04-money<br>Title<br>done"]:::done\n  end\n'
    )
    assert 'n1["05-cart<br>Cart #34;of#34; #60;b#62; #35;1<br>no session"]:::no_session' in text
    assert "  n1 ==> n3\n" in text
    assert "  n0 --> n1\n" in text
    assert "  classDef done fill:#c8e6c9" in text
    assert "classDef failing" not in text
    assert text.endswith("  class n1,n3 critical\n")
    assert "critical" not in graph_text.mermaid(
        graph(shop("## Tasks\n\n" + task("04-money"), _04_money=DONE), "shop")
    )


def test_dot_has_clusters_and_quotes_what_has_to_be_quoted() -> None:
    text = graph_text.dot(drawn(_04_money=DONE))
    assert '  subgraph cluster_1 {\n    label="core";\n' in text
    assert (
        '"05-cart" [label="05-cart\\nCart \\"of\\" <b> #1\\nno session", fillcolor="#ffffff", penwidth=3'
        in text
    )
    assert '  "04-money" -> "05-cart";\n' in text
    assert '  "05-cart" -> "07-page" [penwidth=3' in text
    assert text.count("{") == text.count("}") == 5


def test_an_svg_is_xml_with_arrows_that_go_to_the_right_and_boxes_apart() -> None:
    found = drawn()
    text = svg(found)
    assert text == svg(drawn())
    assert len(ET.fromstring(text).findall(".//{*}g")) == 5  # noqa: S314 - what sdd itself wrote
    arrows = re.findall(r'd="M(\d+) \d+C[\d ]+ (\d+) \d+" fill="none"', text)
    assert len(arrows) == 3
    assert all(int(start) < int(end) for start, end in arrows)
    corners = re.findall(r'<rect x="(\d+)" y="(\d+)" width="200"', text)
    assert len(set(corners)) == 5
    assert "Cart &quot;of&quot; &lt;b&gt; #1" in text
    assert "critical path: 4.5 days left" in text


def test_a_long_title_is_cut_in_its_box_and_whole_beside_it() -> None:
    text = svg(graph(shop("## Tasks\n\n" + task("04-a", title="words " * 20)), "shop"))
    assert "words words words words wor…" in text
    assert ET.fromstring(text).findall(".//{*}g/{*}title")[0].text == "04-a: " + ("words " * 20).strip()  # noqa: S314 - what sdd itself wrote
    assert svg(graph(shop(""), "shop")).startswith("<svg ")
    done = svg(graph(shop("## Tasks\n\n" + task("04-money"), _04_money=DONE), "shop"))
    assert "critical path" not in done


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("small", 4),
        ("Medium: two requests", 16),
        ("L", 40),
        ("half a day, about 250 lines", 4),
        ("2 days", 16),
        ("1.5d", 12),
        ("one week", 40),
        ("90 minutes", 1.5),
        ("3h", 3),
        ("3-5 days", None),
        ("smallish", None),
        ("", None),
        ("much", None),
    ],
)
def test_effort_is_words_or_a_number_with_a_unit(said: str, amount: float | None) -> None:
    assert hours(said) == amount


@pytest.mark.parametrize(
    ("amount", "words"), [(0.5, "0.5 h"), (4, "4 h"), (8, "1 day"), (20, "2.5 days"), (40, "5 days")]
)
def test_hours_are_told_in_days_where_they_make_one(amount: float, words: str) -> None:
    assert told(amount) == words


def test_ten_times_the_tasks_cost_ten_times_as_much() -> None:
    def picture(size: int) -> Picture:
        return shop(
            "## Tasks\n\n"
            + "\n".join(
                task(
                    f"{at:05}-t",
                    f"Depends on: {f'{at - 9:05}-t' if at > 8 else 'none'}",
                    f"Reads: src/{max(at - 20, 0):05}-t.py",
                )
                for at in range(size)
            )
        )

    small, large = picture(60), picture(600)
    for seen_ in (small, large):
        assert seen_.project.plans["shop"].tasks
    assert calls(lambda: graph(large, "shop")) < 13 * calls(lambda: graph(small, "shop"))
