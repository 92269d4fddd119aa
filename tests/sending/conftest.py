"""Supporters, a published update, and the mail server of the outbox's tests."""

from __future__ import annotations

from typing import Any

import pytest

from signatures.models import CampaignUpdate, Petition, Signature, UpdateSending
from signatures.sending.begin import begin_sending
from tests.factories import make_petition, make_signature, make_update
from tests.mail.conftest import Server, Sink, server, sink  # noqa: F401  fixtures


@pytest.fixture
def petition() -> Petition:
    return make_petition(slug="water", languages=("fr", "ar"))


@pytest.fixture
def update(petition: Petition) -> CampaignUpdate:
    return make_update(petition, languages=("fr", "ar"), title="The ministers answered")


@pytest.fixture(autouse=True)
def as_fast_as_it_can(settings: Any) -> None:
    settings.UPDATE_MAILS_PER_MINUTE = 0.0
    settings.PUBLIC_URL = "https://letters.example"


def supporter(petition: Petition, email: str = "ada@mail.example", **fields: Any) -> Signature:
    """Somebody who is to get updates."""
    return make_signature(petition, email=email, **{"state": "confirmed", "wants_updates": True, **fields})


def begin(update: CampaignUpdate) -> UpdateSending:
    return begin_sending(update_id=update.pk, actor=None, reason="the answer of the ministers")
