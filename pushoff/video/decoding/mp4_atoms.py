"""What an MP4's boxes say, before any decoder library sees the file. Standard library only."""

import struct
from dataclasses import dataclass
from typing import BinaryIO

_INSIDE = {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl"}
_MAX_BOXES = 100_000
_ENCRYPTED = (b"encv", b"enca")


@dataclass
class Boxes:
    """The few things that decide whether a file is touched at all."""

    moov: bool = False
    """The index is there."""
    cut_off: bool = False
    """A box claims more bytes than the file has."""
    encrypted: bool = False
    external: bool = False
    """Its pictures lie in another file or at an address."""
    seen: int = 0


def container_of(head: bytes) -> str | None:
    """The demuxer a file's first 12 bytes call for: mov, matroska, avi, or None for no video."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"):
        return "mov"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "matroska"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    return None


def read_boxes(file: BinaryIO, size: int) -> Boxes:
    """Walk the boxes of a whole MP4 or MOV of `size` bytes. Never raises on nonsense."""
    found = Boxes()
    _walk(file, 0, size, found, depth=0)
    return found


def _walk(file: BinaryIO, at: int, end: int, found: Boxes, depth: int) -> None:
    while at + 8 <= end and found.seen < _MAX_BOXES:
        found.seen += 1
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        head = 8
        if length == 1:
            wide = file.read(8)
            if len(wide) < 8:
                found.cut_off = True
                return
            length, head = struct.unpack(">Q", wide)[0], 16
        elif length == 0:
            length = end - at
        if length < head:
            return
        if at + length > end:
            found.cut_off = found.cut_off or depth == 0
        stop = min(at + length, end)
        if kind == b"moov":
            found.moov = at + length <= end
        if kind == b"dref":
            file.seek(at + head)
            found.external |= _points_elsewhere(file.read(min(stop - at - head, 4096)))
        elif kind == b"stsd":
            file.seek(at + head)
            entries = file.read(min(stop - at - head, 65536))
            found.encrypted |= entries[12:16] in _ENCRYPTED or b"sinf" in entries
        elif kind in _INSIDE and depth < 8:
            _walk(file, at + head, stop, found, depth + 1)
        at += length


def _points_elsewhere(body: bytes) -> bool:
    """Whether a data reference box names anything but its own file (flag 1)."""
    at = 8
    while at + 12 <= len(body):
        length, _, flags = struct.unpack(">I4sI", body[at : at + 12])
        if not flags & 1:
            return True
        if length < 12:
            return False
        at += length
    return False
