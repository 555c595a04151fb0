"""The documentation is held against the code: what it lists, what its examples do, where its links lead."""
