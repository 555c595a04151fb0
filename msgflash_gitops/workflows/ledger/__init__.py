"""The commands about the ledger as functions: begin or restore it, read it, write it out, free its lease. None of them asks the account."""
