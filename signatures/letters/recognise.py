"""What is what in a letter as people send it, without a head: letterhead, reference, date, addressee, salutation, end.

Guesses, for somebody to correct before anything is stored. Every line of the original ends in a field or in `left_out`.
"""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from . import clues
from .clues import bare
from .dates import read_date
from .received import Received

PROSE = 20  # words from which a block is the letter itself; of Chinese as many characters
HEAD_BLOCKS = 14
TAIL_BLOCKS = 8
_FIT = {"title": 300, "addressee": 300, "reference": 80} | dict.fromkeys(
    ("salutation", "closing", "signatory", "signatory_title", "organisation"), 200
)


def recognise(text: str) -> Received:
    """The parts of a letter in plain text, or in Markdown without a head."""
    blocks = _blocks(text)
    letter = Received(language=clues.guess_language(text))
    if not letter.language:
        letter.doubts["language"] = _("The language was not recognised.")
    body = _take_head(blocks, letter)
    body = _take_tail(body, letter)
    letter.body = "\n\n".join("\n".join(block) for block in body)
    _guess_the_rest(letter)
    for name, most in _FIT.items():
        if len(getattr(letter, name)) > most:
            letter.doubts[name] = _("This is longer than %(most)d characters.") % {"most": most}
    return letter


def _blocks(text: str) -> list[list[str]]:
    """Paragraphs, each a list of lines. A paragraph that is only set in from the left stays a paragraph."""
    text = unicodedata.normalize("NFC", text.removeprefix("\ufeff")).replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"^[ \t]*[•·▪◦‣●][ \t]*", "- ", text, flags=re.MULTILINE)
    blocks = []
    for part in re.split(r"\n[ \t\u00a0]*(?:\n[ \t\u00a0]*)+", text.strip("\n")):
        lines = [line.rstrip() for line in part.split("\n") if line.strip()]
        if all(line.startswith(("    ", "\t")) for line in lines):
            lines = [line.lstrip() for line in lines]
        if lines:
            blocks.append(lines)
    return blocks


def _is_prose(block: list[str]) -> bool:
    text = " ".join(block)
    words = len(text.split())
    if words > PROSE // 2 and text.endswith((".", "!", "?", "。", "؟")):
        return True
    return words >= PROSE or len(re.findall(r"[\u4e00-\u9fff]", text)) >= PROSE * 2


def _is_salutation(line: str) -> bool:
    if len(line) > clues.SHORT or not clues.SALUTATION.match(line):
        return False
    return line.endswith((",", ":", "،", "，", "：", "!", "！")) or len(line.split()) <= 6


def _is_subject(block: list[str]) -> bool:
    """Whether a block that follows the salutation is what the letter is about."""
    whole, first = " ".join(block), block[0].lstrip()
    if len(whole) > 300 or len(whole.split()) > 45:
        return False
    line = bare(whole)
    if first.startswith("#") or clues.SUBJECT.match(line) or clues.OPEN_LETTER.search(line):
        return True
    emphasised = first.startswith(("**", "__")) and block[-1].endswith(("**", "__"))
    return emphasised or (line.isupper() and len(line.split()) > 2)


# ----------------------------------------------------------------------------------------------------------- the head
def _take_head(blocks: list[list[str]], letter: Received) -> list[list[str]]:
    """Fill in what stands before the letter itself; the blocks of the letter."""
    unknown: list[list[str]] = []
    at = 0
    while at < min(len(blocks), HEAD_BLOCKS):
        block = blocks[at]
        if letter.salutation:
            if not letter.title and _is_subject(block):
                _set_title(letter, " ".join(block))
                at += 1
            break
        if _is_prose(block) and not (at == 0 and clues.contact_in(" ".join(block))):
            break
        rest = [line for line in block if not _known(line, letter)]
        if rest:
            unknown.append(rest)
        at += 1
    if at == len(blocks) and not letter.salutation:
        return unknown  # so short that it looks like a head throughout
    _place(unknown, letter)
    return blocks[at:]


def _known(line: str, letter: Received) -> bool:
    """Put a line of the head where it belongs; whether it was recognised."""
    text = bare(line)
    if not text:
        return True
    if not letter.reference and (found := clues.REFERENCE.fullmatch(text)):
        letter.reference = found["is"].strip()
        return True
    if letter.dated is None and len(text) <= clues.SHORT and (dated := read_date(text)):
        letter.dated, unsure = dated
        if unsure:
            letter.doubts["dated"] = _("Day and month may be the other way round.")
        return True
    if not letter.title and (found := clues.SUBJECT.fullmatch(text)):
        _set_title(letter, text)
        return True
    if not letter.title and (line.lstrip().startswith("#") or clues.OPEN_LETTER.search(text)):
        _set_title(letter, text)
        return True
    if not letter.salutation and _is_salutation(text):
        letter.salutation = text
        return True
    if not letter.reference and clues.BARE_REFERENCE.fullmatch(text):
        letter.reference = text
        letter.doubts["reference"] = _("It looks like a reference; the letter does not call it one.")
        return True
    if not letter.addressee and len(text.split()) <= PROSE and (found := clues.ADDRESSEE.fullmatch(text)):
        letter.addressee = text if ":" not in text and "：" not in text else found["is"]
        return True
    return False


def _set_title(letter: Received, text: str) -> None:
    text = bare(text)
    found = clues.SUBJECT.fullmatch(text)
    letter.title = (found["is"] if found else text).strip()
    if letter.title.isupper():
        letter.doubts["title"] = _("It is written in capitals throughout. Write it as a sentence.")


def _place(unknown: list[list[str]], letter: Received) -> None:
    """What nothing names: the first block is the sender's letterhead, the next one tells who the letter is to."""
    for number, block in enumerate(unknown):
        if number == 0 and (len(unknown) > 1 or letter.addressee or clues.contact_in(" ".join(block))):
            letter.organisation, rest = _sender(block[0])
            letter.left_out += [each for each in (rest, *block[1:]) if each]
            letter.doubts["organisation"] = _("Taken from the letterhead.")
        elif not letter.addressee and not clues.contact_in(" ".join(block)):
            letter.addressee = ", ".join(bare(line).rstrip(",") for line in block)
            letter.doubts["addressee"] = _("Taken from the lines before the salutation.")
        else:
            letter.left_out += block


def _sender(line: str) -> tuple[str, str]:
    """Who writes, from the first line of a letterhead, and what else stands there."""
    line = line.strip()
    if found := re.match(r"(?:\*\*|__)(?P<is>.+?)(?:\*\*|__)\s*(?P<rest>.*)", line):
        return found["is"].strip(), found["rest"].strip()
    contact = clues.contact_in(line)
    if contact is None or contact.start() == 0:
        return (bare(line), "") if contact is None else ("", line)
    return bare(line[: contact.start()]).rstrip(" ,;|·-–"), line[contact.start() :].strip()


# ----------------------------------------------------------------------------------------------------------- the end
def _take_tail(blocks: list[list[str]], letter: Received) -> list[list[str]]:
    """Fill in how the letter ends; the blocks before that."""
    while len(blocks) > 1 and clues.ENCLOSED.match(bare(blocks[-1][0])):
        letter.left_out += blocks.pop()
    for at in range(len(blocks) - 1, max(len(blocks) - TAIL_BLOCKS, 0) - 1, -1):
        for number, line in enumerate(blocks[at]):
            text = bare(line)
            if len(text) <= 200 and clues.CLOSING.match(text) and _ends_here(blocks, at, number):
                letter.closing = text
                names = blocks[at][number + 1 :] + [each for block in blocks[at + 1 :] for each in block]
                _take_names([bare(each) for each in names], letter)
                before = [blocks[at][:number]] if number else []
                return blocks[:at] + before
    last = blocks[-1] if len(blocks) > 1 else []
    if last and len(last) <= 3 and all(len(line.split()) <= 8 and not line.endswith((".", "。")) for line in last):
        _take_names([bare(line) for line in last], letter)
        letter.doubts["signatory"] = _("Taken from the last lines: the letter has no closing that we know.")
        return blocks[:-1]
    return blocks


def _ends_here(blocks: list[list[str]], at: int, number: int) -> bool:
    """Whether what follows a closing is names and not more of the letter."""
    after = [*blocks[at][number + 1 :], *(line for block in blocks[at + 1 :] for line in block)]
    return len(after) <= 12 and not any(len(line.split()) >= PROSE for line in after)


def _take_names(names: list[str], letter: Received) -> None:
    if not names:
        return
    first, *more = names
    office = clues.OFFICE.search(first)
    if office and not more:
        letter.signatory, letter.signatory_title = first[: office.start()].rstrip(" ,;-–"), first[office.start() :]
        letter.doubts["signatory"] = _("Name and office stood in one line.")
    else:
        letter.signatory = first.rstrip(",")
        letter.signatory_title = ", ".join(each.rstrip(",") for each in more)
    if len(more) > 2:
        letter.doubts["signatory_title"] = _("Several lines followed the name. There may be more than one signatory.")


def _guess_the_rest(letter: Received) -> None:
    if not letter.title:
        letter.doubts["title"] = _("No subject was found.")
    elif not letter.addressee and (found := clues.OPEN_LETTER_TO.search(letter.title)):
        letter.addressee = found["is"].strip()
        letter.doubts["addressee"] = _("Taken from the subject.")
    if not letter.addressee:
        letter.doubts.setdefault("addressee", _("Nobody is named to whom the letter goes."))
    if not letter.salutation:
        letter.doubts["salutation"] = _("No salutation was found.")
    if not letter.closing:
        letter.doubts.setdefault("closing", _("No closing was found."))
