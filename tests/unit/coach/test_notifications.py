"""pushoff/coach/notifications.py: addresses, and what was sent."""

from sqlalchemy import select, update

from pushoff.coach.accounts import disable
from pushoff.coach.database import SENT_NOTIFICATIONS
from pushoff.coach.deletion import soft_delete
from pushoff.coach.notifications import (
    admin_addresses,
    mail_address,
    mark_sent,
    owner_addresses,
    set_mail_address,
    was_sent,
)

CARLA = "carla@example.org"


def test_nobody_has_an_address_at_first(database, people, add):
    """Mail is something that a person asks for."""
    session = add()
    assert mail_address(database, people["carla"]) == ""
    assert owner_addresses(database, session.session_id) == admin_addresses(database) == []


def test_a_session_s_mail_goes_to_its_coach(database, people, add):
    """To nobody else, and to nobody once it is deleted or the account disabled."""
    session = add()
    for name in people:
        set_mail_address(database, people[name], f"{name}@example.org")
    assert owner_addresses(database, session.session_id) == [CARLA]
    assert admin_addresses(database) == ["root@example.org"]
    disable(database, "carla")
    disable(database, "root")
    assert owner_addresses(database, session.session_id) == admin_addresses(database) == []
    disable(database, "carla", disabled=False)
    soft_delete(database, session.session_id)
    assert owner_addresses(database, session.session_id) == []


def test_an_address_is_changed_and_removed(database, people):
    """One for each account."""
    carla = people["carla"]
    for address in ("old@example.org", CARLA, ""):
        set_mail_address(database, carla, address)
        assert mail_address(database, carla) == address


def test_what_was_sent_is_known_for_each_receiver(database):
    """Twice is once; the table holds no address."""
    mark_sent(database, "key", CARLA)
    mark_sent(database, "key", CARLA)
    assert was_sent(database, "key", CARLA)
    assert not was_sent(database, "key", "otto@example.org")
    assert not was_sent(database, "other", CARLA)
    with database.reading() as connection:
        rows = connection.execute(select(SENT_NOTIFICATIONS)).all()
    assert len(rows) == 1 and "carla" not in str(rows)


def test_what_was_sent_long_ago_is_forgotten(database):
    """At the next sending."""
    mark_sent(database, "old", CARLA)
    with database.writing() as connection:
        connection.execute(update(SENT_NOTIFICATIONS).values(sent_at="2020-01-01T00:00:00.000Z"))
    mark_sent(database, "new", CARLA)
    assert not was_sent(database, "old", CARLA)
    assert was_sent(database, "new", CARLA)
