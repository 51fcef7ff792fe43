"""`python -m api`: the API process, made of the environment's settings. It starts without Temporal."""

import signal
import sys
from collections.abc import Mapping

import uvloop

from activities.telecom import Telecom
from api.app import create_app
from api.parts import WORKSPACE, Channel, Parts
from api.serving import server_of
from intake.gateway import Gateway
from providers.chatwoot.client import Chatwoot
from wiring.catalog import catalogue, customs
from wiring.first_start import prepare_database
from wiring.house import House, at_connection, chatwoot, connection_of, opened, telecom
from wiring.remote_codec import RemoteCodec
from wiring.settings import Settings
from wiring.versions import own_version


async def serve() -> None:
    """Serves until told to end."""
    async with opened(lazy=True) as house:
        await prepare(house)
        await serve_in(house)


async def prepare(house: House) -> None:
    """Bring the database up to date; a key that was made is told, this once."""
    _tell(await prepare_database(house.db.dsn, house.settings.tembea_bootstrap_api_key))


async def serve_in(house: House) -> None:
    """The same in a house that somebody else opened, prepared, and will close."""
    async with chatwoot(house.settings) as client, telecom(house) as reach:
        server = server_of(create_app(_parts(house, client, reach)), house.settings.host, house.settings.port)
        # The server raises the signal that ended it once more: by then the house is still to be closed.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _ended)
        await server.serve()


def _ended(*_: object) -> None:
    """Nothing is left to do about it."""


def _parts(house: House, client: Chatwoot | None, telecom: Telecom | None) -> Parts:
    return Parts(
        db=house.db,
        gateway=Gateway(house.db, house.client, house.limits()),
        catalogue=catalogue(),
        custom=customs(),
        channels={"main": _main_channel(house.settings)},
        version=own_version(),
        cors_origins=house.settings.cors_origins,
        connections=frozenset(house.settings.connections()),
        chatwoot=client,
        lines=_lines(house.settings),
        hashed=house.keys.hashed,
        sender=house.settings.at_sender_id,
        public_url=house.settings.tembea_public_url,
        payments=telecom.payments if telecom else None,
        africastalking=telecom.port if telecom else None,
        temporal_ui=_temporal_ui(house),
        codec=RemoteCodec(house.keys, house.client.namespace, WORKSPACE, house.settings.tembea_codec_token),
    )


def _temporal_ui(house: House) -> str | None:
    ui = house.settings.temporal_ui_url
    return f"{ui}/namespaces/{house.client.namespace}" if ui else None


def _main_channel(settings: Settings) -> Channel:
    """The channel of the environment's own Chatwoot."""
    return Channel(
        "main",
        connection=connection_of(settings),
        secrets=settings.chatwoot_webhook_secret,
        allow_unsigned=settings.chatwoot_allow_unsigned,
    )


def _lines(settings: Settings) -> Mapping[str, Channel]:
    """The channel of our own application at Africa's Talking; without a secret nobody may call."""
    if settings.at_username is None or not settings.at_callback_secret:
        return {}
    main = Channel("main", connection=at_connection(settings), secrets=settings.at_callback_secret)
    return {main.name: main}


def _tell(made: str | None) -> None:
    """Says a key that was made, once, to whoever started the process: not to the logs."""
    if made:
        sys.stdout.write(f"The first API key, shown this once: {made}\n")
        sys.stdout.flush()


def run() -> None:
    """Entry of `tembea api`."""
    uvloop.run(serve())


if __name__ == "__main__":
    run()
