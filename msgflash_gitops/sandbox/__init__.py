"""The documented API as an ASGI app over SQLite, with a settable clock and faults on request. It knows nothing of the rest of the package, so that it can judge it."""
