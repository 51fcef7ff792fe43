"""The API key by which the command line of this machine reaches a Tembea that runs here."""

from pathlib import Path

from wiring.files import write_private

FILE = "api-key"


def keep(state_dir: Path, key: str) -> None:
    """Remember the key, for its owner alone."""
    write_private(state_dir / FILE, key + "\n")


def known(state_dir: Path) -> str | None:
    """The key that was kept; None where there is none, or it is not ours to read."""
    try:
        return (state_dir / FILE).read_text(encoding="utf-8").strip()
    except OSError:
        return None
