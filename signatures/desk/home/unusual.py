"""Which groups have suddenly grown: countries or mail domains whose share of the last hours is far above that before.

It asks three things, and each can be said in a sentence:

- **Is it enough to speak of?** At least LEAST signatures in the last hours: fewer may be one family or one class.
- **Is there something to compare with?** At least BEFORE signatures in the seven days before. A letter that opened an
  hour ago has no usual.
- **Is it far above?** At least TIMES as many as its share of the seven days leads us to expect. A share is taken after
  Laplace, (k + 1) / (n + 2), so that a group that never occurred is not impossible, only rare.

No further test of significance is needed: where LEAST or more are three times what was expected, chance alone lies
more than four standard deviations away (Poisson: e + 4·√e < 3·e from e = 4 on, and under twelve below that). It
compares shares, not numbers, so a campaign that doubles everywhere is no finding; a newspaper in one country is, and is
good news. It says "look", and holds nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LEAST = 20  # signatures of the group in the last hours
BEFORE = 200  # signatures of the petition in the seven days before
TIMES = 3


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a group came lately and before, and of how many."""

    group: Any  # a country's code, or a domain's index
    recent: int
    of: int
    before: int
    of_before: int

    def stands_out(self) -> bool:
        if self.recent < LEAST or self.of_before < BEFORE:
            return False
        expected = self.of * (self.before + 1) / (self.of_before + 2)
        return self.recent >= TIMES * expected

    def as_json(self) -> dict[str, Any]:
        return {
            "group": self.group.hex() if isinstance(self.group, bytes) else self.group,
            "recent": self.recent,
            "of": self.of,
            "before": self.before,
            "of_before": self.of_before,
        }
