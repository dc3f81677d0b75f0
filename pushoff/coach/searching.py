"""Names as they are searched for: databases fold the case of ASCII letters only, people of all."""

import unicodedata


def normalize_for_search(text: str) -> str:
    """Without case and accents: `Änne Großmann` and `ANNE GROSSMANN` become the same."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold()
