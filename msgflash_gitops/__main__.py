"""`python -m msgflash_gitops`."""

from msgflash_gitops.cli.main import main

if __name__ == "__main__":
    main()
