"""What was typed, sealed into the address of the check-your-mail page.

There is no session to keep it in, and nothing about earlier signatures may show: so the page knows exactly what its
visitor typed, and can send it again or send it to another address.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from uuid import UUID

from signatures.privacy.tokens import BadToken, open_token, seal_token

LIFETIME = 2 * 3600  # seconds


@dataclass(frozen=True, slots=True)
class Capsule:
    """One signer's checked form. `created` is the row it made, all zeros where it made none: always as long."""

    petition_id: int
    name: str
    email: str
    country: str | None
    show_name: bool
    hand_over: bool
    wants_updates: bool
    source: str
    consent_id: int
    created: str = "0" * 32

    def made(self, created: UUID | None) -> Capsule:
        return replace(self, created=created.hex if created else "0" * 32)

    @property
    def created_id(self) -> UUID | None:
        return UUID(self.created) if self.created.strip("0") else None

    def seal(self) -> str:
        return seal_token(json.dumps(_values_of(self)).encode(), purpose="check", lifetime=LIFETIME)

    @classmethod
    def open(cls, token: str) -> Capsule:
        """Raises BadToken or ExpiredToken."""
        payload = open_token(token, purpose="check")
        try:
            return cls(*json.loads(payload))
        except (ValueError, TypeError) as error:
            raise BadToken("of an earlier version") from error


_values_of = attrgetter(*(field.name for field in fields(Capsule)))
