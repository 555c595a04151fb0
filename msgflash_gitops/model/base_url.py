"""Which base URLs a key may be sent to."""

import ipaddress
from urllib.parse import urlsplit


def check_base_url(text: str) -> str | None:
    """What is wrong with a base URL, None where nothing is: https only, plain http to loopback, nothing but host and path."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "it is no URL"
    if parts.scheme not in ("https", "http") or not host:
        return "it must begin with https:// and name a host"
    if parts.username is not None or parts.password is not None:
        return "it must hold no user name or password"
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        return "it must hold no query or fragment"
    if any(character.isspace() or not character.isprintable() for character in text):
        return "it must hold no white space"
    if parts.scheme == "http" and not is_loopback(host):
        return "plain http is for loopback only: the key would travel readable, use https"
    return None


def clean_base_url(text: str) -> str:
    """Without the slash or `/api/v1` at its end."""
    return text.rstrip("/").removesuffix("/api/v1").rstrip("/")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
