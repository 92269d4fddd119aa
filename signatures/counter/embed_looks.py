"""How a counter looks on its page, as its address or a form says it. Only known words pass: they go into HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

VARIANTS = ("bar", "compact", "countries")
THEMES = ("auto", "light", "dark")
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Looks:
    """`theme` is empty for a counter that takes the background of its page, `accent` for one in its text's colour."""

    variant: str = "bar"
    theme: str = ""
    accent: str = ""

    def query(self, **more: str) -> str:
        """As the end of the frame's address: what is not as it is by default, and `more` where it says something."""
        said = {"variant": "" if self.variant == "bar" else self.variant, "theme": self.theme, "accent": self.accent}
        kept = {name: value for name, value in (said | more).items() if value}
        return f"?{urlencode(kept)}" if kept else ""


def looks_of(asked: Mapping[str, str]) -> Looks:
    """What was asked for; what we do not know is as if it was not said."""
    variant, theme, accent = asked.get("variant", ""), asked.get("theme", ""), asked.get("accent", "")
    return Looks(
        variant=variant if variant in VARIANTS else "bar",
        theme=theme if theme in THEMES else "",
        accent=accent.lower() if _COLOUR.fullmatch(accent) else "",
    )
