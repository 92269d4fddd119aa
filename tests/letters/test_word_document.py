"""A Word document becomes a letter; whatever else is in one does no harm."""

import time
import zipfile
from io import BytesIO

import pytest

from signatures.letters.importing import ImportProblem
from signatures.letters.receive import MOST_BYTES, receive_file
from signatures.letters.render import render_letter
from signatures.letters.word_document import read_word_document

from .word import document, link, paragraph, picture, run

LETTER = (
    paragraph("The Campaign for Clean Water"),
    paragraph("Reference: CW 7/2026"),
    paragraph("3 May 2026"),
    paragraph("To the Minister of Water"),
    paragraph("Open letter on clean water", style="Title"),
    paragraph("Dear Minister,"),
    paragraph(
        "We write because ", run("water", bold=True), " is a ", run("right", italic=True), ", see ", link("this", "l")
    ),
    paragraph("What we ask", style="heading1"),
    paragraph("Open the wells.", numbering=2),
    paragraph("Keep them *open*.", numbering=2),
    paragraph("No fees", numbering=1),
    paragraph("Water is life.", style="Quote"),
    paragraph("Yours sincerely,"),
    paragraph("Ada Example"),
    paragraph("Campaigner"),
)
LINKS = {"l": "https://water.example/report"}


def test_a_word_document_is_a_letter_with_all_its_parts():
    letter = receive_file(document(*LETTER, links=LINKS))
    assert (letter.title, letter.organisation) == ("Open letter on clean water", "The Campaign for Clean Water")
    assert (letter.reference, str(letter.dated)) == ("CW 7/2026", "2026-05-03")
    assert (letter.addressee, letter.salutation) == ("To the Minister of Water", "Dear Minister,")
    assert (letter.closing, letter.signatory, letter.signatory_title) == (
        "Yours sincerely,",
        "Ada Example",
        "Campaigner",
    )
    assert (letter.language, letter.left_out) == ("en", [])


def test_headings_emphasis_links_lists_and_quotes_survive():
    html = render_letter(receive_file(document(*LETTER, links=LINKS)).body)
    for kept in (
        "<strong>water</strong>",
        "<em>right</em>",
        'href="https://water.example/report"',
        "<h2>What we ask</h2>",
        "<ol>\n<li>Open the wells.</li>",
        "<li>Keep them *open*.</li>",
        "<ul>\n<li>No fees</li>",
        "<blockquote>\n<p>Water is life.</p>",
    ):
        assert kept in html, kept


def test_pictures_and_macros_are_left_out_and_it_says_so():
    parts = {"word/media/image1.png": b"\x89PNG", "word/vbaProject.bin": b"Sub AutoOpen()"}
    written = read_word_document(document(paragraph("A letter.", picture("img")), parts=parts))
    assert written.markdown == "A letter."
    assert written.notes == ["Its pictures are left out."]


def test_tables_are_lines_and_links_within_the_document_are_text():
    cells = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("Wells", "12"))
    written = read_word_document(
        document(paragraph("See ", link("below", "x")), f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>", links={"x": "#below"})
    )
    assert written.markdown == "See below\n\nWells – 12"
    assert written.notes == ["Its tables are written as lines."]


def test_a_link_that_runs_something_is_text():
    written = read_word_document(document(paragraph(link("press", "x")), links={"x": "javascript:alert(1)"}))
    assert written.markdown == "press"


def test_nothing_outside_the_file_is_read(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"a secret")
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="img" TargetMode="External" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'relationships/image" Target="file://{secret}"/></Relationships>'
    )
    file = document(paragraph("A letter.", picture("img")), parts={"word/_rels/document.xml.rels": relations})
    assert read_word_document(file).markdown == "A letter."


def bomb(megabytes):
    return document(paragraph("x"), parts={"word/document.xml": b"<a>" + b" " * (megabytes * 1024 * 1024) + b"</a>"})


def lying():
    """A ZIP that lists its document as a tenth of what it is."""
    packed = bytearray(bomb(30))
    real = (30 * 1024 * 1024 + 7).to_bytes(4, "little")
    assert packed.count(real) >= 1
    return bytes(packed.replace(real, (1000).to_bytes(4, "little")))


ENTITIES = '<!DOCTYPE a [<!ENTITY b "{}"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'.format("x" * 1000)


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"PK\x03\x04 and then nothing", "no Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
        (bomb(30), "too large"),
        (lying(), "Word document"),
        (document(*["<w:p/>"] * 100_001), "too large"),
        (document(paragraph("x"), parts={f"word/media/{n}.png": b"" for n in range(2001)}), "too large"),
        (document(parts={"word/document.xml": ENTITIES}), "no Word document"),
        (document(parts={"word/document.xml": ENTITIES.encode("utf-16")}), "no Word document"),
        (document(parts={"word/document.xml": "<a>"}), "damaged"),
        (document(parts={"word/document.xml": "<a/>"}), "Word document"),
        (document(), "no text"),
        (document(paragraph("A letter."))[:-80], "no Word document"),
        (document(paragraph("word " * 50_000)), "longer than 200000"),
    ],
)
def test_what_is_no_letter_says_why_and_quickly(file, why):
    before = time.process_time()
    with pytest.raises(ImportProblem, match=why):
        receive_file(file)
    assert time.process_time() - before < 10


def test_another_kind_of_zip_is_refused():
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("letter.md", "# A letter")
    with pytest.raises(ImportProblem, match="no Word document"):
        receive_file(packed.getvalue())


def test_a_file_over_the_limit_is_refused():
    with pytest.raises(ImportProblem, match="2 MB"):
        receive_file(b"x" * (MOST_BYTES + 1))
