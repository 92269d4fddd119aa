"""How the nightly checks ended, for looking at."""

from __future__ import annotations

from django.contrib import admin

from signatures.models import Check

from .listing import ReadOnly
from .site import desk


@admin.register(Check, site=desk)
class CheckAdmin(ReadOnly):
    list_display = ("__str__", "ran_at", "problems")
    fields = ("name", "ran_at", "problems", "details")
