"""`python -m tinylm_tui` is the same as `tinylm`."""

from tinylm_tui.cli import main

if __name__ == "__main__":
    main()
