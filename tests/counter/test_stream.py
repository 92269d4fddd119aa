"""The event stream, on its own process, with real connections."""

import json
import socket
import threading
import time

import httpx
import redis

from signatures.tally.snapshot import CHANNEL
from tests.faults.conftest import Person

STREAM = "/api/v1/petitions/xinjiang/stream"


class Listener:
    """Reads a stream in a thread and keeps its events."""

    def __init__(self, url, **headers):
        self.events, self.comments, self.status, self.ended = [], 0, None, threading.Event()
        self.url, self.headers = url, headers
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        try:
            with httpx.stream("GET", self.url, headers=self.headers, timeout=60) as answer:
                self.status = answer.status_code
                event = {}
                for line in answer.iter_lines():
                    if line.startswith(":"):
                        self.comments += 1
                    elif line:
                        key, _, value = line.partition(": ")
                        event[key] = value
                    elif event:
                        if "data" in event:
                            self.events.append(event | {"data": json.loads(event["data"])})
                        event = {}
        except httpx.HTTPError:
            pass
        finally:
            self.ended.set()

    def wait(self, true, seconds=10):
        deadline = time.monotonic() + seconds
        while not true(self):
            assert time.monotonic() < deadline, (self.status, self.events)
            time.sleep(0.02)


def open_connection(stack):
    """A listener that nobody reads for: the socket and its lines."""
    connection = socket.create_connection(("127.0.0.1", stack.ports["stream"]), timeout=10)
    connection.sendall(f"GET {STREAM} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return connection, connection.makefile("rb")


def count_one(stack, name):
    somebody = Person(stack, f"{name}@mail.example.org")
    somebody.read()
    somebody.sign()
    somebody.confirm()


def test_a_change_reaches_every_listener_soon_and_once(own_stack):
    listeners = [Listener(own_stack.url + STREAM) for _ in range(5)]
    for each in listeners:
        each.wait(lambda listener: listener.events)
        assert each.events[0]["data"]["total"] == 0
    count_one(own_stack, "first")
    started = time.monotonic()
    for each in listeners:
        each.wait(lambda listener: listener.events[-1]["data"]["total"] == 1)
    assert time.monotonic() - started < 2
    event = listeners[0].events[-1]
    assert event["id"] == str(event["data"]["version"])
    assert event["event"] == "tally"
    versions = [each["id"] for each in listeners[0].events]
    assert len(versions) == len(set(versions))
    again = Listener(own_stack.url + STREAM, **{"Last-Event-ID": event["id"]})
    again.wait(lambda listener: listener.status == 200)
    count_one(own_stack, "second")
    again.wait(lambda listener: listener.events)
    assert again.events[0]["data"]["total"] == 2, "what it had seen is not told again"


def count_behind_its_back(stack):
    """Count a signature with nothing but PostgreSQL."""
    stack.sql(
        "WITH signed AS (INSERT INTO signatures_signature (id, petition_id, state, language, show_name, hand_over, "
        "wants_updates, source, consent_id, consented_at, revision, created_at, confirmed_at, held_from, held_reason, "
        "mail_attempts, mail_count, mail_error) SELECT gen_random_uuid(), p.id, 'confirmed', 'en', false, false, "
        "false, '', c.id, now(), 0, now(), now(), '', '', 0, 0, '' "
        "FROM signatures_petition AS p, signatures_consenttext AS c "
        "WHERE c.language = 'en' RETURNING petition_id) "
        "INSERT INTO signatures_tallyentry (petition_id, country, day, delta, folded) "
        "SELECT petition_id, '', (now() AT TIME ZONE 'UTC')::date, 1, false FROM signed"
    )
    stack.manage("shell", "-c", "from signatures.tally.fold import fold; fold(wait=True)")


def test_it_goes_on_while_redis_is_frozen_or_stopped_and_through_a_restart_of_postgresql(own_stack):
    listener = Listener(own_stack.url + STREAM)
    listener.wait(lambda each: each.events)

    def is_told_soon(total):
        listener.wait(lambda each: each.events[-1]["data"]["total"] == total, seconds=4)

    own_stack.valkey.freeze()
    count_behind_its_back(own_stack)
    is_told_soon(1)
    own_stack.valkey.stop()
    count_behind_its_back(own_stack)
    is_told_soon(2)
    own_stack.postgres.stop()
    away = httpx.get(f"http://127.0.0.1:{own_stack.ports['stream']}/api/v1/petitions/water/stream", timeout=10)
    assert (away.status_code, away.headers["Access-Control-Allow-Origin"]) == (503, "*")
    own_stack.postgres.start()
    count_behind_its_back(own_stack)
    is_told_soon(3)
    assert not listener.ended.is_set()


def test_however_many_listen_they_share_a_connection_and_end_at_once_with_their_process(own_stack):
    own_stack.children["stream"].stop()
    own_stack.env["APPLICATION_NAME"] = "the stream"
    own_stack.start_process("stream")
    listening = [open_connection(own_stack) for _ in range(150)]  # PostgreSQL has 100 connections
    for _connection, lines in listening:
        assert b" 200 " in lines.readline()
        assert any(line.startswith(b"data:") for line in lines)
    held = own_stack.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'the stream'")
    assert held == [(1,)]
    process = own_stack.children["stream"].process
    process.terminate()
    assert process.wait(5) == 0
    for _connection, lines in listening:
        assert lines.read().endswith(b"0\r\n\r\n"), "it ends as an answer ends, not as a broken connection"


def test_what_is_not_public_has_no_stream_and_a_full_process_says_so_until_somebody_leaves(own_stack):
    assert httpx.get(own_stack.url + "/api/v1/petitions/nowhere/stream", timeout=10).status_code == 404
    own_stack.children["stream"].stop()
    own_stack.env["STREAM_LIMIT"] = "1"
    own_stack.start_process("stream")
    first, lines = open_connection(own_stack)
    assert any(line.startswith(b"data:") for line in lines)
    full = httpx.get(own_stack.url + STREAM, timeout=10)
    assert full.status_code == 503
    assert full.headers["Retry-After"]
    assert full.headers["Access-Control-Allow-Origin"] == "*"
    lines.close()
    first.close()
    deadline = time.monotonic() + 5
    while b" 503 " in open_connection(own_stack)[1].readline():
        assert time.monotonic() < deadline, "whoever hangs up leaves a place"


def test_it_is_read_and_nothing_else(stack):
    url = f"http://127.0.0.1:{stack.ports['stream']}{STREAM}"
    assert httpx.post(url).status_code == 405
    preflight = httpx.options(url)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "Last-Event-ID" in preflight.headers["Access-Control-Allow-Headers"]
    assert httpx.get(f"http://127.0.0.1:{stack.ports['stream']}/en/").status_code == 404


def step(stack, rule, slug="xinjiang"):
    """Open or close a petition as the desk does."""
    stack.manage(
        "shell",
        "-c",
        f"from signatures.letters.lifecycle import {rule}; from signatures.models import Petition; "
        f"{rule}(petition_id=Petition.objects.get(slug={slug!r}).pk, actor=None, reason='a test')",
    )


def test_a_closed_petition_tells_its_last_state_says_stop_and_is_not_come_back_to(own_stack):
    url = own_stack.url + STREAM
    listener = Listener(url)
    listener.wait(lambda each: each.events)
    opened = listener.events[0]
    step(own_stack, "close_petition")
    assert listener.ended.wait(10), "it ends"
    tally, stop = listener.events[1:]
    assert (tally["event"], tally["data"]["state"]) == ("tally", "closed")
    assert (stop["event"], stop["data"]) == ("stop", {"state": "closed"})
    assert "id" not in stop, "the last id is the count's"
    assert httpx.get(url, headers={"Last-Event-ID": tally["id"]}, timeout=10).status_code == 204
    # Whoever was away when it closed, and whoever comes for the first time, are told as well.
    for headers in ({"Last-Event-ID": opened["id"]}, {}):
        late = Listener(url, **headers)
        assert late.ended.wait(10)
        assert (late.status, [each["event"] for each in late.events]) == (200, ["tally", "stop"])
    # Opened again it is live again, also for one who had been told of the end.
    step(own_stack, "reopen_petition")
    again = Listener(url, **{"Last-Event-ID": tally["id"]})
    again.wait(lambda each: each.events)
    assert again.events[0]["data"]["state"] == "open"
    assert not again.ended.is_set()


def test_a_quiet_stream_shows_that_it_lives(own_stack):
    own_stack.children["stream"].stop()
    own_stack.env["STREAM_HEARTBEAT"] = "0.1"
    own_stack.start_process("stream")
    listener = Listener(own_stack.url + STREAM)
    listener.wait(lambda each: each.comments >= 3)
    assert len(listener.events) == 1
    assert not listener.ended.is_set()


def test_however_many_petitions_are_listened_to_the_process_has_one_subscription(own_stack):
    own_stack.manage(
        "shell",
        "-c",
        "from tests.factories import make_petition; [make_petition(slug=f'petition-{n}') for n in range(5)]",
    )
    slugs = ["xinjiang", *(f"petition-{n}" for n in range(5))]
    listeners = [Listener(f"{own_stack.url}/api/v1/petitions/{slug}/stream") for slug in slugs for _ in range(3)]
    for each in listeners:
        each.wait(lambda listener: listener.events)
    with redis.Redis.from_url(own_stack.env["REDIS_URL"]) as client:
        assert client.pubsub_numsub(CHANNEL) == [(CHANNEL.encode(), 1)]
