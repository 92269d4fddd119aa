"""Markdown to HTML that is safe to show."""

from __future__ import annotations

from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    "p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "a", "h2", "h3", "h4", "hr", "code", "pre", "sup", "sub",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto"}  # of links


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


def parse_markdown(markdown: str) -> list[Token]:
    return _parser().parse(markdown)


def render_letter(markdown: str) -> str:
    """The letter's body as HTML: no raw HTML, no pictures, links to http, https and mailto only.

    Headings move down one level, since the page's own title is the only h1.
    """
    tokens = parse_markdown(markdown)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 4)}"
    html = _parser().renderer.render(tokens, _parser().options, {})
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
    )
