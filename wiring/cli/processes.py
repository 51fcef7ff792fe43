"""The tables of the database that the environment names."""

import asyncio

from wiring.first_start import prepare_database
from wiring.settings import Settings, SettingsError
from wiring.talk import Talk


def migrate() -> None:
    """Bring the tables up to date and tell a key that was made, this once."""
    settings = Settings.load()
    if settings.database_url is None:
        raise SettingsError("DATABASE_URL is not set")
    dsn = settings.database_url.get_secret_value()
    made = asyncio.run(prepare_database(dsn, settings.tembea_bootstrap_api_key))
    Talk().say("The tables are up to date.")
    if made:
        Talk().say(f"API key (made now, shown this once): {made}")
