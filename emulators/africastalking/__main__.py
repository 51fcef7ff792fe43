"""Run the emulator: `python -m emulators.africastalking --port 0 --state-dir DIR`.

It listens on 127.0.0.1 alone. When it can be reached it writes `{"pid", "port", "url"}` to
`DIR/emulator.json`; `DIR/journal.jsonl` holds what crossed its border. The provider's hosts are folders of
that address: `{url}/api`, `/content`, `/voice`, `/payments`. `--set name=value` changes a plain field of
`Config`, e.g. `--set api_key=k`; lists and callback addresses go by `POST {url}/_control/seed`. Act as a
subscriber with `POST {url}/_control/customer`, watch `GET {url}/_control/state` and `/_control/journal`.
"""

import asyncio

from emulators.africastalking.config import Config
from emulators.africastalking.server import server_of
from emulators.common.options import parser_of, settings_of


def main() -> None:
    options = parser_of("africastalking", "A strict local Africa's Talking.").parse_args()
    config = Config.model_validate(settings_of(options), strict=False)
    asyncio.run(server_of(config, options.port).run_here())


if __name__ == "__main__":
    main()
