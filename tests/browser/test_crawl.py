"""Every public page in every language, found by following links: what none of them may ever do."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import to_locale
from playwright.sync_api import Page

from signatures.templatetags.languages import tag
from tests.browser.conftest import Watched
from tests.browser.press import press
from tests.stack import Stack

LANGUAGES = [code for code, _ in settings.LANGUAGES]
RIGHT_TO_LEFT = {"ar", "fa", "he", "ug", "ur"}
OTHERS = ("/desk/", "/api/", "/static/")  # not pages of the public, or not pages
CAPABILITY = re.compile(r"(?:check|confirm|not-me|mine|preview|unsubscribe)/[^/]+/?$")


def own_paths(page: Page, origin: str) -> set[str]:
    """The pages of ours that this one links to."""
    links = page.evaluate("() => [...document.querySelectorAll('a[href]')].map((a) => a.href)")
    found = set()
    for link in links:
        url = urlsplit(urldefrag(link).url)
        if url.scheme.startswith("http") and url.netloc == origin and not url.path.startswith(OTHERS):
            found.add(url.path + (f"?{url.query}" if url.query else ""))
    return found


PUBLIC_ALONE = next(code for code in LANGUAGES if code not in settings.DESK_LANGUAGES)


def catalogue_of(language: str) -> Catalog:
    path = settings.LOCALE_PATHS[0] / to_locale(language) / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        return read_po(file)


PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


def english_sentences(language: str) -> list[tuple[str, re.Pattern[str]]]:
    """What the public's part of a language's catalogue translates, none of which may be seen on a page in it.

    Each pattern has before it a part that is in whatever it matches: looking for that first is twenty times as fast.
    """
    public = {(message.context, message.id) for message in catalogue_of(PUBLIC_ALONE)}
    patterns = []
    for message in catalogue_of(language):
        if (message.context, message.id) not in public:
            continue
        texts = message.id if isinstance(message.id, tuple) else (message.id,)
        translated = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in texts:
            # Short ones are words in other languages too; one that stays as it is, is meant to.
            if text and len(text) > 12 and " " in text and text not in translated:
                parts = PLACEHOLDER.split(" ".join(text.split()))
                pattern = ".+?".join(re.escape(part) for part in parts)
                patterns.append((max(parts, key=len), re.compile(rf"(?<!\w){pattern}(?!\w)")))
    return patterns


def check(seen: Watched, path: str, *, language: str, english: list[tuple[str, re.Pattern[str]]]) -> None:
    page = seen.page
    html = page.locator("html")
    assert html.get_attribute("lang") == language, path
    assert html.get_attribute("dir") == ("rtl" if language in RIGHT_TO_LEFT else "ltr"), path
    assert page.evaluate("() => getComputedStyle(document.body).direction") == html.get_attribute("dir"), path
    assert page.locator("h1").count() == 1, path
    # The letter itself may stand there in another language, and says so.
    text = page.evaluate(
        """(language) => {
          const copy = document.body.cloneNode(true);
          for (const other of copy.querySelectorAll(`[lang]:not([lang="${language}"]), script`)) other.remove();
          return copy.textContent;
        }""",
        language,
    )
    text = " ".join(text.split())
    assert [pattern.pattern for part, pattern in english if part in text and pattern.search(text)] == [], path
    seen.nothing_untoward()


def alternates(page: Page) -> dict[str, str]:
    return dict(
        page.evaluate(
            "() => [...document.querySelectorAll('link[hreflang]')].map((link) => [link.hreflang, link.href])"
        )
    )


def states(stack: Stack, seen: Watched, language: str) -> list[str]:
    """Go the way of a signer; the addresses met on it, each looked at in turn by the caller."""
    page = seen.page
    address = f"{uuid.uuid4().hex}@mail.example.org"
    page.goto(f"/{language}/xinjiang/")
    page.locator("#id_name").fill("Ada")
    page.locator("#id_email").fill(address)
    page.locator("#id_country").select_option("PE")
    page.locator("form:has(#id_name) button[type=submit]").first.click()
    page.wait_for_url("**/check/**")
    met = [page.url]
    mail = stack.mail.wait_for(address)[0]["text"]
    met += [re.search(rf"http\S+/{purpose}/\S+", mail)[0] for purpose in ("confirm", "not-me")]
    page.goto(met[1])
    press(page.locator("main form button").first)
    mails = stack.mail.wait_for(address, count=2)
    met += [re.search(r"http\S+/mine/\S+", mails[0]["text"])[0], met[1]]
    met += [url[:-9] + "/" for url in met[1:4]]  # cut short by a mail program
    return met


# Every kind of page that a reader can come to by following links, and the address of each.
KINDS = {
    "home": r"/",
    "privacy": r"/privacy/",
    "letter": r"/xinjiang/",
    "lost link": r"/xinjiang/my-signature/",
    "embed": r"/xinjiang/embed/",
    "record": r"/xinjiang/record/",
    "how we count": r"/xinjiang/record/count/",
    "names": r"/xinjiang/names/",
    "more names": r"/xinjiang/names/\?after=.+",
    "updates": r"/xinjiang/updates/",
    "an update": r"/xinjiang/updates/.+/",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_crawl_finds_nothing_untoward(lived_in: Stack, visit: Callable[..., Watched], language: str) -> None:
    seen = visit(f"/{language}/")
    english = [] if language == "en" else english_sentences(language)
    todo, done = {f"/{language}/"}, set()
    others: dict[str, str] = {}  # the same pages in other languages, and which page here each belongs to
    while todo:
        path = todo.pop()
        done.add(path)
        if path.endswith(".csv"):  # a browser would save it
            answer = httpx.get(lived_in.url + path, timeout=20)
            assert answer.status_code == 200, path
            assert "set-cookie" not in answer.headers, path
            continue
        shown = seen.page.goto(path)
        assert shown and shown.status == 200, path
        assert "set-cookie" not in shown.headers, path
        check(seen, path, language=language, english=english)
        for each in own_paths(seen.page, seen.origin) - done:
            if each.split("/")[1] == language:
                todo.add(each)
            else:
                others.setdefault(each, path)
        named = alternates(seen.page)
        if not seen.page.locator("meta[name=robots][content*=noindex]").count():
            assert {tag(code) for code in LANGUAGES} <= set(named), path
            assert urlsplit(named[tag(language)]).path == urlsplit(path).path
    for kind, pattern in KINDS.items():
        assert any(re.fullmatch(f"/{language}{pattern}", path) for path in done), kind
    # What they show is their own languages' crawls to say. Here: that they are there, and name this one in turn.
    with httpx.Client(base_url=lived_in.url, timeout=20) as reader:
        for path, here in others.items():
            answer = reader.get(path)
            assert answer.status_code == 200, path
            back = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)"', answer.text))
            assert not back or urlsplit(back[tag(language)]).path == urlsplit(here).path, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_states_a_signer_meets_are_clean_too(stack: Stack, visit: Callable[..., Watched], language: str) -> None:
    seen = visit(f"/{language}/")
    english = [] if language == "en" else english_sentences(language)
    for url in states(stack, seen, language):
        answer = seen.page.goto(url)
        assert answer and answer.status in (200, 404, 410), url
        # Chromium reports the status of a link that was cut short; that is the one we mean to send.
        seen.complaints[:] = [said for said in seen.complaints if "404" not in said and "410" not in said]
        check(seen, url, language=language, english=english)
        assert answer.headers["cache-control"] == "no-store"
        for path in own_paths(seen.page, seen.origin):
            if not CAPABILITY.search(path):
                assert httpx.get(stack.url + path, timeout=20).status_code == 200, path
    seen.page.goto(f"/{language}/no/such/page/")
    seen.complaints[:] = [said for said in seen.complaints if "404" not in said]
    check(seen, "404", language=language, english=english)


def test_everything_a_page_loads_is_there(stack: Stack) -> None:
    html = httpx.get(f"{stack.url}/en/xinjiang/", timeout=20).text
    parts = re.findall(r'(?:src|href)="(/static/[^"]+)"', html)
    css = next(part for part in parts if part.endswith(".css"))
    sheet = httpx.get(stack.url + css, timeout=20).text
    parts += [urljoin(css, url) for url in re.findall(r'url\("?([^")]+)"?\)', sheet)]
    assert sum(part.endswith(".woff2") for part in parts) >= 6
    for part in set(parts):
        answer = httpx.get(stack.url + part, timeout=20)
        assert answer.status_code == 200, part
        assert "immutable" in answer.headers["cache-control"], part
    picture = re.search(r'property="og:image" content="([^"]+)"', html)[1]
    assert httpx.get(picture, timeout=20).headers["content-type"] == "image/png"
