"""The signature over the raw bytes."""

import pytest
from pydantic import SecretStr

from providers.chatwoot.signature import sign, verify

SECRET = SecretStr("cw_test_secret_0123456789")
TIMESTAMP = "1767225600"
NOW = 1767225600.0
BODY = b'{"event":"message_created","id":1}'
SIGNATURE = "sha256=a0796f3a50b33671e7f9df9a912a04173a45185a540ac5b12e796a61cf95d4a3"


def accepts(**changes: object) -> bool:
    given: dict[str, object] = {"timestamp": TIMESTAMP, "signature": SIGNATURE, "body": BODY, "now": NOW}
    return verify([SECRET], **(given | changes))  # type: ignore[arg-type]


def test_the_published_vector_is_what_we_sign() -> None:
    assert sign(SECRET, timestamp=TIMESTAMP, body=BODY) == SIGNATURE


def test_the_published_vector_is_accepted() -> None:
    assert accepts()


@pytest.mark.parametrize(
    "changes",
    [
        {"body": BODY + b" "},
        {"signature": None},
        {"signature": ""},
        {"signature": SIGNATURE.removeprefix("sha256=")},
        {"signature": SIGNATURE.upper()},
        {"signature": "sha256=é"},
        {"timestamp": None},
        {"timestamp": ""},
        {"timestamp": "1767225601"},
        {"timestamp": "+1767225600"},
        {"timestamp": "1767225600.0"},
        {"timestamp": "\u0661767225600"},
        {"timestamp": "9" * 5000},
        {"now": NOW + 301},
        {"now": NOW - 301},
    ],
)
def test_anything_else_is_refused(changes: dict[str, object]) -> None:
    assert not accepts(**changes)


@pytest.mark.parametrize("drift", [-300, 0, 300])
def test_five_minutes_of_drift_are_tolerated(drift: float) -> None:
    assert accepts(now=NOW + drift)


def test_any_of_several_secrets_may_have_signed() -> None:
    others = [SecretStr("another"), SECRET, SecretStr("third")]
    assert verify(others, timestamp=TIMESTAMP, signature=SIGNATURE, body=BODY, now=NOW)


def test_no_secret_accepts_nothing() -> None:
    assert not verify([], timestamp=TIMESTAMP, signature=SIGNATURE, body=BODY, now=NOW)


def test_the_secret_of_another_account_is_refused() -> None:
    signature = sign(SecretStr("another"), timestamp=TIMESTAMP, body=BODY)
    assert not accepts(signature=signature)
