"""What a mail says, and what it never carries."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, get_args

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.conf import settings as django_settings

from signatures.mail.compose import (
    Kind,
    UnfitAddress,
    compose,
    greeting_name,
    occasion_of,
    wrapped,
)
from signatures.privacy.links import read_link
from signatures.privacy.personal import Signer
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db
KINDS = get_args(Kind)


@pytest.fixture(autouse=True)
def public_url(settings: Any) -> None:
    settings.PUBLIC_URL = "https://letters.example"


def write(
    kind: Kind,
    *,
    name: str = "Ada Example",
    email: str = "ada@mail.example",
    language: str = "en",
    serial: str = "1",
) -> EmailMessage:
    """The mail as its bytes would be read by the mailbox."""
    petition = make_petition(slug=None, languages=("fr", "ar", "tr"), title="Open letter on clean water")
    signature = make_signature(petition, language=language)
    message = compose(
        kind=kind,
        signature=signature,
        signer=Signer(name=name, email=email),
        occasion=occasion_of(petition.pk),
        serial=serial,
    )
    return message_from_bytes(message.message().as_bytes(), policy=policy.default)  # type: ignore[return-value]


def parts(mail: EmailMessage) -> tuple[str, str]:
    text, html = mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == (
        "text/plain",
        "text/html",
    )
    return text.get_content(), html.get_content()  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_complete_text_and_the_same_links_in_html(kind: Kind) -> None:
    text, html = parts(write(kind))
    links = set(re.findall(r"https?://\S+", text))
    assert links and links == set(re.findall(r'href="([^"]+)"', html))
    assert all(re.search(rf"^{re.escape(link)}$", text, re.MULTILINE) for link in links)
    assert "Hello Ada Example," in text and "Hello <bdi>Ada Example</bdi>," in html


def test_the_confirm_mail_carries_a_confirm_link_and_a_not_me_link_for_its_signature() -> None:
    text, _ = parts(write("confirm"))
    purposes = re.findall(
        r"^https://letters\.example/en/letter-\d+/(confirm|not-me)/([\w-]+)/$",
        text,
        re.MULTILINE,
    )
    assert [purpose for purpose, _ in purposes] == ["confirm", "not-me"]
    assert read_link("confirm", purposes[0][1]) == read_link("not-me", purposes[1][1])
    assert "14 days" in text


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_mail_that_asks_for_a_confirmation_names_the_letter_and_no_subject_does(
    kind: Kind,
) -> None:
    mail = write(kind)
    text, html = parts(mail)
    assert ("clean water" in text) == ("clean water" in html) == (kind in ("confirm", "remind"))
    assert "letter" not in str(mail["Subject"]).lower() and "sign" not in str(mail["Subject"]).lower()


@pytest.mark.parametrize("kind", KINDS)
def test_html_fetches_nothing_when_it_is_read(kind: Kind) -> None:
    _, html = parts(write(kind))
    assert not re.search(
        r"<(img|link|script|iframe|object|video|audio|style|form|base)\b|url\(|@import|\bsrc=",
        html,
    )
    assert set(re.findall(r"https?://([^/\"<]+)", html)) == {"letters.example"}


@pytest.mark.parametrize("kind", KINDS)
def test_headers_name_the_address_alone_and_stop_automatic_answers(kind: Kind) -> None:
    mail = write(kind)
    assert mail["To"] == "ada@mail.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert re.fullmatch(r"<[0-9a-f]{32}@letters\.example>", mail["Message-ID"])


def test_a_mail_sent_twice_has_one_message_id_and_the_next_mail_another() -> None:
    assert write("confirm", serial="a")["Message-ID"] == write("confirm", serial="a")["Message-ID"]
    assert write("confirm", serial="a")["Message-ID"] != write("confirm", serial="b")["Message-ID"]


@pytest.mark.parametrize(
    "address",
    [
        "ada@mail.example\nBcc: everybody@mail.example",
        "ada@mail.example\r\n\r\nBuy",
        "ada@mail.example, bob@mail.example",
        "ada@mail.example;bob@mail.example",
        "Bob <bob@mail.example>",
        "ada@mail.example@evil.example",
        "ada@[127.0.0.1]",
        '"ada bob"@mail.example',
        "ada@mail.example\x00",
        "\u0430da@mail.example",
        "ada",
        "",
    ],
)
def test_what_is_not_one_plain_mailbox_gets_no_mail(address: str) -> None:
    with pytest.raises(UnfitAddress):
        write("confirm", email=address)


def test_a_domain_in_any_script_is_written_in_ascii() -> None:
    assert write("confirm", email="ada@büro.example")["To"] == "ada@xn--bro-hoa.example"


def test_a_name_adds_no_header_and_no_line() -> None:
    mail = write("confirm", name="Ada\r\nBcc: everybody@mail.example\r\n\r\n<b>Buy</b>")
    text, html = parts(mail)
    assert mail["Bcc"] is None and mail["To"] == "ada@mail.example"
    assert "Bcc" not in text and "Buy" not in html
    text, html = parts(write("confirm", name="Ada\n<b>Example"))
    assert "Hello Ada <b>Example," in text and "Hello <bdi>Ada &lt;b&gt;Example</bdi>," in html


@pytest.mark.parametrize(
    "name",
    ["win at evil.example", "https://x", "www.buy", "a@b", "see evil.com/x", "A" * 81],
)
def test_a_name_that_would_become_a_link_or_a_text_is_not_greeted(name: str) -> None:
    assert greeting_name(name) == ""
    assert "Hello,\n" in parts(write("confirm", name=name))[0]


@pytest.mark.parametrize(
    "name",
    ["J. R. Müller", "Nguyễn Văn A", "علی‌رضا", "আব্দুল", "O’Brien-Smith", "李小龙"],
)
def test_real_names_are_greeted_as_they_are(name: str) -> None:
    assert greeting_name(name) == name


def test_invisible_characters_of_a_name_stay_out() -> None:
    assert greeting_name("Ada\u202e\u2066 \ufeffExample") == "Ada Example"


def test_a_mail_is_in_the_signers_language_and_direction(settings: Any, tmp_path: Path) -> None:
    catalogue = Catalog(locale="ar")
    catalogue.add("Hello %(name)s,", "مرحبا %(name)s،")
    catalogue.add("Please confirm", "يرجى التأكيد", context="mail subject")
    where = tmp_path / "ar" / "LC_MESSAGES"
    where.mkdir(parents=True)
    with (where / "django.mo").open("wb") as file:
        write_mo(file, catalogue)
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), ("ar", "Arabic")]
    mail = write("confirm", language="ar")
    text, html = parts(mail)
    assert mail["Subject"] == "يرجى التأكيد"
    assert "مرحبا Ada Example،" in text
    assert '<html lang="ar" dir="rtl">' in html
    assert "Open letter on clean water (ar)" in text
    assert "https://letters.example/ar/" in text


def test_a_language_we_do_not_speak_falls_back_to_ours_with_the_letters_own_title() -> None:
    text, html = parts(write("confirm", language="tr"))
    assert '<html lang="en" dir="ltr">' in html
    assert "Open letter on clean water (tr)" in text
    assert "https://letters.example/en/" in text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", [code for code, _name in django_settings.LANGUAGES])
def test_every_mail_is_whole_in_every_language(language: str, kind: Kind) -> None:
    mail = write(kind, language=language)
    text, html = parts(mail)
    turned = "rtl" if language in ("ar", "ug") else "ltr"
    assert f'<html lang="{language}" dir="{turned}">' in html
    links = re.findall(r"^https?://\S+$", text, re.MULTILINE)
    assert links and set(links) == set(re.findall(r'href="([^"]+)"', html))
    assert all(link.startswith(f"https://letters.example/{language}/") for link in links)
    # A link in a right-to-left sentence keeps its own direction.
    assert all(f'<bdi dir="ltr">{link}</bdi>' in html for link in links if "not-me" not in link)
    assert "Ada Example" in text and "Ada Example" in html
    if language != "en":
        english = write(kind)
        assert mail["Subject"] != english["Subject"]
        assert not set(sentences(text)) & set(sentences(parts(english)[0])), "something is still in English"


def sentences(text: str) -> list[str]:
    """A mail's paragraphs without its links and the letter's title."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    return [part for part in paragraphs if part and "://" not in part and not part.startswith("Open letter on")]


def test_text_is_folded_but_links_are_not() -> None:
    link = "https://letters.example/" + "x" * 120
    folded = wrapped("word " * 40 + "\n\n" + link + "\n\n\n\nend")
    assert max(len(line) for line in folded.splitlines() if line != link) <= 72
    assert f"\n\n{link}\n\nend\n" in folded


def test_a_french_colon_stays_on_its_words_line() -> None:
    assert not any(line.strip() == ":" for line in wrapped("mot " * 17 + "jamais\u00a0:").splitlines())


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_locked_screen_shows_of_a_mail_says_no_more_than_its_subject(kind: Kind) -> None:
    _, html = parts(write(kind))
    seen = re.sub(r"<style.*?</style>|<title>.*?</title>|<[^>]+>", " ", html, flags=re.DOTALL)
    preview = " ".join(seen.split())[:150]  # what mail programs show of the first words
    assert preview[0].isupper()
    for word in ("sign", "letter", "water", "confirm", "Ada"):
        assert word not in preview


@pytest.mark.parametrize("kind", KINDS)
def test_each_block_says_its_language_and_direction_because_mail_programs_drop_html_and_body(kind: Kind) -> None:
    _, html = parts(write(kind))
    body = html.partition("<body")[2]
    blocks = re.findall(r"<div [^>]*>", body)
    assert len(blocks) == 2
    assert all(block.startswith('<div lang="en" dir="ltr" ') for block in blocks)


def test_a_reminder_names_the_days_and_the_last_one_says_so(settings: Any) -> None:
    petition = make_petition(title="Open letter on clean water")
    signature = make_signature(petition, at=datetime(2026, 3, 1, 12, tzinfo=UTC), reminders_sent=1)

    def words() -> str:
        message = compose(
            kind="remind",
            signature=signature,
            signer=Signer(name="Ada", email="ada@mail.example"),
            occasion=occasion_of(petition.pk),
            serial="1",
        )
        return " ".join(str(message.body).split())

    assert "On 1 March 2026 somebody" in words()
    assert "deleted by 15 March 2026" in words()
    assert "the last time" not in words()
    signature.reminders_sent = 2
    assert "This is the last time we remind you." in words()
    signature.reminders_sent, signature.mail_count = 1, settings.MAIL_PER_SIGNATURE - 1
    assert "This is the last time we remind you." in words()


def test_a_link_mail_offers_an_unconfirmed_signature_its_confirmation() -> None:
    petition = make_petition()
    for state, purposes in (("pending", ["mine", "confirm"]), ("confirmed", ["mine"]), ("withdrawn", ["mine"])):
        message = compose(
            kind="link",
            signature=make_signature(petition, state=state),
            signer=Signer(name="Ada", email="ada@mail.example"),
            occasion=occasion_of(petition.pk),
            serial="1",
        )
        assert re.findall(r"/(mine|confirm|not-me)/", str(message.body)) == purposes
