"""Owns a server on 127.0.0.1 that speaks what GitHub's API says of the comments of one pull request, over real HTTP.

    with GitHubApi(Account("github-actions[bot]", "Bot")) as api:
        ...  # GITHUB_API_URL=api.url GH_TOKEN=TOKEN; afterwards: api.comments, api.asked

The forms are those of the REST API of 2022-11-28: a workflow's token may not ask whose it is; a comment carries its
author; a list comes in pages.
"""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghs-this-is-no-token"  # noqa: S105 - it is none
REPOSITORY, NUMBER = "alice/shop", 7
LIST = f"/repos/{REPOSITORY}/issues/{NUMBER}/comments"
ONE = re.compile(rf"/repos/{REPOSITORY}/issues/comments/(\d+)")
REFUSED = {"message": "Resource not accessible by integration"}


class Account(NamedTuple):
    """Whose the token is, and who wrote a comment."""

    login: str
    type: str = "User"


WORKFLOW = Account("github-actions[bot]", "Bot")


class GitHubApi:
    """The server, for as long as the `with` lasts. `failing` are statuses that the next requests get, one each."""

    def __init__(self, account: Account = WORKFLOW, *, may_write: bool = True) -> None:
        self.account = account
        self.may_write = may_write
        self.failing: list[int | None] = []
        self.comments: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """What stands in GITHUB_API_URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def add(self, body: str, author: Account | None) -> dict[str, Any]:
        """A comment of somebody, None for an account that is gone."""
        user = author._asdict() if author else None
        made = {"id": 1000 + len(self.comments), "body": body, "user": user}
        self.comments.append(made)
        return made

    def answer(self, method: str, target: str, sent: Any) -> tuple[int, Any]:
        """The status and what is said, for one request."""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if path == "/user":
            return (403, REFUSED) if self.account.type == "Bot" else (200, self.account._asdict())
        if method == "GET" and path == LIST:
            size, page = (int(query[name][0]) for name in ("per_page", "page"))
            return 200, self.comments[size * (page - 1) : size * page]
        if not self.may_write:
            return 403, REFUSED
        if method == "POST" and path == LIST:
            return 201, self.add(sent["body"], self.account)
        found = ONE.fullmatch(path)
        (one,) = (
            each for each in self.comments if method == "PATCH" and found and each["id"] == int(found[1])
        )
        one["body"] = sent["body"]
        return 200, one


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close() waits for them
    api: GitHubApi


class _Handler(BaseHTTPRequestHandler):
    timeout = 10
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        pass

    def _do(self) -> None:
        api = self.server.api
        api.asked.append(f"{self.command} {urlsplit(self.path).path}")
        raw = self.rfile.read(int(self.headers["content-length"] or 0))
        fails = api.failing.pop(0) if api.failing else None
        if fails is not None:
            status, told = fails, {"message": "scripted"}
        elif self.headers["authorization"] != f"Bearer {TOKEN}":
            status, told = 401, {"message": "Bad credentials"}
        else:
            status, told = api.answer(self.command, self.path, json.loads(raw) if raw else None)
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    do_GET = do_POST = do_PATCH = _do  # noqa: N815 - the names are http.server's
