"""`pushoff models`: list, show, promote and roll back the versions in the registry."""

import time
from dataclasses import asdict

import httpx
import typer

from pushoff.errors import SettingWrong
from pushoff.learning.registry.versions import describe_score
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from sdk_scripts.jobs import publish_champion

app = typer.Typer(no_args_is_help=True, help="Model versions: list, show, promote, roll back.")
VERSION = typer.Argument(help="Version, as `pushoff models list` prints it.")
SERVED_WITHIN_S = 15.0
"""A running backend loads a new champion within two seconds, on a busy machine within ten."""


@app.command("list")
def list_models() -> None:
    """List the versions, newest first; the champion is marked."""
    with open_services() as services:
        champion, models = services.registry.champion(), services.registry.versions()
    for model in models:
        mark = "*" if champion and champion.version == model.version else " "
        score = describe_score(model.scorecard)
        print(f"{mark} {model.version:<28} {model.created_at:<26} {score}")
    if not models:
        print(
            "no model yet; train one on labelled clips with `pushoff train --clips DIR`, or label "
            "frames and run `pushoff refit`"
        )


@app.command("show")
def show(version: str = VERSION) -> None:
    """Show one version: its training data, its score and the videos it was scored on."""
    with open_services() as services:
        card = services.registry.card(version, services.model_cache)
        history = services.registry.history()
    print(f"{'score':<20} {describe_score(card.scorecard)}")
    for name, value in asdict(card).items():
        print(f"{name:<20} {value}")
    for entry in history:
        if entry.version == version:
            print(f"{entry.kind + ' ' + entry.at:<20} {entry.reason}")


@app.command("promote")
def promote(version: str = VERSION) -> None:
    """Make a version the champion, in Label Studio too; backends load it within two seconds."""
    with open_services() as services:
        services.registry.get(version)
        _open_queue(services)
        champion = services.registry.champion()
        expected = champion.version if champion else None
        services.registry.promote(version, reason="promoted by hand", expected=expected)
        print(f"{version} is the champion")
        print(publish_champion(services, f"{version} promoted by hand"))
        print(_wait_until_served(services.settings, version, f"{version} serves"))


@app.command("rollback")
def rollback() -> None:
    """Make the previous champion the champion again, in Label Studio too."""
    with open_services() as services:
        services.registry.previous_champion()
        _open_queue(services)
        version = services.registry.rollback().version
        print(f"{version} is the champion again")
        print(publish_champion(services, f"rolled back to {version}"))
        print(_wait_until_served(services.settings, version, f"{version} serves again"))


def _open_queue(services: Services) -> None:
    """Connect to Redis before the champion changes, because Label Studio is updated afterwards.

    A command that failed in between would be repeated, and a second rollback goes further back.
    Raises QueueUnavailable.
    """
    if services.label_studio_connected:
        _ = services.queue


def _wait_until_served(settings: Settings, version: str, served: str) -> str:
    """Wait until the backend serves the version; returns `served`, or why it is not so yet."""
    unknown = f"whether the backend at {settings.backend_url} serves it is unknown"
    deadline = time.monotonic() + SERVED_WITHIN_S
    while True:
        try:
            serving = _serving_version(settings)
        except httpx.HTTPStatusError as refused:
            return (
                f"{unknown}: it answers {refused.response.status_code}; check "
                "PUSHOFF_BACKEND_USER and PUSHOFF_BACKEND_PASSWORD"
            )
        except httpx.HTTPError as error:
            return f"{unknown}: it does not answer ({type(error).__name__})"
        except SettingWrong as wrong:
            return f"{unknown}: {wrong}"
        if serving == version:
            return served
        if time.monotonic() > deadline:
            return f"the backend at {settings.backend_url} still serves {serving}; see its log"
        time.sleep(0.3)


def _serving_version(settings: Settings) -> str:
    """The version in use by the backend. Raises httpx.HTTPError, SettingWrong."""
    auth = (settings.backend_user, settings.secret("backend_password"))
    response = httpx.post(f"{settings.backend_url}/setup", auth=auth, json={}, timeout=5)
    return str(response.raise_for_status().json().get("model_version"))
