"""Pages out of templates: every value escaped, no script or style inside a page. Door: jinja2."""

from importlib.resources import files
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound

from backend.coach.auth.session_auth import HOME, wants_page
from pushoff.coach.accounts import Account, Role
from pushoff.events.report import confidence_word
from pushoff.report.presentation import format_uncertain, percent
from pushoff.values import Exercise

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Content-Security-Policy of every page: nothing inline, nothing from elsewhere."""
HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"}
EXERCISES = {
    Exercise.HOPS: "Hops",
    Exercise.STEPS: "Steps",
    Exercise.HOP_STEPS: "Hop-steps",
    Exercise.TWO_HOPS_TWO_STEPS: "2 hops, 2 steps",
    Exercise.TRIPLE: "Triple jump",
}


class _Templates(BaseLoader):
    """Templates lie beside this file, also in an installed package."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, None, Any]:
        try:
            source = files("backend.coach").joinpath("templates", template).read_text("utf-8")
        except OSError:
            raise TemplateNotFound(template) from None
        return source, None, lambda: True


_PAGES = Environment(
    loader=_Templates(),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters |= {"percent": percent, "measured": format_uncertain, "sure": confidence_word}
_PAGES.globals |= {"home": HOME, "exercises": EXERCISES, "Role": Role}


def page(request: Request, template: str, /, status: int = 200, **values: Any) -> HTMLResponse:
    """The page made of `templates/<template>`. It always knows `account` (or None) and `csrf`."""
    account: Account | None = getattr(request.state, "account", None)
    text = _PAGES.get_template(template).render(
        account=account,
        csrf=getattr(request.state, "csrf", ""),
        here=request.url.path,
        **values,
    )
    return HTMLResponse(text, status, HEADERS)


def error_page(request: Request, status: int, message: str, request_id: str) -> HTMLResponse | None:
    """An error for a person at our pages: the sentence, and a way back. None for programs."""
    if not request.url.path.startswith(HOME) or not wants_page(request):
        return None
    return page(request, "error.html", status, message=message, request_id=request_id)
