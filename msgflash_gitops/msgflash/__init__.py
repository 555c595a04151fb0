"""The only room that knows httpx: client, pacing, retry policy, wire format, failures.

Every assumption about the vendor stands in `assumptions.py`. Decisions about campaigns do not belong here.
"""

from msgflash_gitops.msgflash.client import open_client
from msgflash_gitops.msgflash.clock import SystemClock
from msgflash_gitops.msgflash.credentials import Credentials, read_credentials
from msgflash_gitops.msgflash.secret import Secret

__all__ = ["Credentials", "Secret", "SystemClock", "open_client", "read_credentials"]
