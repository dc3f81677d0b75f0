"""The strip as task data and label config have it."""

import pytest

from pushoff.studio.config.frames import build_label_config
from pushoff.studio.config.strip import STRIP_KEY, shows_strip, strip_markup


def test_our_label_config_shows_the_strip_and_demands_none():
    """A named tag would make the key obligatory for every task and upload."""
    config = build_label_config()
    assert f'value="${STRIP_KEY}"' in config
    tag = config[: config.index(f'value="${STRIP_KEY}"')].rpartition("<")[2]
    assert "name=" not in tag.replace("className=", "")


@pytest.mark.parametrize(
    ("release", "shown"),
    [("1.13.1", False), ("1.21.0", False), ("1.22.0", True), ("1.23.2", True), ("2.0", True),
     ("1.24.0.dev0", True), ("", True)],
)  # fmt: skip
def test_a_release_that_cannot_show_it_is_not_asked_to(release, shown):
    """Releases before 1.22 show an error in place of the whole editor's tag."""
    assert shows_strip(release) is shown
    assert ("Markdown" in build_label_config(strip=shown)) is shown


def test_an_address_cannot_break_out_of_the_markup():
    """Quotes and angle brackets are escaped."""
    assert '"><script' not in strip_markup('/x"><script>')
