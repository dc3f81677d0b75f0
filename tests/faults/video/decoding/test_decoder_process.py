import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

from pushoff.errors import VideoProblem, VideoRefused
from pushoff.video.decoding import sandbox
from pushoff.video.decoding.decode import decode
from pushoff.video.decoding.probe import probe
from tests.videos import video


def _decoders() -> list[psutil.Process]:
    """Our decoder processes, innermost last."""
    found = []
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # of another test's servers; ended in between
            if "pushoff.video.decoding.decoder_process" in " ".join(one.cmdline()):
                found.append(one)
    return found


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV])
def test_a_crashing_decoder_refuses_the_video(tmp_path, how):
    """A decoder that dies in the middle costs one video, in words, and nothing hangs."""
    path = video(tmp_path / "a.mp4", frames=60, size=(1280, 720))
    frames = decode(path, probe(path, None)).frames()
    next(frames)
    began = time.monotonic()
    os.kill(_decoders()[-1].pid, how)
    with pytest.raises(VideoRefused) as refused:
        list(frames)
    assert refused.value.code == VideoProblem.DECODER_CRASHED
    assert time.monotonic() - began < 10
    assert not _decoders()


def test_a_stuck_decoder_is_stopped(tmp_path):
    """A decoder that falls silent is stopped after the limit."""
    path = video(tmp_path / "a.mp4", frames=60, size=(1280, 720))
    frames = decode(path, probe(path, None), silence_s=1.0).frames()
    next(frames)
    os.kill(_decoders()[-1].pid, signal.SIGSTOP)
    with pytest.raises(VideoRefused) as refused:
        list(frames)
    assert refused.value.code == VideoProblem.DECODING_TIMEOUT
    assert not _decoders()


def test_memory_is_limited(tmp_path):
    """A video that needs more memory than allowed is refused, not swapped in."""
    path = video(tmp_path / "a.mp4", frames=4, size=(2704, 1520))
    with pytest.raises(VideoRefused):
        list(decode(path, probe(path, None), memory_bytes=200 * 2**20).frames())


def test_a_pass_given_up_leaves_no_process(tmp_path):
    """Stopping half way ends the decoder."""
    path = video(tmp_path / "a.mp4", frames=60, size=(1280, 720))
    frames = decode(path, probe(path, None)).frames()
    next(frames)
    assert _decoders()
    frames.close()
    assert not _decoders()


@pytest.mark.parametrize(
    "deed", ["open('/etc/hostname')", "__import__('socket').socket()", "os.pipe()"]
)
def test_the_decoder_can_open_nothing(tmp_path, deed):
    """Even without bwrap: no further file, socket or pipe once the video is read."""
    code = (
        "import os, socket, pushoff.video.decoding.decoder_process as child\n"
        f"child._drop_privileges(4 * 2**30, 60)\ntry:\n    {deed}\nexcept OSError:\n    os._exit(7)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 7


def test_the_decoder_sees_none_of_our_secrets(tmp_path, monkeypatch):
    """Its environment holds nothing of ours."""
    monkeypatch.setenv("PUSHOFF_JOB_SECRET", "canary")
    path = video(tmp_path / "a.mp4", frames=60, size=(1280, 720))
    frames = decode(path, probe(path, None)).frames()
    next(frames)
    assert "PUSHOFF_JOB_SECRET" not in _decoders()[-1].environ()
    frames.close()


def test_without_bwrap_it_works_and_says_so(tmp_path, monkeypatch, caplog):
    """Where there is no bwrap the limits alone hold the decoder; the log says it once."""
    monkeypatch.setenv("PATH", str(tmp_path))
    sandbox._bubblewrap.cache_clear()
    path = video(tmp_path / "a.mp4")
    try:
        with caplog.at_level(logging.INFO, "pushoff.video"):
            assert probe(path, None).declared_frames == 24
            assert len(list(decode(path, probe(path, None)).frames())) == 24
    finally:
        sandbox._bubblewrap.cache_clear()
    said = [one for one in caplog.messages if "bwrap is not usable" in one]
    assert len(said) == 1


def test_flipped_bytes_never_hang_or_crash_us(tmp_path):
    """Damage anywhere in a video ends in frames or a refusal."""
    path = video(tmp_path / "a.mp4", frames=12)
    whole = path.read_bytes()
    for at in range(40, len(whole), max(len(whole) // 12, 1)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            assert len(list(decode(path, probe(path, None)).frames())) <= 12
        except VideoRefused:
            continue
