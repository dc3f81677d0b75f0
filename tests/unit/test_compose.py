"""docker-compose.yml and the Dockerfile keep the containers small in rights."""

import re
from pathlib import Path

import pytest
import yaml

from pushoff.settings import Settings
from pushoff.studio.predictions import FAST_IMPORT

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("backend", "worker", "trainer", "scheduler", "mlflow")


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_few_rights(name: str) -> None:
    """Ours run read-only, without capabilities and without a way to gain any."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"volumes"}))
def test_every_service_has_a_health_check(name: str) -> None:
    """Whether a service works can be seen from outside."""
    assert SERVICES[name]["healthcheck"]["test"]


def test_two_pages_are_published_and_only_on_loopback() -> None:
    """Nothing, Redis least of all, can be reached from another machine."""
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert set(published) == {"label-studio", "backend"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_redis_has_a_password_and_keeps_its_jobs() -> None:
    """Redis asks for a password, keeps an append-only file and shows no secret in its command."""
    redis = SERVICES["redis"]
    assert "requirepass" in redis["command"]
    assert "appendonly yes" in redis["command"]
    assert "${" not in redis["command"]


def test_every_setting_reaches_the_containers() -> None:
    """A PUSHOFF_ line of .env is never ignored in silence."""
    given = set(COMPOSE["x-pushoff"]["environment"])
    assert {f"PUSHOFF_{name.upper()}" for name in Settings.model_fields} - given == {
        "PUSHOFF_DATA_DIR"  # set in the image
    }


def test_no_secret_stands_in_the_file() -> None:
    """Every secret comes from .env, and a missing one stops the start."""
    text = (ROOT / "docker-compose.yml").read_text()
    for line in text.splitlines():
        if (
            re.search(r"(PASSWORD|SECRET|TOKEN)\w*:", line)
            and not line.endswith('"true"')
            and ":-}" not in line
        ):
            assert re.search(r"\$\{\w+:\?", line), line


def test_the_example_holds_placeholders_only() -> None:
    """.env.example names every secret the compose file needs, each to be replaced."""
    example = dict(
        line.split("=", 1)
        for line in (ROOT / ".env.example").read_text().splitlines()
        if "=" in line and not line.startswith("#")
    )
    needed = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert needed <= set(example)
    secrets = {name for name in example if re.search("PASSWORD|SECRET|TOKEN", name)}
    assert {example[name] for name in secrets} == {"change-me"}


def test_label_studio_may_reach_the_backend_but_not_cloud_metadata() -> None:
    """The ban on private addresses is lifted narrowly."""
    env = SERVICES["label-studio"]["environment"]
    assert env["USE_DEFAULT_BANNED_SUBNETS"] == "false"
    assert "169.254.0.0/16" in env["USER_ADDITIONAL_BANNED_SUBNETS"]
    assert "SSRF_PROTECTION_ENABLED" not in env


def test_label_studio_counts_only_what_was_pushed() -> None:
    """Each batch of predictions would else make it count those of the whole project again."""
    assert SERVICES["label-studio"]["environment"][FAST_IMPORT] == "true"


def test_the_image_does_not_run_as_root() -> None:
    """The last USER of the Dockerfile is not root."""
    users = re.findall(r"^USER (\S+)", (ROOT / "backend/Dockerfile").read_text(), re.M)
    assert users and users[-1] == "1001:0"
