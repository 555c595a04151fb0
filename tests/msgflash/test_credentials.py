"""Which keys, teams and base URLs are taken, and that a refusal never repeats the key."""

import os
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from msgflash_gitops.errors import ApiError, GitopsError, MissingKey
from msgflash_gitops.model.project import Workspace
from msgflash_gitops.msgflash import Credentials, read_credentials
from tests.msgflash.client import KEY, TEAM_ID, TEAM_KEY

TEAM = Workspace("production", "KEY", "TEAM", base_url_env="URL")
PLAIN = Workspace("production", "KEY")


def read(key: str, workspace: Workspace = TEAM, **environ: str) -> Credentials:
    return read_credentials(workspace, {"KEY": key, **environ})


def test_a_personal_key() -> None:
    found = read(KEY)
    assert (found.api_key.reveal(), found.team_id, found.base_url) == (KEY, None, "https://srv.msgflash.com")


def test_out_of_the_machines_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace that names no variable for an address reads none."""
    monkeypatch.setenv("KEY", KEY)
    monkeypatch.setenv("MSGFLASH_BASE_URL", "https://elsewhere.example")
    assert read_credentials(PLAIN, os.environ).base_url == "https://srv.msgflash.com"


def test_a_team_id_beside_a_personal_key_is_left_alone() -> None:
    assert read(KEY, TEAM=TEAM_ID).team_id is None


def test_a_team_key_with_its_team() -> None:
    found = read(TEAM_KEY, TEAM=TEAM_ID)
    assert (found.api_key.reveal(), found.team_id) == (TEAM_KEY, TEAM_ID)


def test_a_team_key_without_a_team_names_the_variable() -> None:
    with pytest.raises(MissingKey, match="TEAM is not set") as caught:
        read(TEAM_KEY)
    assert "TEAM" in (caught.value.hint or "")


def test_a_team_key_without_a_variable_names_the_setting() -> None:
    with pytest.raises(MissingKey, match="team_id_env") as caught:
        read(TEAM_KEY, PLAIN, TEAM=TEAM_ID)
    assert "msgflash.yaml" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "team", ["x", TEAM_ID[:-1], TEAM_ID + "0", TEAM_ID + "\n", f" {TEAM_ID}", TEAM_ID.replace("-", "")]
)
def test_a_team_that_is_no_uuid_is_refused(team: str) -> None:
    with pytest.raises(MissingKey, match="UUID"):
        read(TEAM_KEY, TEAM=team)


@pytest.mark.parametrize("environ", [{}, {"KEY": ""}, {"MSGFLASH_API_KEY": KEY}, {"key": KEY}])
def test_only_the_variable_that_is_named_is_read(environ: dict[str, str]) -> None:
    with pytest.raises(MissingKey, match="KEY is not set") as caught:
        read_credentials(TEAM, environ)
    assert caught.value.exit_code == 3
    assert "--sandbox" in (caught.value.hint or "")


WHITE = [KEY + "\n", KEY + "\r\n", f" {KEY}", f"{KEY}\t", f"\u00a0{KEY}", TEAM_KEY + "\n"]
OTHERS = [
    KEY[:-1],
    KEY + "0",
    KEY.upper(),
    KEY.replace("5", "g"),
    KEY[:30] + "\n" + KEY[30:],
    KEY[:-1] + "é",
    KEY[:-1] + "\u0665",  # an Arabic digit five
    "msgf_live_" + "５" * 64,
    "msgf_team_é",
    TEAM_KEY + "é",
    TEAM_KEY + "\r\nX-Evil: 1",
    "\ufeff" + KEY,
    KEY + "\x00",
    KEY + "\udc80",
    "secret",
]


@pytest.mark.parametrize("key", WHITE)
def test_white_space_around_a_key_is_named(key: str) -> None:
    with pytest.raises(MissingKey, match="white space") as caught:
        read(key, TEAM=TEAM_ID)
    assert key.strip() not in str(caught.value)


def test_a_bearer_prefix_is_named() -> None:
    with pytest.raises(MissingKey, match="Bearer"):
        read(f"Bearer {KEY}")


@pytest.mark.parametrize("key", OTHERS)
def test_another_key_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(MissingKey, match="does not hold a MsgFlash key") as caught:
        read(key, TEAM=TEAM_ID)
    shown = str(caught.value) + repr(caught.value) + (caught.value.hint or "")
    assert key not in shown
    assert "KEY" in shown and caught.value.hint


@given(st.text(max_size=90) | st.text(string.printable).map(lambda tail: KEY + tail))
@example(KEY)
def test_a_key_is_taken_whole_or_refused(key: str) -> None:
    """Nothing that could break a header gets through."""
    try:
        found = read(key, TEAM=TEAM_ID)
    except MissingKey as error:
        assert len(key) < 12 or key not in str(error)
    else:
        assert found.api_key.reveal() == key
        assert key.isascii() and key.isprintable() and " " not in key


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8787",
        "http://localhost:1",
        "http://[::1]:80",
        "http://127.1.2.3",
        "https://srv.msgflash.com",
        "https://proxy.example/msgflash",
        "HTTPS://srv.msgflash.com",
    ],
)
def test_https_and_loopback_are_taken(url: str) -> None:
    assert read(KEY, URL=url).base_url == url


@pytest.mark.parametrize(
    "url", ["https://srv.msgflash.com/", "https://srv.msgflash.com/api/v1", "https://srv.msgflash.com/api/v1/"]
)
def test_the_prefix_is_not_doubled(url: str) -> None:
    assert read(KEY, URL=url).base_url == "https://srv.msgflash.com"


@pytest.mark.parametrize(
    "url",
    [
        "http://srv.msgflash.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://0.0.0.0",
        "http://2130706433",
        "http://[::ffff:10.0.0.1]",
        "http://127.0.0.1@evil.example",
        "https://user:hunter2@srv.msgflash.com",
        "https://hunter2@srv.msgflash.com",
        "https://srv.msgflash.com?x=hunter2",
        "https://srv.msgflash.com#hunter2",
        "https://srv.msgflash.com?",
        "https://",
        "https:///path",
        "srv.msgflash.com",
        "//srv.msgflash.com",
        "ftp://srv.msgflash.com",
        "file:///etc/passwd",
        "https://srv.msgflash.com\n.evil.example",
        "https://srv msgflash.com",
        "https://[::1",
        "https://srv.msgflash.com:99999",
        "https://srv.msgflash.com:port",
        "\u202ehttps://srv.msgflash.com",
    ],
)
def test_any_other_base_url_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ApiError, match="cannot be used") as caught:
        read(KEY, URL=url)
    assert "URL" in str(caught.value) and caught.value.hint
    assert "hunter2" not in str(caught.value)


def test_the_base_url_of_the_project_file_is_checked_too() -> None:
    with pytest.raises(ApiError, match="workspace 'production'"):
        read(KEY, Workspace("production", "KEY", base_url="http://srv.msgflash.com"))


@given(st.text(max_size=40) | st.text(max_size=20).map(lambda rest: f"http://{rest}"))
def test_no_base_url_is_worse_than_an_error_of_ours(url: str) -> None:
    try:
        found = read(KEY, URL=url)
    except GitopsError:
        return
    assert not url or found.base_url.lower().startswith(
        ("https://", "http://127.", "http://localhost", "http://[::1]", "http://[0")
    )
