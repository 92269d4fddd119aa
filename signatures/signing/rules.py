"""What a rule says of names: simple wildcards and a few ready kinds, compared without regard to case and form.

No regular expressions from staff: one badly written would keep a worker busy for ever. Everything here takes time in
proportion to the name times the pattern, at worst, and raises nothing.
"""

from __future__ import annotations

import unicodedata
from itertools import groupby

LONGEST = 400  # characters of a name that are looked at; the form takes fewer
REPEATED = 5  # times the same character in a row: no name in any language that we know of
_ENDS = (".com", ".net", ".org", ".info", ".biz", ".xyz", ".top", ".shop", ".ru", ".cn", ".io")


def plain(text: str) -> str:
    """The text as it is compared: full-width letters, ligatures and capitals are none (NFKC, case folded)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text[:LONGEST]).casefold())


def name_matches(name: str, *, pattern: str = "", looks: str = "") -> bool:
    """Whether a name is as `pattern` (`*` stands for anything) and of the kind `looks`: "", "link" or "repeated".

    What is empty asks for nothing; a name that is not held any more ("") matches nothing.
    """
    if not name:
        return False
    text = plain(name)
    if pattern and not _fits(text, plain(pattern).split("*")):
        return False
    if looks == "link":
        return _has_link(text)
    return looks != "repeated" or any(key != " " and len(list(run)) >= REPEATED for key, run in groupby(text))


def _fits(text: str, parts: list[str]) -> bool:
    """Whether `text` is the parts, in order, with anything in between. The leftmost place for each part will do."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return text == first
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for part in parts[1:-1]:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _has_link(text: str) -> bool:
    """An address of the web, or a word that ends as a common one does ("cheap.com", "cheap.com/x")."""
    for word in text.split():
        host = word.partition("/")[0].rstrip(".,;:!?)")
        if "://" in word or "www." in word or any(host.endswith(end) and len(host) > len(end) for end in _ENDS):
            return True
    return False
