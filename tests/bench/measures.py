"""What is measured, one function each. Every loop is bounded in time; rows are counted afterwards."""

from __future__ import annotations

import re
import smtplib
import tempfile
import threading
import time
from statistics import median, quantiles
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx

from .load import PATIENCE, THREADS, pgbench, wrk
from .report import Report
from .sink import Sink
from .stage import Measure, Stage, alternate

INSERT = """
INSERT INTO bare_entry (name, email, country, created_at)
VALUES ('Ada Example', gen_random_uuid() || '@mail.example', 'FR', now())
"""
PER_SECOND = "/s"


def _reads(url: str, report: Report, *, seconds: float) -> Measure:
    """A measure that reads `url` and counts good answers only."""

    def reads() -> float:
        load = wrk(url, seconds=seconds)
        assert not load.refused, f"{url} refused {load.refused} times"
        if load.slow:
            report.note(f"{load.slow} of {load.answers:,} answers of {urlsplit(url).path} took over {PATIENCE} s.")
        return load.per_second

    return reads


def read(stage: Stage, report: Report, *, seconds: float, rounds: int, slug: str) -> None:
    """Letter page and tally JSON, bare and through the proxy."""
    page, tally = f"/en/{slug}/", f"/api/v1/petitions/{slug}/tally"
    for address in (stage.web, stage.proxy.url):
        for path in (page, tally):
            assert httpx.get(address + path).status_code == 200, path
    urls = {
        "bare": f"{stage.bare}/",
        "page": stage.web + page,
        "tally": stage.web + tally,
        "static": f"{stage.static.url}/hundred",
        "page proxied": stage.proxy.url + page,
        "tally proxied": stage.proxy.url + tally,
    }
    found = alternate({name: _reads(url, report, seconds=seconds) for name, url in urls.items()}, rounds=rounds)
    rate = {name: median(values) for name, values in found.items()}
    bare, static = (rate["bare"], "a bare view"), (rate["static"], "nginx, a file of 100 bytes")
    _add_rate(report, "letter page", rate["page"], bare)
    _add_rate(report, "tally JSON", rate["tally"], bare, at_least=0.8)
    _add_rate(report, "letter page through the proxy", rate["page proxied"], static)
    _add_rate(report, "tally JSON through the proxy", rate["tally proxied"], static, at_least=0.8)


def _add_rate(
    report: Report, what: str, value: float, limit: tuple[float, str], *, at_least: float | None = None
) -> None:
    report.add(
        what,
        value,
        PER_SECOND,
        limit=limit[0],
        limit_is=limit[1],
        target=f"at least {at_least}" if at_least else "",
        meets=(lambda _value, ratio: ratio >= at_least) if at_least else None,
    )


def sign(stage: Stage, report: Report, *, seconds: float, rounds: int, slug: str) -> None:
    """Valid forms of different people, and the rows they left."""
    from signatures.models import Signature

    answered = 0

    def signs() -> float:
        nonlocal answered
        page = httpx.get(f"{stage.web}/en/{slug}/").text
        token = re.search(r'name="token"[^>]*value="([^"]+)"', page)
        assert token, "no token in the form"
        load = wrk(
            f"{stage.web}/en/{slug}/",
            seconds=seconds,
            script="post_forms.lua",
            arguments=(uuid4().hex[:12], quote(token[1], safe="")),
        )
        assert not load.refused, f"{load.refused} forms were refused"
        answered += load.answers
        return load.per_second

    def enters() -> float:
        load = wrk(f"{stage.bare}/enter", seconds=seconds, script="post_forms.lua", arguments=(uuid4().hex[:12],))
        assert not load.refused
        return load.per_second

    def inserts() -> float:
        return pgbench(INSERT, url=stage.bare_environment["DATABASE_URL"], seconds=seconds)

    found = alternate({"sign": signs, "enter": enters, "insert": inserts}, rounds=rounds)
    rate = {name: median(values) for name, values in found.items()}
    _add_rate(report, "signatures accepted", rate["sign"], (rate["enter"], "a bare form and one insert"), at_least=0.6)
    _add_rate(report, "a bare form and one insert", rate["enter"], (rate["insert"], "pgbench, one INSERT"))
    stored = _settled(Signature.objects)
    report.note(f"Forms answered with a redirect: {answered:,}; signatures stored: {stored:,} (some were under way).")
    assert stored >= answered, "an accepted signature was lost"


def _settled(rows: Any) -> int:
    """How many rows there are, once the requests that were under way when the load stopped are through."""
    count, before = rows.count(), -1
    while count != before:
        time.sleep(0.5)
        count, before = rows.count(), count
    return int(count)


def confirm(stage: Stage, report: Report, *, seconds: float, slug: str) -> None:
    """Confirmations of pending signatures, and what the ledger says of them."""
    from django.db.models import Sum

    from signatures.models import Signature, TallyEntry
    from signatures.privacy.links import link_token

    ids = Signature.objects.filter(state="pending", petition__slug=slug).values_list("id", flat=True)[:60_000]
    with tempfile.NamedTemporaryFile("w", suffix=".paths") as paths:
        for signature_id in ids:
            paths.write(f"/en/{slug}/confirm/{link_token('confirm', signature_id=signature_id)}/\n")
        paths.flush()
        load = wrk(stage.web, seconds=seconds, script="post_paths.lua", arguments=(paths.name, str(THREADS)))
    confirmed = _settled(Signature.objects.filter(state="confirmed", petition__slug=slug))
    counted = TallyEntry.objects.filter(petition__slug=slug).aggregate(sum=Sum("delta"))["sum"]
    entered = next((row.limit for row in report.rows if row.what == "signatures accepted"), None)
    _add_rate(report, "confirmations", confirmed / load.seconds, (entered or 0, "a bare form and one insert"))
    report.note(f"Signatures confirmed: {confirmed:,}; in the ledger: {counted:,}; pending before: {len(ids):,}.")
    if confirmed >= len(ids):
        report.note("All pending signatures were confirmed before time was up: the rate is too low.")
    assert confirmed == counted, "the ledger and the signatures differ"
    assert not load.refused, f"{load.refused} confirmations were refused"


def drain(stage: Stage, report: Report, *, sink: Sink, seconds: float, mails: int) -> None:
    """The outbox emptied into a mail server by the worker; beside it, one connection that sends a ready mail."""
    from signatures.models import Signature

    surplus = Signature.objects.filter(mail_due_at__isnull=False).order_by("mail_due_at").values("id")[mails:]
    Signature.objects.filter(id__in=list(surplus.values_list("id", flat=True))).update(mail_due_at=None)
    due = Signature.objects.filter(mail_due_at__isnull=False).count()
    ready = _ready_mail()
    with smtplib.SMTP("127.0.0.1", sink.port) as client:
        before, started = sink.taken, time.monotonic()
        while time.monotonic() - started < 3:
            client.sendmail("a@mail.example", ["b@mail.example"], ready)
        limit = (sink.taken - before) / (time.monotonic() - started)
    before = sink.taken
    with stage.celery():
        sink.wait_for(before + 1, seconds=30)
        first, started = sink.taken, time.monotonic()
        sink.wait_for(before + due, seconds=seconds)
        rate = (sink.taken - first) / (time.monotonic() - started)
        report.note(f"Mails due: {due:,}; taken by the mail server: {sink.taken - before:,}.")
        _add_rate(report, "mails drained", rate, (limit, "one SMTP connection, a ready mail"))


def _ready_mail() -> bytes:
    return b"Subject: a mail\r\nFrom: a@mail.example\r\nTo: b@mail.example\r\n\r\n" + b"Some words of it.\r\n" * 300


def visible(stage: Stage, report: Report, *, slug: str, times: int) -> None:
    """From a confirmation's answer to the count that has it, as the tally's readers see it."""
    direct: list[float] = []
    proxied: list[float] = []
    with stage.celery(), httpx.Client(timeout=10) as client:
        assert _until_folded(seconds=30), "the fold does not run"
        for turn in range(times):
            path = _pending_link(slug, turn)
            before = client.get(f"{stage.web}/api/v1/petitions/{slug}/tally").json()["total"]
            time.sleep((turn * 0.37) % 1)  # so that the turns meet the fold's clock at different moments
            answer = client.post(f"{stage.web}{path}", data={"revision": "0"})
            assert answer.status_code == 200, answer.status_code
            watchers = [
                threading.Thread(target=_watch, args=(address, slug, before + 1, into))
                for address, into in ((stage.web, direct), (stage.proxy.url, proxied))
            ]
            for watcher in watchers:
                watcher.start()
            for watcher in watchers:
                watcher.join()
    for what, found in (("confirmed to visible", direct), ("confirmed to visible through the proxy", proxied)):
        under = "median under 2 s" if found is direct else ""
        report.add(
            what,
            median(found) if len(found) == times else None,
            "s, median",
            target=under,
            meets=(lambda value, _ratio: value < 2) if under else None,
        )
        if len(found) > 1:
            report.add(f"{what}, 95 of 100", quantiles(found, n=20)[-1], "s")


def _pending_link(slug: str, turn: int) -> str:
    """The confirm path of a signature made just now, the way the form makes one."""
    from signatures.models import ConsentText, Petition, Signature
    from signatures.privacy.indexes import person_index
    from signatures.privacy.links import link_token
    from signatures.signing.sign import sign as store

    address = f"visible-{turn}-{uuid4().hex}@mail.example"
    petition = Petition.objects.get(slug=slug)
    consent = ConsentText.objects.filter(language="en").latest("pk")
    store(
        petition_id=petition.pk,
        name="Ada Example",
        email=address,
        country="FR",
        language="en",
        consent_id=consent.pk,
    )
    signature_id = Signature.objects.only("id").get(petition=petition, person_index=person_index(address)).id
    return f"/en/{slug}/confirm/{link_token('confirm', signature_id=signature_id)}/"


def _watch(address: str, slug: str, total: int, into: list[float]) -> None:
    """Ask for the tally until it says `total`, for ten seconds; add how long that took."""
    started = time.monotonic()
    with httpx.Client() as client:
        while (passed := time.monotonic() - started) < 10:
            if client.get(f"{address}/api/v1/petitions/{slug}/tally").json()["total"] >= total:
                into.append(passed)
                return
            time.sleep(0.02)


def _until_folded(*, seconds: float) -> bool:
    from signatures.models import TallyEntry

    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if not TallyEntry.objects.filter(folded=False).exists():
            return True
        time.sleep(0.1)
    return False


def simulate(stage: Stage, report: Report, *, slug: str, signatures: int) -> None:
    """The sample campaign's size, invented and copied in."""
    started = time.monotonic()
    stage.manage("simulate", "--signatures", str(signatures), "--countries", "184", "--slug", slug, seconds=240)
    report.add(
        f"simulate {signatures:,} signatures",
        time.monotonic() - started,
        "s",
        target="under 60 s",
        meets=lambda value, _ratio: value < 60,
    )


def pages_by_size(stage: Stage, report: Report, *, empty: str, full: str, seconds: float, rounds: int) -> None:
    """The letter page of a petition without signatures and of a big one, kept ready and composed each time."""
    with stage.second_web(PAGE_TTL="0") as unkept:
        for what, address in (("letter page", stage.web), ("letter page, nothing kept in memory", unkept)):
            totals = []
            for slug in (empty, full):
                assert httpx.get(f"{address}/en/{slug}/").status_code == 200
                totals.append(httpx.get(f"{address}/api/v1/petitions/{slug}/tally").json()["total"])
            measures = {slug: _reads(f"{address}/en/{slug}/", report, seconds=seconds) for slug in (empty, full)}
            found = alternate(measures, rounds=rounds)
            rate = {slug: median(values) for slug, values in found.items()}
            report.add(
                f"{what}, {totals[1]:,} signatures",
                rate[full],
                PER_SECOND,
                limit=rate[empty],
                limit_is=f"the same with {totals[0]:,}",
                target="within 10 %",
                meets=lambda _value, ratio: ratio >= 0.9,
            )
