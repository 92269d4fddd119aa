"""Mail domains that put mail off, left alone for a while."""

from __future__ import annotations

import time
from collections import Counter

PUT_OFF = 2  # mails in a row, after which a domain is left alone
REST = 60.0  # seconds


class Domains:
    """What one run has seen of each domain. In this process's memory alone: which domains sign is nobody's business."""

    def __init__(self) -> None:
        self._put_off: Counter[str] = Counter()
        self._resting: dict[str, float] = {}

    def resting(self, domain: str) -> float:
        """Seconds that it is to be left alone."""
        return max(0.0, self._resting.get(domain, 0.0) - time.monotonic())

    def took(self, domain: str) -> None:
        self._put_off.pop(domain, None)

    def put_off(self, domain: str) -> None:
        self._put_off[domain] += 1
        if self._put_off[domain] >= PUT_OFF:
            self._resting[domain] = time.monotonic() + REST
            del self._put_off[domain]  # after the rest it is tried again
