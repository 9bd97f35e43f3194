"""The GitHub action and the GitLab template: their own shell steps, run on a clone of a real repository as a runner would."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from fake_github_api import REPOSITORY, TOKEN, WORKFLOW, Account, GitHubApi
from gitbox import GitBox, Result, _run, installed
from hooked import AT
from sdd.gates.policy import render
from shop import CODE, POLICY, WORDS, Files, approved, begun, files, policy, put, ready

ROOT = Path(__file__).parent.parent.parent
ACTION = ROOT / "hooks" / "github" / "action.yml"
TEMPLATE = ROOT / "hooks" / "gitlab" / "sdd.yml"
MARK = "<!-- sdd review: this comment is kept up to date -->"
WORK: Files = {CODE: b"cart = []\n"}
EARLY: Files = {b"src/other.py": b"x = 1\n"}
READY = files(ready()) | approved(*WORDS, at=AT)
EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
MODULES = ("pip", "venv", "json", "click", "sdd", "sitecustomize", "ensurepip")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the runners that these are for have a POSIX shell")


class Forge:
    """A bare repository as a forge keeps it, a person's clone, and a runner's checkout."""

    def __init__(self, folder: Path) -> None:
        self.bare = GitBox(folder / "forge.git")
        self.clone = GitBox(folder / "clone")
        self.runner = GitBox(folder / "checkout")
        self.temp = folder / "temp"
        self.summary = folder / "summary.md"

    def propose(self, *changes: Files) -> str:
        """A pull request 7 of a branch `work` with these commits, and the forge's merge of it; the merge's id."""
        self.clone.git("switch", "-q", "-c", "work")
        for one in changes:
            put(self.clone, one)
        self.clone.git("switch", "-q", "-c", "merged", "main")
        self.clone.git("merge", "-q", "--no-ff", "--no-edit", "work")
        self.clone.git("push", "-q", "origin", "work:refs/pull/7/head", "merged:refs/pull/7/merge")
        return self.clone.git("rev-parse", "merged")

    def check_out(self, rev: str = "main", *clone: str) -> None:
        """What the runner has before the first step: a clone, at some commit."""
        self.clone.git("clone", "-q", *clone, self.bare.path.as_uri(), str(self.runner.path))
        self.runner.git("fetch", "-q", "origin", *clone, rev)
        self.runner.git("checkout", "-q", "FETCH_HEAD")

    def bring_sdd(self) -> None:
        """The sdd under test and a Python, where the step of installing would put them."""
        (self.temp / "sdd" / "bin").mkdir(parents=True)
        for name in ("sdd", "python"):
            (self.temp / "sdd" / "bin" / name).symlink_to(installed(name))


@pytest.fixture(scope="module")
def template(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forge")
    clone = GitBox(Path(shutil.copytree(template_repository, folder / "clone")))
    bare = GitBox.make(folder / "forge.git", "--bare")
    bare.git("config", "uploadpack.allowAnySHA1InWant", "true")  # as GitHub does
    clone.git("remote", "add", "origin", "../forge.git")
    put(clone, READY)
    clone.git("push", "-q", "origin", "main")
    return folder


@pytest.fixture
def forge(template: Path, tmp_path: Path) -> Forge:
    made = Forge(Path(shutil.copytree(template, tmp_path / "forge")))
    made.bring_sdd()
    return made


def steps() -> dict[str, dict[str, Any]]:
    """The steps of the action, by name."""
    found: list[dict[str, Any]] = YAML(typ="safe").load(ACTION)["runs"]["steps"]
    return {str(step["name"]): step for step in found}


def step(forge: Forge, name: str, context: Mapping[str, str], **env: str) -> Result:
    """Run one step of the action as GitHub does: `bash -e -o pipefail` on a file, expressions filled in from the context."""
    found = steps()[name]
    script = forge.temp / "step.sh"
    script.write_text(found["run"])
    filled = {
        key: EXPRESSION.sub(lambda match: context.get(match[1], ""), value)
        for key, value in found["env"].items()
    }
    runner = {
        "RUNNER_TEMP": str(forge.temp),
        "GITHUB_STEP_SUMMARY": str(forge.summary),
        "GITHUB_REPOSITORY": REPOSITORY,
    }
    argv: list[str | bytes] = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    return _run(argv, forge.runner.path, None, {**runner, **filled, **env})


def pull_request(event: str = "pull_request_target", **more: str) -> dict[str, str]:
    known = {"github.event_name": event, "github.event.pull_request.number": "7", "github.base_ref": "main"}
    return known | more


class TestGitHub:
    @pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
    def test_a_pull_request_is_judged_by_its_base_whatever_is_checked_out(
        self, forge: Forge, event: str
    ) -> None:
        merge = forge.propose(WORK)
        forge.check_out(merge if event == "pull_request" else "main")
        done = step(forge, "Judge", pull_request(event))
        assert (done.code, done.out) == (0, "")

    @pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
    def test_what_is_wrong_with_one_stands_at_its_lines_whatever_policy_it_brings(
        self, forge: Forge, event: str
    ) -> None:
        merge = forge.propose({POLICY: render(policy(code=())).encode()}, EARLY)
        forge.check_out(merge if event == "pull_request" else "main")
        done = step(forge, "Judge", pull_request(event))
        assert done.code == 1
        assert "::error file=src/other.py,line=1,title=SDD501::" in done.out
        assert "title=SDD704::" in done.out

    def test_one_that_conflicts_is_judged_by_its_head(self, forge: Forge) -> None:
        forge.propose(EARLY)
        forge.bare.git("update-ref", "-d", "refs/pull/7/merge")
        forge.check_out()
        assert "SDD501" in step(forge, "Judge", pull_request()).out

    def test_one_that_is_nowhere_is_no_pass(self, forge: Forge) -> None:
        forge.check_out()
        assert step(forge, "Judge", pull_request()).code != 0

    def test_a_shallow_checkout_is_made_whole(self, forge: Forge) -> None:
        put(forge.clone, {b"README.md": b"x"})
        forge.clone.git("push", "-q", "origin", "main")
        forge.propose(WORK)
        forge.check_out("main", "--depth=1")
        assert step(forge, "Judge", pull_request()).code == 0

    def test_a_merge_queue_and_a_push_are_audited(self, forge: Forge) -> None:
        base = forge.clone.git("rev-parse", "main")
        good = put(forge.clone, WORK)
        bad = put(forge.clone, EARLY)
        forge.clone.git("push", "-q", "origin", "main")
        forge.check_out()
        queue = {"github.event_name": "merge_group", "github.event.merge_group.base_sha": base}
        assert step(forge, "Judge", {**queue, "github.sha": good}).code == 0
        assert "SDD501" in step(forge, "Judge", {**queue, "github.sha": bad}).out
        pushed = {"github.event_name": "push", "github.event.before": base, "github.sha": good}
        assert step(forge, "Judge", pushed).code == 0
        assert step(forge, "Judge", {**pushed, "github.sha": bad}).code == 1
        assert step(forge, "Judge", {**pushed, "github.event.before": "0" * 40}).code == 1
        assert step(forge, "Judge", {"github.event_name": "workflow_dispatch"}).code == 1

    def test_expressions_stand_in_the_environment_and_never_in_a_script(self) -> None:
        """GitHub pastes them as text: a branch's name could be a command."""
        for one in steps().values():
            assert not EXPRESSION.search(one["run"])

    def test_sdd_is_installed_from_the_action_and_no_module_of_the_checkout_is_run(
        self, forge: Forge, tmp_path: Path
    ) -> None:
        forge.check_out()
        shutil.rmtree(forge.temp / "sdd")
        for name in MODULES:
            forge.runner.write(f"{name}.py", f"open({str(tmp_path / 'sprung')!r}, 'w')\n")
        forge.runner.write("pip.conf", "[global]\nindex-url = http://127.0.0.1:9/\n")
        source = tmp_path / "action"
        (source / "hooks" / "github").mkdir(parents=True)
        for name in ("src", "pyproject.toml", "README.md", "LICENSE"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, source / name)
        done = step(forge, "Install sdd", {"github.action_path": str(source / "hooks" / "github")})
        if done.code and ("No matching distribution" in done.err or "NewConnectionError" in done.err):
            pytest.skip("pip reaches no index here")
        assert done.code == 0, done.err
        assert not (tmp_path / "sprung").exists()
        assert _run([str(forge.temp / "sdd/bin/sdd"), "--version"], tmp_path, None, None).code == 0


class Reviewed:
    """A pull request that was judged, told of again and again to a server that speaks GitHub's API."""

    def __init__(self, forge: Forge) -> None:
        self.forge = forge
        forge.propose(WORK)
        forge.check_out()
        assert step(forge, "Judge", pull_request()).code == 0

    def told(self, api: GitHubApi, comment: str = "true", token: str = TOKEN, **env: str) -> str:
        """What the step says on the run's page; it fails nothing."""
        known = {"inputs.comment": comment, "inputs.token": token, "github.action_path": str(ACTION.parent)}
        self.forge.summary.unlink(missing_ok=True)
        env = {"GITHUB_API_URL": api.url, **env}
        done = step(self.forge, "Tell the reviewer", pull_request(**known), **env)
        assert (done.code, done.err) == (0, "")
        return done.out

    def is_in_the_summary(self) -> bool:
        return "## Review of" in self.forge.summary.read_text("utf-8")

    def again(self) -> None:
        """One more commit on the branch, judged, and found wrong."""
        self.forge.clone.git("switch", "-q", "work")
        put(self.forge.clone, EARLY)
        self.forge.clone.git("push", "-q", "origin", "work:refs/pull/7/head", "+work:refs/pull/7/merge")
        assert step(self.forge, "Judge", pull_request()).code == 1


@pytest.fixture
def reviewed(forge: Forge) -> Reviewed:
    return Reviewed(forge)


class TestTheReviewersComment:
    def test_it_is_made_once_and_then_kept_up_to_date(self, reviewed: Reviewed) -> None:
        with GitHubApi() as api:
            assert reviewed.told(api) == ""
            (made,) = api.comments
            first = made["body"]
            assert first == f"{MARK}\n{reviewed.forge.summary.read_text('utf-8')}"
            api.add("Fine by me", Account("bob"))
            reviewed.again()
            assert reviewed.told(api) == ""
            assert (len(api.comments), api.comments[0]["id"]) == (2, made["id"])
            assert "SDD501" not in first
            assert "SDD501" in api.comments[0]["body"]
            assert reviewed.is_in_the_summary()

    def test_it_is_found_on_a_later_page(self, reviewed: Reviewed) -> None:
        with GitHubApi() as api:
            for number in range(150):
                api.add(f"Remark {number}", Account("bob"))
            own = api.add(f"{MARK}\nold", WORKFLOW)
            assert reviewed.told(api) == ""
            assert len(api.comments) == 151
            assert "## Review of" in own["body"]

    def test_nobody_elses_comment_is_changed_whatever_it_says(self, reviewed: Reviewed) -> None:
        """Whoever wrote a comment can edit it afterwards, and the review would say what they like."""
        theirs = f"{MARK}\nall is well"
        with GitHubApi() as api:
            others = [
                api.add(theirs, Account("mallory")),
                api.add(theirs, None),
                api.add(f"> {theirs}", WORKFLOW),
                api.add("Coverage: 80 %", WORKFLOW),
            ]
            before = [one["body"] for one in others]
            assert reviewed.told(api) == ""
            assert [one["body"] for one in others] == before
            assert len(api.comments) == 5

    def test_a_persons_token_keeps_that_persons_comment(self, reviewed: Reviewed) -> None:
        with GitHubApi(Account("carol")) as api:
            api.add(f"{MARK}\nof a workflow", WORKFLOW)
            assert reviewed.told(api) == ""
            reviewed.told(api)
            assert [one["user"]["login"] for one in api.comments] == ["github-actions[bot]", "carol"]
            assert "## Review of" in api.comments[1]["body"]

    def test_a_forks_token_may_not_comment_and_the_summary_stays(self, reviewed: Reviewed) -> None:
        with GitHubApi(may_write=False) as api:
            told = reviewed.told(api)
            assert told == (
                "::notice::the token may not comment here (HTTP 403), so the review stands in the job summary alone\n"
            )
            assert api.comments == []
            assert reviewed.is_in_the_summary()
            assert "(HTTP 401)" in reviewed.told(api, token="")

    def test_a_server_that_fails_is_asked_again_and_then_let_be(self, reviewed: Reviewed) -> None:
        with GitHubApi() as api:
            api.failing = [502, 503, None, 500]
            assert reviewed.told(api) == ""
            assert len(api.comments) == 1
            api.failing = [None, None, 502, 502, 502]
            told = reviewed.told(api)
            assert told.startswith(
                "::warning::GitHub did not take the comment (HTTP 502), so the review stands"
            )
            assert len(api.comments) == 1
            assert reviewed.is_in_the_summary()

    def test_making_one_is_not_tried_twice(self, reviewed: Reviewed) -> None:
        """The server may have made it before it failed."""
        with GitHubApi() as api:
            api.failing = [None, None, 502]
            assert "(HTTP 502)" in reviewed.told(api)
            assert [asked.partition(" ")[0] for asked in api.asked] == ["GET", "GET", "POST"]

    def test_a_server_that_is_not_there_fails_nothing(self, reviewed: Reviewed) -> None:
        with GitHubApi() as api:
            told = reviewed.told(api, GITHUB_API_URL="http://127.0.0.1:9")
            assert told.startswith("::warning::GitHub did not take the comment (URLError), ")
            assert reviewed.is_in_the_summary()

    def test_who_wants_none_gets_none(self, reviewed: Reviewed) -> None:
        with GitHubApi() as api:
            assert reviewed.told(api, comment="false") == ""
            assert api.asked == []
            assert reviewed.is_in_the_summary()

    def test_one_that_is_too_long_is_cut_at_a_line(self, reviewed: Reviewed, tmp_path: Path) -> None:
        review = tmp_path / "review.md"
        review.write_text("ä line of the review\n" * 5000, "utf-8")
        with GitHubApi() as api:
            env = {"GITHUB_API_URL": api.url, "GITHUB_REPOSITORY": REPOSITORY, "GH_TOKEN": TOKEN}
            argv: list[str | bytes] = [
                sys.executable,
                "-I",
                str(ACTION.parent / "comment.py"),
                "7",
                str(review),
            ]
            assert _run(argv, tmp_path, None, env) == ("", "", 0)
            body = api.comments[0]["body"]
        assert len(body) <= 65_000
        assert body.endswith("\nä line of the review\n\n*What follows is in the job summary.*\n")

    def test_without_a_review_there_is_a_warning_and_no_comment(self, forge: Forge) -> None:
        forge.propose(WORK)
        forge.check_out()  # not judged, so that nothing was fetched
        context = pull_request(**{"inputs.comment": "true", "inputs.token": TOKEN})
        with GitHubApi() as api:
            done = step(forge, "Tell the reviewer", context, GITHUB_API_URL=api.url)
        assert (done.code, done.out) == (0, "::warning::there is no review: sdd review ended with 2\n")
        assert api.asked == []
        assert not forge.summary.exists()

    def test_no_module_of_the_checkout_is_run(self, reviewed: Reviewed, tmp_path: Path) -> None:
        for name in ("json", "time", "urllib", "http", "sitecustomize"):
            reviewed.forge.runner.write(f"{name}.py", f"open({str(tmp_path / 'sprung')!r}, 'w')\n")
        with GitHubApi() as api:
            assert reviewed.told(api) == ""
            assert len(api.comments) == 1
        assert not (tmp_path / "sprung").exists()


class TestGitLab:
    def script(self, forge: Forge, part: str, **env: str) -> Result:
        """Run a part of the job as a runner does: its lines in one shell, in the checkout."""
        lines: list[str] = YAML(typ="safe").load(TEMPLATE)["sdd"][part]
        return _run(
            ["sh", "-ec", "\n".join(lines)], forge.runner.path, None, {"TMPDIR": str(forge.temp), **env}
        )

    def merge_request(self, sha: str, **more: str) -> dict[str, str]:
        return {
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_PROJECT_ID": "1",
            "CI_MERGE_REQUEST_PROJECT_ID": "1",
            "CI_COMMIT_SHA": sha,
            **more,
        }

    def test_a_merge_request_is_judged_by_its_target(self, forge: Forge) -> None:
        merge = forge.propose(WORK)
        forge.check_out(merge)
        assert self.script(forge, "script", **self.merge_request(merge)).code == 0
        assert "## Review of" in forge.runner.read("sdd-review.md")

    def test_what_is_wrong_with_one_fails_the_job(self, forge: Forge) -> None:
        merge = forge.propose(EARLY)
        forge.check_out(merge)
        done = self.script(forge, "script", **self.merge_request(merge))
        assert done.code == 1
        assert "SDD501" in done.out

    def test_the_pipeline_of_a_fork_proves_nothing_and_says_so(self, forge: Forge) -> None:
        merge = forge.propose(WORK)
        forge.check_out(merge)
        done = self.script(forge, "script", **self.merge_request(merge, CI_PROJECT_ID="2"))
        assert done.code == 2
        assert "run it in the parent project" in done.err

    def test_a_protected_branch_is_audited(self, forge: Forge) -> None:
        base = forge.clone.git("rev-parse", "main")
        bad = put(forge.clone, EARLY)
        forge.clone.git("push", "-q", "origin", "main")
        forge.check_out()
        push = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_SHA": bad}
        assert "SDD501" in self.script(forge, "script", **push, CI_COMMIT_BEFORE_SHA=base).out
        assert "SDD501" in self.script(forge, "script", **push, CI_COMMIT_BEFORE_SHA="0" * 40).out
        forge.runner.git("checkout", "-q", base)
        good = {**push, "CI_COMMIT_SHA": base, "CI_COMMIT_BEFORE_SHA": "0" * 40}
        assert self.script(forge, "script", **good).code == 0

    def test_what_is_installed_has_to_be_said(self, forge: Forge) -> None:
        forge.check_out()
        done = self.script(forge, "before_script", SDD_REQUIREMENT="")
        assert done.code == 2
        assert "set SDD_REQUIREMENT" in done.err


def test_a_project_that_adopts_passes_as_a_pull_request(forge: Forge) -> None:
    forge.clone.git("switch", "-q", "--orphan", "fresh")
    put(forge.clone, {b"README.md": b"x"})
    forge.clone.git("push", "-q", "--force", "origin", "fresh:main")
    forge.clone.git("branch", "-q", "-f", "main", "fresh")
    forge.propose(files(begun()))
    forge.check_out()
    done = step(forge, "Judge", pull_request())
    assert (done.code, "SDD709" in done.out) == (0, True)
