"""pushoff/workflows/notify.py: to whom a notification goes, and that it goes once."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from pushoff.coach.accounts import Role, add_account
from pushoff.coach.notifications import set_mail_address
from pushoff.coach.sessions import SessionDetails, create_session
from pushoff.errors import NotificationFailed, NotificationRefused, SettingWrong
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.values import Exercise
from pushoff.workflows.notify import notify
from pushoff.workflows.results import NotificationResult
from tests.unit.notify.mail_server import mail_server
from tests.unit.studio.serving import Answer, serve

ATHLETE = "Änne-Sophie Donau"
FILE = "aenne-triple.mp4"


@contextmanager
def opened(folder: Path, **more: object) -> Iterator[tuple[Services, str]]:
    """Services with carla and two admins, each with an address, and a session of hers."""
    settings = Settings(
        _env_file=None,
        data_dir=folder,
        job_secret="k" * 32,
        public_url="https://coach.example.org",
        mail_from="pushoff@example.org",
        notify_secret="a secret of the webhook",
        **more,
    )
    with open_services(settings) as services:
        database = services.database
        roles = {"carla": Role.COACH, "root": Role.ADMIN, "rita": Role.ADMIN}
        for name, role in roles.items():
            account = add_account(database, name, role, "correct horse")
            set_mail_address(database, account, f"{name}@example.org")
            if role is Role.COACH:
                details = SessionDetails(ATHLETE, Exercise.HOPS, date(2026, 11, 1), None, FILE, 5)
                session = create_session(database, account, details, consent=True)
        yield services, session.session_id


def test_a_coach_is_told_once(tmp_path):
    """A second run of the job sends nothing."""
    with mail_server() as box, opened(tmp_path, smtp_url=box.url) as (services, session_id):
        for expected in ((1, 0), (0, 1)):
            result = notify(services, "session_ready", session_id, "key")
            assert result == NotificationResult("session_ready", *expected)
    ((to, mail),) = box.mails
    assert to == "carla@example.org"
    assert f"https://coach.example.org/coach/sessions/{session_id}" in mail.get_payload()


def test_admins_and_the_webhook_are_told_of_models(tmp_path):
    """Each admin, in mails of their own; one webhook call."""
    with mail_server() as box, serve(lambda seen: Answer()) as server:
        with opened(tmp_path, smtp_url=box.url, notify_url=server.url) as (services, _):
            assert notify(services, "model_promoted", "v12", "key").sent == 3
        assert {to for to, _ in box.mails} == {"root@example.org", "rita@example.org"}
        assert len(server.seen) == 1


def test_no_name_leaves_the_service_or_reaches_the_log(tmp_path, caplog):
    """Neither the athlete's, nor the file's, nor an address."""
    caplog.set_level(logging.DEBUG)
    with mail_server() as box, serve(lambda seen: Answer()) as server:
        with opened(tmp_path, smtp_url=box.url, notify_url=server.url) as (services, session_id):
            notify(services, "session_ready", session_id, "key")
        sent = server.seen[0].body.decode() + box.mails[0][1].as_string()
    for secret in (ATHLETE, "nne-Sophie", FILE, "aenne"):
        assert secret not in sent + caplog.text
    assert "@example.org" not in caplog.text
    assert "carla" not in caplog.text


def test_one_receiver_does_not_stop_the_others(tmp_path):
    """The next run sends only what is missing."""
    with mail_server() as box, opened(tmp_path, smtp_url=box.url) as (services, _):
        box.answers = {"rita@example.org": "450 later"}
        with pytest.raises(NotificationFailed):
            notify(services, "night_failed", "2026-11-30", "key")
        assert [to for to, _ in box.mails] == ["root@example.org"]
        box.answers = {}
        assert notify(services, "night_failed", "2026-11-30", "key").sent == 1
        assert [to for to, _ in box.mails] == ["root@example.org", "rita@example.org"]


def test_a_refusal_for_good_is_not_tried_again(tmp_path):
    """NotificationRefused ends the job, unless another receiver may still get it."""
    with mail_server() as box, opened(tmp_path, smtp_url=box.url) as (services, _):
        box.answers = {"rita@example.org": "550 unknown"}
        with pytest.raises(NotificationRefused):
            notify(services, "night_failed", "2026-11-30", "key")
        box.answers |= {"root@example.org": "450 later"}
        with pytest.raises(NotificationFailed):
            notify(services, "night_failed", "2026-11-30", "other")


def test_a_webhook_without_a_secret_is_a_wrong_setting(tmp_path):
    """Nothing is sent unsigned."""
    with serve(lambda seen: Answer()) as server:
        with opened(tmp_path, notify_url=server.url) as (services, _):
            services.settings = Settings(_env_file=None, data_dir=tmp_path, notify_url=server.url)
            with pytest.raises(SettingWrong):
                notify(services, "model_promoted", "v12", "key")
        assert server.seen == []


def test_nothing_is_sent_without_a_setting(tmp_path):
    """Notifications are off by default."""
    with opened(tmp_path) as (services, session_id):
        assert not services.settings.notifies
        assert notify(services, "session_ready", session_id, "key").sent == 0
