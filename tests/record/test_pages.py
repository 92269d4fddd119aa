import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from signatures.letters import read
from signatures.models import Correction, Petition
from signatures.record import ready
from signatures.record.tables import as_csv
from signatures.signing.withdraw import withdraw
from tests.factories import make_petition, make_update
from tests.record.conftest import count_by

pytestmark = pytest.mark.django_db
PAGES = ["record/", "record/count/", "record/countries.csv", "record/days.csv", "names/", "updates/"]
TEN = [f"Ada Example {letter}" for letter in "abcdefghij"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_cached_carry_no_cookie_and_cost_three_queries_cold_and_none_warm(client, water, path):
    with CaptureQueriesContext(connection) as cold:
        response = client.get(f"/en/water/{path}")
    assert response.status_code == 200
    assert len(cold) <= 3
    assert not any("COUNT(*)" in query["sql"] and "'held'" not in query["sql"] for query in cold)
    assert not response.cookies
    assert response["Vary"] == "Accept-Encoding"
    assert response["Cache-Control"].startswith("public, max-age=")
    with CaptureQueriesContext(connection) as warm:
        again = client.get(f"/en/water/{path}", HTTP_IF_NONE_MATCH=response["ETag"])
    assert len(warm) == 0
    assert again.status_code == 304


@pytest.mark.parametrize("path", PAGES)
def test_drafts_and_the_unknown_have_no_record(client, path):
    make_petition(slug="draft", state="draft")
    assert client.get(f"/en/draft/{path}").status_code == 404
    assert client.get(f"/en/nothing/{path}").status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_posted_to_the_record(client, water, path):
    assert client.post(f"/en/water/{path}").status_code == 405


@pytest.mark.parametrize("path", ["record/", "record/count/", "names/", "updates/"])
def test_nothing_on_a_page_needs_a_script_or_an_inline_style(client, water, path):
    page = client.get(f"/fr/water/{path}").content.decode()
    assert "<script" not in page
    assert " style=" not in page
    assert "css/record.css" in page


def test_the_record_names_every_country_in_the_order_of_the_language(client, water):
    page = client.get("/fr/water/record/").content.decode()
    table = page[page.index('id="countries"') :]
    places = [table.index(name) for name in ("Allemagne", "France", "Kosovo", "Taïwan", "Tuvalu")]
    assert places == sorted(places)
    assert "52\u202f310" in table
    assert "8\u202f190" in table


def test_a_small_country_is_named_without_its_number(client, water):
    rows = list(csv.DictReader(io.StringIO(client.get("/en/water/record/countries.csv").content.decode())))
    assert rows[-1] == {"code": "TV", "name": "Tuvalu", "signatures": "", "fewer_than": "10"}
    assert rows[0] == {"code": "FR", "name": "France", "signatures": "52310", "fewer_than": ""}
    assert "fewer than 10" in client.get("/en/water/record/").content.decode()


def test_the_days_come_as_csv_with_a_file_name(client, water):
    response = client.get("/en/water/record/days.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="water-days.csv"'
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert len(rows) == 30
    assert all(int(row["signatures"]) % 10 == 0 for row in rows)


def test_no_cell_of_a_csv_is_a_formula():
    assert as_csv(("a", "b"), [("=1+1", 5), ("-2", None), ("@x", 0)]) == b"a,b\r\n'=1+1,5\r\n'-2,\r\n'@x,0\r\n"


def test_before_the_first_figures_the_record_says_why_it_is_empty(client):
    make_petition(slug="new")
    page = client.get("/en/new/record/").content.decode()
    assert "once 10 people have signed" in page
    assert "<table" not in page


def test_with_enough_signatures_and_no_figure_that_is_safe_the_record_does_not_speak_of_a_threshold(client):
    petition = make_petition(slug="new")
    count_by(petition, {"FR": 10, "DE": 5}, days=5)
    page = client.get("/en/new/record/").content.decode()
    assert "15 people" in re.sub("<[^>]*>", "", page)
    assert "are not shown yet" in page
    assert "10 people have signed" not in page
    assert "Germany" not in page


def test_names_are_shown_isolated_escaped_and_kept_from_search_engines(client, water, shown):
    shown(water, "Ada <b>山田</b>", "شيرين علی", *TEN)
    response = client.get("/en/water/names/")
    page = response.content.decode()
    assert "<li><bdi>Ada &lt;b&gt;山田&lt;/b&gt;</bdi></li>" in page
    assert "<bdi>شيرين علی</bdi>" in page
    assert response["X-Robots-Tag"] == "noindex, noarchive"
    assert '<meta name="robots" content="noindex, noarchive">' in page
    assert "canonical" not in page
    assert response["Cache-Control"] == "public, max-age=5"


def test_a_name_that_is_taken_back_is_gone_with_the_next_page(client, water, shown):
    rows = shown(water, *TEN)
    assert TEN[0] in client.get("/en/water/names/").content.decode()
    withdraw(signature_id=rows[0].pk)
    ready.names.forget()  # PAGE_TTL later
    assert TEN[0] not in client.get("/en/water/names/").content.decode()


def test_a_campaign_that_shows_no_names_has_no_page_of_them(client, water, shown):
    shown(water, *TEN)
    Petition.objects.update(show_names=False)
    read.forget("water")
    assert client.get("/en/water/names/").status_code == 404
    assert "/names/" not in client.get("/en/water/record/").content.decode()


@pytest.mark.parametrize("after", ["x", "%00", "1", "00000000-0000-0000-0000-00000000000g", "é" * 50])
def test_a_page_of_names_that_is_none_is_not_found(client, water, after):
    assert client.get(f"/en/water/names/?after={after}").status_code == 404


def test_more_names_than_a_page_holds_have_a_next_page(client, water, shown, monkeypatch):
    monkeypatch.setattr("signatures.record.names.PAGE", 5)
    monkeypatch.setattr("signatures.record.names.names_page.__kwdefaults__", {"after": None, "most": 5})
    shown(water, *TEN)
    first = client.get("/en/water/names/").content.decode()
    address = first.partition('href="?after=')[2].partition('"')[0]
    second = client.get(f"/en/water/names/?after={address}").content.decode()
    assert sorted(name for name in TEN if name in first + second) == TEN
    assert not [name for name in TEN if name in first and name in second]
    assert "First page" in second


def test_the_corrections_log_is_public(client, water):
    Correction.objects.create(
        petition=water, day=datetime.now(UTC).date() - timedelta(days=2), kind="held", delta=-1240
    )
    page = client.get("/en/water/record/count/").content.decode()
    assert "taken off for review" in page
    assert "1,240" in page
    assert "fewer than 10" in page  # under review


def test_updates_have_addresses_that_stay_in_every_language(client, water):
    update = make_update(water, title="We met the minister", languages=("fr",))
    draft = make_update(water, title="Not yet", published=False)
    page = client.get("/en/water/updates/").content.decode()
    assert f"/en/water/updates/{update.pk}/" in page
    assert "Not yet" not in page
    single = client.get(f"/fr/water/updates/{update.pk}/").content.decode()
    assert "We met the minister (fr)" in single
    assert "<strong>delivered</strong>" in single
    assert client.get(f"/en/water/updates/{draft.pk}/").status_code == 404
    assert client.get(f"/en/water/updates/{'0' * 8}-0000-0000-0000-{'0' * 12}/").status_code == 404


def test_an_update_of_another_petition_is_not_found(client, water):
    other = make_update(make_petition())
    assert client.get(f"/en/water/updates/{other.pk}/").status_code == 404


def test_an_untranslated_update_says_in_which_language_it_is(client, water):
    update = make_update(water, title="News", language="en")
    page = client.get(f"/fr/water/updates/{update.pk}/").content.decode()
    assert '<h1 lang="en" dir="ltr">News</h1>' in page


def test_the_letter_links_to_its_record(client, water):
    assert 'href="/en/water/record/"' in client.get("/en/water/").content.decode()
