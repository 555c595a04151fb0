"""The documented API as an ASGI app over SQLite, with a settable clock and faults on request.

It knows nothing of the rest of the package, so that it can judge it: what it refuses, the documentation refuses.
"""

from msgflash_gitops.sandbox.behaviour import Behaviour, Delivery, Fault, Seen
from msgflash_gitops.sandbox.served import Sandbox

__all__ = ["Behaviour", "Delivery", "Fault", "Sandbox", "Seen"]
