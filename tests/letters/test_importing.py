import re
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from signatures.letters.importing import ImportProblem, import_letter
from signatures.letters.read import published
from signatures.letters.render import render_letter
from signatures.models import Letter, LetterRevision, Petition
from signatures.templatetags.figures import figure

pytestmark = pytest.mark.django_db

HEAD = {
    "title": "Open letter on clean water",
    "addressee": "To every government",
    "salutation": "Excellencies,",
    "reference": "W 1/2026",
    "date": "2026-03-22",
    "language": "en",
}


def letter(body="Act **now**.", **head):
    lines = [f"{name}: {value}" for name, value in (HEAD | head).items() if value is not None]
    return "---\n" + "\n".join(lines) + f"\n---\n\n{body}\n"


def test_a_letter_comes_in_as_a_draft_with_all_its_parts():
    petition = import_letter(letter(closing="Sincerely,", signatory="Ada", signatory_title="Chair", goal=5000))
    petition.refresh_from_db()
    assert (petition.slug, petition.state, petition.goal) == ("open-letter-on-clean-water", "draft", 5000)
    assert (petition.reference, str(petition.dated)) == ("W 1/2026", "2026-03-22")
    stored = Letter.objects.get()
    assert (stored.salutation, stored.closing, stored.signatory_title, stored.body) == (
        "Excellencies,", "Sincerely,", "Chair", "Act **now**.",
    )  # fmt: skip


def test_the_same_letter_again_changes_nothing_and_a_changed_one_is_a_new_version():
    import_letter(letter())
    import_letter(letter())
    assert Letter.objects.get().version == 1
    import_letter(letter(body="Act at once."))
    assert (Letter.objects.get().version, Letter.objects.get().body) == (2, "Act at once.")
    assert Petition.objects.count() == 1


def test_a_translation_joins_its_petition_by_the_slug():
    import_letter(letter(slug="water"))
    import_letter(letter(slug="water", language="fr", title="Lettre ouverte sur l’eau", reference=None))
    petition = Petition.objects.get()
    assert petition.reference == "W 1/2026"
    assert {each.language for each in petition.letters.all()} == {"en", "fr"}


def test_a_long_title_makes_a_short_address_of_whole_words():
    slug = import_letter(letter(title="word " * 50)).slug
    assert len(slug) <= 60
    assert set(slug.split("-")) == {"word"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Just a text.", "head"),
        ("", "head"),
        ("---\n---\nText", "head"),
        ("---\ntitle: [unclosed\n---\nText", "line"),
        (letter(title=None), "title"),
        (letter(body=""), "no letter"),
        (letter(language="tlh"), "tlh"),
        (letter(date="yesterday"), "yesterday"),
        (letter(goal="many"), "many"),
        (letter(goal=0), "0"),
        (letter(title="x" * 301), "title"),
        (letter(slug="privacy"), "privacy"),
        (letter(title="水"), "slug"),
        (letter(body="a\0b"), "NUL"),
        (letter(body="x" * 200_001), "longer"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(text, says):
    with pytest.raises(ImportProblem, match=says):
        import_letter(text)
    assert not Petition.objects.exists()


def test_the_command_imports_a_file_and_says_where(tmp_path):
    file = tmp_path / "letter.md"
    file.write_text("\ufeff" + letter(), encoding="utf-8")
    out = StringIO()
    call_command("importletter", str(file), "--slug", "water", stdout=out)
    assert "water" in out.getvalue()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"no head", None])
def test_the_command_says_what_is_wrong(tmp_path, content):
    file = tmp_path / "letter.md"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError):
        call_command("importletter", str(file))


def test_the_sample_campaign_loads_once_and_leaves_edits_alone():
    call_command("loadcampaign", stdout=StringIO())
    Letter.objects.filter(language="en").update(title="Edited by staff")
    Petition.objects.update(state="closed", closed_at="2026-01-01T00:00:00Z", goal=7)
    call_command("loadcampaign", stdout=StringIO())
    assert Letter.objects.get(language="en").title == "Edited by staff"
    petition = Petition.objects.get()
    assert (petition.slug, petition.state, petition.goal) == ("xinjiang", "closed", 7)


def test_the_sample_letter_is_complete_in_both_languages():
    call_command("loadcampaign", stdout=StringIO())
    petition = published("xinjiang")
    assert petition.state == "open"
    assert petition.reference == "TG ASA 17/2021.2130"
    assert str(petition.dated) == "2021-10-11"
    assert "323,832 people from 184 countries and territories" in petition.letter_in("en").html
    assert figure(323_832, "fr") in petition.letter_in("fr").html


def test_each_wording_is_kept_under_its_version() -> None:
    import_letter(letter(slug="water"))
    import_letter(letter(slug="water"))
    import_letter(letter(slug="water", body="Act at once."))

    kept = LetterRevision.objects.order_by("version").values_list("version", "body")
    assert [version for version, _body in kept] == [1, 2]
    assert kept[1][1] == "Act at once." != kept[0][1]


def test_a_translation_follows_the_original_as_it_was_when_it_came() -> None:
    import_letter(letter(slug="water"))
    import_letter(letter(slug="water", language="fr", title="Lettre ouverte sur l’eau"))
    import_letter(letter(slug="water", body="Act at once."))

    assert dict(Letter.objects.values_list("language", "translated_version")) == {"en": None, "fr": 1}


def test_the_sample_campaign_is_whole_in_every_language() -> None:
    call_command("loadcampaign", stdout=StringIO())

    letters = {each.language: each for each in Letter.objects.filter(petition__slug="xinjiang")}
    assert letters.keys() == dict(settings.LANGUAGES).keys()
    shapes = {code: re.findall(r"<(?:p|h3|ol|li|strong)>", render_letter(each.body)) for code, each in letters.items()}
    assert {tuple(shape) for shape in shapes.values()} == {tuple(shapes["en"])}, "a paragraph or a demand is missing"
    for code, each in letters.items():
        assert figure(323_832, code) in each.body and "184" in each.body
        assert bool(each.translator) == (code != "en")
        assert each.translated_version == (None if code == "en" else 1)


def test_a_no_break_space_in_the_title_stays():
    petition = import_letter(letter(title='"Lettre\u00a0:  enquêtez"'))
    assert petition.letters.get().title == "Lettre\u00a0: enquêtez"
