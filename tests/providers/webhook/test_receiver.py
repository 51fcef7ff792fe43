"""Events on their way to the operator's receiver, over real sockets."""

import json
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from providers.errors import ProviderError
from providers.webhook.receiver import Receiver
from torture.raw import Raw, Script, always, answer, serving, silence, then_cut

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_b2xkLXNlY3JldC1vZi10aGUtb3BlcmF0b3I="
EVENT: dict[str, Any] = {"id": "run:it:1:1", "event": "order.paid", "payload": {"total": "5 €"}}


def receiver(raw: Raw, *secrets: str, idempotent: bool = False, seconds: float = 10.0) -> Receiver:
    told = [SecretStr(secret) for secret in secrets or (SECRET,)]
    return Receiver(raw.url("/hooks/a/?k=1"), told, idempotent=idempotent, seconds=seconds)


def heard(raw: Raw, number: int = 0) -> tuple[str, dict[str, str], bytes]:
    """First line, headers and body of one request, as they came."""
    head, _, body = raw.seen[number].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return first, dict(line.split(": ", 1) for line in lines), body


async def told(script: Script, *, idempotent: bool = False, seconds: float = 10.0) -> str:
    """What sending came to; asserts that it was sent once."""
    async with serving(script) as raw:
        async with aclosing(receiver(raw, idempotent=idempotent, seconds=seconds)) as to:
            try:
                outcome = f"done {(await to.send('run:it:1:1', EVENT)).status}"
            except ProviderError as error:
                outcome = f"{error.standing} {error.code}"
        assert len(raw.seen) == 1
    return outcome


async def test_a_receiver_of_the_convention_verifies_what_it_was_told() -> None:
    async with serving(always(answer(204))) as raw, aclosing(receiver(raw)) as to:
        await to.send("run:it:1:1", EVENT)
    first, headers, body = heard(raw)
    assert first == "POST /hooks/a/?k=1 HTTP/1.1"
    assert (headers["webhook-id"], headers["content-type"]) == ("run:it:1:1", "application/json")
    assert Webhook(SECRET).verify(body, headers) == json.loads(body) == EVENT


async def test_what_was_changed_on_the_way_is_not_verified() -> None:
    async with serving(always(answer(200))) as raw, aclosing(receiver(raw)) as to:
        await to.send("run:it:1:1", EVENT)
    _, headers, body = heard(raw)
    for changed, signed in ((body + b" ", headers), (body, {**headers, "webhook-id": "another"})):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(changed, signed)


async def test_every_secret_signs_while_one_is_replaced() -> None:
    async with serving(always(answer(200))) as raw, aclosing(receiver(raw, SECRET, OLD)) as to:
        await to.send("run:it:1:1", EVENT)
    _, headers, body = heard(raw)
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in (SECRET, OLD):
        Webhook(secret).verify(body, headers)


async def test_the_signature_is_that_of_the_published_example() -> None:
    """Id, time, body and signature of the convention's own page."""
    at = datetime.fromtimestamp(1614265330, UTC)
    signed = Webhook(SECRET).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_the_same_event_again_has_the_same_id_and_body() -> None:
    async with serving(always(answer(200))) as raw, aclosing(receiver(raw)) as to:
        for _ in range(2):
            await to.send("run:it:1:1", EVENT)
    (_, one, body), (_, other, again) = heard(raw), heard(raw, 1)
    assert (one["webhook-id"], body) == (other["webhook-id"], again)


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        (200, "done 200"),
        (302, "failed REDIRECTED"),
        (400, "failed REJECTED"),
        (401, "failed UNAUTHORIZED"),
        (410, "failed REJECTED"),
        (429, "refused RATE_LIMITED"),
        (500, "unknown PROVIDER_ERROR"),
        (503, "unknown PROVIDER_ERROR"),
    ],
)
async def test_a_status_means_what_it_means_for_every_effect(status: int, standing: str) -> None:
    assert await told(always(answer(status))) == standing


@pytest.mark.parametrize(("idempotent", "standing"), [(False, "unknown"), (True, "not_sent")])
async def test_a_lost_answer_is_unknown_unless_the_receiver_drops_repeats(
    idempotent: bool, standing: str
) -> None:
    assert await told(then_cut(), idempotent=idempotent) == f"{standing} CONNECTION_LOST"
    assert await told(silence, idempotent=idempotent, seconds=0.2) == f"{standing} TIMEOUT"
    assert await told(always(answer(500)), idempotent=idempotent) == f"{standing} PROVIDER_ERROR"


async def test_no_error_and_no_repr_tells_a_secret() -> None:
    async with serving(always(answer(400, SECRET.encode()))) as raw, aclosing(receiver(raw)) as to:
        with pytest.raises(ProviderError) as caught:
            await to.send("run:it:1:1", EVENT)
    texts = f"{caught.value!r} {caught.value} {caught.value.reply!r} {caught.value.info()!r} {to!r}"
    assert SECRET.removeprefix("whsec_") not in texts
    assert "/hooks/a" not in texts
