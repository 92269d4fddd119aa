"""<petition-counter> in the pages of others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from signatures.counter.embed_module import INTEGRITY
from signatures.models import Petition

from .conftest import Edge, Partner, Visit, counted, documented

LINK = '<a href="{edge}/en/water/">Sign it</a>'
COUNTER = '<petition-counter petition="water" lang="{lang}" {more}>' + LINK + "</petition-counter>"
COUNT = "323,832 people have signed"
Visiting = Callable[..., Visit]
TALLY = "(each) => each.name.endsWith('/tally')"


def script(edge: Edge, integrity: str = INTEGRITY) -> str:
    return f'<script type=module src="{edge.origin}/embed/v1/counter.js" integrity="{integrity}" crossorigin></script>'


def counter(edge: Edge, lang: str = "en", more: str = "") -> str:
    return COUNTER.format(edge=edge.origin, lang=lang, more=more)


def tally(total: int, *, version: int = 100, state: str = "open", **more: object) -> dict[str, object]:
    return {"slug": "water", "state": state, "total": total, "goal": 400_000, "version": version, **more}


def in_three_languages(edge: Edge, partner: Partner) -> None:
    """A partner's page with a counter in each of three languages, under the strictest policy that shows them."""
    lines = documented("csp-counter").replace("https://letters.example", edge.origin)
    partner.show(script(edge) + "".join(counter(edge, lang) for lang in THREE), policy=f"default-src 'none'; {lines}")


WORDS = {
    "en": (COUNT, "Goal: 400,000", "ltr"),
    "fr": ("323 832 personnes ont signé", "Objectif : 400 000", "ltr"),
    "ar": ("وقّع 323,832 شخصًا", "الهدف: 400,000", "rtl"),
    "zh-hans": ("已有 323,832 人签名", "目标：400,000", "ltr"),
    "es": ("323.832 personas han firmado", "Objetivo: 400.000", "ltr"),
    "ru": ("323 832 человека подписали", "Цель: 400 000", "ltr"),
    "ug": ("323,832 كىشى ئىمزا قويدى", "نىشان: 400,000", "rtl"),
    "kk": ("323 832 адам қол қойды", "Мақсат: 400 000", "ltr"),
}


THREE = ("en", "fr", "ar")


@pytest.mark.parametrize("lang", WORDS)
def test_the_documented_lines_are_all_that_a_strict_policy_needs(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition, lang: str
) -> None:
    lines = documented("csp-counter").replace("https://letters.example", edge.origin)
    policy = f"default-src 'none'; {lines} require-trusted-types-for 'script'"
    partner.show(script(edge) + counter(edge, lang, 'accent="#a5231b"'), policy=policy)

    seen = visit(locale="de-DE", reduced_motion="reduce")

    count, goal, direction = WORDS[lang]
    seen.wait_for(count)
    assert goal in seen.words()
    assert seen.words().endswith("Sign it")
    box = seen.page.locator("petition-counter .box")
    assert box.evaluate("e => getComputedStyle(e).direction") == direction
    fill = seen.page.locator("petition-counter .fill")
    assert fill.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(165, 35, 27)"
    assert 0.80 < fill.evaluate("e => e.offsetWidth / e.parentNode.clientWidth") < 0.82
    assert seen.complaints == []
    assert {url.rsplit("/", 1)[0] for url in seen.foreign} == {
        partner.origin, f"{edge.origin}/embed/v1", f"{edge.origin}/api/v1/petitions/water",
    }  # fmt: skip
    assert seen.page.context.cookies() == []
    assert seen.page.context.storage_state()["origins"] == []


@pytest.mark.parametrize("lang", ["en", "fr", "ar"])
def test_without_javascript_the_link_is_all_there_is(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition, lang: str
) -> None:
    partner.show(script(edge) + counter(edge, lang), policy="default-src 'none'")
    seen = visit(java_script_enabled=False)

    assert seen.page.locator("petition-counter").inner_text() == "Sign it"
    assert edge.asked == []


def test_three_counters_share_one_request_a_minute(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition
) -> None:
    partner.show(script(edge) + counter(edge) + counter(edge, "fr", "variant=compact") + counter(edge, "ar"))
    seen = visit(clock=True)
    for index in range(3):
        seen.wait_for("323", index)
    assert edge.tallies() == 1

    counted(petition, 323_900, version=8)
    seen.page.clock.fast_forward(59_000)
    seen.page.wait_for_timeout(100)
    assert edge.tallies() == 1
    seen.page.clock.fast_forward(17_000)
    seen.wait_for("323,900")
    seen.wait_for("323 900", 1)
    assert edge.tallies() == 2


def test_a_server_that_stops_costs_neither_the_number_nor_the_page(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition
) -> None:
    in_three_languages(edge, partner)
    seen = visit(clock=True)
    for index, lang in enumerate(THREE):
        seen.wait_for(WORDS[lang][0], index)

    edge.stop()
    with seen.page.expect_event("requestfailed"):
        seen.page.clock.fast_forward(80_000)
    for index, lang in enumerate(THREE):
        assert seen.words(index) == f"{WORDS[lang][0]} {WORDS[lang][1]} Sign it"

    edge.start()
    counted(petition, 323_900, version=8)
    seen.page.wait_for_timeout(100)
    seen.page.clock.fast_forward(80_000)
    seen.wait_for("323,900")


def test_a_failing_server_is_asked_ever_more_rarely(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition
) -> None:
    edge.said["/tally"] = (500, {"error": "broken"})
    in_three_languages(edge, partner)
    seen = visit(clock=True)

    waited = 0
    for asked, minutes in enumerate((1, 2, 4, 8, 16, 16), start=1):
        seen.page.clock.fast_forward(waited * 75_000)  # a minute and its jitter
        seen.wait_until(lambda asked=asked: edge.tallies() == asked)
        seen.page.wait_for_timeout(50)
        seen.page.clock.fast_forward(minutes * 60_000 - 2000)
        seen.page.wait_for_timeout(50)
        assert edge.tallies() == asked
        waited = minutes
    assert [seen.words(index) for index in range(3)] == ["Sign it"] * 3
    assert not [each for each in seen.complaints if "500" not in each]  # Chromium's own line for a failed request

    del edge.said["/tally"]
    seen.page.clock.fast_forward(20 * 60_000)
    for index, lang in enumerate(THREE):
        seen.wait_for(WORDS[lang][0], index)


@pytest.mark.parametrize(
    "said",
    [
        {"error": "no"}, {}, [], None, "NaN", tally(0), {"total": "12", "version": 1}, {"total": 1.5, "version": 2},
        {"total": 12}, {"total": None, "version": 3},
    ],
)  # fmt: skip
def test_an_answer_that_is_none_shows_only_the_link(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition, said: object
) -> None:
    edge.said["/tally"] = (200, said)
    partner.show(script(edge) + counter(edge))
    seen = visit()
    seen.page.wait_for_function(f"performance.getEntriesByType('resource').some({TALLY})")
    seen.page.wait_for_timeout(50)

    assert seen.words() == "Sign it"
    assert seen.complaints == []


def test_an_older_answer_from_a_cache_is_not_believed(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition
) -> None:
    in_three_languages(edge, partner)
    seen = visit(clock=True)
    for index, lang in enumerate(THREE):
        seen.wait_for(WORDS[lang][0], index)

    edge.said["/tally"] = (200, tally(323_000, version=6, state="closed"))
    with seen.page.expect_response("**/tally"):
        seen.page.clock.fast_forward(80_000)
    seen.page.wait_for_timeout(100)
    for index, lang in enumerate(THREE):
        assert seen.words(index) == f"{WORDS[lang][0]} {WORDS[lang][1]} Sign it"

    edge.said["/tally"] = (200, tally(323_950, version=9))
    seen.page.clock.fast_forward(80_000)
    seen.wait_for("323,950")


@pytest.mark.parametrize(
    ("state", "words"), [("closed", "Signing has ended"), ("delivered", "The letter has been delivered")]
)
def test_what_is_over_says_so_and_is_asked_for_once(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition, *, state: str, words: str
) -> None:
    edge.said["/tally"] = (200, tally(323_832, state=state))
    partner.show(script(edge) + counter(edge) + counter(edge, more="variant=compact"))
    seen = visit(clock=True)

    seen.wait_for(f"{COUNT} {words} Sign it")
    seen.wait_for(words, 1)
    seen.page.clock.fast_forward(3_600_000)
    seen.page.wait_for_timeout(100)
    assert edge.tallies() == 1


def test_the_server_may_say_when_to_ask_again_and_when_never(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition
) -> None:
    edge.said["/tally"] = (200, tally(5000, poll_after=300))
    partner.show(script(edge) + counter(edge))
    seen = visit(clock=True)
    seen.wait_for("5,000")

    edge.said["/tally"] = (200, tally(5001, version=101, poll_after=None))
    seen.page.clock.fast_forward(290_000)
    seen.page.wait_for_timeout(100)
    assert edge.tallies() == 1
    seen.page.clock.fast_forward(90_000)
    seen.wait_for("5,001")
    seen.page.clock.fast_forward(3_600_000)
    seen.page.wait_for_timeout(100)
    assert edge.tallies() == 2


def test_a_letter_that_is_withdrawn_takes_its_number_along(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition
) -> None:
    partner.show(script(edge) + counter(edge))
    seen = visit(clock=True)
    seen.wait_for(COUNT)

    edge.said["/tally"] = (404, {"error": "no such petition"})
    with seen.page.expect_response("**/tally"):
        seen.page.clock.fast_forward(80_000)
    seen.page.wait_for_function("document.querySelector('petition-counter').shadowRoot.querySelector('.live') === null")
    assert seen.words() == "Sign it"


def test_what_cannot_be_seen_asks_for_nothing(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition
) -> None:
    edge.said["/tally"] = (200, tally(323_832))
    partner.show(script(edge) + "<svg height=5000 width=1></svg>" + counter(edge))
    seen = visit(clock=True, viewport={"width": 800, "height": 600})
    seen.page.wait_for_function("document.querySelector('petition-counter').shadowRoot !== null")
    seen.page.wait_for_timeout(200)
    assert edge.tallies() == 0

    seen.page.evaluate("scrollTo(0, 9999)")
    seen.page.clock.run_for(50)
    seen.wait_for(COUNT)
    seen.page.evaluate("scrollTo(0, 0)")
    seen.page.wait_for_timeout(200)
    seen.page.clock.fast_forward(600_000)
    seen.page.wait_for_timeout(100)
    assert edge.tallies() == 1


WHEN_PAINTED = (
    "<script>new PerformanceObserver(() => fetch('/painted')).observe({type: 'paint', buffered: true})</script>"
)


@pytest.mark.parametrize("variant", ["bar", "compact"])
@pytest.mark.parametrize("width", [320, 1000])
def test_nothing_moves_as_it_loads(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition, *, variant: str, width: int
) -> None:
    edge.until = partner.painted  # the page is painted before the module and the number come
    page = f"{counter(edge, more=f'variant={variant}')}<p>What stands below.</p>"
    partner.show(f'<link rel=stylesheet href="/site.css">{page}{WHEN_PAINTED}{script(edge)}')
    seen = visit(viewport={"width": width, "height": 800})
    seen.wait_for(COUNT)
    moved = seen.page.evaluate(
        """() => new Promise(done => {
            new PerformanceObserver(list => done(list.getEntries().map(e => e.value)))
                .observe({type: "layout-shift", buffered: true});
            setTimeout(() => done([]), 300);
        })"""
    )
    assert moved == []
    assert seen.page.evaluate("""() => performance.getEntriesByName("first-paint")[0].startTime <
        performance.getEntriesByType("resource").find((each) => each.name.endsWith("/counter.js")).responseEnd""")


def test_a_module_with_another_hash_is_refused_and_leaves_the_link(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition
) -> None:
    partner.show(script(edge, "sha384-" + "A" * 64) + counter(edge))
    seen = visit()
    seen.page.wait_for_timeout(300)

    assert seen.page.evaluate("customElements.get('petition-counter')") is None
    assert seen.words() == "Sign it"
    assert any("integrity" in each for each in seen.complaints)
    assert edge.tallies() == 0


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", {1: "1 person has signed", 2: "2 people have signed"}),
        ("fr", {1: "1 personne a signé", 1_000_000: "1 000 000 de personnes ont signé"}),
        ("ru", {1: "1 человек подписал", 2: "2 человека подписали", 5: "5 человек подписали"}),
        ("ru", {21: "21 человек подписал", 323_832: "323 832 человека подписали"}),
        ("ar", {1: "وقّع شخص واحد", 2: "وقّع شخصان", 3: "وقّع 3 أشخاص", 11: "وقّع 11 شخصًا", 100: "وقّع 100 شخص"}),
        ("ug", {1: "1 كىشى ئىمزا قويدى", 2: "2 كىشى ئىمزا قويدى"}),
    ],
)  # fmt: skip
def test_numbers_are_said_as_the_language_says_them(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition, *, lang: str, words: dict[int, str]
) -> None:
    for number in words:
        edge.said[f"/n{number}/tally"] = (200, tally(number))
    counters = [counter(edge, lang).replace("water", f"n{number}", 1) for number in words]
    partner.show(script(edge) + "".join(counters))
    seen = visit(viewport={"width": 800, "height": 2000})
    for index, phrase in enumerate(words.values()):
        seen.wait_for(phrase, index)


def test_the_countries_with_most_are_named_in_the_readers_language(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition
) -> None:
    figures = {"PE": 12, "FR": 3456, "TW": 1200, "XK": None, "DE": 90, "KZ": 80, "CN": 70, "?!": 9999}
    countries = [{"code": code, "number": number} for code, number in figures.items()]
    edge.said["/countries"] = (200, {"version": 7, "countries": countries})
    partner.show(script(edge) + counter(edge, "fr", "variant=countries"))
    seen = visit()
    seen.wait_for("France")

    shown = seen.page.locator("petition-counter li").all_inner_texts()
    said = [" ".join(each.split()) for each in shown]
    assert said == ["France 3 456", "Taïwan 1 200", "Allemagne 90", "Kazakhstan 80", "Chine 70"]


@pytest.mark.parametrize("said", [(404, {}), (200, {"countries": []}), (200, {}), (500, {})])
def test_without_figures_by_country_the_total_stands_by_itself(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition, said: tuple[int, object]
) -> None:
    edge.said["/countries"] = said
    partner.show(script(edge) + counter(edge, more="variant=countries"))
    seen = visit()
    seen.wait_for(f"{COUNT} Goal: 400,000 Sign it")
    assert seen.page.locator("petition-counter ol").is_hidden()


def test_the_partners_tag_is_on_its_links_to_the_letter_alone(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition
) -> None:
    inside = LINK.format(edge=edge.origin) + '<a href="https://else.example/">Us</a>'
    partner.show(script(edge) + f'<petition-counter petition=water source="paper-1">{inside}</petition-counter>')
    seen = visit()
    seen.wait_for(COUNT)
    links = seen.page.locator("petition-counter a").evaluate_all("all => all.map(a => a.href)")
    assert links == [f"{edge.origin}/en/water/?s=paper-1", "https://else.example/"]


def test_what_stands_in_the_page_is_shown_until_a_number_has_come(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition
) -> None:
    before = '<p slot="before" id="before">Over 300,000</p>'
    partner.show(script(edge) + counter(edge).replace("<a ", f"{before}<a "))
    edge.said["/tally"] = (500, {})
    seen = visit(clock=True)
    seen.page.wait_for_function("document.querySelector('petition-counter').shadowRoot")
    assert seen.page.locator("#before").is_visible()

    del edge.said["/tally"]
    seen.page.wait_for_timeout(200)
    seen.page.clock.fast_forward(80_000)
    seen.wait_for("323,832")
    assert seen.page.locator("#before").is_hidden()


def test_it_can_be_changed_moved_and_taken_away(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition
) -> None:
    edge.said["/fire/tally"] = (200, tally(77))
    partner.show(script(edge) + "<main></main>" + counter(edge))
    seen = visit(clock=True)
    seen.wait_for(COUNT)
    seen.page.evaluate("document.querySelector('main').append(document.querySelector('petition-counter'))")
    seen.page.evaluate("document.querySelector('petition-counter').lang = 'fr'")
    seen.wait_for("personnes ont signé")
    seen.page.evaluate("document.querySelector('petition-counter').setAttribute('petition', 'fire')")
    seen.page.clock.run_for(100)
    seen.wait_for("77 personnes")

    seen.page.evaluate("document.querySelector('petition-counter').remove()")
    before = edge.tallies()
    seen.page.clock.fast_forward(600_000)
    seen.page.wait_for_timeout(100)
    assert edge.tallies() == before
    assert seen.complaints == []


def test_it_fits_the_readers_settings(edge: Edge, partner: Partner, visit: Visiting, petition: Petition) -> None:
    partner.show(script(edge) + counter(edge) + counter(edge, more="theme=auto") + counter(edge, more="theme=light"))
    dark = visit(color_scheme="dark", reduced_motion="reduce")
    dark.wait_for(COUNT)
    box = "(all) => all.map(e => getComputedStyle(e).backgroundColor)"
    none, auto, light = dark.page.locator("petition-counter .box").evaluate_all(box)
    assert none == "rgba(0, 0, 0, 0)"
    assert auto == "rgb(18, 18, 18)"
    assert light == "rgb(255, 255, 255)"
    assert dark.page.locator(".fill").first.evaluate("e => getComputedStyle(e).transitionDuration") == "0s"

    forced = visit(forced_colors="active")
    forced.wait_for(COUNT)
    fill, ink = forced.page.locator(".fill, .note").evaluate_all(
        "([fill, note]) => [getComputedStyle(fill).backgroundColor, getComputedStyle(note).color]"
    )
    assert fill != ink


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_it_is_accessible_and_announces_nothing(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition, lang: str
) -> None:
    edge.said["/countries"] = (200, {"countries": [{"code": "FR", "number": 12}]})
    both = counter(edge, lang) + counter(edge, lang, "variant=countries theme=dark")
    partner.show(f"<main><h1>News</h1>{both}</main>{script(edge)}")
    seen = visit()
    seen.page.locator("petition-counter li").wait_for()
    found = Axe().run(seen.page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert seen.page.locator("petition-counter :is([aria-live], [role=status], [role=alert])").count() == 0


def test_closing_a_letter_reaches_the_counters_with_no_new_signature(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition
) -> None:
    partner.show(script(edge) + counter(edge))
    seen = visit(clock=True)
    seen.wait_for(COUNT)
    Petition.objects.filter(pk=petition.pk).update(state="closed", closed_at=petition.opened_at)
    counted(petition, 323_832, version=7)
    seen.page.clock.fast_forward(80_000)
    seen.wait_for("Signing has ended")
