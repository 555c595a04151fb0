"""The digest: ten hexadecimal digits that change exactly when what would be sent changes."""

import hashlib

from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.planning.canonical import canonical_json
from msgflash_gitops.planning.marker import DIGEST_LENGTH


def digest(name: str, fields: JsonObject, revision: int) -> str:
    """Over the canonical form: the name without marker, the fields as compared, the revision.

    `paused`, `until`, `waive` and `workspaces` are no part of it: they change what is done with a campaign, not what people get.
    """
    canonical = canonical_json({**fields, "name": name, "revision": revision})
    return hashlib.sha256(canonical.encode()).hexdigest()[:DIGEST_LENGTH]
