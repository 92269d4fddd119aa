"""What django-axes asks of us: which network a log-in came from, and what a right password forgives."""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from signatures.signing.guard.limits import client_network


def network_address(request: HttpRequest) -> str:
    """The first address of the client's /24 or /64, by the proxies we are configured to believe.

    A network, because an attacker has many addresses in one, and because we store no single one even here.
    """
    network = client_network(request)
    return network.partition("/")[0] if "/" in network else "0.0.0.0"  # noqa: S104  stands for "unknown"


def forgive_typos(request: HttpRequest, user: AbstractBaseUser, **signal: Any) -> None:
    """Forget the wrong passwords that were given for this account from this network, now that it gave the right one.

    Axes would forget all of the network's and all of the account's (AXES_RESET_ON_SUCCESS): whoever has a login of
    their own could then guess at others' for ever, with a log-in of theirs in between.
    """
    typos = AccessAttempt.objects.filter(username=user.get_username(), ip_address=network_address(request))
    typos.delete()
