"""Runs a plan through the ports, one outcome per change, each write journaled before it happens. It never prints, and knows no HTTP."""
