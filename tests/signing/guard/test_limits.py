import pytest
from django.test import RequestFactory

from signatures.signing.guard.limits import client_network, limited


def request_from(address, forwarded=None):
    headers = {"REMOTE_ADDR": address}
    if forwarded is not None:
        headers["HTTP_X_FORWARDED_FOR"] = forwarded
    return RequestFactory().post("/", **headers)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("192.0.2.7:4711", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("[::ffff:192.0.2.7]:4711", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:80", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_neighbours_are_counted_together(address, network):
    assert client_network(request_from(address)) == network


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("10.0.0.1", "192.0.2.7", "192.0.2.0/24"),
        ("10.0.0.1", "203.0.113.9, 192.0.2.7", "192.0.2.0/24"),  # what the client wrote itself is not believed
        ("10.0.0.1", "192.0.2.7, 10.0.0.2", "192.0.2.0/24"),  # two proxies of ours in a row
        ("10.0.0.1", "192.0.2.7:555", "192.0.2.0/24"),
        ("10.0.0.1", "unknown", "10.0.0.0/24"),
        ("10.0.0.1", "", "10.0.0.0/24"),
        ("10.0.0.1", "192.0.2.7, garbage", "10.0.0.0/24"),
        ("198.51.100.1", "192.0.2.7", "198.51.100.0/24"),  # not a proxy of ours: its header is worth nothing
    ],
)
def test_only_configured_proxies_are_believed(settings, peer, forwarded, network):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    assert client_network(request_from(peer, forwarded)) == network


def test_a_network_is_stopped_at_its_limit_and_another_is_not(settings):
    settings.RATELIMIT_ENABLE = True
    settings.GUARD_SIGN_RATE = "3/h"
    answers = [limited(request_from("192.0.2.7"), action="sign") for _ in range(5)]
    assert answers == [False, False, False, True, True]
    assert limited(request_from("192.0.2.200"), action="sign")
    assert not limited(request_from("198.51.100.7"), action="sign")


def test_the_guard_keeps_no_address_in_redis(settings):
    from petition.redis import connect

    settings.RATELIMIT_ENABLE = True
    limited(request_from("192.0.2.77"), action="sign")
    keys = b" ".join(connect().keys("*"))
    assert keys
    assert b"192.0.2" not in keys
