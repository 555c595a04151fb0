"""The ledger: its chain, the book that one run reads and writes, and one file per store."""
