"""`python -m wiring.cli`: what the launcher hands over to."""

import gc

from wiring.start import THRESHOLDS

if __name__ == "__main__":
    gc.set_threshold(*THRESHOLDS)  # before the modules are loaded: what they make stays
    from wiring.cli.app import main

    main()
