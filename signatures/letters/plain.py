"""Markdown as plain text, for the text part of a mail: what `render` shows, without markup."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from urllib.parse import urlsplit

from markdown_it.token import Token

from .render import SCHEMES, parse_markdown


def render_plain(markdown: str, *, width: int) -> str:
    """Paragraphs folded at `width` columns, lists and quotations indented, links written out after their words."""
    blocks = [block for block in _blocks(parse_markdown(markdown), width) if block]
    return "\n\n".join(blocks)


class _Indents:
    """What stands before the lines of the block we are in: a bullet before its first line, blanks before the others."""

    def __init__(self) -> None:
        self._levels: list[list[str]] = []  # [before the next line, before all after it]

    def enter(self, first: str, rest: str) -> None:
        self._levels.append([first, rest])

    def leave(self) -> None:
        self._levels.pop()

    def take(self) -> tuple[str, str]:
        first = "".join(level[0] for level in self._levels)
        for level in self._levels:
            level[0] = level[1]
        return first, "".join(level[1] for level in self._levels)


def _blocks(tokens: list[Token], width: int) -> Iterator[str]:
    indents = _Indents()
    numbers: list[int | None] = []  # of the lists we are in; None where it has bullets
    for token in tokens:
        match token.type:
            case "blockquote_open":
                indents.enter("> ", "> ")
            case "bullet_list_open":
                numbers.append(None)
            case "ordered_list_open":
                numbers.append(int(token.attrGet("start") or 1))
            case "list_item_open":
                number = numbers[-1]
                marker = "- " if number is None else f"{number}. "
                if number is not None:
                    numbers[-1] = number + 1
                indents.enter(marker, " " * len(marker))
            case "blockquote_close" | "list_item_close":
                indents.leave()
            case "bullet_list_close" | "ordered_list_close":
                numbers.pop()
            case "inline":
                first, rest = indents.take()
                yield _folded(_words(token.children or []), first, rest, width)
            case "fence" | "code_block":
                first, rest = indents.take()
                yield textwrap.indent(token.content.rstrip(), rest, lambda _line: True)
            case "hr":
                yield indents.take()[0] + "* * *"


def _folded(text: str, first: str, rest: str, width: int) -> str:
    lines = []
    for line in text.split("\n"):  # where the author broke it on purpose
        lines.append(
            textwrap.fill(
                line,
                width,
                initial_indent=first,
                subsequent_indent=rest,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
        first = rest
    return "\n".join(lines)


def _words(tokens: list[Token]) -> str:
    said: list[str] = []
    begun: list[int] = []  # where each link's words start
    targets: list[str] = []
    for token in tokens:
        match token.type:
            case "softbreak":
                said.append(" ")
            case "hardbreak":
                said.append("\n")
            case "link_open":
                begun.append(len(said))
                targets.append(str(token.attrGet("href") or ""))
            case "link_close":
                target, words = targets.pop(), "".join(said[begun.pop() :])
                if urlsplit(target).scheme in SCHEMES and target.removeprefix("mailto:") != words:
                    said.append(f" <{target}>")
            case "image":
                pass  # nor does `render` show one
            case _:
                said.append(token.content)
    return "".join(said)
