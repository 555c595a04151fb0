"""How much is simulated. MSGFLASH_HISTORIES raises it (docs/how-a-campaign-is-sent-once.md says how to run 100,000)."""

import os

_ASKED = os.environ.get("MSGFLASH_HISTORIES")
HISTORIES = int(_ASKED or "120")
# Every change in every world at every moment; otherwise those that hold all the steps.
THOROUGH = _ASKED is not None
