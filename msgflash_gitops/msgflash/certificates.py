"""The machine's own certificates: a variable that names what is not there would show as a server that cannot be reached."""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgflash_gitops.errors import ApiError
from msgflash_gitops.model.base_url import is_loopback


def check_certificates(base_url: str, environ: Mapping[str, str]) -> None:
    """Raises ApiError where the variable that is used for this server names no certificates. SSL_CERT_FILE comes first."""
    parts = urlsplit(base_url)
    if parts.scheme != "https" or is_loopback(parts.hostname or ""):
        return
    if file := environ.get("SSL_CERT_FILE"):
        _check("SSL_CERT_FILE", file, _fault_of_file(Path(file)))
    elif folder := environ.get("SSL_CERT_DIR"):
        found = [Path(each) for each in folder.split(os.pathsep) if Path(each).is_dir()]
        _check("SSL_CERT_DIR", folder, None if found else "no folder is there")


def _fault_of_file(path: Path) -> str | None:
    try:
        if not path.exists():
            return "no such file exists"
        if not path.is_file():
            return "it is no file"
        ssl.create_default_context(cafile=str(path))
    except ssl.SSLError:
        return "it holds no certificates that can be read"
    except (OSError, ValueError) as error:
        return f"it cannot be read ({getattr(error, 'strerror', None) or type(error).__name__})"
    return None


def _check(variable: str, value: str, fault: str | None) -> None:
    if fault is not None:
        raise ApiError(
            f"the connection to MsgFlash cannot be set up: {variable} is {value!r}, and {fault}",
            hint=f"correct {variable}, or unset it to use the certificates that come with this tool",
        )
