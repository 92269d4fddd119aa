"""Blind indexes: keyed hashes by which an address can be found without being readable.

Without INDEX_KEY nobody can test a guess against a stolen table (HMAC-SHA-256, RFC 2104). Three of them: of the address
as typed; of its canonical form, which stands for the person; and of its domain, by which staff find what came in from
one mail service.
"""

from __future__ import annotations

import base64
import hmac
import unicodedata
from functools import cache

from django.conf import settings

# Providers known to deliver every `name+tag@` to `name@`. Elsewhere a plus may be another person's mailbox.
PLUS_IS_A_TAG = frozenset(
    {
        *("gmail.com", "outlook.com", "hotmail.com", "live.com", "msn.com"),
        *("icloud.com", "me.com", "mac.com", "hey.com", "zoho.com", "yandex.com", "yandex.ru"),
        *("proton.me", "protonmail.com", "pm.me", "fastmail.com", "fastmail.fm"),
        *("mailbox.org", "posteo.de", "posteo.net", "tutanota.com", "tuta.com"),
    }
)
SAME_DOMAIN = {"googlemail.com": "gmail.com", "protonmail.com": "proton.me", "pm.me": "proton.me"}


def canonical_domain(domain: str) -> str:
    """`Bücher.Example.` → `xn--bcher-kva.example`. Raises UnicodeError for what is no domain."""
    domain = domain.casefold().rstrip(".")
    return domain if domain.isascii() else domain.encode("idna").decode("ascii")


def canonical_address(address: str) -> str:
    """The form in which two spellings of one mailbox are the same: `J.Doe+x@GoogleMail.com` → `jdoe@gmail.com`.

    `address` has been checked: one `@`, an ASCII (IDNA) or Unicode domain.
    """
    local, _, domain = address.rpartition("@")
    local, domain = local.casefold(), canonical_domain(domain)
    if domain in PLUS_IS_A_TAG or domain in SAME_DOMAIN:
        local = local.partition("+")[0] or local
    domain = SAME_DOMAIN.get(domain, domain)
    if domain == "gmail.com":
        local = local.replace(".", "") or local
    return f"{local}@{domain}"


@cache
def _key(encoded: str) -> bytes:
    return base64.b64decode(encoded, validate=True)


def _index(purpose: str, text: str) -> bytes:
    return hmac.digest(_key(settings.INDEX_KEY), f"{purpose}\0{text}".encode(), "sha256")


def email_index(address: str) -> bytes:
    """32 bytes that stand for the address exactly as typed."""
    return _index("exact", address)


def person_index(address: str) -> bytes:
    """32 bytes that stand for the person behind the address, however they spell it."""
    return _index("canonical", canonical_address(address))


def paper_indexes(*, name: str, country: str | None, email: str, reference: str) -> tuple[bytes, bytes | None]:
    """What stands for the person of a signature on paper, and for the line that it stands on (None: for no line).

    With labels of their own: on paper and on our page is never the same person here, so nothing that is written to an
    address online reaches a signature on paper. An address tells people apart; without one, name, country and reference
    do, so that two of one name and no reference are one person.
    """
    line = _index("paper line", "\0".join((_even(name), country or "", _even(reference))))
    if not email:
        return line, line
    return paper_person_index(email), line if reference else None


def paper_person_index(address: str) -> bytes:
    """32 bytes that stand for the person with this address on paper."""
    return _index("paper person", canonical_address(address))


def _even(text: str) -> str:
    """Case, width and spaces aside."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def domain_index(address: str) -> bytes:
    """16 bytes that stand for the domain of an address, or for a bare domain. Raises UnicodeError for what is none.

    Of the domain as typed, case and IDNA aside: `googlemail.com` is not `gmail.com` here. Staff who read `@pm.me` in a
    list and act on it must not reach the people at `proton.me`. Half of the HMAC (RFC 2104, section 5) tells domains
    apart as well as all of it, in a row and an index that every signature pays for.
    """
    return _index("domain", canonical_domain(address.rpartition("@")[2]))[:16]
