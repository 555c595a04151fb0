"""No memory: for an account that has a list, where nothing can be written down."""

from collections.abc import Sequence

from msgflash_gitops.model.ledger import Entry, Fact, Head, LedgerRef


class Without:
    """Implements `ports.Ledger`, and forgets."""

    ref = LedgerRef(None, "none", Head())
    entries: Sequence[Entry] = ()

    async def append(self, *facts: Fact) -> None:
        """Nothing is kept."""

    def check_lease(self) -> None:
        """There is none to lose."""
