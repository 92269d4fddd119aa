"""Chromium in front of the pages themselves: no worker and no proxy is needed to look at them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page

from signatures.models import Petition, Tally
from tests.factories import make_consent, make_petition

# Playwright's loop runs in the test's thread, where Django would then refuse the ORM.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser(chromium: Browser) -> Browser:
    """The session's: Playwright runs once in a thread."""
    return chromium


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """A blank page in a fresh profile; takes Playwright's options for a context."""
    contexts = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(**options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def petition(transactional_db: None) -> Petition:
    """An open letter, in English and French, that 323,832 people from 184 countries and territories signed."""
    for code, _name in settings.LANGUAGES:
        make_consent(code)
    made = make_petition(slug="water", languages=("fr",), goal=400_000, reference="CW 1/2021", dated=date(2021, 10, 11))
    Tally.objects.create(petition=made, total=323_832, countries=184, version=7, as_of=timezone.now())
    return made
