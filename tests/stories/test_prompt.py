"""`sdd prompt`: the same bytes everywhere, its parts, what has changed of it, and how it is brought within its budget."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import projects
from gitbox import GitBox, installed
from sdd.sessions.run import render
from stories.test_look import table
from workshop import BOTH, begin, recorded, response, settle

ARCHITECTURE = "# Architecture\n\nAn introduction.\n\n" + "".join(
    f"## {title}\n\n{'word ' * words}\n\n"
    for title, words in (("Cart", 300), ("Stock", 3000), ("Payment", 900), ("Cart errors", 100))
)
CONTRACTS = {
    "docs/interfaces/cart.py": "class ICart:\n    def add(self, line: Line) -> None: ...\n\n\nclass Line:\n    x = 1\n\n\n"
    "class IStock:\n" + "    # " + "word " * 800 + "\n    y = 2\n",
    "docs/interfaces/pay.py": "class IPay:\n    # " + "word " * 700 + "\n    y = 2\n",
}


def shop(box: GitBox, *front: str, **more: str) -> None:
    begin(
        box,
        *(front or ("reads: [docs/architecture.md]", "writes: [src/cart.py]")),
        docs__architecture=ARCHITECTURE,
        **more,
    )


def test_a_prompt_is_the_same_bytes_in_every_locale_time_zone_and_tree(box: GitBox, tmp_path: Path) -> None:
    shop(box, docs__lessons="# Lessons\n\n- Größe, naïveté, 日本語\n")
    box.write("docs/ö ä/ß.md", "umlauts\n")
    box.write(
        "sessions/02-b.md",
        projects.session("implementation", 'reads: ["docs/**", session:01-a, diff:HEAD~1..HEAD]'),
    )
    settle(box)
    box.commit("More")
    first = box.sdd("prompt", "02-b")
    assert first.code == 0, first.err
    other = tmp_path / "another tree, with spaces"
    box.git("worktree", "add", "-q", "--detach", str(other))
    for env in (
        {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "0"},
        {"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "4711"},
        {"PYTHONUTF8": "1", "COLUMNS": "20", "NO_COLOR": "1"},
    ):
        for place in (box, GitBox(other)):
            assert place.sdd("prompt", "02-b", "--out", str(tmp_path / "p.md"), env=env).code == 0
            assert (tmp_path / "p.md").read_bytes().decode() == first.out


def test_a_prompt_tells_what_the_other_sessions_of_its_feature_are_now(box: GitBox) -> None:
    shop(box)
    box.write("sessions/02-b.md", projects.session("implementation"))
    settle(box)
    first = box.sdd("prompt", "01-a").out
    assert box.sdd("prompt", "01-a").out == first
    assert "- `02-b`: Title\n" in first
    box.write("sessions/02-b.md", projects.session("implementation").replace("# Title", "# Another"))
    assert box.sdd("prompt", "01-a").out == first.replace("- `02-b`: Title\n", "- `02-b`: Another\n")
    box.write("sessions/03-c.md", projects.session("implementation"))
    assert "session 1 of 3 of the whole project" in box.sdd("prompt", "01-a").out


def test_an_outline_shows_each_part_with_its_source_and_size(box: GitBox) -> None:
    shop(box)
    told = box.sdd("prompt", "01-a", "--outline")
    blob = box.git("rev-parse", "HEAD:docs/architecture.md")[:12]
    (line,) = (line for line in told.out.splitlines() if "docs/architecture.md" in line)
    assert line.split()[3:] == ["Documents", "docs/architecture.md", blob]
    assert "Role" in told.out
    assert "sessions/templates/implementation.md" in told.out
    assert "by estimate, 4 bytes a token; the budget is 150,000 tokens" in told.out.splitlines()[-1]
    data = json.loads(box.sdd("prompt", "01-a", "--outline", "--json", "--budget", "9").out)
    whole = box.sdd("prompt", "01-a").out
    assert (data["bytes"], data["budget"]) == (len(whole.encode()), 9)
    assert [part["section"] for part in data["parts"]][:2] == ["Role", "Instructions"]
    assert 0.9 < sum(part["share"] for part in data["parts"]) < 1.1
    last = data["parts"][-1]
    assert (last["section"], last["source"], last["path"], last["blob"]) == (
        "Your response",
        None,
        None,
        None,
    )


def test_a_difference_tells_what_changed_since_the_last_run(box: GitBox, tmp_path: Path) -> None:
    shop(
        box,
        "reads: [docs/architecture.md#Cart, docs/gone.md]",
        "writes: [src/a.py, src/b.py]",
        docs__gone="x\n",
    )
    none = box.sdd("prompt", "01-a", "--diff", check=2)
    assert (none.code, "no run of 01-a has left what it was shown" in none.err) == (2, True)
    assert box.sdd("next", "01-a", env=recorded(tmp_path / "r", BOTH)).code == 0
    session = box.read("sessions/01-a.md").replace("docs/gone.md", "docs/new.md")
    box.write("sessions/01-a.md", session)
    box.write("docs/new.md", "new\n")
    box.write("docs/architecture.md", ARCHITECTURE.replace("## Cart\n", "## Cart\n\nTyped.\n", 1))
    told = box.sdd("prompt", "01-a", "--diff").out.splitlines()
    blob = box.git("hash-object", "docs/architecture.md")[:12]
    old = box.git("rev-parse", "HEAD:docs/architecture.md")[:12]
    assert told[0].startswith("since run 1 of 01-a, ")
    assert f"~ docs/architecture.md#Cart {old} -> {blob}" in told
    assert "+Typed." in told
    assert [line[:15] for line in told if line.startswith("- ")] == ["- docs/gone.md "]
    assert any(line.startswith("+ docs/new.md ") for line in told)
    data = json.loads(box.sdd("prompt", "01-a", "--diff", "--json").out)
    assert (data["run"], data["same"]) == (1, False)
    assert [one["selector"] for one in data["changed"]] == ["docs/architecture.md#Cart"]
    assert [one["selector"] for one in data["removed"]] == ["docs/gone.md"]
    assert "docs/new.md" in [one["selector"] for one in data["added"]]


def test_what_was_not_selected_is_no_difference(box: GitBox, tmp_path: Path) -> None:
    shop(box, "reads: [docs/architecture.md#Cart]", "writes: [src/a.py, src/b.py]")
    assert box.sdd("next", "01-a", env=recorded(tmp_path / "r", BOTH)).code == 0
    box.write("docs/architecture.md", ARCHITECTURE.replace("## Stock\n", "## Stock\n\nTyped.\n", 1))
    data = json.loads(box.sdd("prompt", "01-a", "--diff", "--json").out)
    assert data["changed"] == data["removed"] == []


def test_a_prompt_over_its_budget_is_narrowed_to_what_the_session_speaks_of(box: GitBox) -> None:
    shop(box)
    before = box.read_bytes("sessions/01-a.md")
    refused = box.sdd("next", "01-a", "--dry-run", env={"SDD_PROVIDER": "manual"})
    assert refused.code == 0
    box.write("sessions/01-a.md", before.replace(b"---\n", b"---\nbudget: 4200 # small\n", 1))
    refused = box.sdd("next", "01-a", env={"SDD_PROVIDER": "manual"}, check=2)
    assert refused.code == 2
    assert "docs/architecture.md#Cart (the session speaks of it)" in refused.err
    assert "→ sdd prompt 01-a --fit" in refused.err
    printed = box.sdd("prompt", "01-a")
    assert (printed.code, "over the budget of 4,200: sdd prompt 01-a --fit" in printed.err) == (0, True)
    shown = box.sdd("prompt", "01-a", "--fit")
    assert (shown.code, box.read_bytes("sessions/01-a.md")) == (
        0,
        before.replace(b"---\n", b"---\nbudget: 4200 # small\n", 1),
    )
    assert "-reads: [docs/architecture.md]" in shown.out
    assert "tokens  docs/architecture.md#Stock" in shown.out
    assert "nothing was written. To write: sdd prompt 01-a --fit --yes" in shown.out
    told = json.loads(box.sdd("prompt", "01-a", "--fit", "--yes", "--json").out)
    assert (told["fits"], told["written"]) == (True, True)
    (narrowing,) = told["narrowings"]
    assert narrowing["into"] == [
        f"docs/architecture.md#{title}" for title in ("Cart", "Payment", "Cart errors")
    ]
    assert [one["selector"] for one in narrowing["left_out"]] == ["docs/architecture.md#Stock"]
    after = box.read("sessions/01-a.md")
    wanted = (
        "reads: [docs/architecture.md#Cart, docs/architecture.md#Payment, docs/architecture.md#Cart errors]"
    )
    assert after.replace(wanted, "reads: [docs/architecture.md]").encode() == before.replace(
        b"---\n", b"---\nbudget: 4200 # small\n", 1
    )
    again = box.sdd("prompt", "01-a", "--fit")
    assert (again.code, "within 4,200" in again.out) == (0, True)


def test_contracts_are_narrowed_with_the_types_that_they_use(box: GitBox) -> None:
    shop(box, "interfaces: [docs/interfaces/**]", "reads: []", "writes: [src/cart.py]")
    for path, text in CONTRACTS.items():
        box.write(path, text)
    whole = json.loads(box.sdd("prompt", "01-a", "--outline", "--json").out)["tokens"]
    one = json.loads(box.sdd("prompt", "01-a", "--fit", "--json", "--budget", str(whole - 500)).out)
    assert one["narrowings"][0]["into"] == ["docs/interfaces/cart.py"]
    both = json.loads(box.sdd("prompt", "01-a", "--fit", "--json", "--budget", str(whole - 1500)).out)
    assert both["narrowings"][0]["into"] == [
        "docs/interfaces/cart.py::ICart",
        "docs/interfaces/cart.py::Line",
    ]
    assert (both["fits"], both["written"]) == (True, False)


def test_what_cannot_be_narrowed_without_guessing_stays(box: GitBox) -> None:
    shop(box, "reads: [docs/architecture.md]", "writes: [src/a.py]")
    refused = box.sdd("prompt", "01-a", "--fit", "--budget", "3000", check=2)
    assert refused.code == 2
    assert "docs/architecture.md#Stock" in refused.err
    assert "narrow what the session reads" in refused.err


def test_what_is_still_too_much_says_so(box: GitBox) -> None:
    shop(box)
    told = box.sdd("prompt", "01-a", "--fit", "--budget", "100", "--yes", check=1)
    assert told.code == 1
    assert "which is still too much: raise `budget`, or make two sessions of it" in told.out
    assert "wrote sessions/01-a.md" in told.out
    assert "Architecture" not in box.sdd("prompt", "01-a").out


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--outline", "--copy"), "--outline prints no prompt that could be copied or written"),
        (("--diff", "--out", "x"), "--diff prints no prompt"),
        (("--yes",), "--yes says yes to --fit"),
        (("--json",), "--json goes with --outline, --diff or --fit"),
    ],
)
def test_options_that_would_do_nothing_are_refused(box: GitBox, options: tuple[str, ...], why: str) -> None:
    shop(box)
    told = box.sdd("prompt", "01-a", *options, check=2)
    assert (told.code, why in told.err) == (2, True)


def test_a_run_that_changed_nothing_leaves_the_prompt_the_same(box: GitBox, tmp_path: Path) -> None:
    shop(box, "reads: [docs/architecture.md#Cart]", "writes: [src/a.py]")
    asks = response(outcome="questions", questions=["Whose?"], checklist=[])
    assert box.sdd("next", "01-a", env=recorded(tmp_path / "r", asks), check=5).code == 5
    assert "the prompt is the same, to the byte" in box.sdd("prompt", "01-a", "--diff").out


def test_an_old_text_that_was_never_committed_is_told_by_its_blob_alone(box: GitBox, tmp_path: Path) -> None:
    shop(box, "reads: [docs/architecture.md#Cart]", "writes: [src/a.py, src/b.py]")
    box.write("docs/architecture.md", ARCHITECTURE.replace("## Cart\n", "## Cart\n\nOnce.\n", 1))
    old = box.git("hash-object", "docs/architecture.md")[:12]
    assert box.sdd("next", "01-a", env=recorded(tmp_path / "r", BOTH)).code == 0
    session = box.read("sessions/01-a.md")
    box.write("sessions/01-a.md", session + run_without_a_file())
    box.write("docs/architecture.md", ARCHITECTURE)
    told = box.sdd("prompt", "01-a", "--diff").out
    new = box.git("hash-object", "docs/architecture.md")[:12]
    assert f"~ docs/architecture.md#Cart {old} -> {new}\n" in told
    assert "Once." not in told
    assert "2 parts changed" in told  # the lesson that the run left is new


def run_without_a_file() -> str:
    return "\n" + render(projects.run("proceed", summary="Go on."), 2)


def test_no_run_on_record_is_an_error(box: GitBox) -> None:
    shop(box)
    box.write("sessions/01-a.md", box.read("sessions/01-a.md") + "\n## Runs\n" + run_without_a_file())
    told = box.sdd("prompt", "01-a", "--diff", check=2)
    assert "no run of 01-a has left what it was shown" in told.err


@pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal is POSIX's")
def test_a_person_is_asked_before_anything_is_written(box: GitBox) -> None:
    from terminal import Terminal

    shop(box)
    ends = {"n": "nothing was written. To write: sdd prompt 01-a --fit --yes", "y": "wrote sessions/01-a.md."}
    for answer, end in ends.items():
        screen = Terminal(
            [installed("sdd"), "prompt", "01-a", "--fit", "--budget", "4200"],
            box.path,
            {"SDD_PROVIDER": "manual"},
        )
        screen.wait_for("Write it? [y/N]")
        screen.type(f"{answer}\n")
        screen.wait_for(end)
        assert screen.end() == 0


def test_the_keys_of_the_json_are_those_of_the_contract(box: GitBox, tmp_path: Path) -> None:
    shop(box)
    outline = json.loads(box.sdd("prompt", "01-a", "--outline", "--json").out)
    fit = json.loads(box.sdd("prompt", "01-a", "--fit", "--json", "--budget", "4200").out)
    assert list(outline) == table("`sdd prompt --outline --json`")
    assert list(outline["parts"][0]) == table("`parts`")
    assert list(fit) == table("`sdd prompt --fit --json`")
    assert list(fit["narrowings"][0]) == table("`narrowings`")
    asks = response(outcome="questions", questions=["Whose?"], checklist=[])
    box.sdd("next", "01-a", env=recorded(tmp_path / "r", asks), check=5)
    assert list(json.loads(box.sdd("prompt", "01-a", "--diff", "--json").out)) == table(
        "`sdd prompt --diff --json`"
    )
