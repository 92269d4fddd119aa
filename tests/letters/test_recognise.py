"""Letters as people send them, in several languages: what stands where, and what staff are asked to check."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signatures.letters.dates import read_date
from signatures.letters.importing import ImportProblem
from signatures.letters.receive import receive_file, receive_text
from signatures.letters.recognise import recognise

PROSE = (
    "We write to you because the river that ten towns drink from has been closed to them since the spring of this year."
)

ENGLISH = f"""**FRIENDS OF THE RIVER** MAIN OFFICE e: office@river.example t: +44-20-00000000 1 Quay Street, Porton

www.river.example

Reference: FR 12/2026.7

11 March 2026

Your Excellency,

## RE: OPEN LETTER TO ALL MAYORS ON THE RIVER

{PROSE}

{PROSE}

Yours sincerely,

Ada Example Secretary General
"""

BUSINESS = f"""Friends of the River
1 Quay Street
Porton

The Minister of Water
Government House

May 12, 2026

Our ref: FR/12

Dear Minister,

Open letter: open the river

{PROSE}

 • Open the locks.
 • Close the pipes.

With kind regards,
Ada Example
Chair

Encl.: two maps
"""

FRENCH = """Lettre ouverte aux maires

Objet : La rivière

Porton, le 1er août 2026

Mesdames et Messieurs les maires,

Nous vous écrivons parce que la rivière dont boivent dix villes leur est fermée depuis le printemps de cette année.

Veuillez agréer, Mesdames et Messieurs, l’expression de nos salutations distinguées.

Ada Exemple
"""

RUSSIAN = """Тема: Откройте реку

11 октября 2026 г.

Уважаемые мэры!

Мы пишем вам, потому что река, из которой пьют десять городов, с весны этого года закрыта для них.

С уважением,
Ада Пример
директор
"""

ARABIC = """الموضوع: افتحوا النهر

11 أكتوبر 2026

أصحاب السعادة،

نكتب إليكم لأن النهر الذي تشرب منه عشر مدن مغلق أمامها منذ ربيع هذا العام.

مع الاحترام،
آدا مثال
"""

CHINESE = """主题：开放河流

2026年10月11日

尊敬的市长们：

我们写信给你们，因为十座城市饮用的河流自今年春天以来一直对他们关闭。

此致
艾达
"""


def test_a_letterhead_in_one_line_and_a_subject_after_the_salutation():
    letter = recognise(ENGLISH)
    assert letter.organisation == "FRIENDS OF THE RIVER"
    assert (letter.reference, letter.dated, letter.language) == ("FR 12/2026.7", date(2026, 3, 11), "en")
    assert (letter.salutation, letter.title) == ("Your Excellency,", "OPEN LETTER TO ALL MAYORS ON THE RIVER")
    assert letter.addressee == "ALL MAYORS"
    assert letter.body == f"{PROSE}\n\n{PROSE}"
    assert (letter.closing, letter.signatory, letter.signatory_title) == (
        *("Yours sincerely,", "Ada Example", "Secretary General"),
    )
    assert set(letter.doubts) == {"organisation", "title", "addressee", "signatory"}
    assert [text.split()[0] for text in letter.left_out] == ["MAIN", "www.river.example"]


def test_a_letter_by_the_book():
    letter = recognise(BUSINESS)
    assert letter.organisation == "Friends of the River"
    assert letter.addressee == "The Minister of Water, Government House"
    assert (letter.reference, letter.dated) == ("FR/12", date(2026, 5, 12))
    assert (letter.salutation, letter.title) == ("Dear Minister,", "Open letter: open the river")
    assert letter.body == f"{PROSE}\n\n- Open the locks.\n- Close the pipes."
    assert (letter.closing, letter.signatory, letter.signatory_title) == ("With kind regards,", "Ada Example", "Chair")
    assert letter.left_out == ["1 Quay Street", "Porton", "Encl.: two maps"]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (FRENCH, ("fr", "2026-08-01", "Lettre ouverte aux maires", "Mesdames et Messieurs les maires,", "Ada Exemple")),
        (RUSSIAN, ("ru", "2026-10-11", "Откройте реку", "Уважаемые мэры!", "Ада Пример")),
        (ARABIC, ("ar", "2026-10-11", "افتحوا النهر", "أصحاب السعادة،", "آدا مثال")),
        (CHINESE, ("zh-hans", "2026-10-11", "开放河流", "尊敬的市长们：", "艾达")),
    ],
)
def test_other_languages(text, facts):
    letter = recognise(text)
    assert (letter.language, str(letter.dated), letter.title, letter.salutation, letter.signatory) == facts
    assert letter.closing
    assert len(letter.body.splitlines()) == 1


def test_what_is_not_there_is_asked_about():
    letter = recognise(f"{PROSE}\n\n{PROSE}")
    assert letter.body == f"{PROSE}\n\n{PROSE}"
    assert {"title", "addressee", "salutation", "closing"} <= set(letter.doubts)


def test_nothing_is_lost():
    """Every word of a letter stands in a field or is named as left out."""
    for text in (ENGLISH, BUSINESS, FRENCH, RUSSIAN, ARABIC, CHINESE):
        letter = recognise(text)
        kept = " ".join(str(getattr(letter, name)) for name in letter.__slots__)
        lines = [line for line in text.replace("•", " ").replace("*", " ").splitlines() if not read_date(line)]
        for word in " ".join(lines).split():
            if len(word) > 4:
                assert word.strip("#:：,.،") in kept or word.startswith(
                    ("Reference", "Objet", "Тема", "الموضوع", "主题")
                ), word


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("11 October 2021", (2021, 10, 11)),
        ("October 11th, 2021", (2021, 10, 11)),
        ("London, 11 Oct. 2021", (2021, 10, 11)),
        ("Madrid, 11 de octubre de 2021", (2021, 10, 11)),
        ("2021-10-11", (2021, 10, 11)),
        ("25.12.2021", (2021, 12, 25)),
        ("12/25/2021", (2021, 12, 25)),
        ("2021 жылғы 11 қазан", (2021, 10, 11)),
        ("١١ أكتوبر ٢٠٢١", (2021, 10, 11)),
        ("31 February 2021", None),
        ("in the year 2021 we marched in October with 11 others", None),
        ("May 2021", None),
        ("FR 12/2026.7", None),
    ],
)
def test_dates(line, day):
    found = read_date(line)
    assert (found and found[0]) == (date(*day) if day else None)


def test_a_date_that_can_be_read_two_ways_is_asked_about():
    assert read_date("03/04/2021") == (date(2021, 4, 3), True)
    assert recognise(f"03/04/2021\n\nDear all,\n\n{PROSE}").doubts["dated"]


def test_a_head_is_believed_and_not_guessed_about():
    letter = receive_text("---\ntitle: A river\nlanguage: fr\n---\n\nDear all,\n\nOpen it.\n")
    assert (letter.title, letter.language, letter.body, letter.doubts) == ("A river", "fr", "Dear all,\n\nOpen it.", {})


@pytest.mark.parametrize("file", [b"", b"  \n", b"\xff\xfe\x00", b"a\0b", b"%PDF-1.7\x00\x01", b"\xe9t\xe9 \xe0"])
def test_what_is_no_text_says_so(file):
    with pytest.raises(ImportProblem):
        receive_file(file)


def test_text_in_utf_16_is_text():
    assert receive_file(f"Dear all,\n\n{PROSE}".encode("utf-16")).body == PROSE


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("aA1 \n\t.,:#*_-@+()年ا\u00a0RE•"), max_size=400))
def test_no_text_is_an_error(text):
    letter = recognise(text)
    assert isinstance(letter.body, str)


@pytest.mark.parametrize("text", ["#" * 199_000, "1" * 199_000, "a@" * 99_000, "\n " * 99_000 + "x", "* " * 99_000])
def test_no_text_takes_long(text):
    before = time.process_time()
    recognise(text)
    recognise(f"Dear all,\n\n{text}\n\nYours sincerely,\n{text}")
    assert time.process_time() - before < 5
