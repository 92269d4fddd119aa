"""A letter from a Word document (.docx, ECMA-376) as Markdown.

Headings, bold, italics, links, lists and quotes survive. Pictures, drawings and macros do not: nothing in the file is
run, and nothing outside it is fetched. A .docx is a ZIP of XML, so what it says of its own size is looked at before
anything is unpacked, and a part that declares entities is refused.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import mammoth
from bs4 import BeautifulSoup
from django.utils.translation import gettext as _
from markdownify import ATX, MarkdownConverter

from .importing import LONGEST, ImportProblem

MOST_PARTS = 2_000
MOST_UNPACKED = 50 * 1024 * 1024  # bytes: pictures are not unpacked, but they count
MOST_XML = 6 * 1024 * 1024  # bytes of all that is parsed; a letter of LONGEST characters has a quarter of it
MOST_TAGS = 100_000  # of all that is parsed: some four seconds and 150 MB; a letter has some thousand
LETTER = "word/document.xml"
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
p[style-name='Quotations'] => blockquote > p:fresh
p[style-name='Block Text'] => blockquote > p:fresh
"""


@dataclass(slots=True)
class Written:
    """The document's text in Markdown, and what somebody should know who knows the document."""

    markdown: str
    notes: list[str] = field(default_factory=list)


def read_word_document(file: bytes) -> Written:
    """Raises ImportProblem for what is no such document, or one that is too large."""
    _check(file)
    pictures = 0

    def leave_out(_image: Any) -> list[Any]:
        nonlocal pictures
        pictures += 1
        return []

    try:
        html = mammoth.convert_to_html(
            BytesIO(file),
            style_map=_STYLES,
            include_embedded_style_map=False,
            convert_image=leave_out,
            external_file_access=False,
        ).value
    except Exception as error:  # whatever a file of anybody's make brings up: the library promises no one kind
        raise ImportProblem(_("This Word document cannot be read: it is damaged, or of an unusual kind.")) from error
    tree = BeautifulSoup(html, "html.parser")
    notes = _plainer(tree)
    if pictures:
        notes.append(_("Its pictures are left out."))
    markdown = _Markdown(heading_style=ATX, bullets="-", autolinks=False, strip=["img"]).convert_soup(tree)
    markdown = re.sub(r"\n{3,}", "\n\n", markdown.replace("\u00a0\n", "\n")).strip()
    if not markdown:
        raise ImportProblem(_("There is no text in this Word document."))
    if len(markdown) > LONGEST:
        raise ImportProblem(_("The letter is longer than %(most)d characters.") % {"most": LONGEST})
    return Written(markdown, notes)


def _check(file: bytes) -> None:
    """The parts and their sizes, as the ZIP lists them: Python unpacks no more of a part than is listed."""
    no_document = _("This is no Word document (.docx). Older ones (.doc) and ones with a password cannot be read.")
    too_large = _("This Word document is too large when it is unpacked.")
    try:
        with zipfile.ZipFile(BytesIO(file)) as packed:
            parts = packed.infolist()
            names = {part.filename for part in parts}
            if LETTER not in names or "[Content_Types].xml" not in names or any(part.flag_bits & 1 for part in parts):
                raise ImportProblem(no_document)
            read = [part for part in parts if part.filename.lower().endswith((".xml", ".rels"))]
            if (
                len(parts) > MOST_PARTS
                or sum(part.file_size for part in parts) > MOST_UNPACKED
                or sum(part.file_size for part in read) > MOST_XML
            ):
                raise ImportProblem(too_large)
            tags = 0
            for part in read:
                text = packed.read(part).replace(b"\0", b"")  # in UTF-16 too
                if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                    raise ImportProblem(no_document)
                tags += text.count(b"<")
            if tags > MOST_TAGS:
                raise ImportProblem(too_large)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, ImportProblem):
            raise
        raise ImportProblem(no_document) from error


def _plainer(tree: BeautifulSoup) -> list[str]:
    """Take out what our Markdown has no form for; what it was, in words."""
    notes = []
    for link in tree.find_all("a"):
        if not str(link.get("href", "")).startswith(("http://", "https://", "mailto:")):
            link.unwrap()  # places within the document, footnotes among them
    if tree.find("table"):
        notes.append(_("Its tables are written as lines."))
        for row in tree.find_all("tr"):
            cells = [cell.get_text(" ", strip=True) for cell in row.find_all(["td", "th"])]
            line = tree.new_tag("p")
            line.string = " – ".join(cell for cell in cells if cell)
            row.replace_with(line)
        for table in tree.find_all(["table", "thead", "tbody"]):
            table.unwrap()
    if tree.find("sup"):
        notes.append(_("Its footnotes stand at the end of the letter."))
    return notes


class _Markdown(MarkdownConverter):
    """Headings as a letter has them: the title is none of its own."""

    def convert_sup(self, _element: Any, text: str, *_more: Any, **_others: Any) -> str:
        return text
