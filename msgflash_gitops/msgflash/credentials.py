"""Credentials from the environment, with the rules of the vendor's page "Authentication"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from msgflash_gitops.errors import ApiError, MissingKey
from msgflash_gitops.model.base_url import check_base_url, clean_base_url
from msgflash_gitops.model.project import Workspace
from msgflash_gitops.msgflash.assumptions import PERSONAL_KEY, TEAM_KEY_PREFIX
from msgflash_gitops.msgflash.secret import Secret

_TEAM_KEY = re.compile(re.escape(TEAM_KEY_PREFIX) + r"[A-Za-z0-9_-]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """`team_id` is set exactly with a team key."""

    base_url: str
    api_key: Secret
    team_id: str | None = None


def read_credentials(workspace: Workspace, environ: Mapping[str, str]) -> Credentials:
    """Only the variables that the workspace names are read. Raises MissingKey and ApiError, which never show a key."""
    key = environ.get(workspace.api_key_env, "")
    if not key:
        raise MissingKey(
            f"no API key: the environment variable {workspace.api_key_env} is not set (workspace {workspace.name!r})",
            hint=f"export {workspace.api_key_env}=msgf_live_…, or use --sandbox to try without an account",
        )
    personal = re.fullmatch(PERSONAL_KEY, key) is not None
    if not personal and not _TEAM_KEY.fullmatch(key):
        raise MissingKey(_malformed(workspace.api_key_env, key), hint="copy it again from the MsgFlash dashboard")
    return Credentials(_base_url(workspace, environ), Secret(key), _team_id(workspace, environ, personal=personal))


def _team_id(workspace: Workspace, environ: Mapping[str, str], *, personal: bool) -> str | None:
    """A personal key must not send the header (403 TEAM_KEY_REQUIRED), so a team id beside one is left alone."""
    if personal:
        return None
    variable = workspace.team_id_env
    team_id = environ.get(variable, "") if variable else ""
    if not team_id:
        name = variable or "team_id_env"
        raise MissingKey(
            f"{workspace.api_key_env} holds a team key, which needs the team's id: {name} is not set",
            hint=f"export {variable}=<the team's UUID>"
            if variable
            else "name its variable as team_id_env in msgflash.yaml",
        )
    if not _UUID.fullmatch(team_id):
        raise MissingKey(
            f"{variable} does not hold a UUID", hint="copy the team's id again from the MsgFlash dashboard"
        )
    return team_id


def _base_url(workspace: Workspace, environ: Mapping[str, str]) -> str:
    written = environ.get(workspace.base_url_env, "") if workspace.base_url_env else ""
    url = written or workspace.base_url
    fault = check_base_url(url)
    if fault is not None:
        where = workspace.base_url_env if written else f"base_url of workspace {workspace.name!r}"
        raise ApiError(f"{where} cannot be used: {fault}", hint="the vendor's is https://srv.msgflash.com")
    return clean_base_url(url)


def _malformed(variable: str, key: str) -> str:
    if key != key.strip():
        return f"{variable} holds a key with white space or a line break around it"
    if key.startswith("Bearer "):
        return f"{variable} begins with 'Bearer': it must hold the key alone"
    return f"{variable} does not hold a MsgFlash key (msgf_live_ and 64 lowercase hexadecimal digits, or msgf_team_…)"
