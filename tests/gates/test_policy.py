"""The policy is read strictly: what is not understood opens nothing."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.gates import policy
from sdd.gates.approval import quoted
from sdd.gates.policy import Code, Gate, Policy, PolicyError, Trust
from sdd.gates.policy_form import MODES, PROOFS

TEXT = """\
version = 1
project = "shop"
protected = ["refs/heads/main"]
mode = "enforce"
[gates.spec]
documents = ["{docs}/product-spec.md"]
approvers = ["alice@example.org"]
approvals = 1
proof = "ssh"
[gates.implementation]
documents = ["{docs}/architecture.md", "{docs}/implementation-plan.md"]
approvers = ["alice@example.org"]
after = ["spec"]
[gates.change]
documents = ["docs/changes/{session}.md"]
approvers = ["alice@example.org"]
[gates.deployment]
documents = ["{docs}/release.md"]
refs = ["refs/tags/v*"]
approvers = ["alice@example.org"]
[trust]
approvers = ["alice@example.org"]
proof = "ssh"
files = [".github/workflows/**", ".gitlab-ci.yml"]
[[code]]
paths = ["src/**"]
requires = [["spec", "implementation"], ["change"]]
within_writes = true
"""
LEAST = """\
version = 1
project = "shop"
protected = ["refs/heads/main"]
[trust]
approvers = ["alice@example.org"]
"""
PEOPLE = ("alice@example.org",)


def told(text: str | bytes) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as raised:
        policy.read(text.encode() if isinstance(text, str) else text)
    assert raised.value.message.startswith(".sdd/policy.toml cannot be read: ")
    assert all(problem in raised.value.message for problem in raised.value.problems)
    assert raised.value.exit_code == 2
    return raised.value.problems


def changed(line: str, other: str) -> str:
    assert line in TEXT
    return TEXT.replace(line, other, 1)


def test_the_published_form_is_read() -> None:
    found = policy.read(TEXT.encode())
    assert (found.version, found.project, found.mode) == (1, "shop", "enforce")
    assert found.protected == ("refs/heads/main",)
    assert list(found.gates) == ["spec", "implementation", "change", "deployment"]
    assert found.gates["implementation"] == Gate(
        name="implementation",
        documents=("{docs}/architecture.md", "{docs}/implementation-plan.md"),
        approvers=PEOPLE,
        approvals=1,
        proof="ssh",
        after=("spec",),
        refs=(),
        former=(),
    )
    assert found.gates["deployment"].refs == ("refs/tags/v*",)
    assert found.trust == Trust(PEOPLE, "ssh", (".github/workflows/**", ".gitlab-ci.yml"))
    assert found.code == (Code(("src/**",), (("spec", "implementation"), ("change",)), within_writes=True),)


def test_what_is_not_said_has_the_strict_default() -> None:
    found = policy.read(LEAST.encode())
    assert found == Policy(
        1, "shop", ("refs/heads/main",), "enforce", {}, Trust(PEOPLE, "ssh", (), (), 1), ()
    )
    code = policy.read((TEXT.replace("within_writes = true\n", "")).encode()).code
    assert code[0].within_writes


def test_carriage_returns_change_nothing() -> None:
    assert policy.read(TEXT.replace("\n", "\r\n").encode()) == policy.read(TEXT.encode())


def test_the_trust_files_have_a_gate_of_their_own() -> None:
    found = policy.read(LEAST.replace("alice", "bob").encode() + b'former = ["alice@example.org"]\n')
    gate = found.gate("trust")
    assert gate == Gate("trust", (), ("bob@example.org",), former=PEOPLE)
    assert found.gate("spec") is None
    assert policy.read(TEXT.encode()).gate("spec") == policy.read(TEXT.encode()).gates["spec"]


@pytest.mark.parametrize(
    ("line", "other", "problem"),
    [
        ("version = 1\n", "", "version is missing"),
        ("version = 1", "version = 2", "version must be 1"),
        ("version = 1", "version = true", "version must be 1"),
        ("version = 1", "version = 1\nprotect = []", "protect is unknown, did you mean protected?"),
        ("version = 1", "version = 1\nzzz = []", "zzz is unknown"),
        ('project = "shop"', 'project = ""', "project must be the project's name"),
        ('project = "shop"', 'project = "a\\nb"', "project must be the project's name"),
        ('"refs/heads/main"', "", "protected must be a list of one or more texts"),
        ('"refs/heads/main"', '"main"', "protected: 'main' must begin with refs/heads/ and be one branch"),
        ('"refs/heads/main"', '"refs/heads/*"', "protected: 'refs/heads/*' must begin with refs/heads/"),
        ('mode = "enforce"', 'mode = "report-only"', "mode must be one of enforce, report"),
        ('proof = "ssh"', 'proof = "gpg"', "gates.spec.proof must be one of none, merged, ssh, touch"),
        ('proof = "ssh"', "proof = 1", "gates.spec.proof must be one of none, merged, ssh, touch"),
        ('proof = "ssh"', 'prof = "ssh"', "gates.spec.prof is unknown, did you mean proof?"),
        ('approvers = ["alice@example.org"]\n', "", "gates.spec.approvers is missing"),
        ('["alice@example.org"]', "[]", "gates.spec.approvers must be a list of one or more texts"),
        ('["alice@example.org"]', '"alice@example.org"', "gates.spec.approvers must be a list of one"),
        ('["alice@example.org"]', '["*@example.org"]', "gates.spec: '*@example.org' is no plain e-mail address"),
        ("approvals = 1", "approvals = 0", "gates.spec.approvals must be a number from 1"),
        ("approvals = 1", "approvals = true", "gates.spec.approvals must be a number from 1"),
        ("approvals = 1", "approvals = 2", "gates.spec.approvals is 2, but there are 1 approvers"),
        ("approvals = 1", 'former = ["Alice@example.org"]', "gates.spec: alice@example.org is named twice"),
        ('["{docs}/product-spec.md"]', "[]", "gates.spec.documents must be a list of one or more texts"),
        ("{docs}/product", "{doc}/product", "gates.spec.documents: '{doc}/product-spec.md' must be a path with"),
        ("{docs}/product", "{docs}/../product", "gates.spec.documents: '{docs}/../product-spec.md' must be"),
        ("{docs}/product", "/{docs}/product", "gates.spec.documents: '/{docs}/product-spec.md' must be"),
        ("{docs}/product-spec", "{docs}/*", "gates.spec.documents: '{docs}/*.md' must be"),
        ("{docs}/product", ".SDD/product", "gates.spec.documents: '.SDD/product-spec.md' must be"),
        ("{docs}/product", ".git/product", "gates.spec.documents: '.git/product-spec.md' must be"),
        ('after = ["spec"]', 'after = ["specs"]', "gates.implementation.after: there is no gate 'specs', did you mean spec?"),
        ('after = ["spec"]', 'after = ["trust"]', "gates.implementation.after: there is no gate 'trust'"),
        ("[gates.spec]", "[gates.Spec]", "gates.Spec is no name for a gate"),
        ("[gates.spec]", "[gates.trust]", "gates.trust is no name for a gate"),
        ("[gates.spec]", "[gates]\nbuild = 3\n[gates.spec]", "gates.build must be a table"),
        ("refs/tags/v*", "v*", "gates.deployment.refs: 'v*' must begin with refs/"),
        ("refs/tags/v*", "refs/tags/v *", "gates.deployment.refs: 'refs/tags/v *' must begin with refs/"),
        ("refs = [", 'proof = "merged"\nrefs = [', 'gates.deployment.refs needs records, and proof = "merged" has none'),
        ('".gitlab-ci.yml"', '"ci/{docs}"', "trust.files: 'ci/{docs}' would match nothing"),
        ('"src/**"', '"src/"', "code[0].paths: 'src/' would match nothing; write a path or a glob from the top"),
        ('"src/**"', '"./src/**"', "code[0].paths: './src/**' would match nothing"),
        ('"src/**"', '"!src/**"', "code[0].paths: '!src/**' would match nothing"),
        ('"src/**"', '"src/{a,b}"', "code[0].paths: 'src/{a,b}' would match nothing"),
        ('"src/**"', "", "code[0].paths must be a list of one or more texts"),
        ('[["spec", "implementation"], ["change"]]', "[]", "code[0].requires must be a list of lists of gates"),
        ('[["spec", "implementation"], ["change"]]', "[[]]", "code[0].requires must be a list of lists of gates"),
        ('[["spec", "implementation"], ["change"]]', '["spec"]', "code[0].requires must be a list of lists"),
        ('["change"]]', '["chance"]]', "code[0].requires: there is no gate 'chance', did you mean change?"),
        ("within_writes = true", "within_writes = 1", "code[0].within_writes must be true or false"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_its_key(line: str, other: str, problem: str) -> None:
    assert any(found.startswith(problem) for found in told(changed(line, other)))


def test_approvals_of_what_is_merged_cannot_be_counted() -> None:
    text = changed(
        '["alice@example.org"]\napprovals = 1\nproof = "ssh"',
        '["a@x", "b@x"]\napprovals = 2\nproof = "merged"',
    )
    assert told(text) == ('gates.spec.approvals counts records, and proof = "merged" has none',)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("version = ", "it is no TOML"),
        (TEXT + "[gates.spec]\n", "it is no TOML"),
        (b"\xff", "it is no TOML"),
        (b"a = " + b"[" * 5000, "it is no TOML: nested too deeply"),
        (b"#" * (2 << 20), "it has 2097152 bytes, and at most 1048576 are read"),
        ("gates = 3\ncode = 3\ntrust = 3", "gates must be a table"),
        ("code = [3]\n" + LEAST, "code[0] must be a table"),
        ("", "trust is missing"),
    ],
)
def test_what_is_no_policy_is_refused(text: str | bytes, problem: str) -> None:
    assert any(found.startswith(problem) for found in told(text))


def test_everything_that_is_wrong_is_told_at_once() -> None:
    text = changed("version = 1", "version = 3").replace('"change"]]', '"chance"]]').replace('"shop"', "7")
    assert told(text) == (
        "version must be 1",
        "project must be the project's name",
        "code[0].requires: there is no gate 'chance', did you mean change?",
    )


def test_gates_that_wait_for_themselves_are_refused() -> None:
    gate = 'documents = ["docs/a.md"]\napprovers = ["alice@example.org"]\n'
    text = LEAST + "".join(
        f"[gates.{name}]\n{gate}after = {after}\n"
        for name, after in [
            ("a", '["b", "c"]'),
            ("b", '["c"]'),
            ("c", '["d"]'),
            ("d", '["b"]'),
            ("e", '["e"]'),
        ]
    )
    assert told(text) == (
        "gates.b.after waits for itself: b -> c -> d -> b",
        "gates.c.after waits for itself: c -> d -> b -> c",
        "gates.d.after waits for itself: d -> b -> c -> d",
        "gates.e.after waits for itself: e -> e",
    )


@pytest.mark.parametrize(
    ("pattern", "feature", "session", "path"),
    [
        ("{docs}/product-spec.md", "", "", b"docs/product-spec.md"),
        ("{docs}/product-spec.md", "checkout", "", b"docs/checkout/product-spec.md"),
        ("docs/changes/{session}.md", "changes", "typo", b"docs/changes/typo.md"),
        ("docs/{feature}/{session}.md", "checkout", "{docs}", b"docs/checkout/{docs}.md"),
        ("docs/{session}.md", "", "gr\xf6\xdfe", "docs/größe.md".encode()),
        ("docs/{session}.md", "", "\udcff", b"docs/\xff.md"),
    ],
)
def test_placeholders_are_filled_once(pattern: str, feature: str, session: str, path: bytes) -> None:
    assert policy.expand(pattern, feature, session) == path


def gate(*documents: str) -> Gate:
    return Gate("spec", documents, PEOPLE)


def test_a_gate_has_the_documents_of_the_feature() -> None:
    both = gate("{docs}/a.md", "{docs}/b.md", "{docs}/a.md")
    assert policy.documents(both, "checkout") == (b"docs/checkout/a.md", b"docs/checkout/b.md")


@pytest.mark.parametrize(
    ("pattern", "feature", "session"),
    [
        ("docs/changes/{session}.md", "checkout", ""),
        ("docs/{feature}/x.md", "", "x"),
        ("docs/changes/{session}.md", "", "../../src/x"),
        ("{docs}/x.md", "..", ""),
        ("docs/{session}", "", "/"),
    ],
)
def test_a_gate_whose_document_cannot_be_named_has_none(pattern: str, feature: str, session: str) -> None:
    assert policy.documents(gate("docs/fine.md", pattern), feature, session) == ()


def test_a_rendered_policy_says_what_each_level_proves() -> None:
    text = policy.render(policy.read(TEXT.encode()))
    assert all(f"#   {name:<7} {words}" in text for name, words in PROOFS.items())
    assert f'proof = "ssh"  # {PROOFS["ssh"]}' in text
    assert "\n\n[gates.spec]\n" in text


emails = st.from_regex(r"[a-z]{1,5}@[a-z]{1,3}", fullmatch=True)
plain = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
documents = st.lists(st.sampled_from(["{docs}/a.md", "docs/{session}.md", 'ü"$']), min_size=1)
people = st.lists(emails, min_size=1, max_size=4, unique=True)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    names = draw(
        st.lists(
            st.from_regex(r"[a-z]{1,6}", fullmatch=True).filter(lambda name: name != "trust"), unique=True
        )
    )
    gates = {}
    for number, name in enumerate(names):
        crowd = draw(people)
        proof = draw(st.sampled_from(sorted(PROOFS)))
        gates[name] = Gate(
            name=name,
            documents=tuple(draw(documents)),
            approvers=tuple(crowd[:2]),
            approvals=1 if proof == "merged" else draw(st.integers(1, len(crowd[:2]))),
            proof=proof,
            after=tuple(draw(st.lists(st.sampled_from(names[:number])))) if number else (),
            refs=() if proof == "merged" else tuple(draw(st.lists(st.just("refs/tags/v*"), max_size=1))),
            former=tuple(crowd[2:]),
        )
    sets = st.lists(st.sampled_from(names or [""]), min_size=1).map(tuple)
    codes = st.builds(Code, st.just(("src/**",)), st.lists(sets, min_size=1).map(tuple), st.booleans())
    return Policy(
        version=1,
        project=draw(plain),
        protected=("refs/heads/main",),
        mode=draw(st.sampled_from(MODES)),
        gates=gates,
        trust=Trust(tuple(draw(people)), files=(".github/**",)),
        code=tuple(draw(st.lists(codes, max_size=3))) if names else (),
    )


@given(policies())
def test_reading_gives_back_what_was_rendered(made: Policy) -> None:
    assert policy.read(policy.render(made).encode()) == made


@given(st.binary())
def test_no_bytes_make_the_reader_raise_anything_else(data: bytes) -> None:
    with pytest.raises(PolicyError):
        policy.read(data)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_no_value_in_any_place_makes_the_reader_raise_anything_else(data: st.DataObject) -> None:
    """Any key of the policy, at any depth, holds something else."""
    table = tomllib.loads(TEXT)
    place = data.draw(
        st.sampled_from([table, table["gates"], table["gates"]["spec"], table["trust"], table["code"][0]])
    )
    place[data.draw(st.sampled_from([*place]))] = data.draw(values)
    try:
        policy.read(_toml(table).encode())
    except PolicyError as error:
        assert error.problems  # noqa: PT017 - either a policy or this error, which says why


def _toml(value: object) -> str:
    """A table as TOML on few lines; whatever has no form in TOML becomes a text."""
    assert isinstance(value, dict)
    return "".join(f"{_inline(name)} = {_inline(one)}\n" for name, one in value.items())


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_inline(name)} = {_inline(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else quoted(str(value))
