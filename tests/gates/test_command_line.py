"""What a command's words say, with no shell parsed: each row has an honest twin that differs by one fact."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.gates.command_line import BANS, WRITERS, Target, banned, targets


@pytest.mark.parametrize(
    ("words", "command", "twin"),
    [
        ("sdd approve", "sdd approve docs/product-spec.md --gate spec", "sdd status"),
        ("sdd approve", "git sdd  approve x", "git sdd status"),
        ("sdd approve", "cd x && .venv/bin/sdd 'approve' x", "cd x && .venv/bin/sdd 'answer' x"),
        ("sdd approve", "s''dd ap\\\nprove x", "s''dd sta\\\ntus"),
        ("sdd approve", 'bash -c "sdd approve x --gate spec"', 'bash -c "sdd status --json"'),
        ("sdd approve", "python -m sdd.main approve x", "python -m sdd.main status"),
        ("sdd approve", "bash <<EOF\nsdd approve x\nEOF", "cat > notes.md <<EOF\nsdd approve x\nEOF"),
        ("sdd approve", "cat <<'EOF' | sh\nsdd approve x\nEOF", "cat <<-'EOF' | wc\nsdd approve x\n\tEOF"),
        ("sdd approve", "cat <<EOF\nEOF\nsdd approve x", "cat <<EOF\nsdd approve x\nEOF"),
        ("sdd enrol", "sdd enrol me@example.org --key k.pub", "sdd doctor"),
        ("sdd init --hooks none", "sdd init --update --hooks=none", "sdd init --hooks native"),
        ("sdd init --remove-agent", "sdd init --remove-agent claude", "sdd init --agent claude"),
        ("ssh-keygen -Y sign", "ssh-keygen -q -Y sign -n approval@sdd -f k x", "ssh-keygen -Y verify -f k x"),
        ("ssh-keygen -Y sign", "ssh-keygen -Ysign -f k x", "ssh-keygen -l -f sign"),
        ("--no-verify", "git commit --no-verify -m x", "git commit --verify -m x"),
        ("--no-verify", "git push --no-veri", "git push --no-verbose"),
        ("git commit -n", "git commit -n -m x", "git commit -m x"),
        ("git commit -n", "git -C a -c b=c commit -anm x", "git -C a -c b=c commit -am x"),
        ("git commit -n", "bash -c 'git commit -n -m x'", "git commit -m 'take -n too'"),
        ("git commit -n", "git commit -qsn", "git commit -mn"),
        ("git commit -n", "git commit '-n'", "git commit -a && head -n 3"),
        ("git commit -n", "git --no-pager commit -n", "git log commit -n 3"),
        ("SKIP=", "SKIP=sdd git commit -m x", "MAX_SKIP=3 make"),
        ("SKIP=", "export 'SKIP'=sdd", "dd if=a of=b skip=3"),
        ("core.hooksPath", "git -c core.hookspath=/dev/null commit", "git config core.editor vi"),
        ("core.hooksPath", "git config core.hooksPath x", "git config --list"),
        ("git commit-tree", "git commit-tree HEAD^{tree} -m x", "git ls-tree HEAD"),
        ("git update-ref", "git update-ref refs/heads/main HEAD", "git show-ref"),
        ("git fast-import", "git fast-import < x", "git fast-export HEAD"),
        ("pre-commit uninstall", "prek uninstall", "pre-commit run"),
    ],
)
def test_what_only_a_person_runs_is_known_by_its_words(words: str, command: str, twin: str) -> None:
    ban = banned(command)
    assert ban is not None
    assert ban.words == words
    assert banned(twin) is None


def test_every_ban_is_known_by_the_words_it_is_published_with() -> None:
    assert [ban.words for ban in BANS] == [(banned(ban.words) or ban).words for ban in BANS]
    assert all(banned(ban.words) for ban in BANS)


@pytest.mark.parametrize(
    ("command", "written"),
    [
        ("echo x > a", ["a"]),
        ("echo x>a 2>>b", ["a", "b"]),
        ("echo x >| a; echo &> b", ["a", "b"]),
        ("ls 2>&1 >&- | cat", []),
        ("wc < a", []),
        ("tee a < b", ["a"]),
        ("echo a -> b => c", []),
        ("echo 'x > a' \"> b\"", []),
        ("echo x > 'my file' ; echo y > it\\'s", ["my file", "it's"]),
        ('echo > "a\\"b"', ['a"b']),
        ("make | tee -a a b", ["a", "b"]),
        ("sudo /bin/tee a", ["a"]),
        ("X=1 exec tee a", ["a"]),
        ("sed -i s/a/b/ c d", ["c", "d"]),
        ("sed -i.bak -e s/a/b/ -f x c", ["c"]),
        ("sed -Ei '' s/a/b/ c", ["c"]),
        ("sed --in-place s/a/b/ c", ["c"]),
        ("sed -n p c", []),
        ("perl -pi -e 's/a/b/' c", ["c"]),
        ("perl c", []),
        ("rm -rf a b", ["a", "b"]),
        ("git rm a", ["a"]),
        ("chmod +x a", ["a"]),
        ("touch -d now a", ["a"]),
        ("truncate -s 0 a", ["a"]),
        ("dd if=a of=b", ["b"]),
        ("dd if=a", []),
        ("rm", []),
        ("rm -f", []),
        ("X=1", []),
        ("bash -c 'echo > a'", ["a"]),
        ("bash -euc 'cd x; rm a' && eval 'rm b'", ["x/a", "b"]),
        ("cd x && rm a /b ~/c", ["x/a", "/b", "~/c"]),
        ("(cd x; cd y; echo > a)", ["x/y/a"]),
        ("pushd x; echo > ../a", ["x/../a"]),
        ("cd; echo > a", ["a"]),
        ("cd $HOME; echo > a", ["a"]),
        ("cat > a <<EOF\necho > b\nEOF\necho > c", ["a", "c"]),
        ("bash <<EOF > a\necho > b\nEOF", ["a", "b"]),
        ("echo it's > a", ["a"]),
        ("echo 'a; echo > b' it's; echo > c", ["c"]),
        ("if true; then rm a; fi", ["a"]),
        ("echo `rm a` $(rm b)", ["a", "b"]),
        ("ls\nrm a", ["a"]),
    ],
)
def test_what_a_command_says_that_it_writes_is_found(command: str, written: list[str]) -> None:
    assert [one.path for one in targets(command)] == written


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("cp a b/c d", [Target("d", ("a", "c"))]),
        ("cp -t d a b", [Target("d/", ("a", "b"))]),
        ("cp --target-directory=d a", [Target("d/", ("a",))]),
        ("mv a/ b", [Target("a/", deep=True), Target("b", ("a",))]),
        ("mv -t d a", [Target("a", deep=True), Target("d/", ("a",))]),
        ("cd x; cp a .", [Target("x/.", ("a",))]),
        ("rm -r a", [Target("a", deep=True)]),
        ("install -m 755 a b", [Target("b", ("a",))]),
    ],
)
def test_a_folder_may_be_meant(command: str, found: list[Target]) -> None:
    assert targets(command) == found


def test_each_program_that_writes_is_told_by_its_name() -> None:
    said = {name: f"{name} -i -e x of=src/a src/a src/a" for name in WRITERS}
    assert [name for name in WRITERS if not targets(said[name])] == []


@given(st.text(alphabet="abc -=>&|;<'\"\\\n()`$of", max_size=60))
def test_no_command_is_too_odd_to_be_looked_at(command: str) -> None:
    targets(command)
    banned(command)


@given(st.text(alphabet="abc/._-", min_size=1).filter(lambda word: word[0] not in "-~/"))
def test_a_plain_word_behind_a_redirection_is_what_is_written(word: str) -> None:
    assert [one.path for one in targets(f"echo x > {word}")] == [word]


PAGE = Path(__file__).parent.parent.parent / "docs" / "how-to" / "agents.md"


def rows(heading: str) -> list[list[str]]:
    """The cells of the rows below the first table that begins with this heading."""
    table = PAGE.read_text("utf-8").partition(f"\n| {heading} |")[2].partition("\n\n")[0].split("\n")[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


def test_the_list_of_words_is_published_as_it_is() -> None:
    assert [row[0] for row in rows("words")] == [f"`{ban.words}`" for ban in BANS]


def test_the_list_of_programs_is_published_as_it_is() -> None:
    assert rows("program") == [[f"`{name}`", how] for name, (how, _) in WRITERS.items()]
