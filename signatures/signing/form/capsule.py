"""What was typed, sealed into the address of the check-your-mail page.

There is no session to keep it in, and nothing about earlier signatures may show: so the page knows exactly what its
visitor typed, and can send it again or send it to another address.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from uuid import UUID

from django.conf import settings

from signatures.privacy.tokens import BadToken, open_token, seal_token
from signatures.signing.guard.doubt import Doubt
from signatures.signing.guard.watching import reason_of, rule_in

LIFETIME = 2 * 3600  # seconds
MOST_MOVES = 3  # other addresses that one form may be sent to
_CODES: dict[str, str] = {"t": Doubt.TRAP, "p": Doubt.PATIENCE, "d": Doubt.DOMAIN}
_NO_DOUBT = "-" * 32  # a code, filled up, and the id of a rule are as long


@dataclass(frozen=True, slots=True)
class Capsule:
    """One signer's checked form. `created` is the row it made, all zeros where it made none: always as long.

    How long to wait before asking again follows from the capsule alone, and so tells nothing about the address. `visit`
    and `moves` number the changes of address that began with one form: each is made once (`spends`), so that one form
    cannot have mails sent to any number of addresses. What was doubtful about it goes on to the next address.
    """

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
    visit: str = field(default_factory=lambda: os.urandom(8).hex())
    moves: int = 0
    doubted: str = _NO_DOUBT
    asked_at: int = 0  # seconds since 1970: when a mail was last asked for with this form
    again: int = 0  # how often the form was sent again from the page

    def made(self, created: UUID | None) -> Capsule:
        return replace(self, created=created.hex if created else "0" * 32)

    def asked(self, *, again: bool) -> Capsule:
        return replace(self, asked_at=int(time.time()), again=self.again + again)

    @property
    def wait(self) -> int:
        """Seconds until asking for the mail again is of use: the outbox's own limit, and a minute for the sending."""
        return max(0, self.asked_at + settings.MAIL_AGAIN_AFTER + 60 - int(time.time()))

    @property
    def created_id(self) -> UUID | None:
        return UUID(self.created) if self.created.strip("0") else None

    @property
    def doubt(self) -> str:
        """The reason to hold it for; empty without one."""
        code = self.doubted.rstrip("-")
        return _CODES.get(code, "") if len(code) < len(_NO_DOUBT) else reason_of(UUID(code))

    def doubting(self, reason: str) -> Capsule:
        if not reason:
            return self
        if rule := rule_in(reason):
            return replace(self, doubted=rule.hex)
        code = next(code for code, each in _CODES.items() if each == reason)
        return replace(self, doubted=code.ljust(len(_NO_DOUBT), "-"))

    def moved_to(self, address: str) -> Capsule:
        return replace(self, email=address, moves=self.moves + 1, again=0).made(None)

    @property
    def spends(self) -> tuple[bytes, ...]:
        """What this move uses up; nothing for the form itself."""
        return (bytes.fromhex(self.visit) + bytes([self.moves]),) if self.moves else ()

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
