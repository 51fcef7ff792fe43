"""The settings of a process: the only reader of the environment."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import unquote, urlsplit

from pydantic import AwareDatetime, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from temporalio.envconfig import ClientConfig, ClientConnectConfig

from activities.evaluation.limits import ScriptLimits
from providers.africastalking.config import AfricasTalkingConfig, Environment
from providers.breaker import FAILURES, PAUSE
from providers.http.connections import Connections, read_connections
from wiring.kinds_of_settings import (
    CommaList,
    ConnectionsJson,
    HostPorts,
    Lower,
    PathSecret,
    PathSecrets,
    Phone,
    Postgres,
    ReceiverUrl,
    SecretList,
    SigningSecrets,
    WebAddress,
)

SECRET_FILE_BYTES = 64 * 1024
CACHED_WORKFLOWS = 10_000


class SettingsError(Exception):
    """A setting cannot be used; the message names the variable and never repeats its value."""


class Settings(BaseSettings):
    """Everything a process may be told; `NAME_FILE` names a file with the value of any secret `NAME`."""

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, env_ignore_empty=True, hide_input_in_errors=True, case_sensitive=False
    )

    database_url: Postgres | None = None
    """DSN of PostgreSQL (`postgresql://…`); None: the embedded one."""
    max_connections: int = Field(default=20, ge=2, le=500)
    """Size of a process's PostgreSQL pool."""
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65_535)
    cors_origins: CommaList = ()
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Lower] = "info"

    temporal_address: str | None = None
    """None: the embedded server, unless a Temporal profile names another; see `temporal()`."""
    temporal_api_key: SecretStr | None = None
    temporal_ui_url: WebAddress | None = None
    """Where Temporal's Web UI is, for links to it."""

    chatwoot_url: WebAddress | None = None
    chatwoot_account_id: int | None = Field(default=None, ge=1)
    chatwoot_api_key: SecretStr | None = None
    chatwoot_bot_token: SecretStr | None = None
    chatwoot_webhook_secret: SecretList = ()
    chatwoot_allow_unsigned: bool = False

    at_username: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._-]{1,64}$")
    """Of the application at Africa's Talking; `sandbox` in the sandbox and nowhere else."""
    at_api_key: SecretStr | None = None
    at_environment: Annotated[Environment, Lower] = "sandbox"
    at_api_url: WebAddress | None = None
    """This and the next two: in place of the environment's own addresses."""
    at_voice_url: WebAddress | None = None
    at_payments_url: WebAddress | None = None
    at_callback_secret: PathSecrets = ()
    """The last part but one of every callback's path; several while one is replaced."""
    at_sender_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9 +_-]{1,15}$")
    """Whom texts come from where a flow says nothing."""
    at_phone_number: Phone | None = None
    """Our number, which calls and is called."""
    at_product: str | None = Field(default=None, min_length=1, max_length=100)
    """What payments are for where a flow says nothing."""
    at_max_concurrent: int = Field(default=20, ge=1, le=1_000)
    """Texts, calls, top-ups and payments that a worker asks for at the same time."""
    at_max_per_second: float = Field(default=20.0, gt=0, le=10_000)
    """The same, of all workers together: what the provider allows is written nowhere."""
    at_breaker_failures: int = Field(default=FAILURES, ge=1, le=1_000)
    """Calls without an answer, one after another, after which a product is left alone."""
    at_breaker_pause: float = Field(default=PAUSE, gt=0, le=3_600)
    """Seconds for which it is."""
    at_airtime_keyed: bool = True
    """Whether the provider is trusted to top up once under one key, which nobody has verified."""
    tembea_public_url: WebAddress | None = None
    """Where providers reach the API."""

    tembea_metrics_port: int | None = Field(default=None, ge=0, le=65_535)
    """Where the worker shows `/metrics`, on `host`; None: nowhere, 0: any free port."""
    tembea_cached_workflows: int = Field(default=CACHED_WORKFLOWS, ge=1, le=1_000_000)
    """Runs that a worker keeps in memory between their turns; others it walks again from the start."""
    tembea_restored_at: AwareDatetime | None = None
    """When the databases were put back to an earlier moment: executions from before it look what is done."""
    tembea_inspect: bool = False
    """Each executor is an ordinary activity of its own, to be looked at in the Web UI."""
    tembea_safe_http_allow: HostPorts = ()
    """`host:port` of private addresses which flows may call all the same (development)."""
    tembea_connections: ConnectionsJson | None = None
    """JSON of what `api` nodes may prove themselves with (`providers.http.connections`)."""
    tembea_webhook_out_url: ReceiverUrl | None = None
    """Where `webhook_out` nodes post their events."""
    tembea_webhook_out_secret: SigningSecrets = ()
    """Signs them, by the Standard Webhooks convention; several while one is replaced."""
    tembea_webhook_out_idempotent: bool = False
    """The receiver drops a webhook-id it has seen: an event whose answer got lost is sent again."""
    tembea_script_seconds: float = Field(default=0.1, gt=0, le=5)
    """CPU time of one script or condition in JavaScript."""
    tembea_script_memory_mib: int = Field(default=16, ge=1, le=256)
    tembea_script_stack_kib: int = Field(default=256, ge=64, le=1024)
    tembea_script_children: int = Field(default=2, ge=1, le=32)
    """Processes that run scripts, in each worker."""
    tembea_script_calls: int = Field(default=1_000, ge=1, le=100_000)
    """Scripts after which such a process is replaced."""
    tembea_bootstrap_api_key: SecretStr | None = None
    tembea_state_dir: Path | None = None
    tembea_ready_file: Path | None = None
    """A file that the worker makes when it has begun to work."""
    tembea_keys: SecretStr | None = None
    """The keys' JSON or the path of a file with it (`wiring.keys.load_or_create`)."""
    tembea_codec_token: PathSecret | None = None
    """Opens `/codec/<token>/decode` to Temporal's Web UI; None: only API keys open the codec."""

    @classmethod
    def load(cls) -> Self:
        """The settings of this process's environment; raises `SettingsError`."""
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError(_explain(error)) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        secret_files = _SecretFiles(settings_cls)
        return init_settings, env_settings, secret_files, dotenv_settings, file_secret_settings

    @model_validator(mode="after")
    def _chatwoot_is_whole(self) -> Self:
        parts = {
            "CHATWOOT_URL": self.chatwoot_url,
            "CHATWOOT_ACCOUNT_ID": self.chatwoot_account_id,
            "CHATWOOT_API_KEY": self.chatwoot_api_key,
        }
        missing = [name for name, value in parts.items() if value is None]
        if 0 < len(missing) < len(parts):
            raise ValueError(f"{' and '.join(missing)} must be set along with the other CHATWOOT settings")
        return self

    @model_validator(mode="after")
    def _africas_talking_is_whole(self) -> Self:
        if (self.at_username is None) is not (self.at_api_key is None):
            raise ValueError("AT_USERNAME and AT_API_KEY must be set together")
        if self.at_callback_secret and self.at_username is None:
            raise ValueError(
                "AT_CALLBACK_SECRET needs AT_USERNAME and AT_API_KEY: callbacks are an application's"
            )
        if self.at_username and (self.at_username == "sandbox") is not (self.at_environment == "sandbox"):
            raise ValueError("AT_USERNAME is sandbox where AT_ENVIRONMENT is, and nowhere else")
        return self

    @model_validator(mode="after")
    def _events_are_signed(self) -> Self:
        if bool(self.tembea_webhook_out_url) is not bool(self.tembea_webhook_out_secret):
            raise ValueError("TEMBEA_WEBHOOK_OUT_URL and TEMBEA_WEBHOOK_OUT_SECRET must be set together")
        return self

    def temporal(self) -> ClientConnectConfig:
        """How to reach Temporal, from `TEMPORAL_*` and the profile file; raises `SettingsError`."""
        environment = dict(os.environ)
        if self.temporal_api_key:
            environment["TEMPORAL_API_KEY"] = self.temporal_api_key.get_secret_value()
        if self.temporal_address:
            environment["TEMPORAL_ADDRESS"] = self.temporal_address
        try:
            return ClientConfig.load_client_connect_config(override_env_vars=environment)
        except (RuntimeError, ValueError) as error:
            raise SettingsError(f"TEMPORAL_*: {error}") from None

    def africas_talking(self) -> AfricasTalkingConfig | None:
        """How to reach Africa's Talking; None where it is not configured."""
        if self.at_username is None or self.at_api_key is None:
            return None
        return AfricasTalkingConfig(
            username=SecretStr(self.at_username),
            api_key=self.at_api_key,
            environment=self.at_environment,
            api_url=self.at_api_url,
            voice_url=self.at_voice_url,
            payments_url=self.at_payments_url,
            failures=self.at_breaker_failures,
            pause=self.at_breaker_pause,
        )

    def scripts(self) -> ScriptLimits:
        """The limits of JavaScript."""
        return ScriptLimits(
            seconds=self.tembea_script_seconds,
            memory=self.tembea_script_memory_mib * 1024 * 1024,
            stack=self.tembea_script_stack_kib * 1024,
            children=self.tembea_script_children,
            calls=self.tembea_script_calls,
        )

    def connections(self) -> Connections:
        """What `api` nodes may prove themselves with, by name."""
        written = self.tembea_connections
        return read_connections(written.get_secret_value()) if written else {}

    def secrets(self) -> Iterator[str]:
        """Every secret value, for the logs to hide."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, SecretStr):
                    yield item.get_secret_value()
        for connection in self.connections().values():
            yield from connection.secrets()
        if self.database_url and (password := urlsplit(self.database_url.get_secret_value()).password):
            yield unquote(password)


class _SecretFiles(PydanticBaseSettingsSource):
    """Takes a secret from the file that `<NAME>_FILE` names, where `<NAME>` itself is not set."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = f"{field_name.upper()}_FILE"
        path = os.environ.get(name)
        return (_read(name, Path(path)) if path and _is_secret(field) else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        fields = self.settings_cls.model_fields
        found = {name: self.get_field_value(field, name)[0] for name, field in fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def _is_secret(field: FieldInfo) -> bool:
    return _mentions_secret(field.annotation)


def _mentions_secret(annotation: Any) -> bool:
    return annotation is SecretStr or any(_mentions_secret(part) for part in get_args(annotation))


def _read(name: str, path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(SECRET_FILE_BYTES + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"{name}: {path} cannot be read: {why}") from None
    if len(text) > SECRET_FILE_BYTES:
        raise SettingsError(f"{name}: {path} is larger than {SECRET_FILE_BYTES} bytes")
    return text.strip()


def _explain(error: ValidationError) -> str:
    found: list[Mapping[str, Any]] = [*error.errors(include_input=False, include_url=False)]
    return "; ".join(_problem(each) for each in found)


def _problem(found: Mapping[str, Any]) -> str:
    name = str(found["loc"][0]).upper() if found["loc"] else ""
    text = str(found["msg"]).removeprefix("Value error, ")
    return f"{name}: {text}" if name else text
