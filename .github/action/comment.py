"""Keeps one comment on the pull request up to date with the plan. Run by action.yml; needs nothing but Python.

The comment is known by the hidden marker in its first line and by its author: whoever can comment could write the marker too, and what
stands under somebody else's name can be edited by them after the review.
"""

import json
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

LONGEST = 65_000
MARKER = re.compile(r"<!-- msgflash-gitops plan (\S+) (\S+) -->")
_MOST_PAGES = 100
_PER_PAGE = 100
_FORBIDDEN = (401, 403, 404)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes to no other address."""

    def redirect_request(self, *_: Any) -> None:
        return None


OPENER = urllib.request.build_opener(NoRedirect)


def main() -> int:
    """0, or 1 where a comment stands that could not be brought up to date."""
    number = pull_request(Path(os.environ["GITHUB_EVENT_PATH"]))
    if number is None:
        print("no pull request, no comment")
        return 0
    text = (Path(os.environ["REPORTS"]) / "plan.md").read_text(encoding="utf-8")
    marker = text.partition("\n")[0].strip()
    if not MARKER.fullmatch(marker):
        return replace_stale(number)
    mine = [each for each in own_comments(number) if first_line(each) == marker]
    if not mine:
        return create(number, cut(text))
    update(mine[0], cut(text))
    for duplicate in mine[1:]:
        request("DELETE", f"issues/comments/{duplicate['id']}")
    print(f"updated {mine[0].get('html_url')}")
    return 0


def create(number: int, text: str) -> int:
    try:
        made = request("POST", f"issues/{number}/comments", {"body": text})
    except urllib.error.HTTPError as error:
        if error.code not in _FORBIDDEN:
            raise
        print(
            f"::notice title=msgflash-gitops::the token may not comment ({error.code}): the step summary holds the plan"
        )
        return 0
    print(f"created {made.get('html_url')}")
    return 0


def update(comment: dict[str, Any], text: str) -> None:
    request("PATCH", f"issues/comments/{comment['id']}", {"body": text})


def replace_stale(number: int) -> int:
    """No plan could be made: what stands there from an earlier commit says so. Nothing is created."""
    wanted = os.environ.get("WORKSPACE") or None
    project = project_name(Path(os.environ.get("DIRECTORY") or ".") / "msgflash.yaml")
    for comment in own_comments(number):
        found = MARKER.fullmatch(first_line(comment))
        if found and project in (None, found[1]) and wanted in (None, found[2]):
            commit = os.environ.get("GITHUB_SHA", "")[:12]
            code = os.environ.get("EXIT_CODE", "")
            said = f"The plan for {commit} could not be made (exit code {code}): the log of the run says why."
            update(
                comment,
                f"{found[0]}\n## MsgFlash plan: failed\n\n{said} What stood here was about an earlier commit.\n",
            )
            print(f"updated {comment.get('html_url')}")
    return 0


def project_name(path: Path) -> "str | None":
    """Without a YAML reader; None where it does not show."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = re.search(r"^project:[ \t]*[\"']?([a-z0-9][a-z0-9._-]*)", text, re.MULTILINE)
    return found[1] if found else None


def pull_request(event: Path) -> "int | None":
    """Its number, out of the event that started the run."""
    data = json.loads(event.read_text(encoding="utf-8"))
    for kind in ("pull_request", "issue"):
        number = (data.get(kind) or {}).get("number")
        if isinstance(number, int):
            return number
    return None


def own_comments(number: int) -> "list[dict[str, Any]]":
    """Those of the token's owner, oldest first."""
    author = os.environ["COMMENT_AUTHOR"]
    found: list[dict[str, Any]] = []
    for page in range(1, _MOST_PAGES + 1):
        batch = request("GET", f"issues/{number}/comments?per_page={_PER_PAGE}&page={page}")
        found += [each for each in batch if (each.get("user") or {}).get("login") == author]
        if len(batch) < _PER_PAGE:
            break
    return sorted(found, key=lambda each: int(each["id"]))


def first_line(comment: dict[str, Any]) -> str:
    lines = str(comment.get("body") or "").splitlines()
    return lines[0].strip() if lines else ""


def cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "\n\n(cut: the step summary holds the rest)\n"


def request(method: str, path: str, body: "dict[str, Any] | None" = None) -> Any:
    """One call of GitHub's REST API on this repository."""
    base = f"{os.environ['GITHUB_API_URL'].rstrip('/')}/repos/{os.environ['GITHUB_REPOSITORY']}"
    asked = urllib.request.Request(  # noqa: S310 - the runner's own API
        f"{base}/{path}",
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
            "Content-Type": "application/json",
            "User-Agent": "msgflash-gitops",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )
    with OPENER.open(asked, timeout=30) as answer:
        data = answer.read()
    return json.loads(data) if data else None


def run() -> int:
    try:
        return main()
    except urllib.error.HTTPError as error:
        problem = f"GitHub answered {error.code} to {error.url.partition('/repos/')[2].partition('?')[0]}"
    except (OSError, ValueError, KeyError) as error:
        problem = type(error).__name__
    print(f"::error title=msgflash-gitops::the comment could not be brought up to date: {problem}")
    return 1


if __name__ == "__main__":
    sys.exit(run())
