import pytest
from django.test import RequestFactory

from petition import caches, redis
from signatures.signing.guard.pressure import house_of, measure


@pytest.fixture
def form_from(settings):
    """Count a form; returns what it met. Each call may come from another network, for another domain or petition."""
    settings.PRESSURE_NETWORK, settings.PRESSURE_DOMAIN, settings.PRESSURE_PETITION = 3, 3, 3
    settings.GUARD_SIGN_RATE = "1000/m"

    def arrive(network=1, domain="mail.example", petition=1):
        request = RequestFactory().post("/", REMOTE_ADDR=f"10.0.{network}.7")
        return measure(request, petition_id=petition, domain=domain)

    return arrive


@pytest.fixture
def away(settings, monkeypatch):
    """Redis does not answer."""

    def go():
        monkeypatch.setattr(redis, "_asleep_until", float("inf"))

    return go


@pytest.mark.parametrize(
    ("same", "others"),
    [
        ({"network": 1}, [{"domain": f"d{n}.example", "petition": n} for n in range(5)]),
        ({"domain": "flood.example"}, [{"network": n, "petition": n} for n in range(5)]),
        ({"petition": 7}, [{"network": n, "domain": f"d{n}.example"} for n in range(5)]),
    ],
    ids=["network", "domain", "petition"],
)
def test_pressure_is_high_above_the_allowance_and_only_there(form_from, same, others):
    assert [form_from(**same, **other).high for other in others] == [False, False, False, True, True]
    assert not form_from(network=99, domain="elsewhere.example", petition=99).high


def test_pressure_outlasts_the_full_minute_and_ends_with_the_next(form_from, monkeypatch):
    now = [6000.0]
    monkeypatch.setattr(caches.time, "time", lambda: now[0])
    for _ in range(4):
        form_from()
    now[0] += 60
    assert form_from().high
    now[0] += 120
    assert not form_from().high


def test_a_large_provider_is_allowed_more(form_from):
    met = [form_from(network=n, petition=n, domain="gmail.com") for n in range(60)]
    assert not any(each.high for each in met)
    assert not any(each.domain_overrun for each in met)
    assert form_from(network=99, petition=99, domain="gmail.com").high


def test_a_small_domain_is_overrun_after_its_share_of_the_hour(form_from, settings):
    settings.GUARD_DOMAIN_HOUR = 2
    assert [form_from(network=n, petition=n).domain_overrun for n in range(4)] == [False, False, True, True]
    assert not form_from(domain="other.example").domain_overrun


@pytest.mark.parametrize(
    ("domain", "house"),
    [
        ("flood.example", "flood.example"),
        ("a.b.flood.example", "flood.example"),
        ("a1.evl.io", "evl.io"),
        ("cs.uni.ac.uk", "uni.ac.uk"),
        ("uni.ac.uk", "uni.ac.uk"),
        ("co.uk", "co.uk"),
    ],
)
def test_subdomains_share_the_allowance_of_what_was_registered(domain, house):
    assert house_of(domain) == house


def test_without_redis_each_process_counts_for_itself(form_from, away):
    away()
    assert [form_from(network=50).high for _ in range(5)] == [False, False, False, True, True]
    assert not form_from(network=51, domain="calm.example", petition=51).high


def test_pressure_known_before_redis_went_away_stays(form_from, away):
    for _ in range(4):
        form_from(network=60, domain="taken.example", petition=60)
    away()
    assert form_from(network=60, domain="taken.example", petition=60).high
    assert not form_from(network=61, domain="calm.example", petition=61).high


def test_a_flushed_redis_closes_nothing(form_from):
    redis.connect().flushdb()
    assert not form_from().high


def test_neither_network_nor_domain_is_readable_in_redis(form_from):
    form_from(network=77, domain="secret-circle.example")
    keys = b" ".join(redis.connect().keys("*"))
    assert b"pressure:d:" in keys
    assert b"secret" not in keys
    assert b"10.0.77" not in keys


def test_switched_off_limits_measure_nothing(form_from, settings):
    settings.RATELIMIT_ENABLE = False
    assert not any(form_from().high or form_from().busy for _ in range(10))


def test_a_form_costs_redis_one_round_trip(form_from, monkeypatch):
    asked = []
    real = redis.ask
    monkeypatch.setattr("petition.caches.ask", lambda command: asked.append(command) or real(command))
    form_from()
    assert len(asked) == 1
