"""What a load balancer and an operator ask: is the process alive, are its parts, is anything stuck."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import Error as DatabaseProblem
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from signatures.mail.outbox import oldest_due
from signatures.tally.ledger import oldest_unfolded

from .redis import Unavailable, ask


def alive(request: HttpRequest) -> HttpResponse:
    """200 while the process answers; touches nothing else."""
    response = HttpResponse("ok\n", content_type="text/plain")
    response["Cache-Control"] = "no-store"
    return response


def _age(since: datetime | None) -> float:
    """Seconds that something has waited; 0 when nothing does or it is not due yet."""
    return max(0.0, round((timezone.now() - since).total_seconds(), 1)) if since else 0.0


def ready(request: HttpRequest) -> HttpResponse:
    """200 while signing works, 503 without PostgreSQL. Redis away is reported and no reason to take us down."""
    report: dict[str, Any] = {"database": "ok", "redis": "ok"}
    status = 200
    try:
        connection.ensure_connection()
        report["oldest_due_mail_seconds"] = _age(oldest_due())
        report["oldest_unfolded_entry_seconds"] = _age(oldest_unfolded())
    except DatabaseProblem:
        report["database"] = "away"
        status = 503
    try:
        ask(lambda client: client.ping())
    except Unavailable:
        report["redis"] = "away"
    response = JsonResponse(report, status=status)
    response["Cache-Control"] = "no-store"
    return response
