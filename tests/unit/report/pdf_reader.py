"""The words on a PDF's pages, read without any program: enough for what pushoff writes."""

import re
import zlib

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n")
_STRING = re.compile(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) Tj", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pdf_pages(data: bytes) -> list[str]:
    """The text of each page, a line for each piece that was drawn."""
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    objects = _objects(data)
    fonts = {
        name.decode(): _letters(_stream(objects[_reference(objects[number], b"ToUnicode")]))
        for whole in objects.values()
        for name, number in _font_names(whole)
    }
    pages = [one for one in objects.values() if re.search(rb"/Type /Page\b(?!s)", one)]
    return [_text(_stream(objects[_reference(page, b"Contents")]), fonts) for page in pages]


def _objects(data: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while match := _OBJECT.search(data, at):
        end = data.index(b"endobj", match.end())
        length = re.match(
            rb"<<.*?/Length (\d+)\b(?! 0 R).*?>>\nstream\n", data[match.end() :], re.S
        )
        if length and b"endobj" not in length.group():
            end = data.index(b"endobj", match.end() + length.end() + int(length[1]))
        found[int(match[1])] = data[match.end() : end]
        at = end
    return found


def _font_names(whole: bytes) -> list[tuple[bytes, int]]:
    fonts = re.search(rb"/Font <<(.*?)>>", whole, re.S)
    return [(n, int(k)) for n, k in re.findall(rb"/(F\d+) (\d+) 0 R", fonts[1])] if fonts else []


def _reference(whole: bytes, key: bytes) -> int:
    return int(re.search(rb"/" + key + rb" (\d+) 0 R", whole)[1])


def _stream(whole: bytes) -> bytes:
    head, _, rest = whole.partition(b"stream\n")
    content = rest[: int(re.search(rb"/Length (\d+)", head)[1])]
    return zlib.decompress(content) if b"/FlateDecode" in head else content


def _letters(cmap: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-F]+)> <([0-9A-F]+)>\n", cmap.partition(b"beginbfchar")[2])
    return {int(a, 16): bytes.fromhex(b.decode()).decode("utf-16-be") for a, b in pairs}


def _text(content: bytes, fonts: dict[str, dict[int, str]]) -> str:
    lines, letters = [], {}
    for font, drawn in _STRING.findall(content):
        if font:
            letters = fonts[font.decode()]
            continue
        raw = re.sub(rb"\\(.)", lambda m: _ESCAPED.get(m[1], m[1]), drawn, flags=re.S)
        codes = [int.from_bytes(raw[k : k + 2]) for k in range(0, len(raw), 2)]
        lines.append("".join(letters[code] for code in codes))
    return "\n".join(lines)
