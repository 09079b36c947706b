"""Every setting, typed, in one place. Each is read once, at start, from `DIGITSCRIBE_<NAME>` in the environment.

A service composes the groups that it needs into its own class and calls `load`:

    class GatewaySettings(RedisSettings, QueueSettings, ...): ...
    settings = load(GatewaySettings)

`load` reports all wrong variables at once, each by its name, and raises `SettingsError`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from digitscribe.contracts.document import NAME_PATTERN
from digitscribe.errors import SettingsError
from digitscribe.vision import tuning

ENV_PREFIX = "DIGITSCRIBE_"

Port = Annotated[int, Field(ge=1, le=65535)]

ProfileJson = Annotated[str, AfterValidator(tuning.checked)]


class Settings(BaseSettings):
    """The base of all groups of settings."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="ignore", protected_namespaces=())

    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="How much is logged")
    log_format: str = Field(
        default="text", pattern="^(text|json)$", description="`text` for people, `json` for machines"
    )


class RedisSettings(Settings):
    """Where Redis is."""

    redis_url: str = Field(
        default="redis://127.0.0.1:6379/0", pattern=r"^(rediss?|unix)://", description="Redis's address"
    )


class EventSettings(Settings):
    """The stream of events."""

    events_kept: int = Field(default=10_000, ge=100, description="Events (history and feed) kept in the stream")


class BatchSettings(Settings):
    """How submissions are put together."""

    batch_size: int = Field(default=64, ge=1, le=1024, description="Images in one RQ job at most")
    batch_megapixels: int = Field(default=100, ge=50, le=10_000, description="Megapixels in one RQ job at most")
    batch_window_ms: float = Field(
        default=3.0, ge=0, le=1000, description="How long a batch waits for more images while others are being read"
    )


class QueueSettings(EventSettings):
    """How much work is let in and how long its traces stay."""

    max_pending_images: int = Field(
        default=2000, ge=1, description="Accepted, unfinished images beyond which the answer is 503"
    )
    max_pending_megabytes: int = Field(
        default=512, ge=1, description="Bytes of accepted, unfinished images beyond which the answer is 503"
    )
    image_ttl_s: int = Field(default=3600, ge=60, description="How long the bytes of an unread image are kept")
    result_ttl_s: int = Field(
        default=86_400,
        ge=60,
        description="How long a result can be fetched by its id; less where Redis has little memory left",
    )
    frame_ttl_s: int = Field(
        default=600,
        ge=60,
        description="How long the result of a camera's or a live webcam's frame can be fetched by its id, unless the "
        "history lists it",
    )
    job_timeout_s: int = Field(
        default=60,
        ge=1,
        le=3600,
        description="Longest time a batch may take; more than `DIGITSCRIBE_SERVING_PATIENCE_S` and "
        "`DIGITSCRIBE_PREDICT_TIMEOUT_S` together",
    )


class ServingSettings(Settings):
    """Where the model server is and how it is asked."""

    serving_grpc: str = Field(default="127.0.0.1:8500", description="host:port of the model server's gRPC API")
    model_name: str = Field(default="digits", pattern=NAME_PATTERN, description="The servable's name")
    model_label: str = Field(default="stable", pattern=NAME_PATTERN, description="The label whose version is asked")
    predict_batch_size: int = Field(
        default=256, ge=1, le=4096, description="Digits in one Predict at most; the server's max_batch_size"
    )
    predict_timeout_s: float = Field(default=10.0, gt=0, le=300, description="Deadline of one Predict")
    serving_patience_s: float = Field(
        default=20.0, ge=0, le=600, description="How long an unavailable model server is tried again"
    )


class ModelSettings(Settings):
    """The volume of models."""

    models_dir: Path = Field(default=Path("var/models"), description="The volume of models, as this service sees it")


class CorrectionSettings(Settings):
    """The volume of corrections."""

    corrections_dir: Path = Field(default=Path("var/corrections"), description="The volume of corrections")


class ImageSettings(Settings):
    """What images are let in."""

    max_image_megabytes: int = Field(default=20, ge=1, le=200, description="Largest image file")
    max_image_megapixels: int = Field(default=50, ge=1, le=500, description="Largest image, checked before decoding")


class ProfileSettings(Settings):
    """How images are prepared for reading, unless a request or a camera says otherwise."""

    profile: ProfileJson = Field(
        default="{}",
        description="Preprocessing, as a JSON object of what differs from the usual; `/v1/profile` lists all of it",
    )


class CameraTokenSettings(Settings):
    """What gateway and camera worker share."""

    camera_token: SecretStr = Field(
        default=SecretStr(""),
        description="A secret word; whoever knows it is told cameras' addresses with their passwords. "
        "`make up` makes one at each start",
    )


class GatewaySettings(
    CameraTokenSettings,
    RedisSettings,
    BatchSettings,
    QueueSettings,
    ServingSettings,
    ModelSettings,
    CorrectionSettings,
    ImageSettings,
    ProfileSettings,
):
    """The gateway's settings."""

    gateway_host: str = Field(default="127.0.0.1", description="Address that the gateway listens on")
    gateway_port: Port = Field(default=8080, description="Port of the gateway")
    gateway_hosts: str = Field(
        default="",
        description="Public names of the gateway, separated by commas; addresses and names without a dot need none",
    )
    gateway_threads: int = Field(default=64, ge=4, le=1024, description="Requests and streams answered at once")
    training_timeout_s: int = Field(default=6 * 3600, ge=60, description="Longest time a training may take")
    rate_limit_per_s: int = Field(default=2000, ge=1, description="Images a second from one address; more is 429")
    trusted_origins: str = Field(
        default="http://localhost:8000,http://127.0.0.1:8000",
        description="Web pages, by origin and separated by commas, that may change state",
    )
    trusted_proxies: str = Field(
        default="",
        description="Whose X-Forwarded-For is believed (the ui's, say): addresses, networks and host names, separated "
        "by commas. Unset: nobody's. `make up` and Compose set it",
    )


class RecognizerSettings(RedisSettings, QueueSettings, ServingSettings, ImageSettings):
    """The recognizer's settings."""

    camera_max_age_s: float = Field(
        default=1.0,
        gt=0,
        description="Older camera frames are dropped, not answered late; the clocks of gateway and recognizer tell",
    )
    recognizer_name: str | None = Field(
        default=None, description="The worker's name, to which a random part is added; default: the host's"
    )

    @model_validator(mode="after")
    def _time_suffices(self) -> Self:
        if self.serving_patience_s + self.predict_timeout_s >= self.job_timeout_s:
            raise ValueError(
                f"{ENV_PREFIX}JOB_TIMEOUT_S ({self.job_timeout_s}) must be more than {ENV_PREFIX}SERVING_PATIENCE_S "
                f"({self.serving_patience_s:g}) and {ENV_PREFIX}PREDICT_TIMEOUT_S ({self.predict_timeout_s:g}) "
                "together: a batch ends after that time, even while it waits for the model server"
            )
        return self


class TrainerSettings(RedisSettings, EventSettings, ServingSettings, ModelSettings, CorrectionSettings):
    """The trainer's settings."""

    data_dir: Path = Field(default=Path("data"), description="Where MNIST and the shipped model lie")
    serving_models_dir: Path | None = Field(
        default=None, description="The same volume as the model server sees it; default: the same path"
    )
    versions_kept: int = Field(default=10, ge=2, le=1000, description="Exported versions kept on the volume")


class CameraSettings(ProfileSettings, CameraTokenSettings):
    """The camera worker's settings."""

    gateway_url: str = Field(
        default="http://127.0.0.1:8080", pattern=r"^https?://", description="The gateway's address"
    )
    camera_name: str = Field(default="demo", pattern=NAME_PATTERN, description="The camera's name")
    camera_source: str = Field(
        default="demo", description="Device number or path, URL, video file, folder of images, or `demo`"
    )
    camera_media_dir: Path | None = Field(
        default=None, description="Where cameras that the page adds may read files and folders; unset: nowhere"
    )
    camera_fps: float = Field(default=5.0, gt=0, le=60, description="Frames a second sent at most by a live source")
    camera_loop: bool = Field(
        default=True, description="Whether files begin again at their end; if not, the worker ends"
    )
    camera_image_s: float = Field(default=2.0, gt=0, le=3600, description="How long each image of a folder is shown")
    camera_stall_s: float = Field(
        default=5.0,
        gt=0,
        le=60,
        description="A live source that is silent for so long is opened again; one that hangs, after twice as long",
    )
    camera_max_side: int = Field(
        default=1280, ge=160, le=8192, description="Larger frames are scaled down to this width or height, in pixels"
    )
    camera_polarity: str = Field(
        default="dark_on_light",
        pattern="^(auto|dark_on_light|light_on_dark)$",
        description="Ink on paper, `light_on_dark` for boards and displays, or `auto`: decided anew for each frame",
    )
    camera_profile: ProfileJson = Field(
        default="{}",
        description="This camera's preprocessing, as JSON: what is to differ from `DIGITSCRIBE_PROFILE`; "
        "`DIGITSCRIBE_CAMERA_POLARITY`, if it is set, overrides its polarity",
    )
    camera_wait_s: float = Field(
        default=1.0, ge=0, le=10, description="How long the gateway may hold its answer until a frame is read"
    )


class UiSettings(Settings):
    """The ui's settings."""

    gateway_url: str = Field(
        default="http://127.0.0.1:8080", pattern=r"^https?://", description="The gateway's address"
    )
    ui_host: str = Field(default="127.0.0.1", description="Address that the page listens on")
    ui_port: Port = Field(default=8000, description="Port of the page")
    ui_threads: int = Field(default=64, ge=4, le=1024, description="Requests and streams answered at once")
    ui_hosts: str = Field(
        default="",
        description="Public names of the page, separated by commas; addresses and names without a dot need none",
    )


S = TypeVar("S", bound=Settings)


def load(settings_class: type[S]) -> S:
    """Read `settings_class` from the environment.

    Raises:
        SettingsError: one or more variables are wrong; the message names each, with what is expected of it.
    """
    try:
        return settings_class()
    except ValidationError as error:
        lines = [_explain(settings_class, tuple(map(str, fault["loc"])), fault["msg"]) for fault in error.errors()]
        raise SettingsError("\n".join(lines)) from error


def _explain(settings_class: type[Settings], location: tuple[str, ...], message: str) -> str:
    if not location:  # several variables together are wrong; the message names them
        return message.removeprefix("Value error, ")
    name = location[0]
    field = settings_class.model_fields.get(name)
    meaning = f" ({field.description})" if field and field.description else ""
    return f"{ENV_PREFIX}{name.upper()}: {message}{meaning}"
