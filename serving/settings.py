"""Settings from the environment, prefix SAMAAN_, each with a default that works on one machine."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from samaan_ml.domain.errors import RuleError

SliceName = Literal[
    "auth",
    "inventory",
    "orders",
    "sales",
    "ocr",
    "forecast",
    "pricing",
    "udhaar",
    "recommendations",
    "alerts",
    "changes",
    "home",
]


class Settings(BaseSettings):
    """What a deployment may choose; read once by the entry point and handed down."""

    model_config = SettingsConfigDict(env_prefix="SAMAAN_", frozen=True, extra="ignore")

    home: Path = Field(Path(".samaan"), description="Folder of the local database, keys, blobs and models.")
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL; the default is a SQLite file in the home folder."
    )
    database_secret: str | None = Field(
        None,
        description="Secret of AWS Secrets Manager with the database's URL or RDS's fields; read at the start.",
    )
    predictor: Literal["inprocess", "sagemaker"] = "inprocess"
    identity: Literal["local", "cognito"] = "local"
    inventory_store: Literal["sql", "dynamodb"] = "sql"
    session_store: Literal["sql", "dynamodb"] = "sql"
    udhaar_store: Literal["sql", "dynamodb"] = "sql"
    cache: Literal["memory", "redis"] = "memory"
    blobs: Literal["filesystem", "s3"] = "filesystem"
    bill_reader: Literal["local", "textract"] = "local"
    explainer: Literal["template", "bedrock"] = "template"
    notifier: Literal["console", "sns"] = "console"
    code_sender: Literal["console", "sns"] = "console"

    token_issuer: str = "samaan-local"  # noqa: S105 (a name, no secret)
    token_audience: str = "samaan-api"  # noqa: S105
    khata_keys: SecretStr | None = Field(
        None,
        description="Ed25519 keys that sign khata statements: base64 of 32 bytes each, by comma, the last one signs. "
        "The default is a key file in the home folder.",
    )
    khata_secret: str | None = Field(
        None, description="Secret of AWS Secrets Manager with the text of khata_keys."
    )
    access_token_minutes: int = Field(60, ge=1, le=24 * 60)
    refresh_token_days: int = Field(30, ge=1, le=365)

    rate_per_second: float = Field(100.0, gt=0, description="Requests a second a shop may send on average.")
    rate_burst: int = Field(200, ge=1, description="Requests a shop may send at once.")
    max_body_bytes: int = Field(1_048_576, ge=1024)
    max_upload_bytes: int = Field(10 * 1_048_576, ge=1024)
    approval_minutes: int = Field(
        120, ge=1, le=7 * 24 * 60, description="How long an owner may take, and then the asker to use it."
    )
    idempotency_hours: int = Field(48, ge=1)
    busy_timeout_ms: int = Field(5_000, ge=1, description="How long a writer waits for another one.")
    pool_size: int = Field(20, ge=1, description="Connections a process keeps to the database.")
    cors_origins: tuple[str, ...] = ()
    operators: tuple[str, ...] = Field(
        (), description="E-mail addresses (JSON list) of who may read about the models at /app/models."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    aws_region: str = "ap-south-1"
    aws_endpoint_url: str | None = Field(None, description="Other address of the AWS APIs, for tests.")
    inventory_table: str = "samaan-inventory"
    sessions_table: str = "samaan-sessions"
    udhaar_table: str = "samaan-udhaar"
    bills_bucket: str = "samaan-bills"
    redis_url: str = "redis://localhost:6379/0"
    demand_endpoint: str = "samaan-demand"
    price_endpoint: str = "samaan-price"
    udhaar_endpoint: str = "samaan-udhaar"
    cognito_pool_id: str | None = None
    cognito_client_id: str | None = None
    sns_topic_arn: str | None = None
    sms_entity_id: str | None = Field(None, description="Sender registered with Indian operators (DLT).")
    sms_alert_template_id: str | None = Field(
        None, description="Text of alerts registered with them; without it no alert goes out by SMS."
    )
    sms_code_template_id: str | None = Field(None, description="Text of sign-in codes registered with them.")
    sms_countries: tuple[str, ...] = Field(
        ("91",), description="Country calling codes to which sign-in codes are sent."
    )
    sms_codes_a_day: int = Field(
        2_000, ge=1, description="Most sign-in codes a day, for all numbers together."
    )
    bedrock_fast_models: tuple[str, ...] = Field(
        (), description="Model or profile ids for short texts, in order."
    )
    bedrock_smart_models: tuple[str, ...] = Field(
        (), description="Model or profile ids for long texts, in order."
    )
    bedrock_daily_tokens: int = Field(200_000, ge=0)
    ocr_languages: str = "eng"
    ocr_timeout_seconds: float = Field(30.0, gt=0)

    @property
    def database(self) -> str:
        """The database's URL, the local file when none is set."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.home / 'samaan.db').absolute()}"

    @property
    def has_outside_stores(self) -> bool:
        """Whether something that a write changes lies outside the database and its units of work."""
        return self.inventory_store != "sql" or self.udhaar_store != "sql"

    def required(self, name: str) -> str:
        """Return a setting that the chosen adapter cannot do without.

        Raises
        ------
        RuleError
            Naming the environment variable to set.
        """
        value = getattr(self, name)
        if not value:
            raise RuleError(f"SAMAAN_{name.upper()} is not set", field=name)
        return str(value)

    @property
    def models_folder(self) -> Path:
        """Where the exported champions lie: one folder a model."""
        return self.home / "models"

    @property
    def blobs_folder(self) -> Path:
        """Where photographs and sheets lie."""
        return self.home / "blobs"

    @property
    def keys_folder(self) -> Path:
        """Where the local issuer keeps its signing keys."""
        return self.home / "keys"
