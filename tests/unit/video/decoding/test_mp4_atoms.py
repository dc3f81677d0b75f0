"""The atoms of an MP4 decide whether a file is decoded at all."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.video.decoding.mp4_atoms import container_format, read_atoms


def atom(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


@pytest.mark.parametrize(
    ("head", "demuxer"),
    [
        (b"\x00\x00\x00\x18ftypisom", "mov"),
        (b"\x1aE\xdf\xa3" + bytes(8), "matroska"),
        (b"RIFF\x00\x00\x00\x00AVI ", "avi"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"#EXTM3U\n#EXT", None),
        (b"", None),
    ],
)
def test_the_first_bytes_name_the_demuxer(head: bytes, demuxer: str | None) -> None:
    """MP4/MOV, Matroska and AVI; everything else is not a video."""
    assert container_format(head) == demuxer


def test_a_whole_index_is_found() -> None:
    """With or without media data, in either order."""
    data = atom(b"ftyp", b"isom") + atom(b"mdat", bytes(10)) + atom(b"moov", atom(b"free"))
    atoms = read_atoms(io.BytesIO(data), len(data))
    assert (atoms.moov, atoms.cut_off, atoms.encrypted, atoms.external) == (
        True,
        False,
        False,
        False,
    )


def test_an_atom_longer_than_the_file_is_cut_off() -> None:
    """An index that is not there whole does not count."""
    data = atom(b"ftyp", b"isom") + atom(b"moov", bytes(100))[:-1]
    atoms = read_atoms(io.BytesIO(data), len(data))
    assert atoms.cut_off
    assert not atoms.moov


def test_encrypted_samples_are_seen_deep_inside() -> None:
    """The sample description lies six levels down."""
    data = atom(b"stsd", bytes(8) + atom(b"encv"))
    for kind in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        data = atom(kind, data)
    assert read_atoms(io.BytesIO(data), len(data)).encrypted


@given(st.binary(max_size=300))
def test_any_bytes_end_in_an_answer(data: bytes) -> None:
    """Invalid atoms raise nothing and end."""
    container_format(data[:12])
    read_atoms(io.BytesIO(data), len(data))
