"""Keeps one comment on a pull request up to date: `comment.py NUMBER FILE`. It needs Python's own library alone.

The runner's environment says where: GITHUB_API_URL, GITHUB_REPOSITORY; GH_TOKEN is whose comment it is. The review stands
in the job summary already, so whatever goes wrong here is told in a line and fails nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

MARK = "<!-- sdd review: this comment is kept up to date -->"
LONGEST = 65_000  # characters; GitHub takes 65,536
CUT = "\n\n*What follows is in the job summary.*\n"
A_PAGE, PAGES = 100, 30  # GitHub gives at most 100 at once; a pull request takes 2,500 comments
PAUSES_S = (0.5, 2.0)  # before the second and the third try
TIMEOUT_S = 20
ALONE = "so the review stands in the job summary alone"


def main(number: str, file: str) -> str:
    """Make or change the comment; what to say of it on the run's page, if anything."""
    try:
        _keep(f"issues/{number}/comments", _body(Path(file).read_text("utf-8")))
    except HTTPError as error:
        if error.code in {401, 403, 404}:
            return f"::notice::the token may not comment here (HTTP {error.code}), {ALONE}"
        return f"::warning::GitHub did not take the comment (HTTP {error.code}), {ALONE}"
    except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
        return f"::warning::GitHub did not take the comment ({type(error).__name__}), {ALONE}"
    return ""


def _body(review: str) -> str:
    whole = f"{MARK}\n{review}"
    if len(whole) <= LONGEST:
        return whole
    return whole[: LONGEST - len(CUT)].rpartition("\n")[0] + CUT


def _keep(comments: str, body: str) -> None:
    found = _own(comments)
    if found:
        _call("PATCH", f"issues/comments/{found}", body)
    else:
        _call("POST", comments, body)


def _own(comments: str) -> int:
    """The number of the comment that an earlier run made, or 0.

    The mark alone is not enough: anybody can write it, and whoever wrote a comment can edit it after us.
    """
    login = _login()
    for page in range(1, PAGES + 1):
        some = _call("GET", f"{comments}?per_page={A_PAGE}&page={page}")
        for one in some:
            who = one["user"] or {}  # nobody: the account is gone
            own = who.get("login") == login if login else who.get("type") == "Bot"
            if own and one["body"].startswith(MARK):
                return int(one["id"])
        if len(some) < A_PAGE:
            break
    return 0


def _login() -> str:
    """Whose token it is; empty for that of a workflow or an app, which may not ask and is some bot's."""
    try:
        return str(_call("GET", "/user")["login"])
    except HTTPError as error:
        if error.code >= 500:  # noqa: PLR2004 - the server's own failures
            raise
        return ""


def _call(method: str, path: str, body: str | None = None) -> Any:
    """What the API answers. What failed on its side is tried again, except making a comment, which may have been made."""
    for pause in () if method == "POST" else PAUSES_S:
        try:
            return _once(method, path, body)
        except HTTPError as error:
            if error.code < 500:  # noqa: PLR2004 - the server's own failures
                raise
        time.sleep(pause)
    return _once(method, path, body)


def _once(method: str, path: str, body: str | None) -> Any:
    api = os.environ["GITHUB_API_URL"]
    url = api + path if path.startswith("/") else f"{api}/repos/{os.environ['GITHUB_REPOSITORY']}/{path}"
    data = None if body is None else json.dumps({"body": body}).encode()
    headers = {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "User-Agent": "sdd",
    }
    request = Request(url, data, headers, method=method)  # noqa: S310 - the runner says which API it is
    # Not to be sent on to another host, should this one send us there.
    request.add_unredirected_header("Authorization", f"Bearer {os.environ['GH_TOKEN']}")
    with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - as above
        return json.load(answer)


if __name__ == "__main__":
    told = main(*sys.argv[1:])
    if told:
        print(told)
