"""How the nightly checks ended, for looking at."""

from __future__ import annotations

from django.contrib import admin

from signatures.desk.lists.listing import ReadOnly
from signatures.desk.site import desk
from signatures.models import Check


@admin.register(Check, site=desk)
class CheckAdmin(ReadOnly):
    list_display = ("__str__", "ran_at", "problems")
    fields = ("name", "ran_at", "problems", "details")
