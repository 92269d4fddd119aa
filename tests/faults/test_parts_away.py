"""Parts stopped, frozen, flushed and killed, on the product's own processes."""

from __future__ import annotations

import concurrent.futures
import os
import re
import signal
import time

import httpx
import psutil
import pytest

from tests.faults.conftest import LETTER, shown_total


def wait_until(true, *, seconds=30, what=""):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def counts_agree(stack):
    assert "agree" in stack.manage("recount")


@pytest.mark.parametrize("fault", ["stopped", "frozen", "flushed"])
def test_signing_and_confirming_go_on_without_redis(own_stack, person, fault):
    early, late = person("early"), person("late")
    early.read()
    early.sign()
    link = early.confirm_link()
    match fault:
        case "stopped":
            own_stack.valkey.stop()
        case "frozen":
            own_stack.valkey.freeze()
        case "flushed":
            import redis

            redis.Redis.from_url(own_stack.env["REDIS_URL"]).flushall()
    started = time.monotonic()
    assert early.confirm(link).status_code == 200
    assert late.read().status_code == 200
    assert late.sign().status_code == 303
    assert httpx.get(f"{own_stack.url}/readyz", timeout=10).status_code == 200
    assert time.monotonic() - started < 5, "Redis may cost latency, not this much"
    match fault:
        case "stopped":
            own_stack.valkey.start()
        case "frozen":
            own_stack.valkey.thaw()
    assert late.confirm().status_code == 200  # its mail went out once the broker was back
    wait_until(lambda: shown_total(own_stack) == 2, what="both are counted")
    counts_agree(own_stack)


def test_without_postgresql_a_page_says_that_nothing_was_saved_and_it_recovers(own_stack, person):
    somebody = person("somebody")
    somebody.read()
    own_stack.postgres.stop()
    time.sleep(own_stack.env.get("PAGE_TTL") and float(own_stack.env["PAGE_TTL"]) * 2)
    answer = somebody.sign()
    assert answer.status_code == 503
    assert "Nothing was saved" in answer.text
    assert httpx.get(f"{own_stack.url}/readyz", timeout=10).status_code == 503
    assert httpx.get(f"{own_stack.url}/healthz", timeout=10).status_code == 200
    own_stack.postgres.start()  # on the same port; nothing of ours is restarted
    assert somebody.sign().status_code == 303
    assert somebody.confirm().status_code == 200
    wait_until(lambda: shown_total(own_stack) == 1, what="counted after the recovery")
    counts_agree(own_stack)


def test_a_restarted_postgresql_costs_no_request(own_stack, person):
    somebody = person("somebody")
    for _ in range(8):
        somebody.read()
        assert somebody.sign().status_code == 303
    own_stack.postgres.stop()
    own_stack.postgres.start()
    assert all(somebody.sign().status_code == 303 for _ in range(8))


def test_a_killed_worker_loses_no_mail_and_repeats_at_most_one(own_stack, person):
    own_stack.children["worker"].kill()
    people = [person(f"signer{number}") for number in range(40)]
    people[0].read()
    for each in people:
        each.token = people[0].token
        assert each.sign().status_code == 303
    own_stack.start_process("worker")
    wait_until(lambda: len(own_stack.mail.to()) >= 3, what="the first mails")
    own_stack.children["worker"].kill()
    sent_before = len(own_stack.mail.to())
    own_stack.start_process("worker")
    for each in people:
        own_stack.mail.wait_for(each.address, seconds=40)
    wait_until(
        lambda: own_stack.sql("SELECT count(*) FROM signatures_signature WHERE mail_due_at IS NOT NULL") == [(0,)]
    )
    mails = own_stack.mail.to()
    assert sent_before < 41
    assert {mail["to"] for mail in mails} == {each.address for each in people}
    assert len(mails) <= 41


def test_twenty_parallel_posts_and_confirms_of_one_person_are_one_mail_and_one_count(own_stack, person):
    somebody = person("twenty")
    somebody.read()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: somebody.sign().status_code, range(20)))
    assert answers == [303] * 20
    link = somebody.confirm_link()
    revision = re.search(r'name="revision" value="(\d+)"', somebody.browser.get(link).text)[1]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda _: somebody.browser.post(link, data={"revision": revision}).status_code, range(20))
        )
    assert answers == [200] * 20
    wait_until(lambda: shown_total(own_stack) == 1, what="one count")
    mails = own_stack.mail.wait_for(somebody.address, count=2)  # "confirm", then "counted"
    time.sleep(2)
    assert len(own_stack.mail.to(somebody.address)) == 2
    assert len({mail["subject"] for mail in mails}) == 2
    assert own_stack.sql("SELECT count(*) FROM signatures_signature") == [(1,)]
    counts_agree(own_stack)


def test_malformed_requests_over_the_wire_are_never_a_500(own_stack, person):
    somebody = person("x")
    somebody.read()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for body, headers in [
        (b"name=%ff&email=a", kind),
        (b"name=" + b"x" * 10_000_000, kind),
        (b"a=1&" * 100_000, kind),
        (b"{}", {"Content-Type": "application/json"}),
        (b"\x00\xff" * 50, {"Content-Type": "multipart/form-data; boundary=\x7f"}),
        (b"", {}),
    ]:
        try:
            status = httpx.post(own_stack.url + LETTER, content=body, headers=headers, timeout=20).status_code
        except httpx.TransportError:
            status = 400  # the body was refused before it had all been sent
        assert status in (400, 413, 422), (body[:20], status)
    for path in ("/en/%00/", "/en/xinjiang/confirm/%00/", "/xx/xinjiang/", "/en/" + "x" * 5000 + "/", "/%ff"):
        assert httpx.get(own_stack.url + path, timeout=20).status_code in (400, 404, 414), path
    log = own_stack.children["web"].log.read_text()
    assert "Traceback" not in log
    assert "Internal Server Error" not in log


def test_stopping_the_stack_leaves_no_process(own_stack):
    children = [
        process
        for child in own_stack.children.values()
        for process in [psutil.Process(child.process.pid), *psutil.Process(child.process.pid).children(recursive=True)]
    ]
    for name in ("front", "beat", "worker", "web", "stream", "mailbox"):
        own_stack.children[name].stop()
    _gone, alive = psutil.wait_procs(children, timeout=10)
    assert not alive


def test_no_log_holds_an_address_a_name_or_a_token(own_stack, person):
    somebody = person("shireen.secret")
    somebody.read()
    somebody.sign()
    link = somebody.confirm_link()
    somebody.confirm(link)
    os.kill(own_stack.children["web"].process.pid, signal.SIGCONT)
    wait_until(lambda: shown_total(own_stack) == 1)
    own_stack.mail.wait_for(somebody.address, count=2)
    token = link.strip("/").split("/")[-1]
    for name, child in own_stack.children.items():
        if name == "mailbox":
            continue
        text = child.log.read_text()
        for secret in ("shireen", "Ada Example", token):
            assert secret not in text, f"{secret} in {name}'s log"
