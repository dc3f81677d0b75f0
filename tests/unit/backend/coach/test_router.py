"""Every route of the coach's pages, requested by accounts without access."""

import re
from collections.abc import Iterator

import httpx

from pushoff.coach.corrections import active_corrections
from pushoff.coach.deletion import soft_delete
from pushoff.coach.sessions import CoachSession, get_session
from tests.coach_sessions import KeptRig
from tests.unit.backend.test_app import routes

BODIES = {
    "corrections": {"kind": "delete", "frame": 60},
    "calibration": {"pixels_per_metre": 100.0},
    "preview": {"pixels_per_metre": 100.0},
}
"""By the last part of the address; every other change is a form."""
FORM = {
    "athlete": "Ada",
    "exercise": "hops",
    "date": "2026-11-20",
    "target": "session",
    "capture_fps": "240",
    "name": "carla",
    "role": "admin",
    "version": "1",
}
OF_EVERYBODY = {
    "GET /coach",
    "GET /coach/models",
    "GET /coach/models/training",
    "GET /coach/api/openapi.json",
    "GET /coach/api/sessions",
    "GET /coach/account",
    "POST /coach/account/mail",
    "POST /coach/account/password",
    "POST /coach/account/tokens",
    "POST /coach/account/tokens/revoke",
    "POST /coach/sign-out",
}
"""Open to all who are signed in; the list holds only what they may see."""
OF_COACHES = {"GET /coach/upload", "GET /coach/uploads/unfinished", "POST /coach/uploads/new"}
"""For own sessions: no address of anybody else's is in them."""
OF_ADMINS = {
    "GET /coach/accounts",
    "POST /coach/accounts",
    "POST /coach/accounts/password",
    "POST /coach/accounts/change",
    "POST /coach/models/learn",
    "POST /coach/models/promote",
    "POST /coach/models/rollback",
}
COMPARE = "GET /coach/compare"
CHANGED_BY_ANNOTATORS = {
    "POST /coach/sessions/{session_id}/corrections",
    "DELETE /coach/sessions/{session_id}/corrections/last",
    "POST /coach/sessions/{session_id}/clips",
    "POST /coach/sessions/{session_id}/check",
    "DELETE /coach/sessions/{session_id}/check",
}
READ_BY_OWNERS = {
    "GET /coach/sessions/{session_id}/delete",
    "HEAD /coach/uploads/files/{uuid}",
}
"""Annotators see every session, but not these."""


def walked(rig: KeptRig) -> Iterator[str]:
    """`METHOD /path` of every route behind the sign-in."""
    for route in routes(rig.client.app):
        inside = route.path.startswith("/coach") and "{path:path}" not in route.path
        if inside and not route.path.startswith(("/coach/static/", "/coach/sign-in")):
            yield from (f"{method} {route.path}" for method in sorted(route.methods))


def of_a_session(rig: KeptRig) -> list[str]:
    """Those whose address names a session."""
    return [one for one in walked(rig) if "{session_id}" in one or "{uuid}" in one]


def ask(client: httpx.Client, route: str, session_id: str) -> httpx.Response:
    """Ask as the page would, with a body that is sound."""
    method, _, path = route.partition(" ")
    values = {"session_id": session_id, "uuid": f"{session_id}-0", "frame": "60", "target": "60"}
    path = re.sub(r"{(\w+)(:\w+)?}", lambda found: values.get(found[1], "0"), path)
    more: dict = {"headers": {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}}
    last = path.rpartition("/")[2]
    if method == "POST":
        more |= {"json": BODIES[last]} if last in BODIES else {"data": FORM}
    return client.request(method, path, follow_redirects=False, **more)


def standing(rig: KeptRig, session: CoachSession) -> tuple:
    """All that a change could have changed."""
    database = rig.services.database
    return (
        get_session(database, session.session_id),
        active_corrections(database, session.session_id),
        rig.services.storage.list(),
    )


def test_every_route_is_covered(kept: KeptRig) -> None:
    """A new route is in one of the lists above, or names a session."""
    listed = OF_EVERYBODY | OF_COACHES | OF_ADMINS | {COMPARE}
    assert set(walked(kept)) - set(of_a_session(kept)) == listed
    assert set(of_a_session(kept)) >= CHANGED_BY_ANNOTATORS | READ_BY_OWNERS
    assert len(of_a_session(kept)) >= 25


def test_another_coach_gets_404_everywhere(kept: KeptRig) -> None:
    """The same response as for a session that does not exist; nothing changes."""
    session = kept.session()
    own = kept.session("otto")
    before = standing(kept, session)
    otto = kept.as_("otto")
    for route in of_a_session(kept):
        answer, nothing = (ask(otto, route, one) for one in (session.session_id, "f" * 16))
        assert answer.status_code == nothing.status_code == 404, route
        if not route.startswith("HEAD"):
            said, wanted = (one.json()["error"]["message"] for one in (answer, nothing))
            assert said == wanted, route
    for pair in ((session, own), (own, session), (session, session)):
        a, b = (one.session_id for one in pair)
        assert otto.get(f"/coach/compare?a={a}&b={b}").status_code == 404
    for route in OF_ADMINS:
        assert ask(otto, route, session.session_id).status_code == 403, route
    assert session.session_id not in otto.get("/coach").text
    assert standing(kept, session) == before


def test_an_annotator_can_only_correct_and_check(kept: KeptRig) -> None:
    """403 on every other change but a clip."""
    session = kept.session()
    before = standing(kept, session)
    anna = kept.as_("anna")
    changes = {one for one in of_a_session(kept) if not one.startswith(("GET", "HEAD"))}
    refused = (changes - CHANGED_BY_ANNOTATORS) | READ_BY_OWNERS | OF_ADMINS
    for route in sorted(refused | {"GET /coach/upload"}):
        assert ask(anna, route, session.session_id).status_code == 403, route
    new = {"athlete": "A", "exercise": "hops", "date": "2026-11-20", "consent": True}
    files = [{"name": "a.mp4", "size": 5, "modified": 1}]
    assert anna.post("/coach/uploads/new", json={**new, "files": files}).status_code == 403
    assert standing(kept, session) == before
    corrected = ask(anna, "POST /coach/sessions/{session_id}/corrections", session.session_id)
    assert corrected.status_code == 200


def test_a_deleted_session_is_not_found(kept: KeptRig) -> None:
    """Not even by its own coach."""
    session = kept.session()
    soft_delete(kept.services.database, session.session_id)
    for name in ("carla", "anna"):
        client = kept.as_(name)
        for route in of_a_session(kept):
            assert ask(client, route, session.session_id).status_code == 404, (name, route)
