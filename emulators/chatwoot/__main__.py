"""Run the emulator: `python -m emulators.chatwoot --port 0 --state-dir DIR [--profile v4.3]`.

It listens on 127.0.0.1 alone. When it can be reached it writes `{"pid", "port", "url"}` to
`DIR/emulator.json`; `DIR/journal.jsonl` holds what crossed its border. `--set name=value` changes any field
of `Config`, e.g. `--set bot_retry_delay=0.1`. Seed it with `POST {url}/_control/seed`, act as people with
`POST {url}/_control/customer`, watch `GET {url}/_control/state` and `GET {url}/_control/journal?after=0`.
"""

import asyncio

from emulators.chatwoot.config import Config
from emulators.chatwoot.server import server_of
from emulators.common.options import parser_of, settings_of


def main() -> None:
    parser = parser_of("chatwoot", "A strict local Chatwoot.")
    parser.add_argument("--profile", default="v4.16", choices=["v4.16", "v4.3"])
    options = parser.parse_args()
    config = Config.model_validate({**settings_of(options), "profile": options.profile}, strict=False)
    asyncio.run(server_of(config, options.port).run_here())


if __name__ == "__main__":
    main()
