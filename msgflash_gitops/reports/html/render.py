"""Templates to pages. Every text is made harmless before it is escaped: invisible characters are shown, not obeyed."""

import base64
import hashlib
import importlib.resources
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgflash_gitops import __version__
from msgflash_gitops.reports.clean import plain

if TYPE_CHECKING:
    from jinja2 import Environment

_LINKED = ("http", "https")


def render(template: str, **values: Any) -> str:
    """A whole page. Its policy allows one style sheet, by its hash, and nothing else: no script, picture, font or form."""
    css = _text("style.css")
    return (
        environment()
        .get_template(template)
        .render(css=css, policy=_policy(css), version=__version__, linked=linked, **values)
    )


def linked(address: object) -> bool:
    """Whether an address may be a link: the web only, nothing that acts."""
    try:
        parts = urlsplit(str(address))
    except ValueError:
        return False
    whole = plain(address) == str(address) and not any(each.isspace() for each in str(address))
    return whole and parts.scheme in _LINKED and bool(parts.netloc)


@cache
def environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 - only pages pay for it

    return Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _shown(value: Any) -> Any:
    """What a template prints, unless a template made it."""
    if value is None:
        return ""
    return plain(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _policy(css: str) -> str:
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _text(name: str) -> str:
    return (importlib.resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")
