"""Run the emulator: `python -m emulators.africastalking --port 0 --state-dir DIR`.

It listens on 127.0.0.1 alone. When it can be reached it writes `{"pid", "port", "url"}` to
`DIR/emulator.json`; `DIR/journal.jsonl` holds what crossed its border. The provider's hosts are folders of
that address: `{url}/api`, `/content`, `/voice`, `/payments`. `--set name=value` changes a plain field of
`Config`, e.g. `--set api_key=k`; lists and callback addresses go by `POST {url}/_control/seed`. Act as a
subscriber with `POST {url}/_control/customer`, watch `GET {url}/_control/state` and `/_control/journal`.
"""

import argparse
import asyncio
from pathlib import Path

from emulators.africastalking.config import Config
from emulators.africastalking.server import server_of


def main() -> None:
    options = _options()
    settings = dict(pair.split("=", 1) for pair in options.set)
    config = Config.model_validate({**settings, "state_dir": options.state_dir}, strict=False)
    asyncio.run(server_of(config, options.port).run_here())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="emulators.africastalking", description="A strict local Africa's Talking."
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", type=_pair)
    return parser.parse_args()


def _pair(text: str) -> str:
    if "=" not in text:
        raise argparse.ArgumentTypeError("expected NAME=VALUE")
    return text


if __name__ == "__main__":
    main()
