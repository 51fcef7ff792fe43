"""The command line that all emulators have."""

import argparse
from pathlib import Path
from typing import Any


def parser_of(name: str, description: str) -> argparse.ArgumentParser:
    """`--port`, `--state-dir`, and `--set name=value` as often as wanted; an emulator may add its own."""
    parser = argparse.ArgumentParser(prog=f"emulators.{name}", description=description)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", type=_pair)
    return parser


def settings_of(options: argparse.Namespace) -> dict[str, Any]:
    """What was set, as texts, and where the state is kept."""
    return {**dict(options.set), "state_dir": options.state_dir}


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("expected NAME=VALUE")
    return name, value
