"""What `sdd doctor` has to say of the facts it is given: what is set up, what is not, and what to do."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sdd.gates import signers
from sdd.gates.policy import PATH, TRUST
from sdd.gates.policy_form import PROOFS
from sdd.sessions.session import CHANGES
from sdd.snapshot import show
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date

    from sdd.findings import Finding
    from sdd.gates.picture import Gates
    from sdd.gates.policy import Gate, Policy, Trust
    from sdd.sessions.project import Project
    from sdd.snapshot import Snapshot
    from sdd.views.going import Going

OK, WARN, FAIL = "ok", "warn", "fail"
GIT = (2, 38)
"""The oldest git whose `merge-tree --write-tree` there is."""
OLD_PRICES_DAYS = 180
SIGNED = ("ssh", "touch")


class Line(Value):
    """One thing looked at: `verdict` is ok, warn or fail; `hint` what to do about it."""

    about: str
    verdict: str
    words: str
    hint: str = ""


class Agent(Value):
    """An agent's command line, as found here: `program` is its path, empty where it is not installed.

    `version` is empty where it does not tell one, None where it took too long to. `answer` is what it said to a question, None where it was not asked;
    `problem` why it did not answer, and `todo` what to do.
    """

    program: str
    version: str | None
    install: str
    answer: str | None = None
    problem: str = ""
    todo: str = ""


def of_git(version: str) -> Line:
    """Git, by what `git version` prints."""
    number = version.removeprefix("git version ").split(" ")[0]
    parts = tuple(int(part) for part in number.split(".")[:2] if part.isdigit())
    if parts >= GIT:
        return Line("git", OK, number)
    return Line("git", FAIL, f"{number} is older than 2.38", "update git: https://git-scm.com/downloads")


def of_signatures(problem: str, hint: str, policy: Policy | None) -> Line:
    """ssh-keygen, by the problem that it had with a known signature; without one it is fit for every proof."""
    if not problem:
        return Line("ssh-keygen", OK, "verifies signatures of approvals")
    needed = [name for name, proof in _proofs(policy).items() if proof in SIGNED]
    which = (
        f", and {', '.join(needed)} cannot open without it"
        if needed
        else ", which only signed approvals need"
    )
    return Line("ssh-keygen", FAIL if needed else WARN, problem + which, hint)


def _proofs(policy: Policy | None) -> dict[str, str]:
    """What an approval takes, by gate; the trust files' last."""
    return (
        {name: rule.proof for name, rule in policy.gates.items()} | {TRUST: policy.trust.proof}
        if policy
        else {}
    )


def of_policy(gates: Gates) -> Iterator[Line]:
    """The policy: whether it can be read, whether it is enforced, and what each gate's proof proves."""
    policy = gates.policy
    if policy is None:
        yield Line(
            "policy",
            FAIL,
            f"every gate is shut: {gates.wrong}",
            "sdd init" if PATH not in gates.snapshot else f"correct {PATH.decode()}",
        )
        return
    if policy.mode == "report":
        hint = 'set mode = "enforce" in .sdd/policy.toml once the findings are gone: sdd check'
        yield Line("policy", WARN, 'not enforced: mode is "report"', hint)
    else:
        yield Line(
            "policy", OK, f"{len(policy.gates)} gates, enforced; trusted: {', '.join(policy.protected)}"
        )
    proofs = _proofs(policy)
    for proof, words in PROOFS.items():
        named = [name for name, each in proofs.items() if each == proof]
        if named:
            hint = (
                'to prove approvals, list keys in .sdd/allowed_signers and set proof = "ssh"'
                if proof == "none"
                else ""
            )
            yield Line(
                "policy",
                WARN if proof == "none" else OK,
                f'{", ".join(named)}: proof "{proof}" is {words}',
                hint,
            )
    yield from _of_keys(gates.snapshot, policy)


def _of_keys(snapshot: Snapshot, policy: Policy) -> Iterator[Line]:
    """Keys of approvers that signed approvals need and that are not listed, and lines that count for nobody."""
    listed = snapshot.read(signers.SIGNERS) if snapshot.is_file(signers.SIGNERS) else b""
    revoked = snapshot.read(signers.REVOKED) if snapshot.is_file(signers.REVOKED) else b""
    found, wrong = signers.read(listed)
    rules: list[Gate | Trust] = [*policy.gates.values(), policy.trust]
    wanted = {email for rule in rules if rule.proof in SIGNED for email in rule.approvers}
    missing = sorted(wanted - {one.email for one in found})
    if missing:
        hint = f"add a line for each to {show(signers.SIGNERS)}"
        yield Line("keys", WARN, f"no key is listed for {', '.join(missing)}, so they cannot approve", hint)
    for finding in (*wrong, *signers.read_revoked(revoked)[1]):
        yield Line("keys", FAIL, str(finding), finding.hint)


def of_templates(project: Project, shipped: Mapping[str, bytes], versions: frozenset[str]) -> Iterator[Line]:
    """The templates: which are missing, older than this sdd's, or changed here."""
    there = {
        kind: project.snapshot.read(one.path).replace(b"\r\n", b"\n")
        for kind, one in project.templates.items()
    }
    differ = [kind for kind, data in shipped.items() if kind in there and there[kind] != data]
    older = [kind for kind in differ if sha256(there[kind]).hexdigest() in versions]
    changed = [kind for kind in differ if kind not in older]
    missing = [kind for kind in shipped if kind not in there]
    if older:
        yield Line(
            "templates", WARN, f"of an older sdd, and unchanged: {', '.join(older)}", "sdd init --update"
        )
    if missing:
        yield Line("templates", WARN, f"not here: {', '.join(missing)}", "sdd init --update")
    told = f"; changed here, as you may: {', '.join(changed)}" if changed else ""
    yield Line("templates", OK, f"{len(there)} kinds{told}")


def of_providers(
    missing: Mapping[str, str], chosen: str, named: Mapping[str, str], elsewhere: Collection[str] = ()
) -> Iterator[Line]:
    """The providers: `missing` says for each what it lacks (empty: ready), `named` which sessions name one themselves.

    Those told of `elsewhere` have no line of their own here.
    """
    if chosen not in missing:
        hint = f"choose one of {', '.join(missing)}: SDD_PROVIDER, or provider in sdd.toml"
        yield Line("provider", FAIL, f"`{chosen}` is chosen, and there is none of that name", hint)
    elif missing[chosen]:
        what, _, hint = missing[chosen].partition(": ")
        yield Line("provider", FAIL, f"{chosen} is chosen, and not ready: {what}", hint)
    else:
        yield Line("provider", OK, f"{chosen} is chosen, and ready")
    for name, lack in missing.items():
        if name != chosen and name not in elsewhere:
            yield Line(
                "provider", OK, f"{name} is there too, {f'not ready: {lack}' if lack else 'and ready'}"
            )
    for session, name in named.items():
        if name not in missing:
            yield Line(
                "provider",
                FAIL,
                f"{session} names `{name}`, and there is none of that name",
                f"choose one of {', '.join(missing)}",
            )


def of_prices(measured: date, today: date, own: str) -> Line:
    """The prices by which costs are computed: the day on which they were looked up, and the file of the project's own."""
    age = max(0, (today - measured).days)
    which = f"those of {own} laid over sdd's own, " if own else ""
    words = f"{which}looked up on {measured}, {age} day{'' if age == 1 else 's'} ago"
    if age <= OLD_PRICES_DAYS:
        return Line("prices", OK, words)
    hint = 'write what has changed since into a file of your own: prices = "prices.toml" in sdd.toml'
    return Line("prices", WARN, words, hint)


def of_agents(found: Mapping[str, Agent]) -> Iterator[Line]:
    """The agents that presets know: which are here, in which version, whether they answer, how to get the others."""
    for name, agent in found.items():
        if not agent.program:
            continue
        if agent.version is None:
            yield Line("agent", OK, f"{name} is installed, and slow to say its version: {agent.program}")
        elif not agent.version:
            hint = f"try it by hand: {agent.program} --version"
            yield Line("agent", WARN, f"{name} is installed, and does not say its version", hint)
        else:
            yield Line("agent", OK, f"{name} {agent.version} is installed: {agent.program}")
        if agent.problem:
            yield Line("agent", WARN, f"{name} does not answer: {agent.problem}", agent.todo)
        elif agent.answer is not None:
            yield Line("agent", OK, f"{name} answers: {agent.answer}")
    missing = {name: agent.install for name, agent in found.items() if not agent.program}
    if missing:
        hint = "\n".join(f"{name}: {install or 'see its documentation'}" for name, install in missing.items())
        yield Line("agent", OK, f"not installed: {', '.join(missing)}", hint)


def of_findings(sessions: list[Finding], trackers: list[Finding]) -> Iterator[Line]:
    """What `sdd check` finds."""
    if sessions:
        yield Line(
            "sessions",
            FAIL,
            f"{len(sessions)} finding{'' if len(sessions) == 1 else 's'}, the first: {sessions[0]}",
            "sdd check",
        )
    else:
        yield Line("sessions", OK, "nothing is wrong with them")
    if trackers:
        yield Line("trackers", WARN, f"stale: {', '.join(show(one.path) for one in trackers)}", "sdd tracker")
    else:
        yield Line("trackers", OK, "they say what the files say")


def of_plans(project: Project) -> Iterator[Line]:
    """Plans that grant everything, and tasks without a session."""
    for feature, plan in project.plans.items():
        if not plan.tasks:
            hint = "give it tasks below `## Tasks`: sdd explain SDD161"
            yield Line("plan", WARN, f"{show(plan.path)} has no tasks, so it grants everything", hint)
        unplanned = project.unplanned(feature)
        if unplanned:
            hint = " ".join(filter(None, ("sdd plan", feature, "--write")))
            yield Line("plan", WARN, f"{show(plan.path)}: no session for {', '.join(unplanned)}", hint)
    for name, page in project.pages.items():
        if not page.writes:
            yield Line(
                "plan",
                WARN,
                f"{show(page.path)} grants nothing, so {name.removeprefix(CHANGES + '/')} can write nothing",
                "add `writes:`",
            )


def of_runs(found: Iterable[Going]) -> Iterator[Line]:
    """The runs in progress in this working tree."""
    for one in found:
        left = one.stage not in {"given-out", "running"}
        yield Line(
            "runs",
            FAIL if one.stage == "unreadable" else WARN if left else OK,
            f"{one.session}: {one.words}",
            one.command,
        )


def of_clipboard(*, there: bool) -> Line:
    """The clipboard, which `--copy` and `--clipboard` need."""
    if there:
        return Line("clipboard", OK, "`sdd next --copy` and `sdd record --clipboard` work")
    return Line(
        "clipboard",
        WARN,
        "no program can reach one here",
        "install xclip or wl-clipboard, or use files: sdd next --out prompt.md",
    )
