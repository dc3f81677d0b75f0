import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.errors import MediaRefused
from pushoff.studio.media.urls import MediaSource, frame_address, origin_of, parse_media_url

STUDIO = "http://studio.example:8080"
ALLOWED = ("https://media.example.org", "http://10.1.2.3:9000")

REFUSED = [
    "",
    "   ",
    "frame.jpg",
    "/etc/passwd",
    "/",
    "//",
    "//evil.example/x.jpg",
    "///evil.example/x.jpg",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "FILE:///etc/passwd",
    "ftp://media.example.org/x.jpg",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "dict://127.0.0.1:11211/",
    "jar:http://media.example.org!/x",
    "javascript://media.example.org/%0aalert(1)",
    "ldap://127.0.0.1/",
    "unix:///var/run/docker.sock",
    "http://127.0.0.1/x.jpg",
    "http://127.0.0.1:8080/x.jpg",
    "http://localhost/x.jpg",
    "http://localhost./x.jpg",
    "http://127.1/x.jpg",
    "http://0/x.jpg",
    "http://0.0.0.0/x.jpg",
    "http://2130706433/x.jpg",
    "http://0x7f000001/x.jpg",
    "http://0x7f.0.0.1/x.jpg",
    "http://0177.0.0.1/x.jpg",
    "http://[::1]/x.jpg",
    "http://[::]/x.jpg",
    "http://[::ffff:127.0.0.1]/x.jpg",
    "http://[0:0:0:0:0:ffff:7f00:1]/x.jpg",
    "http://[64:ff9b::7f00:1]/x.jpg",
    "http://[fe80::1%25eth0]/x.jpg",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://10.0.0.1/x.jpg",
    "http://192.168.0.1/x.jpg",
    "http://172.17.0.1/x.jpg",
    "http://evil.example/x.jpg",
    "https://media.example.org.evil.example/x.jpg",
    "https://media.example.org@evil.example/x.jpg",
    "https://media.example.org:x@evil.example/x.jpg",
    "https://user@media.example.org/x.jpg",
    "https://evil.example#@media.example.org/x.jpg",
    "https://evil.example?@media.example.org/x.jpg",
    "https://evil.example\\@media.example.org/x.jpg",
    "https://media.example.org\\.evil.example/x.jpg",
    "https://media.example.org%00.evil.example/x.jpg",
    "https://media.example.org%2eevil.example/x.jpg",
    "https://media.example.org:444/x.jpg",
    "http://media.example.org/x.jpg",
    "https://media.example.org./x.jpg",
    "https://media。example。org/x.jpg",
    "https://medіa.example.org/x.jpg",
    "https://media.example.org:0/x.jpg",
    "https://media.example.org:99999/x.jpg",
    "https://media.example.org:-1/x.jpg",
    "https:///x.jpg",
    "https://\nmedia.example.org/x.jpg",
    "https://media.example.org/x\r\nHost: evil.example",
    "https://media.example.org/x y.jpg",
    "https://[media.example.org/x.jpg",
    "http://10.1.2.3:9001/x.jpg",
    "http://0xa010203:9000/x.jpg",
    "http://167838211:9000/x.jpg",
    "http://studio.example/data/upload/1/x.jpg",
    "http://studio.example:8081/data/upload/1/x.jpg",
    "https://studio.example:8080/data/upload/1/x.jpg",
    "http://studio.example:8080@evil.example/data/upload/1/x.jpg",
    "http://studio.example:8080/api/token/",
    "http://studio.example:8080/",
    "/api/token/",
    "/data/upload/../../api/token/",
    "/data/upload/%2e%2e/%2e%2e/api/token/",
    "/data/upload/%252e%252e/api/token/",
    "/data/upload/1//../x.jpg",
    "/data/uploads/1/x.jpg",
    "/data/local-files/?d=../../etc/passwd",
    "/data/local-files/?d=media/%2e%2e/%2e%2e/x",
    "/data/local-files/?d=media/%252e%252e/x",
    "/data/local-files/?d=media/..%5cx",
    "/data/local-files/?d=a.jpg&d=../../etc/passwd",
    "/data/local-files/?d=",
    "/data/local-files/?d=media//x.jpg",
    "/data/local-files/?d=media/%00x.jpg",
    "/data/local-files/",
    "/data/local-files/../upload/1/x",
    "/tasks/7/resolve/",
    "/tasks/7/resolve/?fileuri=%%%",
    "/tasks/7/resolve/?fileuri=" + base64.urlsafe_b64encode(b"file:///etc/passwd").decode(),
    "/tasks/7/resolve/../../api/token/?fileuri=czM6Ly9iL2E=",
    "/tasks/7/",
    "data:image/png,plain",
    "data:image/png;base64",
    "data:image/png;base64,%%%",
    "https://media.example.org/" + "x" * 9000,
]


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_allowed_is_refused_before_anything_is_asked(address):
    """No spelling of another host, scheme or path gets past the check."""
    with pytest.raises(MediaRefused) as refused:
        parse_media_url(address, STUDIO, ALLOWED, 1000)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("address", [None, 7, [], {}, b"/data/upload/1/x.jpg"])
def test_an_address_that_is_not_a_text_is_refused(address):
    """A task may hold anything in its image field."""
    with pytest.raises(MediaRefused):
        parse_media_url(address, STUDIO, ALLOWED, 1000)


@pytest.mark.parametrize(
    ("address", "kind", "url"),
    [
        ("/data/upload/1/ab-x.jpg", MediaSource.STUDIO, f"{STUDIO}/data/upload/1/ab-x.jpg"),
        (f"{STUDIO}/data/upload/1/x.jpg", MediaSource.STUDIO, f"{STUDIO}/data/upload/1/x.jpg"),
        (
            "HTTP://STUDIO.example:8080/data/upload/1/x",
            MediaSource.STUDIO,
            f"{STUDIO}/data/upload/1/x",
        ),
        (
            "https://media.example.org/a.jpg?x=1",
            MediaSource.WEB,
            "https://media.example.org/a.jpg?x=1",
        ),
        ("https://MEDIA.example.org:443/a", MediaSource.WEB, "https://MEDIA.example.org:443/a"),
        ("http://10.1.2.3:9000/a.jpg", MediaSource.WEB, "http://10.1.2.3:9000/a.jpg"),
        ("s3://bucket/a b.jpg".replace(" ", ""), MediaSource.CLOUD, "s3://bucket/ab.jpg"),
        (
            "/tasks/7/resolve/?fileuri=" + base64.urlsafe_b64encode(b"s3://b/a.jpg").decode(),
            MediaSource.CLOUD,
            "s3://b/a.jpg",
        ),
        ("gs://bucket/a.jpg", MediaSource.CLOUD, "gs://bucket/a.jpg"),
        ("azure-blob://box/a.jpg", MediaSource.CLOUD, "azure-blob://box/a.jpg"),
    ],
)
def test_what_is_allowed_says_how_it_is_fetched(address, kind, url):
    """Uploads, buckets and exactly the allowed origins."""
    found = parse_media_url(address, STUDIO, ALLOWED, 1000)
    assert (kind, url) == (found.source, found.url)


def test_a_local_file_carries_its_key():
    """Our own frames are found in our storage by the key in the address."""
    found = parse_media_url("/data/local-files/?d=media/a%20b/1.jpg", STUDIO, (), 1000)
    assert (MediaSource.LOCAL, "media/a b/1.jpg") == (found.source, found.key)


def test_label_studio_below_a_path_works():
    """A Label Studio at /label-studio writes its path in front of addresses, or not."""
    studio = "https://lab.example/label-studio"
    for address in ("/label-studio/data/upload/1/x.jpg", "/data/upload/1/x.jpg"):
        found = parse_media_url(address, studio, (), 1000)
        assert "https://lab.example/label-studio/data/upload/1/x.jpg" == found.url


def test_a_data_address_is_its_image_up_to_the_limit():
    """Images inside the address count against the same size limit."""
    text = "data:image/png;base64," + base64.b64encode(b"x" * 999).decode()
    assert b"x" * 999 == parse_media_url(text, STUDIO, (), 999).data
    with pytest.raises(MediaRefused, match="PUSHOFF_MEDIA_MAX_BYTES"):
        parse_media_url(text, STUDIO, (), 500)


class _Folder:
    url = "/srv/storage"


@given(st.lists(st.text("abc -äü%?#&+=1", min_size=1, max_size=9), min_size=1, max_size=4))
def test_our_own_frame_addresses_read_back_as_the_same_key(parts):
    """Whatever a key looks like, the address made of it leads back to it."""
    key = "/".join(["media", *(f"x{part}x" for part in parts)])
    found = parse_media_url(frame_address(_Folder(), key), STUDIO, (), 1000)
    assert (MediaSource.LOCAL, key) == (found.source, found.key)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    """Nothing but MediaRefused comes out, and nothing read leaves the allowed origins."""
    for address in (text, f"http://{text}", f"/data/local-files/?d={text}", f"data:{text}"):
        try:
            found = parse_media_url(address, STUDIO, ALLOWED, 1000)
        except MediaRefused:
            continue
        if found.source in (MediaSource.STUDIO, MediaSource.LOCAL):
            assert found.url.startswith(f"{STUDIO}/data/")
            assert ".." not in found.key.split("/")
        elif found.source is MediaSource.WEB:
            assert origin_of(found.url) in {origin_of(one) for one in ALLOWED}
