"""Nothing is ever sent into a network that only we can reach."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.webhooks.destinations import NoSuchName, Unfit, may_be_sent_to, read_address, resolve
from signatures.webhooks.post import post

from .conftest import Authority, Names, Partner, serve

PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2a01:4f8::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
REFUSED = [
    *("127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::"),
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd00:ec2::254"),
    *("169.254.169.254", "fe80::1", "fe80::1%eth0", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    *("224.0.0.1", "239.255.255.255", "ff02::1", "255.255.255.255", "240.0.0.1", "198.18.0.1"),
    *(
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a00:1",
    ),
    *("2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378::1", "2001:db8::1", "fec0::1", "3fff::1", "5f00::1"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_sent_to(address: str) -> None:
    assert may_be_sent_to(address)


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_of_ours_alone_may_not(address: str) -> None:
    assert not may_be_sent_to(address)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_whatever_python_calls_private_is_refused(ip: Any) -> None:
    if ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        embedded = ip.version == 6 and (ip.ipv4_mapped or ip in ipaddress.ip_network("64:ff9b::/96"))
        assert embedded or not may_be_sent_to(str(ip))


@pytest.mark.parametrize(
    "url",
    [
        *("http://hooks.partner.example/", "ftp://hooks.partner.example/", "hooks.partner.example", "", "//x.example/"),
        *(
            "https:///path",
            "https://",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://8.8.8.8/",
        ),
        *("https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/", "https://a.0x7f000001/"),
        *("https://user:secret@hooks.partner.example/", "https://user@hooks.partner.example/"),
        *("https://hooks.partner.example:22/", "https://hooks.partner.example:80/", "https://hooks.partner.example:x/"),
        *(
            "https://hooks.partner.example:99999/",
            "https://hooks.partner.example/#part",
            "https://a.example\\@b.example/",
        ),
        *(
            "https://hooks.partner.example/a b",
            "https://hooks.partner.example/\r\nX: y",
            "https://hooks.partner.example/\0",
        ),
        *("https://höoks.example/", "https://hooks..example/", "https://-a.example/", f"https://{'a' * 64}.example/"),
        *("https://[fe80::1%25eth0]/", "https://[v1.x]/", "https://[::1"),
    ],
)
def test_an_address_that_is_not_https_to_a_full_name_is_refused(url: str) -> None:
    with pytest.raises(Unfit):
        read_address(url)


def test_an_address_is_taken_apart() -> None:
    destination = read_address("https://Hooks.Partner.example./in?a=1&b=/")
    assert (destination.host, destination.port, destination.target) == ("hooks.partner.example", 443, "/in?a=1&b=/")
    assert destination.header == "hooks.partner.example"
    assert read_address("https://hooks.partner.example").target == "/"


def test_another_port_is_for_the_operator_to_allow(settings: Any) -> None:
    settings.WEBHOOK_PORTS = [443, 8443]
    assert read_address("https://hooks.partner.example:8443/").header == "hooks.partner.example:8443"


# ------------------------------------------------------------------------------------------------- resolved names
def test_a_name_gives_all_its_addresses(names: Names) -> None:
    names.records["hooks.partner.example"] = ["2606:4700::1", "8.8.4.4", "8.8.8.8"]
    found = resolve(read_address("https://hooks.partner.example/"))
    assert (sorted(found[:2]), found[2:]) == (["8.8.4.4", "8.8.8.8"], ["2606:4700::1"])


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1"])
def test_a_name_with_one_private_address_is_refused_whole(names: Names, address: str) -> None:
    names.records["hooks.partner.example"] = ["8.8.8.8", address]
    with pytest.raises(Unfit, match="not public"):
        resolve(read_address("https://hooks.partner.example/"))


def test_an_unknown_name_is_told_apart_from_one_without_addresses(names: Names) -> None:
    names.records["empty.partner.example"] = []
    with pytest.raises(NoSuchName, match="does not exist"):
        resolve(read_address("https://hooks.partner.example/"))
    with pytest.raises(NoSuchName, match="no address"):
        resolve(read_address("https://empty.partner.example/"))


def test_a_name_server_that_is_silent_is_not_waited_for_long(settings: Any) -> None:
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        settings.WEBHOOK_NAMESERVERS = [f"127.0.0.1#{silent.getsockname()[1]}"]
        settings.WEBHOOK_CONNECT_TIMEOUT = 0.3
        assert (
            post(url="https://hooks.partner.example/", body=b"", headers={}).error == "The name could not be looked up."
        )


def test_loopback_is_refused_before_anybody_connects(names: Names, partner: Partner, settings: Any) -> None:
    settings.WEBHOOK_ALLOW_LOOPBACK = False
    settings.WEBHOOK_PORTS = [partner.port]
    names.records["hooks.partner.example"] = ["127.0.0.1"]
    outcome = post(url=f"https://hooks.partner.example:{partner.port}/", body=b"", headers={})
    assert (outcome.status, outcome.error) == (None, "The name leads to an address that is not public.")
    assert not partner.received


def test_private_addresses_stay_refused_where_loopback_is_allowed(names: Names, settings: Any) -> None:
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    names.records["hooks.partner.example"] = ["10.0.0.1"]
    with pytest.raises(Unfit):
        resolve(read_address("https://hooks.partner.example/"))


def test_the_name_is_asked_for_once_and_the_connection_goes_to_what_was_looked_at(
    names: Names, authority: Authority, settings: Any
) -> None:
    """A second look-up, by whatever makes the connection, is where a name could change its mind."""
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    partner = Partner()
    server = serve(partner, tls=authority.server("hooks.partner.example"))
    names.records["hooks.partner.example"] = ["127.0.0.1"]
    try:
        url = f"https://hooks.partner.example:{partner.port}/in?x=1"
        assert post(url=url, body=b"{}", headers={"webhook-id": "1"}).status == 204
    finally:
        server.shutdown()
        server.server_close()
    assert sorted(names.asked) == ["A hooks.partner.example", "AAAA hooks.partner.example"]
    (request,) = partner.received
    assert request.path == "/in?x=1"
    assert request.headers["Host"] == f"hooks.partner.example:{partner.port}"
