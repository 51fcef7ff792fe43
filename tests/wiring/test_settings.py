"""What a process may be told by its environment, and how it says that it was told wrong."""

import os
from pathlib import Path

import pytest

from wiring.settings import Settings, SettingsError

SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CHATWOOT = {
    "CHATWOOT_URL": "https://chat.example.org/",
    "CHATWOOT_ACCOUNT_ID": "7",
    "CHATWOOT_API_KEY": "key-of-chatwoot",
}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name != "PYTEST_CURRENT_TEST":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


def load(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


def refusal(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    with pytest.raises(SettingsError) as error:
        load(monkeypatch, **environment)
    return str(error.value)


def test_an_empty_environment_gives_safe_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, CORS_ORIGINS="", DATABASE_URL="")
    assert (settings.host, settings.port, settings.cors_origins) == ("127.0.0.1", 3000, ())
    assert settings.database_url is None
    assert settings.temporal_address is None
    assert not settings.chatwoot_allow_unsigned
    assert not settings.tembea_inspect
    assert settings.tembea_cached_workflows == 10_000
    assert list(settings.secrets()) == []


def test_every_setting_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        **CHATWOOT,
        DATABASE_URL="postgres://u:p%40ss-word@db/tembea",
        PORT="8080",
        HOST="0.0.0.0",
        LOG_LEVEL="INFO",
        MAX_CONNECTIONS="25",
        CORS_ORIGINS="https://a.example, https://b.example",
        CHATWOOT_BOT_TOKEN="bot-token",
        CHATWOOT_WEBHOOK_SECRET="first-secret,second-secret",
        CHATWOOT_ALLOW_UNSIGNED="1",
        TEMBEA_INSPECT="1",
        TEMBEA_CACHED_WORKFLOWS="2000",
        TEMBEA_SAFE_HTTP_ALLOW="127.0.0.1:4010,localhost:4011",
        TEMBEA_STATE_DIR="/var/lib/tembea",
        TEMBEA_BOOTSTRAP_API_KEY="bootstrap",
        TEMBEA_KEYS="{}",
        REDIS_URL="redis://ignored",
    )
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://u:p%40ss-word@db/tembea"
    assert (settings.port, settings.host, settings.log_level) == (8080, "0.0.0.0", "info")
    assert settings.max_connections == 25
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert (settings.chatwoot_url, settings.chatwoot_account_id) == ("https://chat.example.org", 7)
    assert settings.tembea_safe_http_allow == ("127.0.0.1:4010", "localhost:4011")
    assert settings.tembea_state_dir == Path("/var/lib/tembea")
    assert settings.chatwoot_allow_unsigned
    assert settings.tembea_inspect
    assert settings.tembea_cached_workflows == 2_000


AFRICAS_TALKING = {"AT_USERNAME": "duka", "AT_API_KEY": "key-of-phones", "AT_ENVIRONMENT": "production"}


def test_africas_talking_is_named_by_its_environment_or_by_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    named = load(monkeypatch, **AFRICAS_TALKING).africas_talking()
    assert named
    assert named.bases().api == "https://api.africastalking.com"
    own = load(monkeypatch, **AFRICAS_TALKING, AT_VOICE_URL="http://127.0.0.1:4000/voice/").africas_talking()
    assert own
    assert own.bases().voice == "http://127.0.0.1:4000/voice"
    assert load(monkeypatch, AT_USERNAME="", AT_API_KEY="").africas_talking() is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"AT_API_KEY": ""}, "AT_USERNAME and AT_API_KEY must be set together"),
        (
            {"AT_USERNAME": "", "AT_API_KEY": "", "AT_CALLBACK_SECRET": "a" * 32},
            "AT_CALLBACK_SECRET needs AT_USERNAME and AT_API_KEY",
        ),
        ({"AT_ENVIRONMENT": "sandbox"}, "AT_USERNAME is sandbox where AT_ENVIRONMENT is"),
        ({"AT_USERNAME": "sandbox"}, "AT_USERNAME is sandbox where AT_ENVIRONMENT is"),
        ({"AT_ENVIRONMENT": "staging"}, "AT_ENVIRONMENT"),
        ({"AT_CALLBACK_SECRET": "too-short"}, "AT_CALLBACK_SECRET: is 32 to 255 letters, digits, - or _"),
        ({"AT_PHONE_NUMBER": "0711000000"}, "AT_PHONE_NUMBER: is a phone number as"),
        ({"AT_API_URL": "api.example.org"}, "AT_API_URL"),
        ({"TEMBEA_PUBLIC_URL": "tembea"}, "TEMBEA_PUBLIC_URL"),
    ],
)
def test_what_is_wrong_with_africas_talking_is_said_without_its_value(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], said: str
) -> None:
    refused = refusal(monkeypatch, **{**AFRICAS_TALKING, **wrong})
    assert said in refused
    assert "too-short" not in refused


def test_every_secret_of_the_callbacks_is_hidden_from_the_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = "a" * 32, "b" * 40
    settings = load(monkeypatch, **AFRICAS_TALKING, AT_CALLBACK_SECRET=f"{first}, {second}")
    assert {first, second, "key-of-phones"} <= set(settings.secrets())


def test_the_logs_are_told_every_secret_and_the_password_in_the_dsn(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        **CHATWOOT,
        DATABASE_URL="postgresql://u:p%40ss-word@db/tembea",
        CHATWOOT_WEBHOOK_SECRET="first-secret, second-secret",
    )
    assert set(settings.secrets()) == {
        "postgresql://u:p%40ss-word@db/tembea",
        "p@ss-word",
        "key-of-chatwoot",
        "first-secret",
        "second-secret",
    }


def test_the_logs_are_told_the_secrets_of_events_and_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        TEMBEA_WEBHOOK_OUT_URL="https://hooks.example.org/tembea/?to=1",
        TEMBEA_WEBHOOK_OUT_SECRET=SIGNING,
        TEMBEA_CONNECTIONS='{"crm": {"type": "basic", "user": "us", "password": "pw", "hosts": ["a.co"]}}',
    )
    assert {SIGNING, "us", "pw", "dXM6cHc="} <= set(settings.secrets())
    assert list(settings.connections()) == ["crm"]
    assert settings.tembea_webhook_out_url == "https://hooks.example.org/tembea/?to=1"


def test_connections_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "connections.json"
    path.write_text('{"crm": {"type": "bearer", "token": "abc", "hosts": ["crm.example"]}}')
    assert list(load(monkeypatch, TEMBEA_CONNECTIONS_FILE=str(path)).connections()) == ["crm"]


@pytest.mark.parametrize(
    "alone",
    [{"TEMBEA_WEBHOOK_OUT_URL": "https://a.example"}, {"TEMBEA_WEBHOOK_OUT_SECRET": SIGNING}],
    ids=str,
)
def test_events_have_a_receiver_and_a_signature_or_neither(
    monkeypatch: pytest.MonkeyPatch, alone: dict[str, str]
) -> None:
    assert "must be set together" in refusal(monkeypatch, **alone)


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "hooks").write_text("first-secret\nsecond-secret\n")
    (tmp_path / "dsn").write_text("postgresql://u:word@db/tembea\n")
    settings = load(
        monkeypatch,
        CHATWOOT_WEBHOOK_SECRET_FILE=str(tmp_path / "hooks"),
        DATABASE_URL_FILE=str(tmp_path / "dsn"),
    )
    secrets = [secret.get_secret_value() for secret in settings.chatwoot_webhook_secret]
    assert secrets == ["first-secret", "second-secret"]
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://u:word@db/tembea"


def test_only_secrets_may_stand_in_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "port").write_text("8080")
    assert load(monkeypatch, PORT_FILE=str(tmp_path / "port")).port == 3000


def test_a_secrets_file_that_is_not_there_or_too_large_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    message = refusal(monkeypatch, TEMBEA_KEYS_FILE=str(tmp_path / "none"))
    assert message.startswith("TEMBEA_KEYS_FILE: ")
    assert "No such file" in message
    (tmp_path / "large").write_text("x" * 70_000)
    assert "larger than" in refusal(monkeypatch, TEMBEA_KEYS_FILE=str(tmp_path / "large"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "canary"),
        ("PORT", "70000"),
        ("LOG_LEVEL", "canary"),
        ("DATABASE_URL", "mysql://canary@db"),
        ("DATABASE_URL", "canary"),
        ("MAX_CONNECTIONS", "0"),
        ("TEMBEA_SAFE_HTTP_ALLOW", "canary"),
        ("TEMBEA_INSPECT", "canary"),
        ("TEMBEA_CACHED_WORKFLOWS", "0"),
        ("TEMBEA_RESTORED_AT", "2026-11-22T05:00:00"),
        ("CHATWOOT_ACCOUNT_ID", "canary"),
        ("CHATWOOT_URL", "canary"),
        ("TEMBEA_CODEC_TOKEN", "canary"),
        ("TEMBEA_CONNECTIONS", "canary"),
        ("TEMBEA_CONNECTIONS", '{"crm": {"type": "bearer", "token": "canary"}}'),
        ("TEMBEA_WEBHOOK_OUT_URL", "canary"),
        ("TEMBEA_WEBHOOK_OUT_URL", "https://canary:canary@hooks.example"),
        ("TEMBEA_WEBHOOK_OUT_SECRET", "canary"),
        ("TEMBEA_WEBHOOK_OUT_SECRET", "whsec_Y2FuYXJ5"),
        ("TEMBEA_CODEC_TOKEN", "canary/" * 6),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    message = refusal(monkeypatch, **{name: value})
    assert f"{name}: " in message
    assert value not in message


def test_half_of_the_chatwoot_settings_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    message = refusal(monkeypatch, CHATWOOT_URL="https://chat.example.org")
    assert message.startswith("CHATWOOT_ACCOUNT_ID and CHATWOOT_API_KEY must be set")


def test_no_secret_shows_in_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **CHATWOOT, CHATWOOT_WEBHOOK_SECRET="first-secret")
    assert "first-secret" not in repr(settings)
    assert "key-of-chatwoot" not in f"{settings} {settings!r}"


def test_temporal_is_configured_by_its_own_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("temporal-api-key\n")
    settings = load(
        monkeypatch,
        TEMPORAL_ADDRESS="temporal.example:7233",
        TEMPORAL_NAMESPACE="tembea",
        TEMPORAL_API_KEY_FILE=str(tmp_path / "key"),
    )
    config = settings.temporal()
    assert (config["target_host"], config["namespace"]) == ("temporal.example:7233", "tembea")
    assert config["api_key"] == "temporal-api-key"
    assert "temporal-api-key" in set(settings.secrets())


def test_without_temporal_settings_nothing_is_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "target_host" not in load(monkeypatch).temporal()


def test_a_temporal_profile_that_is_not_there_is_an_error_of_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = load(monkeypatch, TEMPORAL_PROFILE="nowhere")
    with pytest.raises(SettingsError, match=r"^TEMPORAL_\*: "):
        settings.temporal()
