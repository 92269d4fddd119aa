"""What an update's mail says, and the headers that let a mail program end them."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from signatures.letters.plain import render_plain
from signatures.models import CampaignUpdate, Petition
from signatures.privacy.links import read_link
from signatures.privacy.personal import Signer
from signatures.sending.compose import compose_update, edition_of
from tests.factories import make_update
from tests.mail.test_compose import parts

from .conftest import supporter

pytestmark = pytest.mark.django_db
BODY = "We **met** them.\n\n- one [page](https://un.example/a?b=1&c=2)\n- two\n\n1. first\n2. second"


def write(update: CampaignUpdate, *, language: str = "en", name: str = "Ada Example", sending: int = 1) -> EmailMessage:
    signature = supporter(update.petition, f"{language}@mail.example", language=language)
    message = compose_update(
        edition=edition_of(update.pk),
        signature=signature,
        signer=Signer(name=name, email="ada@mail.example"),
        sending_id=sending,
    )
    return message_from_bytes(message.message().as_bytes(), policy=policy.default)  # type: ignore[return-value]


def test_the_headers_are_those_of_the_standards(update: CampaignUpdate) -> None:
    mail = write(update)
    link = re.fullmatch(
        r"<(https://letters\.example/en/water/unsubscribe/([\w-]+)/)>", mail["List-Unsubscribe"].strip()
    )
    assert link and read_link("unsubscribe", link[2])
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Id"] == "<water.letters.example>"
    assert mail["List-Archive"] == "<https://letters.example/en/water/updates/>"
    assert (mail["List-Post"], mail["Precedence"], mail["Auto-Submitted"]) == ("NO", "bulk", "auto-generated")
    assert mail["To"] == "ada@mail.example"
    assert link[1] in parts(mail)[0] and f'href="{link[1]}"' in parts(mail)[1]


@pytest.mark.parametrize("language", ["ar", "ug", "zh-hans"])
def test_no_address_in_a_header_is_broken_or_encoded(update: CampaignUpdate, language: str) -> None:
    """It may begin on a line of its own (RFC 5322, 2.2.3); a provider finds it only whole."""
    signature = supporter(update.petition, language=language)
    message = compose_update(
        edition=edition_of(update.pk), signature=signature, signer=Signer("Ada", "ada@mail.example"), sending_id=1
    )
    head = message.message().as_bytes(linesep="\r\n").partition(b"\r\n\r\n")[0].decode("ascii")
    unfolded = re.sub(r"\r\n(?=[ \t])", "", head)
    assert re.search(r"^List-Unsubscribe: +<https://[^\s>]+/>\r$", unfolded, re.MULTILINE)
    assert re.search(r"^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$", unfolded, re.MULTILINE)


def test_the_message_id_is_the_same_for_the_same_person_and_sending_alone(petition: Petition) -> None:
    update = make_update(petition)
    edition, one, two = (
        edition_of(update.pk),
        supporter(petition, "1@mail.example"),
        supporter(petition, "2@mail.example"),
    )

    def message_id(signature, sending):
        signer = Signer("", "ada@mail.example")
        mail = compose_update(edition=edition, signature=signature, signer=signer, sending_id=sending)
        return mail.extra_headers["Message-ID"]

    assert message_id(one, 1) == message_id(one, 1)
    assert len({message_id(one, 1), message_id(two, 1), message_id(one, 2)}) == 3


@pytest.mark.parametrize(
    ("language", "title", "block"),
    [
        ("fr", "The ministers answered (fr)", '<div lang="fr" dir="ltr"'),
        ("ar", "The ministers answered (ar)", '<div lang="ar" dir="rtl"'),
        ("ug", "The ministers answered", '<div lang="en" dir="ltr"'),
        ("de", "The ministers answered", '<div lang="en" dir="ltr"'),
    ],
)
def test_it_is_in_the_readers_language_or_else_as_it_was_written(
    update: CampaignUpdate, language: str, title: str, block: str
) -> None:
    mail = write(update, language=language)
    text, html = parts(mail)
    assert re.search(rf"^{re.escape(title)}$", text, re.MULTILINE) and title in html and block in html
    frame = language if language != "de" else "en"  # not one of ours: our own words are English
    assert f'<html lang="{frame}" dir="{"rtl" if frame in ("ar", "ug") else "ltr"}">' in html
    assert f"/{frame}/water/unsubscribe/" in text


def test_the_subject_and_what_a_locked_screen_shows_say_nothing_of_the_topic(update: CampaignUpdate) -> None:
    mail = write(update)
    assert mail["Subject"] == "The update you asked for"
    preview = re.search(r"display: none.*?>(.*?)</div>", parts(mail)[1], re.DOTALL)
    assert preview and "minister" not in preview[1] and "water" not in preview[1]


def test_nothing_is_fetched_when_it_is_read_and_no_link_is_rewritten(petition: Petition) -> None:
    mail = write(make_update(petition, body=BODY + "\n\n![seen](https://spy.example/p.gif)"))
    text, html = parts(mail)
    assert not re.search(r"<(img|link|script|iframe|style|form)\b|url\(|\bsrc=", html)
    assert 'href="https://un.example/a?b=1&amp;c=2"' in html
    assert "spy.example" not in html + text


def test_markdown_becomes_text_that_can_be_read(petition: Petition) -> None:
    text, html = parts(write(make_update(petition, body=BODY)))
    assert "We met them.\n\n- one page <https://un.example/a?b=1&c=2>\n\n- two\n\n1. first\n\n2. second\n" in text
    assert "<li>one <a href=" in html


def test_text_is_folded_with_its_indentation() -> None:
    long = "word " * 20
    text = render_plain(
        f"> {long}\n\n- {long}\n\n```\ncode  stays\n```\n\n[https://a.example](https://a.example)", width=40
    )
    lines = text.split("\n")
    assert max(map(len, lines)) <= 40
    assert [line for line in lines if line.startswith("> ")] and [line for line in lines if line.startswith("  word")]
    assert "code  stays" in text and text.endswith("\nhttps://a.example")


def test_a_link_to_a_script_is_not_written_out() -> None:
    assert "javascript" not in render_plain("[x](<javascript:alert(1)>)", width=40).replace("[x](<javascript:", "")


def test_a_name_cannot_bring_its_own_link(update: CampaignUpdate) -> None:
    assert "evil" not in "".join(parts(write(update, name="see www.evil.example")))
