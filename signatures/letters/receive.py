"""A letter in whatever form it comes: Markdown with a head, a Word document, or plain text as it was received."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext as _

from .importing import LONGEST, ImportProblem, read_letter
from .received import Received
from .recognise import recognise
from .word_document import read_word_document

MOST_BYTES = 2 * 1024 * 1024  # of a file
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"  # .doc, and .docx with a password


def receive_file(file: bytes) -> Received:
    """What was recognised in a file, told by its contents and not by its name. Raises ImportProblem."""
    if len(file) > MOST_BYTES:
        raise ImportProblem(_("This file is larger than 2 MB."))
    if file.startswith((_ZIP, _OLE)):
        written = read_word_document(file)
        letter = receive_text(written.markdown)
        letter.notes += written.notes
        return letter
    for encoding in ("utf-8-sig", "utf-16") if file.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig",):
        try:
            return receive_text(file.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise ImportProblem(_("This file is neither text in UTF-8 nor a Word document (.docx)."))


def receive_text(text: str) -> Received:
    """What was recognised in a text: by its head if it has one, else by how letters look. Raises ImportProblem."""
    if any(unicodedata.category(each) == "Cc" and each not in "\t\n\r\f\v" for each in text):
        raise ImportProblem(_("The file holds characters that no text has: it is something else."))
    if len(text) > LONGEST:
        raise ImportProblem(_("The letter is longer than %(most)d characters.") % {"most": LONGEST})
    if text.removeprefix("\ufeff").lstrip().startswith("---\n") or text.lstrip("\ufeff \n").startswith("---\r\n"):
        return read_letter(text)
    if not text.strip("\ufeff \t\r\n"):
        raise ImportProblem(_("There is no text in it."))
    return recognise(text)
