from __future__ import annotations

import threading
from io import BytesIO

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from PIL import Image

from signatures.letters.read import published
from signatures.models import Petition, Tally
from signatures.signing.pages import picture
from signatures.tally import snapshot
from tests.factories import make_petition

pytestmark = pytest.mark.django_db


@pytest.fixture
def petition() -> Petition:
    made = make_petition(slug="water", languages=("fr",), goal=400_000)
    Tally.objects.create(petition=made, total=323_832, countries=184, version=7, as_of=timezone.now())
    return made


def move_the_count(petition: Petition) -> None:
    Tally.objects.filter(petition=petition).update(total=323_833, version=8)
    snapshot.forget()


def test_it_is_a_png_of_the_size_that_is_asked_for_and_caches_may_keep_it(client: Client, petition: Petition) -> None:
    answer = client.get("/en/water/picture.png")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"].startswith("public, max-age=300")
    assert "Set-Cookie" not in answer
    assert "Vary" not in answer
    assert Image.open(BytesIO(answer.content)).size == (1200, 630)
    assert len(answer.content) < 100_000


def test_whoever_has_it_is_told_so(client: Client, petition: Petition) -> None:
    etag = client.get("/en/water/picture.png")["ETag"]

    assert client.get("/en/water/picture.png", headers={"If-None-Match": etag}).status_code == 304


def test_each_language_has_its_own(client: Client, petition: Petition) -> None:
    assert client.get("/en/water/picture.png").content != client.get("/fr/water/picture.png").content


def test_it_is_drawn_again_when_the_count_has_moved_but_not_all_the_time(
    client: Client, petition: Petition, settings: LazySettings
) -> None:
    before = client.get("/en/water/picture.png")["ETag"]
    move_the_count(petition)
    assert client.get("/en/water/picture.png")["ETag"] == before

    settings.PICTURE_EVERY = 0
    assert client.get("/en/water/picture.png")["ETag"] != before


def test_while_one_is_drawn_the_last_one_is_shown(client: Client, petition: Petition, settings: LazySettings) -> None:
    settings.PICTURE_EVERY = 0
    before = client.get("/en/water/picture.png")["ETag"]
    move_the_count(petition)
    with picture._drawing:
        answers: list[str] = []
        read = published("water")
        assert read
        asking = threading.Thread(target=lambda: answers.append(picture.picture_of(read, language="en").etag))
        snapshot.read(read)  # in memory: the thread needs no connection of its own
        asking.start()
        asking.join(10)
    assert answers == [before]


def test_what_is_not_public_has_no_picture(client: Client) -> None:
    make_petition(slug="hidden", state="draft")

    assert client.get("/en/hidden/picture.png").status_code == 404


def test_the_page_names_its_picture_and_says_what_is_on_it(client: Client, petition: Petition) -> None:
    page = client.get("/fr/water/").content.decode()

    assert '<meta property="og:image" content="http://testserver/fr/water/picture.png">' in page
    assert '<meta property="og:image:alt" content="Open letter on clean water (fr). 323\u202f832 personnes">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page
