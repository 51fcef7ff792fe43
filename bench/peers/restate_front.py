"""`python -m bench.peers.restate_front`: the webhook, and a call of Restate's ingress."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from bench.hand.webhook import Heard, Tell, serve


class Ingress:
    """The way into Restate; knows which conversations have begun since this process did."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session, self._begun = session, set[int]()

    async def tell(self, message: Heard) -> None:
        """The workflow hears it, or begins."""
        workflow = f"/lead/{message.conversation}"
        if message.conversation in self._begun or not await self._begun_by(message, workflow):
            async with self._session.post(f"{workflow}/hear", json=message.text):
                pass
        self._begun.add(message.conversation)

    async def _begun_by(self, message: Heard, workflow: str) -> bool:
        """Begin the conversation; false where it had begun before this process did."""
        told = {"conversation": message.conversation, "contact": message.contact}
        async with self._session.post(f"{workflow}/run/send", json=told) as answer:
            return bool((await answer.json())["status"] == "Accepted")


@asynccontextmanager
async def opened() -> AsyncIterator[Tell]:
    """Its way into Restate."""
    async with aiohttp.ClientSession(os.environ["RESTATE_INGRESS"], raise_for_status=True) as session:
        yield Ingress(session).tell


if __name__ == "__main__":
    serve(opened)
