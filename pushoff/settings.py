"""One Settings class. Only the faces read it; everything below gets plain arguments."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

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
        description="Sessions, frames, datasets: empty for DATA_DIR/storage, or s3://bucket/prefix",
    )
    redis_url: str = Field(
        "", description="Redis; empty starts a private one on a unix socket under DATA_DIR"
    )
    mlflow_uri: str = Field(
        "", description="MLflow tracking server; empty for an SQLite file under DATA_DIR"
    )

    database_url: str = Field(
        "",
        description="Accounts, sessions, corrections: empty for an SQLite file under DATA_DIR, "
        "or postgresql+psycopg://user:password@host/name",
    )

    label_studio_url: str = Field(
        "http://127.0.0.1:8080", description="Where we reach Label Studio"
    )
    label_studio_token: SecretStr = Field(
        SecretStr(""),
        description="Personal access token or legacy token; which one is found out by itself",
    )
    label_studio_media_root: str = Field(
        "",
        description="The storage folder as Label Studio sees it; empty: the same path as ours",
    )
    project: int | None = Field(
        None,
        description="Label Studio project of the commands; empty: the only one connected to us",
    )

    backend_url: str = Field(
        "http://127.0.0.1:9090", description="Where Label Studio reaches our backend"
    )
    backend_user: str = Field(
        "label-studio", description="Basic auth user Label Studio calls us with"
    )
    backend_password: SecretStr = Field(
        SecretStr(""), description="Basic auth password Label Studio calls us with"
    )
    webhook_secret: SecretStr = Field(SecretStr(""), description="Secret header of our webhook")
    job_secret: SecretStr = Field(
        SecretStr(""), description="Key that signs jobs in Redis (HMAC-SHA256)"
    )

    media_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Further origins images may come from, comma separated: https://media.example.org",
    )
    media_max_bytes: int = Field(32 * 2**20, ge=2**10, description="Largest image fetched, bytes")
    media_max_pixels: int = Field(40_000_000, ge=2**10, description="Largest image decoded, pixels")
    media_timeout_s: float = Field(10.0, gt=0, description="Longest wait for one image, seconds")

    architecture: Literal["resnet18", "resnet34"] = Field(
        "resnet18", description="Network that is trained"
    )
    weights: str = Field(
        "imagenet", description="Starting weights: imagenet, none, or a .safetensors file"
    )
    size_px: int = Field(
        160, ge=32, le=512, description="Side of the athlete crop the network sees, pixels"
    )
    event_size_px: int = Field(
        224, ge=64, le=320, description="Side of the pictures the event model looks at, pixels"
    )
    max_epochs: int = Field(30, ge=1, le=1000, description="Longest training, epochs")
    patience: int = Field(6, ge=1, description="Epochs without improvement before training stops")
    batch_size: int = Field(
        16, ge=2, le=4096, description="Frames per training step; halved when memory runs out"
    )
    learning_rate: float = Field(1e-3, gt=0, lt=1, description="Peak learning rate of AdamW")
    train_minutes: float = Field(60.0, gt=0, description="Longest training, minutes of wall time")
    seed: int = Field(1, ge=0, description="Seed of everything random")

    min_labels: int = Field(40, ge=4, description="Labels needed before anything is trained")
    min_per_class: int = Field(
        5, ge=1, description="Labels of each class needed in training and in held-out sessions"
    )
    accepted_weight: float = Field(
        0.5,
        gt=0,
        le=1,
        description="How much an accepted suggestion counts in training; a person's own label is 1",
    )
    refit_every: int = Field(
        20, ge=1, description="New labels after which the heads are fitted and the queue made anew"
    )
    retrain_every: int = Field(
        200, ge=1, description="New labels that start a retrain by themselves"
    )
    retrain_delay_s: float = Field(
        10.0, ge=0, description="Quiet seconds after a label before a retrain starts"
    )
    promotion_gain: float = Field(
        0.005, ge=0, le=1, description="Held-out F1 a candidate must add to the champion's"
    )
    promotion_confidence: float = Field(
        0.6,
        ge=0.5,
        le=1,
        description="Share of paired bootstrap draws in which the candidate must win",
    )
    nightly: str = Field("30 2 * * *", description="Cron line of the nightly job, local time")
    strategy: str = Field(
        "",
        description="Which frames come first; empty: the strategy that measured best. "
        "`pushoff project strategy` lists them, and chooses one for a project",
    )
    random_share: float = Field(
        0.1, ge=0, le=1, description="Share of the queue's front picked at random"
    )
    blind_share: float = Field(
        0.05, ge=0, le=1, description="Share of frames shown without a suggestion"
    )
    frames_per_session: int = Field(
        120, ge=2, le=5000, description="Frames of one session offered to the annotator"
    )
    public_url: str = Field(
        "",
        description="Address people type for the coach's page; https:// makes its cookie secure",
    )
    upload_max_gib: float = Field(
        16.0, gt=0, le=1024, description="Largest video a coach may upload, GiB"
    )
    coach_quota_gib: float = Field(200.0, gt=0, description="All videos of one coach together, GiB")
    upload_days: int = Field(
        5, ge=1, le=365, description="Days an upload that was broken off can be gone on with"
    )
    retention_days: int = Field(
        0, ge=0, description="Days after which a coach's session is deleted everywhere; 0 keeps it"
    )
    job_timeout_s: int = Field(4 * 3600, ge=60, description="Longest job, seconds")

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
    def _known(cls, value: str) -> str:
        if value:
            from pushoff.active.queue import STRATEGIES

            if value not in STRATEGIES:
                raise ValueError(f"{value!r} is not one of {', '.join(STRATEGIES)}")
        return value

    def __init__(self, **values: object) -> None:
        """Raises SettingWrong, naming the variable, in place of pydantic's error."""
        try:
            super().__init__(**values)
        except ValidationError as error:
            lines = [
                f"PUSHOFF_{'_'.join(str(part) for part in one['loc']).upper()}: {one['msg']}"
                for one in error.errors()
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
        """Where model files lie beside our own SQLite file; an MLflow server keeps its own."""
        if self.mlflow_uri.startswith("http"):
            return ""
        return str(self.data_dir.absolute() / "models")

    @cached_property
    def redis(self) -> str:
        """The Redis URL with its default filled in: the embedded server's unix socket."""
        return self.redis_url or f"unix://{self.data_dir.absolute() / 'redis' / 'redis.sock'}"

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
                f"PUSHOFF_{name.upper()} is {'empty' if not value else 'a placeholder'}. "
                "Run `pushoff env` to make a .env with fresh secrets, or set it yourself."
            )
        return value
