"""`python -m wiring.cli`: what the launcher hands over to."""

from wiring.cli.app import main

if __name__ == "__main__":
    main()
