"""`tembea api`, `tembea worker`, `tembea migrate`: one process against the servers that the environment names."""

import asyncio
import runpy

from wiring.first_start import prepare_database
from wiring.settings import Settings, SettingsError
from wiring.talk import Talk


def api() -> None:
    """Run the API process."""
    runpy.run_module("api", run_name="__main__")


def worker() -> None:
    """Run a worker process: the walk, its activities and the relay."""
    runpy.run_module("worker", run_name="__main__")


def migrate() -> None:
    """Bring the database's tables up to this version, and see to the first API key."""
    settings = Settings.load()
    if settings.database_url is None:
        raise SettingsError("DATABASE_URL is not set")
    made = asyncio.run(
        prepare_database(settings.database_url.get_secret_value(), settings.tembea_bootstrap_api_key)
    )
    Talk().say("The tables are up to date.")
    if made:
        Talk().say(f"API key (made now, shown this once): {made}")
