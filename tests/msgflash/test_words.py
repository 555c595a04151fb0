"""What people are told when the account cannot be used: every message to the letter, with the way out."""

import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from msgflash_gitops.errors import ApiError, BadAnswer
from msgflash_gitops.model.project import Workspace
from msgflash_gitops.msgflash import read_credentials
from msgflash_gitops.msgflash.certificates import check_certificates
from msgflash_gitops.msgflash.envelope import read_page
from tests.msgflash.client import KEY, TEAM_ID, TEAM_KEY, RetryPolicy, Timeouts, said
from tests.msgflash.wire import Act, Said, answer, refused

TEAM = Workspace("production", "KEY", "TEAM", base_url_env="URL")
PLAIN = Workspace("production", "KEY")
ONCE = RetryPolicy(lost=1, rate_limited=1)
AGAIN = "copy it again from the MsgFlash dashboard"


def told(error: object) -> str:
    assert isinstance(error, ApiError), error
    return f"{error.message} -> {error.hint}"


def raised(call: Callable[[], object]) -> str:
    with pytest.raises(ApiError) as caught:
        call()
    return told(caught.value)


@pytest.mark.parametrize(
    ("workspace", "environ", "words"),
    [
        (
            TEAM,
            {},
            "no API key: the environment variable KEY is not set (workspace 'production')"
            " -> export KEY=msgf_live_…, or use --sandbox to try without an account",
        ),
        (TEAM, {"KEY": f"{KEY}\n"}, f"KEY holds a key with white space or a line break around it -> {AGAIN}"),
        (TEAM, {"KEY": f"Bearer {KEY}"}, f"KEY begins with 'Bearer': it must hold the key alone -> {AGAIN}"),
        (
            TEAM,
            {"KEY": "secret"},
            "KEY does not hold a MsgFlash key (msgf_live_ and 64 lowercase hexadecimal digits, or msgf_team_…)"
            f" -> {AGAIN}",
        ),
        (
            TEAM,
            {"KEY": TEAM_KEY},
            "KEY holds a team key, which needs the team's id: TEAM is not set -> export TEAM=<the team's UUID>",
        ),
        (
            PLAIN,
            {"KEY": TEAM_KEY, "TEAM": TEAM_ID},
            "KEY holds a team key, which needs the team's id: team_id_env is not set"
            " -> name its variable as team_id_env in msgflash.yaml",
        ),
        (
            TEAM,
            {"KEY": TEAM_KEY, "TEAM": "crm"},
            "TEAM does not hold a UUID -> copy the team's id again from the MsgFlash dashboard",
        ),
        (
            TEAM,
            {"KEY": KEY, "URL": "ftp://x"},
            "URL cannot be used: it must begin with https:// and name a host -> the vendor's is https://srv.msgflash.com",
        ),
        (
            Workspace("test", "KEY", base_url="http://a.example"),
            {"KEY": KEY},
            "base_url of workspace 'test' cannot be used: plain http is for loopback only: the key would travel readable, "
            "use https -> the vendor's is https://srv.msgflash.com",
        ),
    ],
)
def test_credentials(workspace: Workspace, environ: Mapping[str, str], words: str) -> None:
    assert raised(lambda: read_credentials(workspace, environ)) == words


@pytest.mark.parametrize(
    ("variable", "name", "fault"),
    [
        ("SSL_CERT_FILE", "gone", "no such file exists"),
        ("SSL_CERT_FILE", "folder", "it is no file"),
        ("SSL_CERT_FILE", "text.pem", "it holds no certificates that can be read"),
        ("SSL_CERT_FILE", "x" * 300, "it cannot be read (File name too long)"),
        ("SSL_CERT_DIR", "gone", "no folder is there"),
        ("SSL_CERT_DIR", "text.pem", "no folder is there"),
    ],
)
def test_certificates(variable: str, name: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.pem").write_text("hello")
    value = str(tmp_path / name)
    assert raised(lambda: check_certificates("https://srv.msgflash.com", {variable: value})) == (
        f"the connection to MsgFlash cannot be set up: {variable} is {value!r}, and {fault}"
        f" -> correct {variable}, or unset it to use the certificates that come with this tool"
    )
    for url in ("http://127.0.0.1", "https://127.0.0.1", "https://localhost:9"):
        check_certificates(url, {variable: value})


def test_of_two_variables_the_file_is_used(tmp_path: Path) -> None:
    both = {"SSL_CERT_FILE": str(tmp_path / "a"), "SSL_CERT_DIR": str(tmp_path / "b")}
    assert "SSL_CERT_FILE is" in raised(lambda: check_certificates("https://srv.msgflash.com", both))
    check_certificates("https://srv.msgflash.com", {"SSL_CERT_FILE": "", "SSL_CERT_DIR": str(tmp_path)})


ODD = "check the base URL, or try again later"
LATER = "try again later"
QUICK = Timeouts(connect=0.2, read=0.1, write=0.2, total=0.3)


@pytest.mark.parametrize(
    ("answered", "read", "write"),
    [
        (answer(b"<html>"), f"the answer is not JSON -> {ODD}", "the answer is not JSON -> None"),
        (
            answer(b"", 500),
            f"MsgFlash or something in front of it failed (HTTP 500) -> {LATER}",
            "MsgFlash or something in front of it failed (HTTP 500) -> None",
        ),
        (Act.HANG, f"the answer took too long -> {LATER}", "the answer took too long -> None"),
        (
            Act.DROP,
            f"the connection broke (RemoteProtocolError) -> {LATER}",
            "the connection broke (RemoteProtocolError) -> None",
        ),
        (
            answer(b"", 302, location="/"),
            "the server redirects elsewhere (HTTP 302), which is not followed with the key -> check the base URL",
            "the server redirects elsewhere (HTTP 302), which is not followed with the key -> check the base URL",
        ),
        (
            answer(b"x", 200, content_encoding="gzip, gzip"),
            f"the answer is packed in a way that is not understood -> {LATER}",
            "the answer is packed in a way that is not understood -> None",
        ),
        (
            refused("API_RATE_LIMIT_EXCEEDED", 429),
            'too many requests per second (API_RATE_LIMIT_EXCEEDED): "No" -> try again in a minute; use one key per pipeline',
            'too many requests per second (API_RATE_LIMIT_EXCEEDED): "No" -> try again in a minute; use one key per pipeline',
        ),
        (
            answer({"data": {"id": "c2", "name": "n", "status": "s"}}),
            "the answer is about campaign c2, asked for was c1 -> try again; if it stays, report it to the vendor",
            "the answer is about campaign c2, asked for was c1 -> None",
        ),
    ],
)
def test_answers(answered: Said, read: str, write: str) -> None:
    for call, words in (("get campaign", read), ("pause campaign", write)):
        error, _ = said([answered], call, policy=ONCE, timeouts=QUICK)
        assert told(error) == f"{call}: {words}"
        assert error.operation == call


def test_an_answer_of_another_shape() -> None:
    for call, named in (("get campaign", ""), ("create campaign", "create campaign: ")):
        error, _ = said([answer({"data": {"name": "n"}})], call)
        assert told(error) == f"{named}data.id: expected text, got nothing -> None"


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    workspace = Workspace("test", "KEY", base_url=url)
    credentials = read_credentials(workspace, {"KEY": KEY})
    error, _ = said([], "list instances", credentials=credentials)
    assert told(error) == (
        f"list instances: MsgFlash cannot be reached at {url.removeprefix('http://')}: All connection attempts failed"
        " -> check the network and the base URL"
    )


def test_no_list_of_campaigns() -> None:
    error, _ = said([refused("NOT_FOUND", 404)], "list campaigns")
    assert told(error) == (
        "list campaigns: this server has no list of campaigns, so nothing can be compared, and nothing was sent"
        " -> check the base URL; see docs/what-we-do-not-know.md"
    )


SHAPE = (
    ": it is not taken for the whole list, and nothing was sent"
    " -> try again; if it stays, compare with the dashboard and report the answer's shape"
)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "the answer has no `data`"),
        ({"data": 5}, "`data` is no list"),
        ({"data": {}}, "`data` holds no list called `campaigns`"),
        ({"data": {"campaigns": [], "items": []}}, "`data` holds both `campaigns` and `items`"),
        ({"data": {"campaigns": {}}}, "`data.campaigns` is no list"),
        ({"data": [], "error": "x"}, "the answer says `error`: 'x' beside the list, which is not understood"),
        (
            {"data": [], "meta": {"more": [{}], "fail": True}},
            "the answer says `meta.fail`: true beside the list, which is not understood",
        ),
        ({"data": [], "notes": [{}]}, "the answer says `notes` beside the list, which is not understood"),
        (
            {"data": {"campaigns": [], "nextCursor": "a"}, "nextCursor": "b"},
            "`data.nextCursor` and `nextCursor` say different things",
        ),
        (
            {"data": {"campaigns": [], "hasMore": True}, "has_more": False},
            "`data.hasMore` and `has_more` say different things",
        ),
    ],
)
def test_lists(body: Any, words: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        read_page(body, "campaigns")
    assert told(caught.value) == f"list campaigns: {words}{SHAPE}"


WHOLE = "nothing can be compared with an incomplete list; try again, then ask the vendor"


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ([{"data": [{"name": "n"}]}], "data[0].id: expected text -> None"),
        (
            [{"data": {"groups": [], "total": 5}}],
            f"the server counts 5 (`data.total`) and shows 0, so nothing was sent -> {WHOLE}",
        ),
        ([{"data": [], "pages": 4}], f"the server counts 4 pages and shows 0, so nothing was sent -> {WHOLE}"),
        (
            [{"data": {"groups": [], "hasMore": True}}],
            f"the server counts more and shows 0, so nothing was sent -> {WHOLE}",
        ),
        (
            [{"data": [], "next": "https://elsewhere.example/2"}],
            "the list goes on in a way that is not understood (`next`: 'https://elsewhere.example/2'), so nothing was sent"
            f" -> {WHOLE}",
        ),
        (
            [{"data": {"groups": [{"id": "a"}], "nextCursor": "x", "hasMore": True}}],
            "the server repeats a cursor -> None",
        ),
    ],
)
def test_lists_that_are_not_whole(pages: list[Any], words: str) -> None:
    error, _ = said([answer(each) for each in pages], "list groups")
    assert told(error) == f"list groups: {words}"
