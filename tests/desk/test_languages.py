"""The desk speaks its own languages, whatever the public pages speak."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "en"), ("fr", "fr"), ("fr-CH, en;q=0.5", "fr"), ("ar", "en"), ("ar, fr;q=0.5", "fr"), ("*", "en")],
)
def test_staff_are_answered_in_a_language_of_the_desk(desk, accepted, language):
    page = desk.get("/desk/", headers={"Accept-Language": accepted})

    assert page["Content-Language"] == language
    assert f'<html lang="{language}"' in page.content.decode()
    assert ("Bureau" in page.content.decode()) == (language == "fr")
    assert "Accept-Language" in page["Vary"]


def test_the_language_of_one_request_is_not_the_next_ones(desk):
    desk.get("/desk/", headers={"Accept-Language": "fr"})
    assert desk.get("/desk/")["Content-Language"] == "en"
