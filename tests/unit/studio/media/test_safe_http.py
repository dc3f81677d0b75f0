import gzip
import threading
import time

import pytest

from pushoff.errors import MediaRefused, MediaUnavailable
from pushoff.studio.media.safe_http import SafeHttpClient, check_ip
from tests.unit.studio.serving import Answer, serve


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("169.254.169.254", True),
        ("::ffff:169.254.169.254", True),
        ("fe80::1", True),
        ("0.0.0.0", True),
        ("::", True),
        ("224.0.0.1", True),
        ("ff02::1", True),
        ("255.255.255.255", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("10.0.0.1", False),
        ("172.17.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("fd00::1", False),
        ("192.0.2.1", False),
    ],
)
def test_private_and_special_addresses_are_refused(address, trusted):
    """Metadata services never, private addresses only for trusted origins."""
    with pytest.raises(MediaRefused):
        check_ip(address, trusted)


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("127.0.0.1", True),
        ("10.0.0.1", True),
        ("::1", True),
        ("8.8.8.8", False),
        ("2606::1", False),
    ],
)
def test_public_addresses_and_trusted_private_ones_pass(address, trusted):
    """A Label Studio on this machine or network is reached."""
    check_ip(address, trusted)


def test_a_name_that_turns_to_loopback_is_refused_without_a_request():
    """DNS rebinding: the answer checked is the answer connected to."""
    with serve(lambda seen: Answer(b"secret")) as server:
        port = server.url.rsplit(":", 1)[1]
        client = SafeHttpClient([], 1000, 2, resolver=lambda host, port: ["8.8.8.8", "127.0.0.1"])
        with pytest.raises(MediaRefused, match="private address"):
            client.get(f"http://rebound.example:{port}/")
        client.close()
        assert [] == server.seen


def test_the_name_is_resolved_once_and_the_host_header_kept():
    """The connection goes to the checked address and still names the host."""
    asked = []

    def resolver(host, port):
        asked.append(host)
        return ["127.0.0.1"]

    with serve(lambda seen: Answer(b"image")) as server:
        port = server.url.rsplit(":", 1)[1]
        client = SafeHttpClient([f"http://media.test:{port}"], 1000, 2, resolver)
        assert b"image" == client.get(f"http://media.test:{port}/a?b=1").body
        client.close()
        assert f"media.test:{port}" == server.seen[0].headers["Host"]
    assert ["media.test"] == asked


def test_redirects_are_not_followed():
    """A redirect is returned, not followed."""
    with serve(lambda seen: Answer(b"", 302, {"Location": "http://169.254.169.254/"})) as server:
        client = SafeHttpClient([server.url], 1000, 2)
        answer = client.get(server.url + "/x")
        client.close()
        assert (302, "http://169.254.169.254/") == (answer.status, answer.location)
        assert 1 == len(server.seen)


@pytest.mark.parametrize("length", [True, False])
def test_too_many_bytes_are_refused(length):
    """Announced or not, no more than the limit is read."""
    with serve(lambda seen: Answer(b"x" * 100_000, length=length)) as server:
        client = SafeHttpClient([server.url], 50_000, 2)
        with pytest.raises(MediaRefused, match="50,000"):
            client.get(server.url)
        client.close()


def test_a_slow_response_is_aborted():
    """One image takes no longer than the time limit, dripping bodies included."""
    done = threading.Event()

    def drip(out):
        while not done.is_set():
            out.write(b"x")
            out.flush()
            time.sleep(0.02)

    try:
        with serve(lambda seen: Answer(length=False, write=drip)) as server:
            client = SafeHttpClient([server.url], 10**6, 0.3)
            began = time.monotonic()
            with pytest.raises(MediaUnavailable):
                client.get(server.url)
            assert time.monotonic() - began < 2
            client.close()
            done.set()
    finally:
        done.set()


def test_a_compressed_answer_is_refused():
    """A small body cannot unfold into a large one."""
    body = gzip.compress(b"0" * 10**6)
    with serve(lambda seen: Answer(body, headers={"Content-Encoding": "gzip"})) as server:
        client = SafeHttpClient([server.url], 10**5, 2)
        with pytest.raises(MediaRefused) as refused:
            client.get(server.url)
        client.close()
    assert refused.value.code == "content_encoding"


def test_an_unreachable_server_is_unavailable():
    """A closed port is a reason to ask again later."""
    with serve(lambda seen: Answer()) as server:
        url = server.url
    client = SafeHttpClient([url], 1000, 1)
    with pytest.raises(MediaUnavailable):
        client.get(url)
    client.close()
