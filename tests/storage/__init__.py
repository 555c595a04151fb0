"""The ledger and its stores, each against the real thing."""
