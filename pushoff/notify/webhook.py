"""A signed POST to one webhook, in the form of Standard Webhooks (www.standardwebhooks.com)."""

import base64
import hashlib
import hmac
from contextlib import closing

from pushoff.errors import (
    MediaError,
    MediaUnavailable,
    NotificationFailed,
    NotificationRefused,
    SettingWrong,
)
from pushoff.notify.message import Message
from pushoff.studio.media.safe_http import SafeHttpClient
from pushoff.studio.media.urls import origin_of
from pushoff.util.canonical_json import canonical_json

TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 2**16
"""Of the answer, which is not looked at."""
_LATER = {408, 425, 429}
"""Client errors after which another attempt may help."""


def check_url(url: str) -> str:
    """The webhook's origin, the only one that is contacted. Raises SettingWrong."""
    try:
        return origin_of(url)
    except MediaError:
        raise SettingWrong(
            "PUSHOFF_NOTIFY_URL is not an address: write https://host/path.",
            code="invalid_notify_url",
        ) from None


def signature(secret: str, message_id: str, timestamp_s: int, body: bytes) -> str:
    """`v1,` and the Base64 of the HMAC-SHA256 of `id.timestamp.body`."""
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def post_message(url: str, secret: str, message: Message, now_s: float) -> None:
    """POST one message; redirects are not followed.

    The body is JSON: `type`, `text` (sentence and link, which chat programs show) and `link`.
    Every attempt has the same `webhook-id`, by which a receiver recognises a second copy; `now_s`
    is the Unix time of this one. Raises NotificationFailed where another attempt may help, and
    NotificationRefused or SettingWrong where it will not.
    """
    origin, timestamp_s = check_url(url), int(now_s)
    body = canonical_json(
        {
            "type": message.kind.value,
            "text": f"{message.sentence} {message.link}",
            "link": message.link,
        }
    )
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message.key,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": signature(secret, message.key, timestamp_s, body),
    }
    try:
        with closing(SafeHttpClient([origin], MAX_ANSWER_BYTES, TIMEOUT_S)) as client:
            status = client.post(url, body, headers)
    except MediaUnavailable:
        raise NotificationFailed("The webhook does not answer.", code="webhook_silent") from None
    except MediaError:
        raise NotificationRefused(
            "The webhook's address must not be contacted, or its answer is too large.",
            code="webhook_unsafe",
        ) from None
    if 200 <= status < 300:
        return
    text = f"The webhook answered {status}."
    if status >= 500 or status in _LATER:
        raise NotificationFailed(text, code="webhook_busy")
    raise NotificationRefused(text, code="webhook_refused")
