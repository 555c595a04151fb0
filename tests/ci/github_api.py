"""The few calls of GitHub's REST API that comments need, on loopback."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT = "github-actions[bot]"
TOKEN = "ghs_token"


@dataclass
class Api:
    """`forbidden`: methods that are answered with 403. `redirect`: where every request is sent on to."""

    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    forbidden: set[str] = field(default_factory=set)
    redirect: str | None = None

    def add(self, body: str, login: str = BOT) -> dict[str, Any]:
        made = {"id": len(self.comments) + 1, "body": body, "user": {"login": login}, "html_url": "https://x.example/1"}
        self.comments.append(made)
        return made

    def by(self, login: str = BOT) -> list[str]:
        return [each["body"] for each in self.comments if each["user"]["login"] == login]

    def answer(self, method: str, target: str, token: str, body: Any) -> tuple[int, Any]:
        parts = urlsplit(target)
        self.requests.append((method, parts.path))
        if token != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        if method in self.forbidden:
            return 403, {"message": "Resource not accessible by integration"}
        if re.fullmatch(r"/repos/shop/campaigns/issues/7/comments", parts.path):
            if method == "POST":
                return 201, self.add(body["body"])
            query = {name: int(values[0]) for name, values in parse_qs(parts.query).items()}
            start = (query["page"] - 1) * query["per_page"]
            return 200, self.comments[start : start + query["per_page"]]
        found = re.fullmatch(r"/repos/shop/campaigns/issues/comments/(\d+)", parts.path)
        one = next((each for each in self.comments if found and each["id"] == int(found[1])), None)
        if one is None:
            return 404, {"message": "Not Found"}
        if method == "DELETE":
            self.comments.remove(one)
            return 204, None
        one.update(body)
        return 200, one


@contextmanager
def serving() -> Iterator[Api]:
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        def __getattr__(self, name: str) -> Any:
            """`do_GET` and all the others."""
            if name.startswith("do_"):
                return self.handle_any
            raise AttributeError(name)

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            token = self.headers.get("Authorization", "")
            status, answer = (302, None) if api.redirect else api.answer(self.command, self.path, token, body)
            data = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            if api.redirect:
                self.send_header("Location", api.redirect)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
