"""Which processes a local Tembea runs, by what the environment names already."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.servers import scratch_state_dir
from wiring.places import Places
from wiring.settings import SettingsError
from wiring.stack import Stack, stack
from wiring.supervise.ports import free_port
from wiring.talk import QUIET

DATABASE = {"DATABASE_URL": "postgresql://me:s3cr3t@db.example/tembea"}
TEMPORAL = {"TEMPORAL_ADDRESS": "temporal.example:7233"}
CHATWOOT = {
    "CHATWOOT_URL": "https://chat.example",
    "CHATWOOT_ACCOUNT_ID": "7",
    "CHATWOOT_API_KEY": "operator-token",
}
AFRICAS_TALKING = {"AT_USERNAME": "duka", "AT_API_KEY": "operator-key", "AT_ENVIRONMENT": "production"}
ALL = DATABASE | TEMPORAL | CHATWOOT | AFRICAS_TALKING
OTHERS = (
    *("HOST", "DATABASE_URL_FILE", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE", "CHATWOOT_WEBHOOK_SECRET"),
    *(
        "AT_CALLBACK_SECRET",
        "AT_SENDER_ID",
        "AT_API_URL",
        "AT_PHONE_NUMBER",
        "AT_PRODUCT",
        "TEMBEA_PUBLIC_URL",
    ),
    *("CHATWOOT_BOT_TOKEN", "TEMBEA_KEYS", "TEMBEA_BOOTSTRAP_API_KEY", "TEMBEA_CODEC_TOKEN"),
)


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names nothing."""
    for name in (*ALL, *OTHERS):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


async def built(
    folder: Path, environment: pytest.MonkeyPatch, named: Mapping[str, str], **how: bool | str
) -> Stack:
    for name, value in named.items():
        environment.setenv(name, value)
    places = Places(folder, True, free_port(), free_port(), free_port())
    return await stack(places, QUIET, **how)  # type: ignore[arg-type]


def names(made: Stack) -> list[list[str]]:
    return [[part.name for part in wave] for wave in made.waves]


def environment_of(made: Stack, name: str) -> Mapping[str, str]:
    return next(part.env for wave in made.waves for part in wave if part.name == name)


async def test_what_the_environment_names_is_used_and_not_run(
    tmp_path: Path, clean: pytest.MonkeyPatch
) -> None:
    made = await built(tmp_path, clean, ALL)
    assert names(made) == [[], ["api", "worker"]]
    assert (made.chatwoot, made.africastalking) == (None, None)
    for part in ("api", "worker"):
        assert environment_of(made, part).items() >= ALL.items()
    assert made.first.dsn == SecretStr(DATABASE["DATABASE_URL"])


async def test_without_a_provider_a_stand_in_is_run_and_named_to_api_and_worker(
    tmp_path: Path, clean: pytest.MonkeyPatch
) -> None:
    made = await built(tmp_path, clean, DATABASE | TEMPORAL)
    assert names(made) == [["chatwoot", "africastalking"], ["api", "worker"]]
    for stand_in in (made.chatwoot, made.africastalking):
        assert stand_in
        for part in ("api", "worker"):
            told = stand_in.environment(made.places.api_url)
            assert environment_of(made, part).items() >= told.items()


async def test_a_provider_that_is_named_has_no_stand_in(tmp_path: Path, clean: pytest.MonkeyPatch) -> None:
    made = await built(tmp_path, clean, DATABASE | TEMPORAL | AFRICAS_TALKING)
    assert names(made) == [["chatwoot"], ["api", "worker"]]
    assert environment_of(made, "worker")["AT_USERNAME"] == "duka"


async def test_the_phones_call_the_api_back_by_its_secret(tmp_path: Path, clean: pytest.MonkeyPatch) -> None:
    made = await built(tmp_path, clean, DATABASE | TEMPORAL)
    assert made.africastalking
    told, furniture = environment_of(made, "api"), made.africastalking.furniture(made.places.api_url)
    callbacks = furniture["settings"]["callbacks"]
    ours = f"{made.places.api_url}/webhooks/africastalking/main/{told['AT_CALLBACK_SECRET']}"
    assert callbacks["ussd_end"] == f"{ours}/ussd-end"
    assert all(url.startswith(f"{ours}/") for url in callbacks.values())
    assert told["TEMBEA_PUBLIC_URL"] == made.places.api_url
    assert told["AT_CALLBACK_SECRET"] not in repr(made)


async def test_the_demo_has_its_stand_in_whatever_the_environment_names(
    tmp_path: Path, clean: pytest.MonkeyPatch
) -> None:
    made = await built(tmp_path, clean, ALL, stand_in=True, key="tmb_key")
    assert made.chatwoot
    assert made.africastalking
    assert environment_of(made, "worker")["CHATWOOT_URL"] == made.chatwoot.url
    assert environment_of(made, "worker")["AT_API_URL"] == f"{made.africastalking.url}/api"
    assert environment_of(made, "api")["TEMBEA_BOOTSTRAP_API_KEY"] == "tmb_key"


async def test_the_stand_in_is_told_nothing_of_ours(tmp_path: Path, clean: pytest.MonkeyPatch) -> None:
    made = await built(tmp_path, clean, DATABASE | TEMPORAL)
    for part in ("chatwoot", "africastalking"):
        assert set(environment_of(made, part)) == {"PATH", "PYTHONPATH"}


@pytest.mark.real
async def test_without_anything_named_all_is_run_and_told_to_api_and_worker(
    clean: pytest.MonkeyPatch,
) -> None:
    with scratch_state_dir() as folder:
        made = await built(folder, clean, {})
    assert names(made) == [["postgres", "temporal", "chatwoot", "africastalking"], ["api", "worker"]]
    told = environment_of(made, "worker")
    assert made.first.dsn == SecretStr(told["DATABASE_URL"])
    assert told["TEMPORAL_ADDRESS"] == f"127.0.0.1:{made.places.temporal_port}"
    assert told["TEMPORAL_UI_URL"] == f"http://127.0.0.1:{made.places.ui_port}"
    assert told["TEMPORAL_UI_URL"] == f"http://127.0.0.1:{made.places.ui_port}"


def endpoint_of(made: Stack) -> str:
    """Where the Web UI is told to decode payloads."""
    argv = next(part.argv for part in made.waves[0] if part.name == "temporal")
    return argv[argv.index("--ui-codec-endpoint") + 1]


@pytest.mark.real
async def test_the_web_ui_and_the_api_alone_are_told_a_token_that_is_another_at_each_start(
    clean: pytest.MonkeyPatch,
) -> None:
    tokens = []
    for _ in range(2):
        with scratch_state_dir() as folder:
            made = await built(folder, clean, DATABASE | CHATWOOT)
        token = environment_of(made, "api")["TEMBEA_CODEC_TOKEN"]
        assert endpoint_of(made) == f"{made.places.api_url}/codec/{token}"
        assert "TEMBEA_CODEC_TOKEN" not in environment_of(made, "worker")
        assert token not in repr(made)
        tokens.append(token)
    assert tokens[0] != tokens[1]
    assert min(map(len, tokens)) == 43


async def test_beside_a_temporal_of_others_the_token_is_the_operators(
    tmp_path: Path, clean: pytest.MonkeyPatch
) -> None:
    assert "TEMBEA_CODEC_TOKEN" not in environment_of(await built(tmp_path, clean, ALL), "api")
    given = {"TEMBEA_CODEC_TOKEN": "o" * 32}
    assert environment_of(await built(tmp_path, clean, ALL | given), "api").items() >= given.items()


async def test_a_local_api_binds_nothing_but_loopback(tmp_path: Path, clean: pytest.MonkeyPatch) -> None:
    made = await built(tmp_path, clean, ALL | {"HOST": "0.0.0.0", "PORT": "80"})
    told = {"HOST": "127.0.0.1", "PORT": str(made.places.port)}
    assert environment_of(made, "api").items() >= told.items()


async def test_settings_that_cannot_be_used_are_refused_before_anything_runs(
    tmp_path: Path, clean: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match="CHATWOOT_ACCOUNT_ID and CHATWOOT_API_KEY must be set"):
        await built(tmp_path, clean, {"CHATWOOT_URL": "https://chat.example"})


async def test_secrets_are_not_in_what_a_stack_shows_of_itself(
    tmp_path: Path, clean: pytest.MonkeyPatch
) -> None:
    made = await built(tmp_path, clean, DATABASE | TEMPORAL)
    assert made.chatwoot
    secrets = {"s3cr3t", made.chatwoot.user_token, made.chatwoot.bot_token, made.chatwoot.webhook_secret}
    assert [secret for secret in secrets if secret in repr(made)] == []
