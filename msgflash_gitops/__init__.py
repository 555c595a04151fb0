"""Campaign-as-code for MsgFlash: definitions in YAML, compared with the account, applied so that each send happens once."""

__version__ = "0.1.0"
