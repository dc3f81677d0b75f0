"""One Settings class. Only services and the faces read it; the rest gets plain arguments."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from pushoff.errors import SettingWrong


class Settings(BaseSettings):
    """Every `PUSHOFF_*` environment variable or line of `.env`; docs/settings.md lists them."""

    model_config = SettingsConfigDict(
        env_prefix="PUSHOFF_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    data_dir: Path = Field(Path("var"), description="Folder for everything the product writes")
    storage_url: str = Field(
        "",
        description="Storage for videos, frames and data sets, such as s3://bucket/prefix; "
        "empty: DATA_DIR/storage",
    )
    redis_url: str = Field(
        "",
        description="Redis URL; empty: the unix socket DATA_DIR/redis/redis.sock of the Redis that "
        "`make up` and `make demo` start",
    )
    mlflow_uri: str = Field(
        "", description="MLflow tracking server; empty: an SQLite file in DATA_DIR"
    )

    database_url: str = Field(
        "",
        description="Database of accounts, sessions and corrections, such as "
        "postgresql+psycopg://user:password@host/name; empty: an SQLite file in DATA_DIR",
    )

    label_studio_url: str = Field(
        "http://127.0.0.1:8080", description="Address at which pushoff reaches Label Studio"
    )
    label_studio_token: SecretStr = Field(
        SecretStr(""),
        description="Personal access token or legacy token (detected automatically)",
    )
    label_studio_media_root: str = Field(
        "",
        description="The storage folder's path on Label Studio's machine; default: the same path "
        "as on this machine",
    )
    project: int | None = Field(
        None,
        description="Default project for commands; if empty, the only connected project",
    )

    backend_url: str = Field(
        "http://127.0.0.1:9090", description="Address at which Label Studio reaches the backend"
    )
    backend_user: str = Field(
        "label-studio",
        description="User name with which Label Studio calls the backend (basic auth)",
    )
    backend_password: SecretStr = Field(
        SecretStr(""), description="Password with which Label Studio calls the backend (basic auth)"
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="Secret that Label Studio's webhook sends as a header"
    )
    job_secret: SecretStr = Field(
        SecretStr(""), description="Key that signs jobs in Redis (HMAC-SHA256)"
    )

    media_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Additional origins from which images may be fetched, comma-separated, such as "
        "https://media.example.org",
    )
    media_max_bytes: int = Field(32 * 2**20, ge=2**10, description="Maximum image size in bytes")
    media_max_pixels: int = Field(40_000_000, ge=2**10, description="Maximum image size in pixels")
    media_timeout_s: float = Field(
        10.0, gt=0, description="Time limit for fetching one image, seconds"
    )

    architecture: Literal["resnet18", "resnet34"] = Field(
        "resnet18", description="Network to train"
    )
    weights: str = Field(
        "imagenet", description="Initial weights: imagenet, none, or a .safetensors file"
    )
    size_px: int = Field(
        224, ge=32, le=512, description="Side of the athlete crop that the network sees, pixels"
    )
    head_steps: int = Field(
        250, ge=1, le=10_000, description="Steps in which each head is fitted on stored features"
    )
    max_epochs: int = Field(30, ge=1, le=1000, description="Maximum number of training epochs")
    patience: int = Field(6, ge=1, description="Epochs without improvement before training stops")
    train_minutes: float = Field(60.0, gt=0, description="Time limit of a training, minutes")
    seed: int = Field(1, ge=0, description="Seed for all random numbers")

    min_labels: int = Field(8, ge=4, description="Labels required before the first model")
    min_per_class: int = Field(
        2, ge=1, description="Labels of each class required before the first model"
    )
    retrain_min_labels: int = Field(
        40,
        ge=4,
        description="Labels required before the network is retrained; until then only its heads "
        "are fitted",
    )
    accepted_weight: float = Field(
        0.5,
        gt=0,
        le=1,
        description="Training weight of an accepted suggestion "
        "(a label that is not an accepted suggestion has weight 1)",
    )
    refit_every: int = Field(20, ge=1, description="New labels that trigger a refit")
    learn_every: int = Field(
        3, ge=1, description="Newly checked coaches' sessions after which the heads are fitted"
    )
    retrain_every: int = Field(200, ge=1, description="New labels that trigger a retrain")
    retrain_delay_s: float = Field(
        10.0, ge=0, description="Seconds without a new label before a triggered retrain starts"
    )
    promotion_gain: float = Field(
        0.005,
        ge=0,
        le=1,
        description="Minimum gain over the champion in held-out average precision, or in F1 within "
        "one frame",
    )
    promotion_confidence: float = Field(
        0.6,
        ge=0.5,
        le=1,
        description="Share of paired bootstrap samples in which the candidate must score higher",
    )
    nightly: str = Field("30 2 * * *", description="Cron line of the nightly job, local time")
    strategy: str = Field(
        "",
        description="Strategy that orders the queue; empty: the default, event-windows until there "
        "is a model, then hybrid. `pushoff project strategy` lists them, and chooses one for a "
        "project",
    )
    random_share: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Share of the first frames of the queue that are chosen at random",
    )
    blind_share: float = Field(
        0.05, ge=0, le=1, description="Share of frames shown without a suggestion"
    )
    frames_per_video: int = Field(
        120, ge=2, le=5000, description="Maximum number of tasks per video"
    )
    public_url: str = Field(
        "",
        description="Address of the coach's page; with https:// its cookie is sent over TLS only",
    )
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="Mail server for notifications, such as smtps://user:password@host or "
        "smtp://host:587 (with STARTTLS); empty: no mail",
    )
    mail_from: str = Field("", description="Sender of notifications; required with a mail server")
    notify_url: str = Field(
        "",
        description="Webhook to which notifications are posted, the only origin that they are "
        "sent to; empty: none",
    )
    notify_secret: SecretStr = Field(
        SecretStr(""),
        description="Key that signs notifications to the webhook (HMAC-SHA256); required with one",
    )
    upload_max_gib: float = Field(
        16.0, gt=0, le=1024, description="Maximum size of an uploaded video, in GiB"
    )
    coach_quota_gib: float = Field(200.0, gt=0, description="Storage limit per coach, in GiB")
    upload_days: int = Field(
        5, ge=1, le=365, description="Days an interrupted upload can be resumed"
    )
    retention_days: int = Field(
        0, ge=0, description="Days after which a coach's session is deleted everywhere; 0: never"
    )
    job_timeout_s: int = Field(4 * 3600, ge=60, description="Time limit of a job, seconds")

    @field_validator("media_origins", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("strategy")
    @classmethod
    def _known_strategy(cls, value: str) -> str:
        if value:
            from pushoff.active.queue import STRATEGIES

            if value not in STRATEGIES:
                raise ValueError(f"{value!r} is not one of {', '.join(STRATEGIES)}")
        return value

    def __init__(self, **values: Any) -> None:
        """Raises SettingWrong, naming the variable, in place of pydantic's error."""
        try:
            super().__init__(**values)
        except ValidationError as error:
            lines = [
                f"PUSHOFF_{'_'.join(map(str, detail['loc'])).upper()}: {detail['msg']}"
                for detail in error.errors()
            ]
            raise SettingWrong("; ".join(lines)) from None

    @cached_property
    def storage(self) -> str:
        """The storage URL with its default filled in."""
        return self.storage_url or str(self.data_dir.absolute() / "storage")

    @cached_property
    def database(self) -> str:
        """The database URL with its default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'coach.db'}"

    @cached_property
    def mlflow(self) -> str:
        """The MLflow URI with its default filled in."""
        return self.mlflow_uri or f"sqlite:///{self.data_dir.absolute() / 'mlflow.db'}"

    @cached_property
    def artifact_root(self) -> str:
        """Folder of model files of an SQLite registry; empty: an MLflow server stores them."""
        if self.mlflow_uri.startswith("http"):
            return ""
        return str(self.data_dir.absolute() / "models")

    @cached_property
    def redis(self) -> str:
        """The Redis URL with its default filled in: the embedded server's unix socket."""
        return self.redis_url or f"unix://{self.data_dir.absolute() / 'redis' / 'redis.sock'}"

    @property
    def notifies(self) -> bool:
        """Whether anybody is told by mail or webhook of what happened."""
        return bool(self.smtp_url.get_secret_value() or self.notify_url)

    @property
    def label_studio_connected(self) -> bool:
        """Whether there is a Label Studio to work with; without one, coaches' videos still are."""
        return bool(self.label_studio_token.get_secret_value())

    def secret(self, name: str) -> str:
        """The secret called `name`. Raises SettingWrong when it is empty or a placeholder."""
        value = getattr(self, name).get_secret_value()
        if not value or value.lower() in {
            "changeme",
            "change-me",
            "secret",
            "password",
            "placeholder",
        }:
            raise SettingWrong(
                f"PUSHOFF_{name.upper()} is {'a placeholder' if value else 'empty'}.",
                code="placeholder_secret" if value else "missing_secret",
                remedy="Run `pushoff env` to make a .env with fresh secrets, or set it yourself.",
            )
        return value
