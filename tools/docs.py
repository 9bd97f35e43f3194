"""Write the pages of docs/ that code can tell better than people: docs.py; a test compares them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import click
from pydantic import BaseModel

from sdd import errors
from sdd.cli.entry import SECTIONS, sdd
from sdd.gates import policy_form
from sdd.llm import anthropic_problems, claude_problems, presets
from sdd.llm.preset_form import Pick, Preset, Problem, UsageForm
from sdd.llm.problems import Kind as ProblemKind
from sdd.llm.problems import ProblemError
from sdd.runs.response import ALLOWED
from sdd.sessions import keys
from sdd.sessions.plan import FIELDS, LISTS, MAPS, REQUIRED
from sdd.settings import schema
from sdd.views.rules import FOLDER, Rule, index, page, rules

ROOT = Path(__file__).parent.parent
REFERENCE = "docs/reference"
PART = re.compile(r"(<!-- generated: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)

REMARK = re.compile(r" {3,}[(](.*)[)]$")
"""What a command's help says in brackets after an example."""

COMMANDS = """\
# Commands

<!-- written by `make docs` from the commands themselves; do not edit -->

`sdd COMMAND --help` prints the same. A session is named by its path without `sessions/` and `.md`; inside one feature the
last part is enough. What `--json` prints: [json.md](json.md). What a command ends with: [exit-codes.md](exit-codes.md).
`sdd --version` prints the version; `git sdd` works like `sdd`.
"""

SETTINGS = """\
# `sdd.toml`

<!-- written by `make docs`; do not edit -->

How a project likes to work. The file is optional and so is every key; an unknown key is an error. `sdd schema` prints
the JSON schema, for editors. `--provider` and the environment variable `SDD_PROVIDER` stand above a session's own
`provider`, and that above this file's.
"""


def settings_page() -> str:
    """The page of `sdd.toml`: a table for its top, one for each of its tables."""
    described = schema()
    tables = {"": described["properties"]}
    for name, field in described["properties"].items():
        if "$ref" in field:
            tables[name] = described["$defs"][field["$ref"].rpartition("/")[2]]["properties"]
    return SETTINGS + "".join(_table(name, fields) for name, fields in tables.items())


def _table(name: str, fields: dict[str, Any]) -> str:
    rows = [
        f"| `{key}` | {_kind(field)} | {_default(field)} | {field['description']} |"
        for key, field in fields.items()
        if "$ref" not in field
    ]
    heading = f"## `[{name}]`\n\n" if name else ""
    return "\n".join(
        ["", heading + "| key | is | default | meaning |", "| --- | --- | --- | --- |", *rows, ""]
    )


def _kind(field: dict[str, Any]) -> str:
    if "enum" in field:
        return " or ".join(f'`"{each}"`' for each in field["enum"])
    kind = next(each["type"] for each in field.get("anyOf", [field]))
    limits = list(dict.fromkeys(str(field[limit]) for limit in ("minimum", "maximum") if limit in field))
    words = {"integer": "a whole number", "string": "text", "number": "a number", "array": "a list of texts"}[
        kind
    ]
    return f"{words}, {' to '.join(limits)}" if "maximum" in field else words


def _default(field: dict[str, Any]) -> str:
    default = field.get("default")
    if default is None:
        return "none"
    return f'`"{default}"`' if isinstance(default, str) else f"`{default}`"


def rule_pages() -> dict[str, Callable[[], str]]:
    """The pages of all rules, and their index."""

    def of(rule: Rule) -> Callable[[], str]:
        return lambda: page(rule)

    return {
        f"{FOLDER}/README.md": index,
        **{f"{FOLDER}/{code}.md": of(rule) for code, rule in rules().items()},
    }


def commands_page() -> str:
    """Each command as click knows it: usage, help, options, examples."""
    found: list[str] = [COMMANDS]
    for section, names in SECTIONS.items():
        found += [f"\n## {section}\n", *(_command(name) for name in names)]
    return "".join(found)


def _command(name: str) -> str:
    context = click.Context(sdd, info_name="sdd")
    command = sdd.get_command(context, name)
    if command is None:
        raise LookupError(name)
    inner = click.Context(command, parent=context, info_name=name)
    usage = " ".join([f"sdd {name}", *command.collect_usage_pieces(inner)])
    told = " ".join((command.help or "").replace("\n\n", "\0").split()).replace("\0", "\n\n")
    options = [
        (_spelled(option, inner), _explained(option, inner))
        for option in command.params
        if isinstance(option, click.Option)
    ]
    lines = (command.epilog or "").partition("Examples:\n")[2].splitlines()
    examples = "\n".join("$ " + REMARK.sub(r"   # \1", line.strip()) for line in lines)
    return "\n".join(
        [
            f"\n### `sdd {name}`\n",
            f"```text\n{usage}\n```\n",
            f"{told}\n",
            *([table(("option", "meaning"), options)] if options else []),
            f"```console\n{examples}\n```\n",
        ]
    )


def _spelled(option: click.Option, context: click.Context) -> str:
    names = ", ".join(option.opts)
    value = "" if option.is_flag else f" {option.make_metavar(context)}"
    return f"`{names}{value}`".replace("|", "\\|")


def _explained(option: click.Option, context: click.Context) -> str:
    default = option.get_default(context) if option.show_default else None
    return f"{option.help}{f' Default: `{default}`.' if default else ''}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; its cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _keys(where: keys.Table) -> Callable[[], str]:
    def written() -> str:
        rows = [
            (f"`{key.name}`", key.type, "yes" if where.where in key.required else "", key.meaning)
            for key in where.keys
        ]
        return table(("key", "is", "needed", "meaning"), rows)

    return written


def _response() -> str:
    return table(("key", "is"), [(f"`{key}`", words) for key, words in ALLOWED.items()])


def _tasks() -> str:
    forms = {**dict.fromkeys(LISTS, "list"), **dict.fromkeys(MAPS, "map")}
    rows = [(f"`{key}`", forms.get(key, "text"), "yes" if key in REQUIRED else "") for key in FIELDS]
    return table(("field", "is", "needed"), rows)


def _policy() -> str:
    tables = {
        "the top": policy_form.POLICY,
        "`[gates.NAME]`": policy_form.GATE,
        "`[trust]`": policy_form.TRUST,
        "`[[code]]`": policy_form.CODE,
    }
    rows = [
        (place, f"`{key}`", words, "yes" if needed else "")
        for place, known in tables.items()
        for key, (_, words, needed) in known.items()
    ]
    return table(("in", "key", "is", "needed"), rows)


def _proofs() -> str:
    return table(
        ("proof", "an approval is"), [(f"`{key}`", words) for key, words in policy_form.PROOFS.items()]
    )


def _exit_codes() -> str:
    numbers = {
        value: name.lower().replace("_", " ")
        for name, value in vars(errors).items()
        if isinstance(value, int)
    }
    kinds = (errors.SddError, errors.RefusedError, errors.ProviderError, errors.WaitingError)
    raised = {kind.exit_code: (kind.__doc__ or "").splitlines()[0] for kind in kinds}
    rows = [(f"`{code}`", name, raised.get(code, "")) for code, name in sorted(numbers.items())]
    return table(("code", "says", "of an error"), rows)


def _problems(named: Callable[[ProblemKind, object], ProblemError]) -> Callable[[], str]:
    """The table of what a provider can say, whose problems `named` makes."""
    return lambda: table(("kind", "sdd says", "what to do", "tried again"), _problem_rows(named))


def _problem_rows(named: Callable[[ProblemKind, object], ProblemError]) -> Iterator[tuple[str, ...]]:
    for kind in get_args(ProblemKind):
        try:
            problem = named(kind, "…")
        except KeyError:  # a kind of another provider, or of the library
            continue
        hint = problem.hint.replace("<", "\\<")  # not a tag
        yield f"`{kind}`", problem.message, hint, "yes" if problem.transient else ""


def _presets() -> str:
    rows = [
        (
            f"`{name}`",
            preset.about,
            "yes" if preset.resume else "",
            "yes" if preset.edits else "",
            preset.install
            if preset.install.startswith("https:")
            else f"`{preset.install}`".replace("|", "\\|"),
            preset.seen,
        )
        for name, preset in presets.presets({presets.VARIABLE: os.devnull}).items()
    ]
    return table(("provider", "is", "goes on", "edits", "install", "seen"), rows)


def _preset_keys() -> str:
    tables: dict[str, type[BaseModel]] = {
        "": Preset,
        "`usage`": UsageForm,
        "each of `problems`": Problem,
        "each place": Pick,
    }
    rows = [
        (place, f"`{key}`", "yes" if field.is_required() else "", field.description or "a table, see below")
        for place, form in tables.items()
        for key, field in form.model_fields.items()
    ]
    return table(("in", "key", "needed", "meaning"), rows)


PARTS: dict[str, Callable[[], str]] = {
    "session keys": _keys(keys.SESSION),
    "template keys": _keys(keys.TEMPLATE),
    "page keys": _keys(keys.PAGE),
    "response keys": _response,
    "task fields": _tasks,
    "policy keys": _policy,
    "proofs": _proofs,
    "exit codes": _exit_codes,
    "api problems": _problems(anthropic_problems.named),
    "claude problems": _problems(claude_problems.named),
    "presets": _presets,
    "preset keys": _preset_keys,
}
"""What stands in pages written by hand between `<!-- generated: NAME -->` and `<!-- end -->`."""


def with_parts(name: str) -> Callable[[], str]:
    """A page that people write, with its generated parts made anew."""

    def written() -> str:
        text = (ROOT / name).read_text(encoding="utf-8")
        return PART.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n{found[3]}", text)

    return written


MIXED = tuple(
    f"{REFERENCE}/{name}.md" for name in ("formats", "response", "policy", "exit-codes", "providers")
)
PAGES: dict[str, Callable[[], str]] = {
    f"{REFERENCE}/sdd-toml.md": settings_page,
    f"{REFERENCE}/commands.md": commands_page,
    **{name: with_parts(name) for name in MIXED},
    **rule_pages(),
}


def main(root: Path = ROOT) -> None:
    """Write every page below this folder."""
    for name, render in PAGES.items():
        page = root / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(render(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
