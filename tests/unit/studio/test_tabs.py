"""Tabs of people, as a Label Studio of two people of one name is asked for them."""

import json

from pushoff.studio.client import LabelStudioClient
from pushoff.studio.credentials import Credentials
from pushoff.studio.tabs import SKIPPED, TO_LABEL, ensure_annotator_tabs
from tests.unit.studio.serving import Answer, Seen, serve

USERS = [
    {"id": 1, "first_name": "Ana", "last_name": "Silva", "email": "ana@one.example"},
    {"id": 2, "first_name": "Ana", "last_name": "Silva", "email": "ana@two.example"},
    {"id": 3, "first_name": "", "last_name": "", "email": "ben@one.example"},
]


def answer(seen: Seen) -> Answer:
    """Nobody has a tab yet."""
    found = USERS if "/api/users" in seen.path else {"columns": []}
    body = [] if seen.path.startswith("/api/dm/views") and seen.method == "GET" else found
    return Answer(json.dumps(body).encode(), headers={"Content-Type": "application/json"})


def test_each_person_has_a_tab_also_where_two_have_one_name():
    """Two of one name are told apart by their addresses; each tab filters by the person's id."""
    with serve(answer) as server:
        studio = LabelStudioClient(server.url, Credentials(server.url, "0" * 40))
        ensure_annotator_tabs(studio, 3, "image")
        studio.close()
        made = [json.loads(seen.body)["data"] for seen in server.seen if seen.method == "POST"]
    assert [data["title"] for data in made] == [
        TO_LABEL,
        "Labelled by Ana Silva (ana@one.example)",
        "Labelled by Ana Silva (ana@two.example)",
        "Labelled by ben@one.example",
        SKIPPED,
    ]
    assert [data["filters"]["items"][0]["value"] for data in made[1:4]] == [1, 2, 3]
