"""The real YAML language server on good and bad definitions."""
