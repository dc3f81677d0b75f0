"""Uploads over HTTP, against the real backend: resumable, owned, and refused in sentences."""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import httpx
import pytest

from pushoff.coach.session_files import chapter_key
from pushoff.coach.sessions import State, get_session
from pushoff.errors import VideoProblem
from pushoff.storage.videos import video_key
from tests.coach_rig import CoachRig
from tests.conftest import until

pytestmark = pytest.mark.timeout(300)
TUS = {"Tus-Resumable": "1.0.0"}
PART = {**TUS, "Content-Type": "application/offset+octet-stream"}
NOISE = os.urandom(300_000)
"""No video: for what happens before anybody reads it."""


def announce(client: httpx.Client, *sizes: int, **more: object) -> httpx.Response:
    """Say what will come: files called a.mp4, b.mp4, ... of `sizes` bytes."""
    files = [
        {"name": f"{'abcdefghijklm'[k]}.mp4", "size": size, "modified": 1}
        for k, size in enumerate(sizes)
    ]
    plain = {
        "athlete": "Ada",
        "exercise": "hops",
        "date": date.today().isoformat(),
        "capture_fps": None,
        "consent": True,
        "files": files,
    }
    return client.post("/coach/uploads/new", json={**plain, **more})


def begun(client: httpx.Client, size: int, **more: object) -> tuple[str, str]:
    """(session id, address of its one upload)."""
    answer = announce(client, size, **more)
    assert answer.status_code == 200, answer.text
    (session,) = answer.json()["sessions"]
    return session["session_id"], session["chapters"][0]["upload"]


def send(client: httpx.Client, upload: str, offset: int, data: bytes) -> httpx.Response:
    """One part."""
    return client.patch(upload, headers={**PART, "Upload-Offset": str(offset)}, content=data)


def offset(client: httpx.Client, upload: str) -> int:
    """How much the server has."""
    answer = client.head(upload, headers=TUS)
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"])


def code_of(answer: httpx.Response) -> str:
    """The code of a refusal."""
    return answer.json()["error"]["code"]


def test_a_video_in_parts_is_read(coach: CoachRig) -> None:
    """Parts in order make the video, byte for byte; a part sent twice or too early changes nothing;
    once it is whole the session is read."""
    data = coach.video.read_bytes()
    third = len(data) // 3
    with coach.client() as client:
        session_id, upload = begun(client, len(data))
        assert send(client, upload, 0, data[:third]).status_code == 204
        assert send(client, upload, 0, data[:third]).status_code == 409
        assert send(client, upload, 2 * third, data[2 * third :]).status_code == 409
        assert offset(client, upload) == third
        last = send(client, upload, third, data[third:])
        assert (last.status_code, last.headers["upload-offset"]) == (204, str(len(data)))
        assert offset(client, upload) == len(data)
        assert coach.read(session_id).state is State.READY
        assert offset(client, upload) == len(data)
        assert send(client, upload, len(data), b"").status_code == 409
    video_id = hashlib.sha256(data).hexdigest()[:16]
    assert coach.services.storage.read(video_key(video_id)) == data
    assert not coach.services.storage.exists(chapter_key(session_id, 0))


def test_nobody_else_gets_at_an_upload(coach: CoachRig) -> None:
    """Another coach, an annotator, a stranger, or a page without the token: no byte is taken."""
    with coach.client() as carla, coach.client("otto") as otto, coach.client("anna") as anna:
        _, upload = begun(carla, len(NOISE))
        assert otto.head(upload, headers=TUS).status_code == 404
        assert send(otto, upload, 0, NOISE).status_code == 404
        assert send(anna, upload, 0, NOISE).status_code == 403
        assert announce(anna, 10).status_code == 403
        with coach.client(None) as stranger:
            assert send(stranger, upload, 0, NOISE).status_code == 401
        del carla.headers["X-CSRF-Token"]
        assert send(carla, upload, 0, NOISE).status_code == 403
        assert offset(carla, upload) == 0


def test_only_the_core_of_the_protocol_is_served(coach: CoachRig) -> None:
    """No download, no concatenation, no deletion past us, also by another method's name; and no
    upload outside a session."""
    with coach.client() as client:
        session_id, upload = begun(client, len(NOISE))
        send(client, upload, 0, NOISE[:10])
        assert client.get(upload, headers=TUS).status_code == 404
        assert client.delete(upload, headers=TUS).status_code == 404
        for override in ("GET", "DELETE"):
            headers = {**TUS, "X-HTTP-Method-Override": override}
            assert client.post(upload, headers=headers).status_code == 404
        folder = upload.rpartition("/")[0]
        for concat in ("partial", f"final;{upload}"):
            headers = {**TUS, "Upload-Concat": concat, "Upload-Length": "10"}
            for address in (folder, f"{folder}/"):
                assert client.post(address, headers=headers).status_code == 404
        for uid in (f"{session_id}-1", f"{session_id}-999", "..", "0" * 16 + "-0", "x"):
            assert client.head(f"{folder}/{uid}", headers=TUS).status_code == 404
        assert offset(client, upload) == 10


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Content-Type": "text/plain"}, 415),
        ({"Upload-Offset": "-1"}, 400),
        ({"Upload-Offset": "1e3"}, 400),
        ({"Upload-Offset": "299999"}, 413),
    ],
)
def test_a_part_that_is_none_is_refused_unread(
    coach: CoachRig, headers: dict[str, str], status: int
) -> None:
    """A wrong version, type or offset, and more than was announced, leave the file as it was."""
    with coach.client() as client:
        _, upload = begun(client, len(NOISE))
        told = {**PART, "Upload-Offset": "0", **headers}
        assert client.patch(upload, headers=told, content=NOISE).status_code == status
        assert offset(client, upload) == 0


def test_what_cannot_be_kept_is_refused_before_a_byte_travels(coach: CoachRig) -> None:
    """Too large, over the quota, no video, empty, without consent, from the future:
    a sentence each, and no session is left behind."""
    gib = 2**30
    with coach.client("root") as client:
        cases = [
            (announce(client, 17 * gib), "video_too_large"),
            (announce(client, *[16 * gib] * 13), "quota_exceeded"),
            (announce(client, 0), "empty_file"),
            (announce(client, 5, consent=False), "no_consent"),
            (announce(client, 5, date="2999-01-01"), "date_in_future"),
            (announce(client, 5, athlete=" "), "invalid_athlete"),
            (announce(client, 5, capture_fps=0), "invalid_capture_rate"),
        ]
        named = [{"name": "notes.pdf", "size": 5, "modified": 1}]
        cases.append((announce(client, files=named), "unsupported_file"))
        for answer, code in cases:
            assert (answer.status_code, code_of(answer)) == (422, code)
        assert client.get("/coach/uploads/unfinished").json() == {"sessions": []}


def test_an_upload_can_be_given_up(coach: CoachRig) -> None:
    """After a cancel neither the session nor its bytes are there, whoever still sends."""
    with coach.client() as client:
        session_id, upload = begun(client, len(NOISE))
        send(client, upload, 0, NOISE[:1000])
        assert client.delete(f"/coach/uploads/{session_id}").status_code == 204
        assert send(client, upload, 1000, NOISE[1000:]).status_code == 404
        assert client.get(f"/coach/sessions/{session_id}").status_code == 404
    assert not (Path(coach.env["PUSHOFF_DATA_DIR"]) / "uploads" / session_id).exists()


def test_a_backend_killed_in_the_middle_of_a_part_goes_on_where_the_bytes_end(
    coach: CoachRig,
) -> None:
    """After a kill -9 the server's offset is what its disk has, and the video arrives as it was."""
    data = os.urandom(8 * 2**20)
    sent = 3 * 2**20

    def torn() -> object:
        yield data[:sent]
        until(lambda: offset_on_disk() == sent, 10)
        coach.kill("backend")
        yield data[sent:]

    with coach.client() as client:
        session_id, upload = begun(client, len(data))
        path = Path(coach.env["PUSHOFF_DATA_DIR"]) / "uploads" / session_id / "000"

        def offset_on_disk() -> int:
            return path.stat().st_size if path.exists() else 0

        headers = {**PART, "Upload-Offset": "0", "Content-Length": str(len(data))}
        with pytest.raises(httpx.TransportError):
            client.patch(upload, headers=headers, content=torn())
        coach.start("backend")
        coach.wait_until_up()
        (waiting,) = [
            one
            for one in client.get("/coach/uploads/unfinished").json()["sessions"]
            if one["session_id"] == session_id
        ]
        assert waiting["chapters"][0]["offset"] == sent == offset(client, upload)
        coach.kill("worker")  # so that what arrived can be looked at
        try:
            assert send(client, upload, sent, data[sent:]).status_code == 204
            stored = coach.services.storage.read(chapter_key(session_id, 0))
            assert hashlib.sha256(stored).digest() == hashlib.sha256(data).digest()
            assert get_session(coach.services.database, session_id).state is State.WAITING
        finally:
            coach.start("worker")
        failed = coach.read(session_id)
        assert failed.state is State.FAILED
        assert failed.reason_code == VideoProblem.NOT_A_VIDEO
        assert failed.reason == "The video cannot be decoded. Upload an MP4, MOV, MKV or AVI file."


def test_two_tabs_do_not_mix_their_bytes(coach: CoachRig) -> None:
    """While one tab sends, the other is told to wait, at once, and the server serves others."""
    with coach.client() as one, coach.client() as other:
        _, upload = begun(one, len(NOISE))
        answers = []

        def slow() -> object:
            yield NOISE[:100_000]
            until(lambda: offset(other, upload) == 100_000, 10)
            answers.append(send(other, upload, 100_000, NOISE[100_000:]))
            yield NOISE[100_000:200_000]

        headers = {**PART, "Upload-Offset": "0", "Content-Length": "200000"}
        assert one.patch(upload, headers=headers, content=slow()).status_code == 204
        assert answers[0].status_code == 423
        assert code_of(answers[0]) == "locked"
        assert offset(one, upload) == 200_000


def test_a_cut_connection_keeps_what_came(coach: CoachRig) -> None:
    """Half a part is kept when the network goes, and the next part follows on it."""
    with coach.client() as client:
        _, upload = begun(client, len(NOISE))

        def cut() -> object:
            yield NOISE[:50_000]
            until(lambda: offset(client, upload) == 50_000, 10)
            raise OSError("the network is gone")

        headers = {**PART, "Upload-Offset": "0", "Content-Length": str(len(NOISE))}
        with coach.client() as other, pytest.raises(OSError, match="network"):
            other.patch(upload, headers=headers, content=cut())
        until(lambda: send(client, upload, 50_000, NOISE[50_000:60_000]).status_code == 204, 10)
        assert offset(client, upload) == 60_000


@contextmanager
def tiny_disk(at: Path, kilobytes: int) -> Iterator[None]:
    """A file system of its own in a folder; only root may."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(at)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a disk that fills needs a tmpfs, and only root may mount one")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


def test_a_full_disk_is_told_and_nothing_is_lost(coach: CoachRig) -> None:
    """A disk too small is told before the upload; one that fills on the way is told too, what came
    is kept, and once there is room it goes on."""
    uploads = Path(coach.env["PUSHOFF_DATA_DIR"]) / "uploads"
    data = os.urandom(2**20)
    with coach.client() as client:
        session_id, upload = begun(client, len(data))
        expected = (uploads / session_id / "chapters.json").read_bytes()
        with tiny_disk(uploads, 512):
            refused = announce(client, 2**20)
            assert refused.status_code == 422
            assert code_of(refused) == "disk_full"
            (uploads / session_id).mkdir()
            (uploads / session_id / "chapters.json").write_bytes(expected)
            full = send(client, upload, 0, data)
            assert full.status_code == 507
            assert code_of(full) == "disk_full"
            here = offset(client, upload)
            assert 0 < here < 512 * 1024
            assert (uploads / session_id / "000").read_bytes() == data[:here]
        assert offset(client, upload) == 0
        assert client.delete(f"/coach/uploads/{session_id}").status_code == 204
