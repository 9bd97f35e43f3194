"""The documentation: generated pages are fresh, links lead somewhere, examples are read by the real parsers, commands exist."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import click
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from gitbox import GitBox
from sdd import errors
from sdd.cli.entry import COMMANDS, sdd
from sdd.gates import approval, policy
from sdd.llm import providers
from sdd.runs import response
from sdd.runs.choice import MANUAL
from sdd.runs.record import inputs
from sdd.sessions.plan import parse as parse_plan
from sdd.sessions.process import shipped
from sdd.sessions.project import Project, derive
from sdd.sessions.run import OUTCOMES, Run, file_name
from sdd.sessions.state import STATES
from sdd.sessions.template import PERSON
from sdd.snapshot import in_memory

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = sorted(
    [*DOCS.rglob("*.md"), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))]
)
ONE_SCREEN = 60  # lines
HELP = {"-h", "--help"}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def generator() -> ModuleType:
    """`tools/docs.py` as a module."""
    spec = spec_from_file_location("docs", ROOT / "tools" / "docs.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def tokens(page: Path) -> list[Token]:
    """A page as Markdown sees it, the pieces of its lines after each line."""
    found = MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8"))
    return [piece for token in found for piece in (token, *(token.children or ()))]


def fences(page: Path) -> list[Token]:
    return [token for token in tokens(page) if token.type == "fence"]


# Generated pages


DOCS_TOOL = generator()


@pytest.mark.parametrize("name", DOCS_TOOL.PAGES)
def test_a_generated_page_is_as_its_source_says(name: str) -> None:
    assert (ROOT / name).read_text("utf-8") == DOCS_TOOL.PAGES[name](), "run 'make docs'"


def test_every_generated_part_stands_in_one_page() -> None:
    texts = "".join((ROOT / name).read_text("utf-8") for name in DOCS_TOOL.MIXED)
    assert sorted(found[1] for found in DOCS_TOOL.PART.findall(texts)) == sorted(DOCS_TOOL.PARTS)


def test_every_command_and_option_stands_in_the_page_of_commands() -> None:
    text = (REFERENCE / "commands.md").read_text("utf-8")
    for name in COMMANDS:
        part = text.partition(f"### `sdd {name}`\n")[2].partition("\n### ")[0]
        assert part, name
        assert all(f"| `{option}" in part for option in options_of(name) - HELP if option.startswith("-"))
        assert "$ sdd " in part


# Links


def slugs(page: Path) -> set[str]:
    """The anchors that a forge gives to a page's headings."""
    found = tokens(page)
    titles = (found[at + 1].content for at, token in enumerate(found) if token.type == "heading_open")
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(page: Path) -> Iterator[str]:
    for token in tokens(page):
        target = str(token.attrGet("href") or token.attrGet("src") or "")
        if target and not re.match(r"[a-z]+:", target):
            yield unquote(target)


@every_page
def test_every_link_leads_to_a_file_or_a_heading(page: Path) -> None:
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{link}: there is no {target}"
        assert not anchor or anchor in slugs(target), f"{link}: there is no such heading"


def test_the_index_leads_to_every_page() -> None:
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "README.md")}
    folders = {REFERENCE / "rules", DOCS / "decisions"}
    pages = {page for page in DOCS.rglob("*.md") if folders.isdisjoint(page.parents)}
    assert pages - linked == {DOCS / "README.md"}


# Commands that the pages name


def options_of(name: str) -> set[str]:
    command = sdd.get_command(click.Context(sdd), name)
    assert command
    return {option for parameter in command.params for option in parameter.opts} | HELP


def typed(page: Path) -> list[str]:
    """The lines that a page says to type."""
    blocks = (fence.content.splitlines() for fence in fences(page) if fence.info.split()[:1] == ["console"])
    return [line[2:] for lines in blocks for line in lines if line.startswith("$ ")]


def programs(line: str) -> Iterator[list[str]]:
    """The programs that a line of a shell runs, each with its arguments."""
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    words.commenters = "#"
    argv: list[str] = []
    for word in [*words, ";"]:
        if word.strip(";|&()<>"):
            argv.append(word)
        else:
            yield argv
            argv = []


def refused(argv: list[str]) -> str:
    """Why `sdd` would not take these arguments, or an empty string."""
    if argv[:1] == ["hook"]:
        return "" if argv[1:] in (["pre-commit"], ["pre-merge-commit"]) else "no such door"
    try:
        _, command, rest = sdd.resolve_command(click.Context(sdd), argv)
        assert command
        command.make_context(argv[0], rest)
    except click.exceptions.Exit:
        return ""  # --help
    except (click.ClickException, errors.SddError) as error:
        return str(error)
    return ""


@every_page
def test_every_command_in_a_console_block_would_be_taken(page: Path) -> None:
    for line in typed(page):
        for argv in programs(line):
            own = argv[1:] if argv[:1] == ["sdd"] else argv[2:] if argv[:2] == ["git", "sdd"] else None
            if own is not None and own != ["--help"]:
                assert not refused(own), f"$ {line}"


@every_page
def test_every_command_in_a_sentence_exists_with_its_options(page: Path) -> None:
    codes = (token.content for token in tokens(page) if token.type == "code_inline")
    for code in codes:
        name, *rest = code.removeprefix("sdd ").split() if code.startswith("sdd ") else ("",)
        if name and name.islower() and name not in {"hook", "--help", "--version"}:
            assert name in COMMANDS, code
            named = {word.partition("=")[0] for word in rest if re.match(r"-+[a-z]", word)}
            assert named <= options_of(name), code


# Examples


def example(page: str, kind: str) -> tuple[str, str]:
    """The path and the text of a page's example of that kind: the second and third word of its fence."""
    found = [fence for fence in fences(REFERENCE / page) if fence.info.split()[1:2] == [kind]]
    assert len(found) == 1, f"{page} has {len(found)} examples of a {kind}"
    return " ".join(found[0].info.split()[2:]), found[0].content


def project() -> Project:
    """The project that the examples of formats.md make together, with the shipped templates around them."""
    kinds = ("session", "template", "plan", "page", "whole-run")
    own = dict(example("formats.md", kind) for kind in kinds)
    own["sessions/checkout/03-implementation-plan.md"] = (
        "---\nkind: implementation-plan\n---\n# Plan\n\n## Goal\n\nPlan it.\n\n## Checklist\n\n- [ ] it is planned\n"
    )
    own["sessions/changes/round-totals.md"] = (
        "---\nkind: change\n---\n# Round totals\n\n## Goal\n\nRound.\n\n## Checklist\n\n- [ ] it rounds\n"
    )
    own["docs/interfaces/cart.py"] = "class ICartService: ...\n"
    templates = {f"sessions/templates/{kind}.md".encode(): data for kind, data in shipped().items()}
    return derive(in_memory(templates | {path.encode(): text.encode() for path, text in own.items()}))


def test_the_examples_of_formats_are_a_project_without_a_finding() -> None:
    found = project()
    assert found.findings() == []
    cart = found.session("checkout/04-cart")
    assert cart.questions[0].answer == "After thirty days without a change."
    assert cart.runs[0].outcome == "questions"
    assert found.keys[cart.name]["verify"] == ("python -m pytest -q tests/test_cart.py",)
    assert "spike" in found.templates
    assert found.pages["changes/round-totals"].verify == ("python -m pytest -q tests/test_price.py",)


def test_the_example_of_a_plan_is_the_plan_of_the_example_of_a_session() -> None:
    path, text = example("formats.md", "plan")
    (task,) = parse_plan(path.encode(), text.encode()).tasks
    cart = project().session("checkout/04-cart")
    assert task.name == cart.slug
    assert task.writes == cart.own["writes"]
    assert [item.text for item in cart.checklist] == list(task.lists["Acceptance"])


def test_the_example_of_a_whole_run_is_named_after_its_own_bytes() -> None:
    path, text = example("formats.md", "whole-run")
    run = project().session("checkout/04-cart").runs[0]
    assert path == f"sessions/{run.file}"
    assert run.file == file_name("checkout/04-cart", run.time, text.encode())
    assert inputs(text.encode()) == ["docs/checkout/brief.md"]


def test_the_example_of_a_response_has_no_problem() -> None:
    parsed = response.parse(example("response.md", "response")[1])
    assert parsed.problems == ()
    assert (len(parsed.files), len(parsed.edits)) == (1, 1)
    assert parsed.block
    assert parsed.block.lessons


def test_the_example_of_a_policy_is_read_and_says_what_the_page_says() -> None:
    path, text = example("policy.md", "policy")
    found = policy.read(text.encode(), path.encode())
    assert list(found.gates) == ["spec", "implementation", "user-verification", "deployment", "change"]
    assert found.gates["spec"].approvals == 2
    assert (found.gates["deployment"].approvals, found.gates["deployment"].proof) == (1, "ssh")


def test_the_example_of_a_record_lies_where_it_says() -> None:
    path, text = example("policy.md", "record")
    record = approval.read(path.encode(), text.encode())
    assert isinstance(record, approval.Approval)
    assert approval.render(record) == text.encode()


def test_the_example_of_a_program_names_what_the_library_has() -> None:
    (fence,) = (fence for fence in fences(DOCS / "how-to" / "use-the-api.md") if fence.info == "python")
    (imported,) = (node for node in ast.walk(ast.parse(fence.content)) if isinstance(node, ast.ImportFrom))
    library = import_module(str(imported.module))
    assert all(hasattr(library, alias.name) for alias in imported.names)


# Tables that people write


def rows(page: Path, heading: str) -> list[str]:
    """The first column of the table below a heading."""
    part = page.read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", part, re.MULTILINE)


def test_the_page_of_words_has_the_states_in_their_order() -> None:
    assert rows(REFERENCE / "words.md", "States of a session") == list(STATES)


def test_the_page_of_words_has_every_standing() -> None:
    source = (ROOT / "src" / "sdd" / "gates" / "standing.py").read_text("utf-8")
    found = re.search(r"Status = Literal\[(.*?)\]", source)
    assert found
    assert rows(REFERENCE / "words.md", "Standings of an approval") == re.findall(r'"(\w+)"', found[1])


def test_the_page_of_formats_has_every_fact_and_outcome_of_a_run() -> None:
    facts = [name for name in Run._fields if name not in {"summary", "line"}]
    assert rows(REFERENCE / "formats.md", "A run") == facts
    text = (REFERENCE / "formats.md").read_text("utf-8")
    assert all(f"`{outcome}`" in text for outcome in OUTCOMES)


def test_the_page_of_providers_has_all_there_are() -> None:
    text = (REFERENCE / "providers.md").read_text("utf-8")
    for name in (*providers.names(), MANUAL, PERSON):
        assert f"| `{name}` |" in text


def test_the_architecture_names_every_room() -> None:
    text = (DOCS / "explanation" / "architecture.md").read_text("utf-8")
    for room in (ROOT / "src" / "sdd").glob("*/__init__.py"):
        assert f"| `{room.parent.name}/` |" in text


@every_page
def test_every_test_that_a_page_names_exists(page: Path) -> None:
    for file, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page.read_text("utf-8")):
        if file.startswith(("tests/test_cart", "tests/test_price")):
            continue  # of the shop in the examples
        assert (ROOT / file).is_file(), file
        assert not name or f"def {name}(" in (ROOT / file).read_text("utf-8"), name


# The README


def test_the_readme_is_one_screen() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= ONE_SCREEN


def said(expected: list[str]) -> str:
    """What a transcript says was printed, as a pattern: a line `…` stands for any lines, `…` in one for any words."""
    lines = (r"(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + r"\n" for line in expected)
    return "".join(lines)


def test_the_readmes_transcript_happens(box: GitBox) -> None:
    box.git("config", "user.email", "alice@example.org")
    blocks = [fence.content for fence in fences(ROOT / "README.md") if fence.info == "console"]
    (transcript,) = (block for block in blocks if "$ sdd init" in block)
    for part in transcript.removeprefix("$ ").split("\n$ "):
        command, *expected = part.splitlines()
        argv = shlex.split(command)
        assert argv[0] == "sdd"
        done = box.sdd(*argv[1:], env={"SDD_PROVIDER": ""}, check=None)
        assert re.fullmatch(said(expected), done.out + done.err), f"$ {command}\n{done.out}{done.err}"
