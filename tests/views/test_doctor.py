"""What the doctor says of the facts that it is given."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

import pytest

from people import SoftKey
from sdd.findings import Finding
from sdd.gates import signers
from sdd.gates.picture import Gates
from sdd.gates.policy import Policy, read
from sdd.sessions.project import derive
from sdd.snapshot import in_memory
from sdd.views import doctor
from sdd.views.doctor import Agent, Line
from sdd.views.going import Going

ALICE = "alice@example.org"
PLAN = b"# Plan\n\n## Tasks\n\n### 04-cart: Cart\n\n- Goal: x\n- Writes: y\n- Acceptance: z\n"
SESSION = b"---\nkind: work\n---\n# X\n"


def policy(proof: str = "none", mode: str = "enforce") -> bytes:
    head = f'version = 1\nproject = "shop"\nprotected = ["refs/heads/main"]\nmode = "{mode}"\n'
    people = f'approvers = ["{ALICE}"]\nproof = "{proof}"\n'
    return f'{head}[gates.spec]\ndocuments = ["{{docs}}/spec.md"]\n{people}[trust]\n{people}'.encode()


def parsed(proof: str) -> Policy:
    return read(policy(proof))


def of_policy(files: dict[bytes, bytes]) -> list[Line]:
    return list(doctor.of_policy(Gates(in_memory(files))))


def verdicts(lines: Iterable[Line]) -> list[str]:
    return [f"{line.verdict} {line.words}" for line in lines]


@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ("git version 2.38.0", "ok"),
        ("git version 2.39.5 (Apple Git-154)", "ok"),
        ("git version 3.0.rc1", "ok"),
        ("git version 2.37.1.windows.1", "fail"),
        ("git version 2.9", "fail"),
        ("nonsense", "fail"),
    ],
)
def test_git_is_old_enough(version: str, verdict: str) -> None:
    assert doctor.of_git(version).verdict == verdict


def test_an_unfit_ssh_keygen_fails_only_where_something_is_signed() -> None:
    assert doctor.of_signatures("", "", None).verdict == "ok"
    assert doctor.of_signatures("it is missing", "install it", None).verdict == "warn"
    assert doctor.of_signatures("it is missing", "install it", parsed("merged")).verdict == "warn"
    line = doctor.of_signatures("it is missing", "install it", parsed("ssh"))
    assert (line.verdict, line.words) == ("fail", "it is missing, and spec, trust cannot open without it")


@pytest.mark.parametrize(
    ("proof", "verdict", "words"),
    [
        ("none", "warn", "anyone"),
        ("merged", "ok", "no record"),
        ("ssh", "ok", "signed"),
        ("touch", "ok", "touched"),
    ],
)
def test_each_proof_is_said_in_plain_words(proof: str, verdict: str, words: str) -> None:
    line = of_policy({b".sdd/policy.toml": policy(proof)})[1]
    assert line.verdict == verdict
    assert line.words.startswith(f'spec, trust: proof "{proof}" is ')
    assert words in line.words


def test_a_policy_that_only_reports_is_not_enforced() -> None:
    assert (
        verdicts(of_policy({b".sdd/policy.toml": policy(mode="report")}))[0]
        == 'warn not enforced: mode is "report"'
    )


def test_without_a_policy_init_is_the_way_and_a_broken_one_is_to_be_corrected() -> None:
    assert [line.hint for line in of_policy({})] == ["sdd init"]
    assert [line.hint for line in of_policy({b".sdd/policy.toml": b"?"})] == ["correct .sdd/policy.toml"]


def test_an_approver_without_a_key_and_a_line_for_nobody_are_told() -> None:
    with_policy = {b".sdd/policy.toml": policy("ssh")}
    assert f"warn no key is listed for {ALICE}, so they cannot approve" in verdicts(of_policy(with_policy))
    key = signers.line_for(ALICE, SoftKey().public).encode() + b"\n"
    listed = of_policy(with_policy | {signers.SIGNERS: key + b"bob\n", signers.REVOKED: b"bob\n"})
    assert [line.verdict for line in listed] == ["ok", "ok", "fail", "fail"]
    assert [line.words.split()[1] for line in listed[2:]] == ["SDD702", "SDD703"]


def test_templates_are_as_shipped_or_older_or_changed_or_missing() -> None:
    there = {f"sessions/templates/{kind}.md".encode(): kind.encode() for kind in ("same", "older", "changed")}
    there[b"sessions/templates/same.md"] = b"same\r\n"
    shipped = {"same": b"same\n", "older": b"new", "changed": b"new", "missing": b"new"}
    versions = frozenset({hashlib.sha256(b"older").hexdigest()})
    lines = list(doctor.of_templates(derive(in_memory(there)), shipped, versions))
    assert verdicts(lines) == [
        "warn of an older sdd, and unchanged: older",
        "warn not here: missing",
        "ok 3 kinds; changed here, as you may: changed",
    ]
    assert verdicts(doctor.of_templates(derive(in_memory({})), {}, versions)) == ["ok 0 kinds"]


def test_the_chosen_provider_has_to_be_ready_and_others_need_not() -> None:
    missing = {"manual": "", "anthropic": "there is no key: export KEY=…", "recorded": ""}
    lines = list(doctor.of_providers(missing, "anthropic", {"01-a": "manual", "02-b": "gone"}))
    assert verdicts(lines) == [
        "fail anthropic is chosen, and not ready: there is no key",
        "ok manual is there too, and ready",
        "ok recorded is there too, and ready",
        "fail 02-b names `gone`, and there is none of that name",
    ]
    assert lines[0].hint == "export KEY=…"
    told = verdicts(doctor.of_providers(missing, "manual", {}))
    assert told[1] == "ok anthropic is there too, not ready: there is no key: export KEY=…"


def test_findings_are_counted_and_the_first_is_shown() -> None:
    one = Finding("SDD110", b"sessions/x.md", 3, "no goal")
    assert verdicts(doctor.of_findings([one], [])) == [
        "fail 1 finding, the first: sessions/x.md:3: SDD110 no goal",
        "ok they say what the files say",
    ]
    assert verdicts(doctor.of_findings([one, one], [one]))[0].startswith("fail 2 findings")


def test_plans_and_pages_that_grant_too_much_or_nothing_are_told() -> None:
    files = {
        b"docs/implementation-plan.md": PLAN,
        b"docs/a/implementation-plan.md": PLAN,
        b"docs/b/implementation-plan.md": b"# Plan\n",
        b"docs/c/implementation-plan.md": PLAN,
        b"docs/changes/x.md": b"---\nwrites: []\n---\n",
        b"docs/changes/y.md": b"---\nwrites: [src/y.py]\n---\n",
    }
    sessions = ("01-a", "a/01-a", "b/01-a", "c/04-cart", "changes/x", "changes/y")
    files |= {f"sessions/{name}.md".encode(): SESSION for name in sessions}
    lines = list(doctor.of_plans(derive(in_memory(files))))
    assert [(line.words, line.hint) for line in lines] == [
        ("docs/implementation-plan.md: no session for 04-cart", "sdd plan --write"),
        ("docs/a/implementation-plan.md: no session for 04-cart", "sdd plan a --write"),
        (
            "docs/b/implementation-plan.md has no tasks, so it grants everything",
            "give it tasks below `## Tasks`: sdd explain SDD161",
        ),
        ("docs/changes/x.md grants nothing, so x can write nothing", "add `writes:`"),
    ]


@pytest.mark.parametrize(
    ("stage", "verdict"),
    [("given-out", "ok"), ("running", "ok"), ("answered", "warn"), ("unreadable", "fail")],
)
def test_a_run_that_was_left_is_worth_a_warning(stage: str, verdict: str) -> None:
    assert [line.verdict for line in doctor.of_runs([Going("a", stage, "w", "c")])] == [verdict]


def test_a_clipboard_is_good_to_have() -> None:
    assert [doctor.of_clipboard(there=there).verdict for there in (True, False)] == ["ok", "warn"]


@pytest.mark.parametrize(
    ("today", "own", "told"),
    [
        (date(2026, 11, 21), "", "ok looked up on 2026-11-21, 0 days ago"),
        (date(2026, 11, 1), "", "ok looked up on 2026-11-21, 0 days ago"),
        (
            date(2026, 11, 22),
            "p.toml",
            "ok those of p.toml laid over sdd's own, looked up on 2026-11-21, 1 day ago",
        ),
        (date(2027, 11, 21), "", "warn looked up on 2026-11-21, 365 days ago"),
    ],
)
def test_prices_say_how_old_they_are(today: date, own: str, told: str) -> None:
    line = doctor.of_prices(date(2026, 11, 21), today, own)
    assert verdicts([line]) == [told]
    assert bool(line.hint) == told.startswith("warn")


def test_agents_are_told_with_version_and_answer() -> None:
    found = {
        "aider": Agent("", "", "pip install aider"),
        "codex": Agent("/bin/codex", "1.2.3", "npm", answer="`yes`"),
        "gemini": Agent("/bin/gemini", None, "npm"),
        "llm": Agent("/bin/llm", "", "pip", problem="no key", todo="llm keys set"),
        "mine": Agent("", "", ""),
    }
    told = list(doctor.of_agents(found))
    assert verdicts(told) == [
        "ok codex 1.2.3 is installed: /bin/codex",
        "ok codex answers: `yes`",
        "ok gemini is installed, and slow to say its version: /bin/gemini",
        "warn llm is installed, and does not say its version",
        "warn llm does not answer: no key",
        "ok not installed: aider, mine",
    ]
    assert told[3].hint == "try it by hand: /bin/llm --version"
    assert told[4].hint == "llm keys set"
    assert told[5].hint == "aider: pip install aider\nmine: see its documentation"


def test_where_all_agents_are_installed_none_is_missing() -> None:
    assert verdicts(doctor.of_agents({"codex": Agent("/bin/codex", "1", "")})) == [
        "ok codex 1 is installed: /bin/codex"
    ]


def test_a_provider_that_is_told_of_elsewhere_has_one_line_if_chosen() -> None:
    missing = {"manual": "", "codex": "codex is not installed: npm"}
    assert verdicts(doctor.of_providers(missing, "manual", {}, {"codex"})) == [
        "ok manual is chosen, and ready"
    ]
    assert verdicts(doctor.of_providers(missing, "codex", {}, {"codex"}))[0] == (
        "fail codex is chosen, and not ready: codex is not installed"
    )
