"""What django-axes asks of us: which network a log-in came from."""

from __future__ import annotations

from django.http import HttpRequest

from signatures.signing.guard import client_network


def network_address(request: HttpRequest) -> str:
    """The first address of the client's /24 or /64, by the proxies we are configured to believe.

    A network, because an attacker has many addresses in one, and because we store no single one even here.
    """
    network = client_network(request)
    return network.partition("/")[0] if "/" in network else "0.0.0.0"  # noqa: S104  stands for "unknown"
