"""HTML pages from Jinja templates. Door: jinja2.

Every value is escaped, and no page contains inline scripts or styles.
"""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from backend.coach.auth.session_auth import HOME, wants_page
from pushoff.coach.accounts import Account, Role
from pushoff.coach.sessions import State
from pushoff.events.drill.exercise import NAMES

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Of every page: nothing inline, nothing from other origins."""
HEADERS = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Referrer-Policy": "same-origin"}
EXERCISES = NAMES
"""The same names as in the report."""
STATES = {
    State.UPLOADING: "uploading",
    State.WAITING: "waiting",
    State.ANALYZING: "analysing",
    State.READY: "ready",
    State.FAILED: "failed",
}


class Pages:
    """Renders the templates of this package, which share the table of intervals with the report."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=ChoiceLoader(
                [PackageLoader("backend.coach"), PackageLoader("pushoff.report", "")]
            ),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # templates change with the code, when the process restarts
        )
        self._environment.globals |= {
            "home": HOME,
            "exercises": EXERCISES,
            "states": STATES,
            "Role": Role,
            "State": State,
        }

    def render(
        self, request: Request, template: str, /, status_code: int = 200, **values: Any
    ) -> HTMLResponse:
        """The page of `templates/<template>`.

        Templates always have `account` (None without a login), `csrf` and `path`.
        """
        account: Account | None = getattr(request.state, "account", None)
        text = self._environment.get_template(template).render(
            account=account,
            csrf=getattr(request.state, "csrf", ""),
            path=request.url.path,
            **values,
        )
        return HTMLResponse(text, status_code, HEADERS)

    def error_page(
        self, request: Request, status: int, message: str, request_id: str
    ) -> HTMLResponse | None:
        """An error as a page, for browsers on the coach's pages; None for programs."""
        if not request.url.path.startswith(HOME) or not wants_page(request):
            return None
        return self.render(request, "error.html", status, message=message, request_id=request_id)
