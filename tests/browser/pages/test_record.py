from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from signatures.models import Correction, Petition
from signatures.signing.review.names import approve_names, publish_names, waiting_names
from tests.factories import make_consent, make_petition, make_signature, make_update
from tests.record.conftest import COUNTRIES, count_by

from .conftest import OpenPage

PAGES = ["record/", "record/count/", "names/", "updates/"]
NAMES = ("Ngô Thị Ánh", "Ольга Иванова", "شيرين علی", "山田 さくら", "Véronique O’Brien", "ئايگۈل تۇرسۇن")


@pytest.fixture
def petition(transactional_db: None) -> Petition:
    """A petition with something on every page of its record."""
    for language in ("en", "fr"):
        make_consent(language)
    made = make_petition(slug="water", languages=("fr",), goal=100_000)
    count_by(made, COUNTRIES)
    for name in NAMES * 4:
        make_signature(made, name=name, state="confirmed", show_name=True)
    approve_names(
        [(each.signature_id, each.digest) for each in waiting_names(most=100, petition_ids=[made.pk])], actor=None
    )
    publish_names()
    make_update(made, title="We met the minister")
    day = datetime.now(UTC).date() - timedelta(days=2)
    Correction.objects.create(petition=made, day=day, kind="held", delta=-1240)
    Correction.objects.create(petition=made, day=day, kind="released", delta=3)
    return made


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")])
def test_the_record_is_accessible_and_fits(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, *, width: int, scheme: str
) -> None:
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for path in PAGES:
        page.goto(f"{live_server.url}/en/water/{path}")
        if path == "record/":
            page.locator("details summary").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = Axe().run(page).response["violations"]
        assert [(path, each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert said == []  # a refused style would be named here
    assert page.context.cookies() == []


def test_from_right_to_left_the_record_fits_and_its_bars_begin_on_the_right(
    live_server: LiveServer, petition: Petition, open_page: OpenPage
) -> None:
    page = open_page(viewport={"width": 320, "height": 800})
    page.goto(f"{live_server.url}/en/water/record/")
    page.evaluate("document.documentElement.dir = 'rtl'")

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    bar = page.locator(".leading .bar").nth(1)
    frame, drawn = bar.bounding_box(), bar.locator("rect").bounding_box()
    assert frame and drawn
    assert drawn["x"] + drawn["width"] == pytest.approx(frame["x"] + frame["width"], abs=1)
    first = page.locator(".plot .tick").first.bounding_box()
    last = page.locator(".plot .tick").last.bounding_box()
    assert first and last
    assert first["x"] < last["x"]  # time runs as digits do


def test_the_pictures_have_names_and_lead_to_the_same_in_words(
    live_server: LiveServer, petition: Petition, open_page: OpenPage
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/en/water/record/")

    expect(page.get_by_role("img", name="Where people signed")).to_be_visible()
    expect(page.get_by_role("img", name="From ")).to_be_visible()  # the curve says where it leads
    row = page.get_by_role("row", name="Taiwan 640")
    expect(row).to_be_visible()
    page.get_by_text("The same as a table", exact=True).last.click()
    expect(page.get_by_role("columnheader", name="Day")).to_be_visible()


def test_a_reader_finds_from_the_letter_to_the_names(
    live_server: LiveServer, petition: Petition, open_page: OpenPage
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/en/water/")
    page.get_by_role("link", name="Where and when people signed").click()
    page.get_by_role("link", name="Names").click()

    expect(page.get_by_role("listitem").filter(has_text="Ngô Thị Ánh")).to_have_count(4)
    expect(page.get_by_role("link", name="Names")).to_have_attribute("aria-current", "page")
