"""The desk at a million signatures: every list that staff open, as they open it.

`fill` makes the million through COPY, in the mixture that a big campaign ends with: mostly confirmed, some of every
other state, two petitions beside each other, mail domains of every size, source tags, what bounced. Behind it stand as
many mails, ledger rows, names and entries as such a campaign leaves.
"""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import median

import httpx

from .report import Report
from .stage import Stage

MILLION = 1_000_000
PETITION, SMALL = "desk-big", "desk-small"  # nearly all of them; some hundreds, of all times
FLOOD = "flood.example"
# Of a hundred signatures; the others have none of these.
DOMAINS = {"gmail.com": 30, "mail.ru": 10, "orange.fr": 5, "posteo.de": 1, FLOOD: 0.05}
SOURCES = {"newsletter-3": 5, "post": 1, "flyer": 0.01}  # of a hundred
STATES = {"pending": 8, "held": 2, "withdrawn": 1, "invalid": 1, "erased": 1}

# What is opened: a name for the report, and the address under /desk/.
LISTS = {
    "the first page": "",
    "the first page of one petition": "?petition={big}",
    "signatures, confirmed of late": "signatures/signature/?confirmed_from={lately}",
    "petitions": "signatures/petition/",
    "signatures": "signatures/signature/",
    "signatures, the thousandth page": "signatures/signature/?before={old}",
    "signatures of one petition": "signatures/signature/?petition={big}",
    "signatures of a small petition": "signatures/signature/?petition={small}",
    "signatures, confirmed": "signatures/signature/?state=confirmed",
    "signatures, pending": "signatures/signature/?state=pending",
    "signatures, held": "signatures/signature/?state=held",
    "signatures, withdrawn": "signatures/signature/?state=withdrawn",
    "signatures, removed": "signatures/signature/?state=invalid",
    "signatures, erased": "signatures/signature/?state=erased",
    "signatures, held for one reason": "signatures/signature/?reason=trap",
    "signatures, a large country": "signatures/signature/?country=FR",
    "signatures, a small country": "signatures/signature/?country=VA",
    "signatures, country not said": "signatures/signature/?country=-",
    "signatures, held in a small country": "signatures/signature/?state=held&country=VA",
    "signatures, a day": "signatures/signature/?signed_from={day}&signed_until={day}",
    "signatures, held on a day in a country": (
        "signatures/signature/?state=held&country=FR&signed_from={day}&signed_until={day}"
    ),
    "signatures, mail waiting": "signatures/signature/?mail=due",
    "signatures, mail bounced": "signatures/signature/?mail=bounced",
    "signatures, mail bounced in a small country": "signatures/signature/?mail=bounced&country=VA",
    "signatures, mail sent, pending": "signatures/signature/?mail=sent&state=pending",
    "signatures, a large source tag": "signatures/signature/?source=newsletter-3",
    "signatures, a small source tag": "signatures/signature/?source=flyer",
    "signatures, a small source tag in a country": "signatures/signature/?source=flyer&country=DE",
    "signatures, a large mail domain": "signatures/signature/?domain={large}",
    "signatures, a small mail domain": "signatures/signature/?domain={flood}",
    "signatures, a mail domain in a country": "signatures/signature/?domain={large}&country=VA",
    "signatures, a mail domain on a day": "signatures/signature/?domain={large}&signed_from={day}&signed_until={day}",
    "signatures, the beginning of an id": "signatures/signature/?id={id}",
    "one signature": "signatures/signature/{one}/change/",
    "outgoing mails": "signatures/outgoingmail/",
    "outgoing mails, waiting": "signatures/outgoingmail/?fate=waiting",
    "outgoing mails, failed": "signatures/outgoingmail/?fate=failed",
    "outgoing mails, bounced": "signatures/outgoingmail/?fate=bounced",
    "outgoing mails of a rare kind": "signatures/outgoingmail/?kind=withdrawn",
    "outgoing mails of a small petition": "signatures/outgoingmail/?petition={small}",
    "tallies": "signatures/tally/",
    "tally entries": "signatures/tallyentry/",
    "tally entries of a small petition": "signatures/tallyentry/?petition={small}",
    "tally entries, waiting": "signatures/tallyentry/?folded=no",
    "suppressed addresses": "signatures/suppression/",
    "audit entries": "signatures/auditentry/",
    "audit entries, a rare action": "signatures/auditentry/?action=reveal",
    "audit entries of one person": "signatures/auditentry/?actor={actor}",
    "names to review": "signatures/waitingname/",
    "reviewed names": "signatures/namereview/",
    "reviewed names, refused": "signatures/namereview/?verdict=refused",
    "reviewed names of a small petition": "signatures/namereview/?petition={small}",
    "updates": "signatures/campaignupdate/",
    "webhooks": "signatures/webhookendpoint/",
    "webhook deliveries": "signatures/webhookdelivery/",
    "webhook deliveries, given up": "signatures/webhookdelivery/?fate=over",
    "consent texts": "signatures/consenttext/",
    "wordings of letters": "signatures/letterrevision/",
    "wordings of letters of a small petition": "signatures/letterrevision/?petition={small}",
    "jobs": "signatures/job/",
    "jobs, failed": "signatures/job/?state=failed",
    "jobs of a rare kind": "signatures/job/?kind=erase",
    "jobs of a small petition": "signatures/job/?petition={small}",
    "rules": "signatures/rule/",
    "rules of a small petition": "signatures/rule/?petition={small}",
    "signatures, on paper": "signatures/signature/?paper=yes",
    "signatures, on paper in a small country": "signatures/signature/?paper=yes&country=VA",
    "imports of paper signatures": "signatures/paperimport/",
    "imports of paper signatures of a small petition": "signatures/paperimport/?petition={small}",
    "exports": "signatures/exportfile/",
    "exports for a rare purpose": "signatures/exportfile/?purpose=figures",
    "deletions by retention": "signatures/retentionrun/",
    "deletions by retention of a small petition": "signatures/retentionrun/?petition={small}",
    "checks": "signatures/check/",
    "people": "auth/user/",
    "groups": "auth/group/",
}
# The same for somebody who works on the small petition alone.
OF_ONE_PETITION = {
    "signatures": "signatures/signature/",
    "signatures, held": "signatures/signature/?state=held",
    "signatures, a small country": "signatures/signature/?country=VA",
    "outgoing mails": "signatures/outgoingmail/",
    "tally entries": "signatures/tallyentry/",
    "reviewed names": "signatures/namereview/",
    "suppressed addresses": "signatures/suppression/",
    "webhook deliveries": "signatures/webhookdelivery/",
    "wordings of letters": "signatures/letterrevision/",
    "jobs": "signatures/job/",
    "imports of paper signatures": "signatures/paperimport/",
    "exports": "signatures/exportfile/",
    "deletions by retention": "signatures/retentionrun/",
}
WITHIN = 0.3  # seconds that a list may take

_COLUMNS = (
    "held_at",
    "withdrawn_at",
    "erased_at",
    "invalid_at",
    "invalid_reason",
    "mail_sent_at",
    "mail_due_at",
    "bounced_at",
)
_TYPES = (*("timestamptz",) * 4, "varchar", *("timestamptz",) * 3)
_NOTHING = ("name_sealed", "email_sealed", "email_index", "person_index", "domain_index", "country")  # of the erased

# What such a campaign leaves behind its signatures. The figures are set here, because to fold is measured elsewhere.
# The other parts of the bench have petitions of their own.
_OURS = f"""
CREATE TEMP VIEW desk_petition AS
    SELECT id AS petition_id FROM signatures_petition WHERE slug IN ('{PETITION}', '{SMALL}');
CREATE TEMP VIEW desk_signature AS SELECT s.* FROM signatures_signature AS s JOIN desk_petition USING (petition_id)
"""
_BEHIND = """
INSERT INTO signatures_tallyentry (petition_id, country, day, delta, folded, waiting_since)
SELECT petition_id, COALESCE(country, ''), (confirmed_at AT TIME ZONE 'UTC')::date, 1, true, NULL
FROM desk_signature WHERE state = 'confirmed';
INSERT INTO signatures_tally (petition_id, total, countries, version, as_of)
SELECT petition_id, count(*), 184, 1, now()
FROM signatures_tallyentry JOIN desk_petition USING (petition_id) GROUP BY 1;
INSERT INTO signatures_countrytally (petition_id, country, total)
SELECT petition_id, country, count(*) FROM signatures_tallyentry JOIN desk_petition USING (petition_id) GROUP BY 1, 2;
INSERT INTO signatures_daytally (petition_id, day, total)
SELECT petition_id, day, count(*) FROM signatures_tallyentry JOIN desk_petition USING (petition_id) GROUP BY 1, 2;
INSERT INTO signatures_outgoingmail (signature_id, kind, created_at, due_at, attempts, sent_at, error, bounced_at)
SELECT id, CASE WHEN number % 50000 = 0 THEN 'withdrawn' ELSE 'released' END, created_at,
    CASE WHEN number % 1000 = 1 THEN created_at END, 1, CASE WHEN number % 1000 = 1 THEN NULL ELSE created_at END,
    CASE WHEN number % 10000 = 1 THEN 'timed out' ELSE '' END, CASE WHEN number % 20000 = 2 THEN created_at END
FROM (SELECT *, row_number() OVER (ORDER BY id) AS number FROM desk_signature WHERE state = 'confirmed') AS s;
INSERT INTO signatures_namereview (
    signature_id, petition_id, name_digest, verdict, reason, reviewed_at, place, public
)
SELECT id, petition_id, sha256(name_sealed), CASE WHEN number % 5000 = 0 THEN 'refused' ELSE 'shown' END,
    CASE WHEN number % 5000 = 0 THEN 'insult' ELSE '' END, confirmed_at, gen_random_uuid(), number % 5000 <> 0
FROM (
    SELECT *, row_number() OVER (ORDER BY id) AS number FROM desk_signature
    WHERE state = 'confirmed' AND show_name ORDER BY id LIMIT 100000
) AS s;
UPDATE signatures_signature AS s SET name_reviewed = n.name_digest
FROM signatures_namereview AS n WHERE n.signature_id = s.id;
INSERT INTO signatures_suppression (petition_id, person_index, created_at)
SELECT petition_id, sha256(person_index), created_at FROM desk_signature WHERE state = 'withdrawn';
INSERT INTO signatures_webhookdelivery (endpoint_id, event, key, message, payload, created_at, attempts, error,
    due_at, delivered_at, gave_up_at)
SELECT e.id, 'petition.milestone', 'milestone:' || number, gen_random_uuid(), '{}', now(), 1, '',
    NULL, CASE WHEN number % 5000 <> 0 THEN now() END, CASE WHEN number % 5000 = 0 THEN now() END
FROM signatures_webhookendpoint AS e JOIN desk_petition USING (petition_id), generate_series(1, 100000) AS number;
INSERT INTO signatures_letterrevision (petition_id, language, version, title, addressee, salutation, body, closing,
    signatory, signatory_title, translator, written_at)
SELECT petition_id, language, number + 1, title, addressee, salutation, body, closing, signatory, signatory_title,
    translator, now()
FROM signatures_letter, generate_series(1, 2000) AS number
WHERE petition_id IN (SELECT petition_id FROM desk_petition);
INSERT INTO signatures_job (id, kind, petition_id, params, reason, state, undoing, moves, total, done, skipped, undone,
    not_undone, cursor, created_at, finished_at, settled_at, attempts, error)
SELECT gen_random_uuid(), CASE WHEN number % 5000 = 0 THEN 'erase' WHEN number % 2 = 0 THEN 'export' ELSE 'hold' END,
    petition_id, '{}', 'a wave', CASE WHEN number % 5000 = 1 THEN 'failed' ELSE 'done' END, false, number % 2 = 1,
    1000, 1000, 0, 0, 0, '', now(), now(), now(), 0, ''
FROM desk_petition, generate_series(1, 10000) AS number;
INSERT INTO signatures_rule (id, petition_id, name, action, country, source, name_pattern, name_looks, edition,
    created_at)
SELECT gen_random_uuid(), petition_id, 'a wave', 'hold', 'FR', '', '', '', gen_random_uuid(), now()
FROM desk_petition, generate_series(1, 1000) AS number;
INSERT INTO signatures_retentionrun (petition_id, day, kind, count)
SELECT petition_id, current_date - number, 'unconfirmed', 20 FROM desk_petition, generate_series(1, 3650) AS number;
INSERT INTO signatures_check (name, ran_at, problems, details)
VALUES ('recount', now(), 0, ''), ('audit', now(), 0, '') ON CONFLICT DO NOTHING;
"""
# The chain of the audit costs each entry its turn; here it would cost the bench a minute.
_AUDIT = """
SET LOCAL session_replication_role = replica;
INSERT INTO signatures_auditentry (at, actor_id, action, object_type, object_id, count, reason)
SELECT now() - make_interval(secs => 200000 - number), %(actor)s,
    CASE WHEN number %% 20000 = 0 THEN 'reveal' ELSE 'hold' END, 'signature', '', 1, 'a reason'
FROM generate_series(1, 200000) AS number
"""

_EXPORTS = """
INSERT INTO signatures_exportfile (id, petition_id, purpose, format, language, reason, made_for_id, created_at,
    complete_at, rows, bytes, expires_at, downloads, deleted_at)
SELECT gen_random_uuid(), petition_id, CASE WHEN number %% 500 = 0 THEN 'figures' ELSE 'hand-over' END, 'csv', 'en',
    'for the embassy', %(actor)s, now(), now(), 300000, 9000000, now(), 1, now()
FROM desk_petition, generate_series(1, 2500) AS number
"""


# Some imports, and one in fifty of those who signed is of the last of them.
_PAPER = """
INSERT INTO signatures_paperimport (id, petition_id, made_by_id, file_name, format, hand_over, reason, problem, columns,
    rows, good, bad, doubled, taken, created_at, expires_at, deleted_at)
SELECT gen_random_uuid(), petition_id, %(actor)s, 'sheets.csv', 'csv', true, 'sheets', '', '{}', 100, 90, 8, 2, 90,
    now(), now(), now()
FROM desk_petition, generate_series(1, 2500) AS number;
UPDATE signatures_signature SET
    paper_import_id = (SELECT max(id::text)::uuid FROM signatures_paperimport), consent_id = NULL, consented_at = NULL,
    show_name = false, wants_updates = false, mail_due_at = NULL, mail_sent_at = NULL, source = ''
WHERE state = 'confirmed' AND get_byte(person_index, 0) < 5 AND petition_id IN (SELECT petition_id FROM desk_petition)
"""


def fill(signatures: int = MILLION) -> dict[str, str]:
    """Store them in the database that Django is set to; returns what LISTS names in braces. A minute or two."""
    from django.db import connection

    from signatures.models import ConsentText, WebhookEndpoint
    from signatures.privacy.indexes import domain_index
    from signatures.tally import simulate
    from tests.factories import make_petition

    big, small = make_petition(slug=PETITION), make_petition(slug=SMALL)
    WebhookEndpoint.objects.create(
        petition=big, partner="A partner", url="https://partner.example/", secret_sealed=b"x"
    )
    consent = ConsentText.objects.filter(language="en").latest("pk")
    chance = random.Random(7)
    codes = [code for code, _name in simulate.countries]
    people = list(
        zip(
            simulate._countries(chance, codes, signatures, len(codes)),
            simulate._moments(chance, signatures, 60),
            strict=True,
        )
    )
    batches = [
        simulate.Batch(big.pk, consent.pk, start, start, people[start : start + simulate.CHUNK])
        for start in range(0, signatures, simulate.CHUNK)
    ] + [simulate.Batch(small.pk, consent.pk, -1, signatures, people[:: signatures // 500])]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for rows in simulate._invented(pool, batches):
            _copy([_mixed(row, chance) for row in rows])
    with connection.cursor() as cursor:
        cursor.execute(_OURS)
        for statement in _BEHIND.split(";")[:-1]:
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT id FROM signatures_signature ORDER BY id DESC LIMIT 1 OFFSET %s", [signatures // 10])
        (old,) = cursor.fetchone()
    return {
        "big": str(big.pk),
        "small": str(small.pk),
        "lately": (datetime.now(UTC) - timedelta(days=6)).date().isoformat(),
        "old": str(old),
        "one": str(old),
        "id": old.hex[:9],
        "day": (datetime.now(UTC) - timedelta(days=20)).date().isoformat(),
        "large": domain_index("gmail.com").hex(),
        "flood": domain_index(FLOOD).hex(),
    }


def _mixed(row: tuple[object, ...], chance: random.Random) -> dict[str, object]:
    """An invented signature with a state, a mail domain, a source tag and a fate of its mail."""
    from signatures.privacy.indexes import domain_index
    from signatures.signing.guard.doubt import Doubt
    from signatures.tally import simulate

    one = dict(zip(simulate._SIGNATURE_COLUMNS.split(", "), row, strict=True))
    at = one["created_at"]
    state = _by_share(STATES, chance) or "confirmed"
    domain = _by_share(DOMAINS, chance) or f"house-{chance.randrange(50_000)}.example"
    one |= dict.fromkeys(_COLUMNS) | {"invalid_reason": "", "mail_sent_at": at, "state": state}
    one |= {"source": _by_share(SOURCES, chance), "domain_index": domain_index(domain)}
    if chance.random() < 0.05:
        one["country"] = None
    if chance.random() < 0.01:
        one["bounced_at"] = at
    if state != "confirmed":
        one["confirmed_at"] = None
    if state == "pending" and chance.random() < 0.02:
        one |= {"mail_due_at": at, "mail_sent_at": None}
    elif state == "held":
        one |= {"held_at": at, "held_from": "pending", "held_reason": str(chance.choice(list(Doubt)))}
    elif state in ("withdrawn", "erased", "invalid"):
        one[f"{state}_at"] = at
        one |= {"invalid_reason": "invented"} if state == "invalid" else {}
        one |= {"source": ""} | dict.fromkeys(_NOTHING) if state == "erased" else {}
    return one


def _by_share(shares: dict[str, float], chance: random.Random) -> str:
    """One of the names by its share of a hundred, or none."""
    left = chance.random() * 100
    for name, share in shares.items():
        left -= share
        if left < 0:
            return name
    return ""


def _copy(rows: list[dict[str, object]]) -> None:
    from django.db import connection

    from signatures.tally import simulate

    columns = f"{simulate._SIGNATURE_COLUMNS}, {', '.join(_COLUMNS)}"
    statement = f"COPY signatures_signature ({columns}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types((*simulate._SIGNATURE_TYPES, *_TYPES))
        for row in rows:
            copy.write_row(tuple(row.values()))


def staff_session(*, of: str = "") -> tuple[str, dict[str, str]]:
    """Somebody who may see all, or all of one petition: their id, and the cookie of their session."""
    from django.conf import settings
    from django.contrib.auth.models import Permission, User
    from django.test import Client

    from signatures.models import Reach

    staff = User.objects.create_user(f"bench-{of or 'all'}", is_staff=True, is_superuser=not of)
    if of:
        staff.user_permissions.set(Permission.objects.all())
        Reach.objects.create(user=staff).petitions.add(of)
    client = Client()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return str(staff.pk), {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


def make_colleagues(actor: str) -> None:
    """200 people, each with a role and on both petitions, 5,000 exports and as many imports of paper of one person."""
    from django.contrib.auth.models import Group, User
    from django.db import connection

    from signatures.models import Petition, Reach

    people = [User(username=f"colleague-{number}", is_staff=True, password="!") for number in range(200)]
    User.objects.bulk_create(people)
    reaches = Reach.objects.bulk_create(Reach(user=person) for person in people)
    petitions, groups = list(Petition.objects.filter(slug__in=(PETITION, SMALL))), list(Group.objects.all())
    Reach.petitions.through.objects.bulk_create(
        Reach.petitions.through(reach=reach, petition=petition) for reach in reaches for petition in petitions
    )
    User.groups.through.objects.bulk_create(
        User.groups.through(user=person, group=groups[number % len(groups)]) for number, person in enumerate(people)
    )
    with connection.cursor() as cursor:
        cursor.execute(_EXPORTS, {"actor": actor})
        for statement in _PAPER.split(";"):
            cursor.execute(statement, {"actor": actor})
        cursor.execute("ANALYZE")


def write_audit(actor: str) -> None:
    """200,000 entries of one person, without their chain."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_AUDIT, {"actor": actor})


def lists(stage: Stage, report: Report, *, signatures: int, times: int) -> None:
    """Each list of the desk, opened `times` times after a first time that is told as well."""
    started = time.monotonic()
    _every_list_is_here()
    places = fill(signatures)
    places["actor"], of_all = staff_session()
    write_audit(places["actor"])
    make_colleagues(places["actor"])
    _id, of_one = staff_session(of=places["small"])
    _count_for_the_first_page(report)
    report.note(f"{signatures:,} signatures and what stands behind them: filled in {time.monotonic() - started:.0f} s.")
    with stage.second_web(DESK_SECOND_FACTOR="False", SESSION_COOKIE_AGE="86400") as web:
        for whose, cookies, these in (("", of_all, LISTS), (" (of a small petition)", of_one, OF_ONE_PETITION)):
            with httpx.Client(base_url=f"{web}/desk/", cookies=cookies, timeout=60) as browser:
                for name, address in these.items():
                    took = [_opened(browser, address.format(**places)) for _ in range(times + 1)]
                    report.add(
                        f"desk{whose}: {name}",
                        median(took[1:]) * 1000,
                        "ms",
                        limit=took[0] * 1000,
                        limit_is="the first time",
                        target=f"under {WITHIN * 1000:.0f} ms",
                        meets=lambda value, _ratio: value < WITHIN * 1000,
                    )


def _every_list_is_here() -> None:
    """Nobody adds a list to the desk that is not measured."""
    from signatures.desk.site import desk

    listed = {f"{model._meta.app_label}/{model._meta.model_name}/" for model in desk._registry}
    opened = {address.partition("?")[0] for address in LISTS.values()}
    assert not listed - opened, f"lists of the desk that are not measured: {', '.join(sorted(listed - opened))}"


def _count_for_the_first_page(report: Report) -> None:
    """What a task counts once a minute, and once a night from the first signature on."""
    from signatures.desk.home.refresh import refresh_figures
    from signatures.models import DeskFigures

    for name, whole in (("every day", True), ("as every minute", False)):
        DeskFigures.objects.update(took=0)
        started = time.perf_counter()
        refresh_figures(whole=whole)
        report.add(f"desk: counting for the first page, {name}", (time.perf_counter() - started) * 1000, "ms")


def _opened(browser: httpx.Client, address: str) -> float:
    started = time.perf_counter()
    answer = browser.get(address)
    took = time.perf_counter() - started
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return took
