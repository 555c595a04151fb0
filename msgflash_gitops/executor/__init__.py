"""Runs a plan through the ports, one outcome per change, each write put into the ledger before it happens. It never prints, and knows no HTTP."""
