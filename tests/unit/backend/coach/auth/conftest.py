"""Carla's login, and a browser that holds it."""

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from backend.coach.auth.session_auth import COOKIE, HOME
from pushoff.coach.accounts import authenticate
from pushoff.coach.database import Database
from tests.unit.backend.coach.conftest import PAGE
from tests.unit.coach.conftest import PASSWORD

SIGN_IN = f"{HOME}/sign-in"
SIGN_OUT = f"{HOME}/sign-out"
RIGHT = {"name": "carla", "password": PASSWORD}


def signed(app: FastAPI, token: str, **headers: str) -> TestClient:
    """A browser that holds the token and sends no proof by itself."""
    client = TestClient(app, headers={**PAGE, **headers}, follow_redirects=False)
    client.cookies.set(COOKIE, token, path=HOME)
    return client


@pytest.fixture
def token(database: Database) -> str:
    """That of carla's login."""
    login = authenticate(database, "carla", PASSWORD)
    assert login
    return login[1]
