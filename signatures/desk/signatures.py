"""Signatures: masked until revealed, read-only, found by one box, and moved in bulk by jobs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from signatures.models import ConsentText, Signature, Suppression
from signatures.privacy.personal import reference_of
from signatures.privacy.sealing import Unreadable
from signatures.signing.countries.names import country_name

from .audit.recorded import record
from .entrance.pages import asks_who_you_are
from .jobs.bulk import BulkActions
from .lists.filters import PetitionFilter
from .lists.listing import ReadOnly
from .people.scope import Scoped
from .reasons import ReasonForm, ask_reason
from .search.masking import Masked, masked
from .search.pages import SignaturePages
from .search.reveal_view import reveal_signature
from .search.views import find_signatures
from .search.words import ON_PAPER, reason_said
from .site import desk


@admin.register(Signature, site=desk)
class SignatureAdmin(BulkActions, ReadOnly):
    list_display = ("signed", "masked_name", "masked_email", "petition", "state_shown", "country_said", "mail")
    list_select_related = ("petition",)
    change_list_template = "admin/signatures/signature/change_list.html"
    fieldsets = (
        (None, {"fields": ("id", "petition", "state", "masked_name", "masked_email", "country_said", "language")}),
        (
            gettext_lazy("Choices"),
            {"fields": ("show_name", "hand_over", "wants_updates", "source", "consent", "consented_at")},
        ),
        (
            gettext_lazy("Life"),
            {
                "fields": (
                    "created_at",
                    "confirmed_at",
                    "held_at",
                    "held_from",
                    "why_held",
                    "withdrawn_at",
                    "invalid_at",
                    "invalid_reason",
                    "erased_at",
                )
            },
        ),
        (
            gettext_lazy("Mail"),
            {"fields": ("mail_due_at", "mail_attempts", "mail_sent_at", "mail_count", "mail_error", "bounced_at")},
        ),
    )
    readonly_fields = (
        "id",
        "masked_name",
        "masked_email",
        "country_said",
        "why_held",
        "paper_file",
        "paper_taken",
        "paper_day",
        "paper_reference",
    )

    # ------------------------------------------------------------------------------------------------- columns
    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: Signature) -> str:
        """In words, with a shape of its own (by its class), whether on paper, and why if it is held."""
        return format_html(
            '<span class="state {}">{}</span>{}{}',
            row.state,
            row.get_state_display(),
            format_html(', <span class="paper">{}</span>', ON_PAPER) if row.paper_import_id else "",
            format_html(' <span class="why">{}</span>', _why(row)) if row.state == Signature.State.HELD else "",
        )

    @admin.display(description=gettext_lazy("reason it is held"))
    def why_held(self, row: Signature) -> str:
        return reason_said(row)

    @admin.display(description=gettext_lazy("signed"))
    def signed(self, row: Signature) -> Any:
        return row.created_at

    @admin.display(description=gettext_lazy("name, masked"))
    def masked_name(self, row: Signature) -> str:
        return _masked(row).name

    @admin.display(description=gettext_lazy("e-mail, masked"))
    def masked_email(self, row: Signature) -> str:
        return _masked(row).email

    @admin.display(description=gettext_lazy("country"))
    def country_said(self, row: Signature) -> str:
        if row.state == Signature.State.ERASED:
            return "-"
        return country_name(row.country, get_language() or "en")

    @admin.display(description=gettext_lazy("mail"))
    def mail(self, row: Signature) -> str:
        if row.bounced_at:
            fate = _("bounced")
        elif row.mail_due_at:
            fate = _("failed, will be tried again") if row.mail_error else _("waiting to be sent")
        elif row.mail_sent_at:
            fate = _("sent")
        else:
            return format_html('<span class="none">{}</span>', "-")
        return format_html(
            '<span class="what">{}</span> {}', _("Mail:"), fate
        )  # said where there is no head of a column

    # -------------------------------------------------------------------------------------------------- on paper
    def get_fieldsets(self, request: HttpRequest, obj: Signature | None = None) -> Any:
        """What stands on paper has a file, and no text of ours that was agreed to, and no mail."""
        if obj is None or obj.paper_import_id is None:
            return self.fieldsets
        first, _choices, (title, life), _mail = self.fieldsets
        since = tuple(name for name in life["fields"] if name not in ("created_at", "confirmed_at"))
        paper = ("paper_file", "paper_taken", "paper_day", "paper_reference", "hand_over")
        return (first, (gettext_lazy("On paper"), {"fields": paper}), (title, {"fields": since}))

    @admin.display(description=gettext_lazy("file"))
    def paper_file(self, row: Signature) -> str:
        address = reverse("admin:signatures_paperimport_change", args=[row.paper_import_id])
        return format_html('<a href="{}">{}</a>', address, row.paper_import)

    @admin.display(description=gettext_lazy("imported"))
    def paper_taken(self, row: Signature) -> Any:
        return row.created_at

    @admin.display(description=gettext_lazy("signed on"))
    def paper_day(self, row: Signature) -> str:
        return date_format(row.consented_at.date()) if row.consented_at else "-"

    @admin.display(description=gettext_lazy("reference"))
    def paper_reference(self, row: Signature) -> str:
        try:
            return reference_of(row) or "-"
        except Unreadable:
            return _("unreadable")

    # ----------------------------------------------------------------------------------------- search, reveal
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("find/", view(self.find_view), name="signatures_signature_find"),
            path("<path:object_id>/reveal/", view(self.reveal_view), name="signatures_signature_reveal"),
            *super().get_urls(),
        ]

    def find_view(self, request: HttpRequest) -> HttpResponse:
        return find_signatures(self, request)

    @asks_who_you_are
    def reveal_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return reveal_signature(self, request, object_id)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SignaturePages


def _why(row: Signature) -> str:
    """With the names that the list has asked for, for all of its rows at once."""
    return reason_said(row, getattr(row, "rule_names", None))


def _masked(row: Signature) -> Masked:
    """Unsealed once for both columns."""
    if not hasattr(row, "_masked"):
        row._masked = masked(row)  # type: ignore[attr-defined]
    result: Masked = row._masked  # type: ignore[attr-defined]
    return result


@admin.register(Suppression, site=desk)
class SuppressionAdmin(Scoped, ReadOnly):
    """The addresses themselves are not known here: search for one among the signatures."""

    list_display = ("id", "petition", "created_at", "last_tried_on")
    list_select_related = ("petition",)
    list_filter = (PetitionFilter,)
    fields = ("petition", "created_at", "last_tried_on")
    actions = ("lift_selected",)

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("signatures.delete_suppression"))  # type: ignore[union-attr]

    @admin.action(description=gettext_lazy("Lift the suppression"), permissions=["lift"])
    def lift_selected(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> HttpResponse | None:
        try:
            ids = self.chosen(request)
        except ValidationError:
            messages.error(request, _("That is not a list of addresses."))
            return None
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if form.is_bound and form.is_valid():
            count, _each = Suppression.objects.filter(pk__in=ids).delete()
            if count:
                reason = form.cleaned_data["reason"]
                only = str(ids[0]) if len(ids) == 1 else ""
                record(request, action="lift", kind="suppression", object_id=only, count=count, reason=reason)
            text = ngettext("%d suppression is lifted.", "%d suppressions are lifted.", count)
            messages.success(request, text % count)
            return None
        return ask_reason(
            request,
            site=self.admin_site,
            form=form,
            title=_("Lift the suppression"),
            explanation=_("These addresses can sign again and will be written to when they do."),
            submit=_("Lift the suppression"),
            back=request.get_full_path(),
            hidden=[("action", "lift_selected"), *((ACTION_CHECKBOX_NAME, str(each)) for each in ids)],
        )


@admin.register(ConsentText, site=desk)
class ConsentTextAdmin(ReadOnly):
    list_display = ("version", "language", "created_at")
    fields = ("version", "language", "text", "created_at")
