"""Signing and confirming over HTTP, as a person without JavaScript does."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from tests.stack import Stack

LETTER = "/en/xinjiang/"
LINK = re.compile(r"/en/xinjiang/confirm/\S+?/(?=\s|$)")


class Person:
    """Somebody with a browser and a mailbox."""

    def __init__(self, stack: Stack, address: str) -> None:
        self.stack, self.address = stack, address
        self.browser = httpx.Client(base_url=stack.url, timeout=20)
        self.token = ""

    def read(self) -> httpx.Response:
        page = self.browser.get(LETTER)
        if found := re.search(r'name="token" value="([^"]+)"', page.text):
            self.token = found[1]
        return page

    def sign(self) -> httpx.Response:
        form = {"name": "Ada Example", "email": self.address, "country": "FR", "token": self.token}
        return self.browser.post(LETTER, data=form)

    def confirm_link(self) -> str:
        mail = self.stack.mail.wait_for(self.address)[-1]
        return LINK.search(mail["text"])[0]

    def confirm(self, link: str = "") -> httpx.Response:
        return self.browser.post(link or self.confirm_link(), data={"revision": "0"})


@pytest.fixture
def person(own_stack: Stack) -> Callable[[str], Person]:
    return lambda name: Person(own_stack, f"{name}@mail.example.org")


def shown_total(stack: Stack) -> int:
    return int(httpx.get(f"{stack.url}/api/v1/petitions/xinjiang/tally", timeout=10).json()["total"])
