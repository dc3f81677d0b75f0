"""The strip as task data and label config have it."""

from pushoff.studio.config.frames import build_label_config
from pushoff.studio.config.strip import STRIP_KEY, strip_markup


def test_our_label_config_shows_the_strip_and_demands_none():
    """A named tag would make the key obligatory for every task and upload."""
    config = build_label_config()
    assert f'value="${STRIP_KEY}"' in config
    tag = config[: config.index(f'value="${STRIP_KEY}"')].rpartition("<")[2]
    assert "name=" not in tag.replace("className=", "")


def test_an_address_cannot_break_out_of_the_markup():
    """Quotes and angle brackets are escaped."""
    assert '"><script' not in strip_markup('/x"><script>')
