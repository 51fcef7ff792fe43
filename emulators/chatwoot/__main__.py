"""Run the emulator: `python -m emulators.chatwoot --port 0 --state-dir DIR [--profile v4.3]`.

It listens on 127.0.0.1 alone. When it can be reached it writes `{"pid", "port", "url"}` to
`DIR/emulator.json`; `DIR/journal.jsonl` holds what crossed its border. `--set name=value` changes any field
of `Config`, e.g. `--set bot_retry_delay=0.1`. Seed it with `POST {url}/_control/seed`, act as people with
`POST {url}/_control/customer`, watch `GET {url}/_control/state` and `GET {url}/_control/journal?after=0`.
"""

import argparse
import asyncio
from pathlib import Path

from emulators.chatwoot.config import Config
from emulators.chatwoot.server import server_of


def main() -> None:
    options = _options()
    settings = dict(pair.split("=", 1) for pair in options.set)
    config = Config.model_validate(
        {**settings, "profile": options.profile, "state_dir": options.state_dir}, strict=False
    )
    asyncio.run(server_of(config, options.port).run_here())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="emulators.chatwoot", description="A strict local Chatwoot.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--profile", default="v4.16", choices=["v4.16", "v4.3"])
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", type=_pair)
    return parser.parse_args()


def _pair(text: str) -> str:
    if "=" not in text:
        raise argparse.ArgumentTypeError("expected NAME=VALUE")
    return text


if __name__ == "__main__":
    main()
