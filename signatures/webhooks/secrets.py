"""The secret that a partner shares with us, and what is signed with it (Standard Webhooks 1.0, `v1`)."""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from signatures.models import WebhookEndpoint
from signatures.privacy.sealing import seal, unseal

PREFIX = "whsec_"
SIZE = 32  # bytes; the standard asks for 24 to 64
_FIELD = "webhook secret"


def new_secret(endpoint: WebhookEndpoint) -> str:
    """Give the endpoint a secret and return it; the caller saves.

    One that it had signs beside it for WEBHOOK_SECRET_HOURS more.
    """
    secret = PREFIX + base64.b64encode(os.urandom(SIZE)).decode()
    if endpoint.secret_sealed:
        endpoint.former_sealed = endpoint.secret_sealed
        endpoint.former_until = timezone.now() + timedelta(hours=settings.WEBHOOK_SECRET_HOURS)
    endpoint.secret_sealed = seal(
        secret, petition_id=endpoint.petition_id, person_index=endpoint.pk.bytes, field=_FIELD
    )
    return secret


def secrets_of(endpoint: WebhookEndpoint) -> list[str]:
    """The secrets that sign now, the newest first. Raises sealing.Unreadable."""
    sealed = [endpoint.secret_sealed]
    if endpoint.former_sealed and endpoint.former_until and endpoint.former_until > timezone.now():
        sealed.append(endpoint.former_sealed)
    return [
        unseal(each, petition_id=endpoint.petition_id, person_index=endpoint.pk.bytes, field=_FIELD) for each in sealed
    ]


def signed(*, message: str, at: int, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """The headers that say which message this is, when it was sent (`at`, Unix seconds) and that it is ours."""
    content = f"{message}.{at}.".encode() + body
    marks = [
        base64.b64encode(hmac.digest(base64.b64decode(secret.removeprefix(PREFIX)), content, "sha256")).decode()
        for secret in secrets
    ]
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }
