"""What an MP4's atoms say, before any decoder library opens the file. Standard library only.

The layout of atoms (also called boxes) is that of ISO/IEC 14496-12.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

_PARENTS = {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl"}
_MAX_ATOMS = 100_000
_MAX_DEPTH = 8
_ENCRYPTED = (b"encv", b"enca")


@dataclass
class Mp4Atoms:
    """The few facts that decide whether a file is decoded at all."""

    moov: bool = False
    """The index is there, whole."""
    cut_off: bool = False
    """An atom claims more bytes than the file has."""
    encrypted: bool = False
    external: bool = False
    """Its frames are in another file or at an address."""
    count: int = 0
    """Atoms visited."""


def container_format(head: bytes) -> str | None:
    """The demuxer for a file's first 12 bytes: mov, matroska or avi; None if it is not a video."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"):
        return "mov"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "matroska"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    return None


def read_atoms(file: BinaryIO, size: int) -> Mp4Atoms:
    """Walk the atoms of an MP4 or MOV of `size` bytes. Never raises on invalid ones."""
    atoms = Mp4Atoms()
    _walk(file, 0, size, atoms, depth=0)
    return atoms


def _walk(file: BinaryIO, start: int, end: int, atoms: Mp4Atoms, depth: int) -> None:
    while start + 8 <= end and atoms.count < _MAX_ATOMS:
        atoms.count += 1
        file.seek(start)
        length, kind = struct.unpack(">I4s", file.read(8))
        header_bytes = 8
        if length == 1:
            long_length = file.read(8)
            if len(long_length) < 8:
                atoms.cut_off = True
                return
            length, header_bytes = struct.unpack(">Q", long_length)[0], 16
        elif length == 0:
            length = end - start
        if length < header_bytes:
            return
        if start + length > end:
            atoms.cut_off = atoms.cut_off or depth == 0
        stop = min(start + length, end)
        body_bytes = stop - start - header_bytes
        if kind == b"moov":
            atoms.moov = start + length <= end
        if kind == b"dref":
            file.seek(start + header_bytes)
            atoms.external |= _is_external(file.read(min(body_bytes, 4096)))
        elif kind == b"stsd":
            file.seek(start + header_bytes)
            entries = file.read(min(body_bytes, 65536))
            atoms.encrypted |= entries[12:16] in _ENCRYPTED or b"sinf" in entries
        elif kind in _PARENTS and depth < _MAX_DEPTH:
            _walk(file, start + header_bytes, stop, atoms, depth + 1)
        start += length


def _is_external(body: bytes) -> bool:
    """Whether a data reference atom names anything but its own file (flag 1)."""
    start = 8
    while start + 12 <= len(body):
        length, _, flags = struct.unpack(">I4sI", body[start : start + 12])
        if not flags & 1:
            return True
        if length < 12:
            return False
        start += length
    return False
