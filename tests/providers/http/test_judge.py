"""The table of outcome classes (G15)."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from providers.errors import Failed, NotSent, ProviderError, Refused, Unknown
from providers.http.judge import judge, retry_after
from providers.reply import Reply

NOW = 1767225600.0
DATE = datetime.fromtimestamp(NOW, UTC)


def verdict(status: int, *, effect: bool, **headers: str) -> type[ProviderError] | None:
    reply = Reply(status, {name.replace("_", "-"): value for name, value in headers.items()})
    try:
        judge(reply, "test", effect=effect)
    except ProviderError as error:
        return type(error) if error.status == status else None
    return None


@pytest.mark.parametrize(
    ("status", "headers", "effect", "question"),
    [
        (200, {}, None, None),
        (201, {}, None, None),
        (204, {}, None, None),
        (302, {"location": "/x"}, Failed, Failed),
        (400, {}, Failed, Failed),
        (401, {}, Failed, Failed),
        (404, {}, Failed, Failed),
        (409, {}, Failed, Failed),
        (422, {}, Failed, Failed),
        (429, {}, Refused, Refused),
        (429, {"retry_after": "7"}, Refused, Refused),
        (503, {"retry_after": "7"}, Refused, Refused),
        (503, {}, Unknown, NotSent),
        (500, {}, Unknown, NotSent),
        (502, {}, Unknown, NotSent),
        (504, {}, Unknown, NotSent),
    ],
)
def test_a_status_means_one_thing_for_an_effect_and_one_for_a_question(
    status: int,
    headers: dict[str, str],
    effect: type[ProviderError] | None,
    question: type[ProviderError] | None,
) -> None:
    assert verdict(status, effect=True, **headers) is effect
    assert verdict(status, effect=False, **headers) is question


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("901", 900.0),
        ("9" * 5000, 900.0),
        ("-3", None),
        ("soon", None),
        ("", None),
        (format_datetime(DATE + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(DATE - timedelta(days=1), usegmt=True), 0.0),
        (format_datetime(DATE + timedelta(days=9), usegmt=True), 900.0),
        ("Thu, 99 Foo 2026 99:99:99 GMT", None),
    ],
)
def test_the_pause_asked_for_is_read_and_capped(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


def test_a_done_effect_with_an_unreadable_body_is_done_and_flagged() -> None:
    reply = Reply(200, flaw="CONNECTION_LOST")
    assert judge(reply, "test", effect=True) is reply


@pytest.mark.parametrize(
    ("flaw", "kind"),
    [("CONNECTION_LOST", NotSent), ("RESPONSE_TOO_LARGE", Failed), ("RESPONSE_ENCODING", Failed)],
)
def test_a_question_with_an_unreadable_answer_was_not_answered(flaw: str, kind: type[ProviderError]) -> None:
    with pytest.raises(kind):
        judge(Reply(200, flaw=flaw), "test", effect=False)


def test_an_error_tells_its_class_to_an_outcome_and_never_the_body() -> None:
    reply = Reply(429, {"retry-after": "5"}, b"the secret is 1234")
    with pytest.raises(Refused) as caught:
        judge(reply, "test", effect=True)
    error = caught.value
    assert (error.standing, error.retry_after, error.retryable) == ("refused", 5.0, True)
    assert error.info().model_dump() == {
        "code": "RATE_LIMITED",
        "message": "asked to come back later (status 429)",
        "provider": "test",
        "retryable": True,
    }
    assert "1234" not in f"{error} {error!r} {error.reply!r}"
