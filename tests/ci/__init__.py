"""The pieces for pipelines: their scripts are run by bash, as GitHub, GitLab and pre-commit run them, against the sandbox."""
