"""Why a video cannot be read, as a coach is told it."""

import re

_STORED = re.compile(r"(?:video|\d{3})(: | )")
"""What a video is called in storage; the coach knows it by another name."""
_TECHNICAL = re.compile(r" \((?:\w*Error\b|\[Errno|exit ).*\)")


def in_words(refusal: Exception) -> str:
    """A whole sentence, without names of our storage or of errors in libraries."""
    text = _TECHNICAL.sub("", str(refusal)).strip()
    if found := _STORED.match(text):
        rest = text[found.end() :]
        text = rest if found[1] == ": " else f"the video {rest}"
    if text.endswith("is damaged"):
        text += ": copy it from the camera again, then upload it again"
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
