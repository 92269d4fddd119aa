"""Signatures: masked, read-only, found by exact address or id, held and released with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from signatures.models import ConsentText, Signature, Suppression
from signatures.signing.countries import country_name
from signatures.signing.doubt import Doubt
from signatures.signing.review import hold, release

from .filters import Choice, CountryFilter, PetitionFilter
from .finding import NotSearchableError, find
from .listing import FOUND, ReadOnly
from .masking import Masked, masked
from .reasons import ReasonForm, ask_reason
from .recorded import record
from .scope import Scoped, petitions_for
from .site import desk


class StateFilter(Choice):
    title = gettext_lazy("state")
    parameter_name = "state"
    options = list(Signature.State.choices)


class MailFilter(Choice):
    title = gettext_lazy("mail")
    parameter_name = "mail"
    options = [
        ("due", gettext_lazy("waiting to be sent")),
        ("failed", gettext_lazy("failed, will be tried again")),
        ("bounced", gettext_lazy("bounced")),
        ("sent", gettext_lazy("sent")),
    ]

    def narrowed(self, queryset: QuerySet[Signature], value: str) -> QuerySet[Signature]:
        if value == "due":
            return queryset.filter(mail_due_at__isnull=False)
        if value == "failed":
            return queryset.filter(mail_due_at__isnull=False, mail_attempts__gt=0).exclude(mail_error="")
        if value == "bounced":
            return queryset.filter(bounced_at__isnull=False)
        return queryset.filter(mail_sent_at__isnull=False)


class ReasonFilter(Choice):
    """Why a signature is held: the guard's own reasons, or staff's words."""

    title = gettext_lazy("reason it is held")
    parameter_name = "reason"
    options = [
        ("trap", gettext_lazy("a hidden field was filled in")),
        ("patience", gettext_lazy("many from one network, without proof of work")),
        ("domain", gettext_lazy("many addresses of one mail domain")),
        ("staff", gettext_lazy("held by staff")),
    ]

    def narrowed(self, queryset: QuerySet[Signature], value: str) -> QuerySet[Signature]:
        held = queryset.filter(state=Signature.State.HELD)  # few rows, with an index of their own
        if value == "staff":
            return held.exclude(held_reason__in=[str(doubt) for doubt in Doubt])
        return held.filter(held_reason=str(Doubt[value.upper()]))


@admin.register(Signature, site=desk)
class SignatureAdmin(Scoped, ReadOnly):
    list_display = ("signed", "masked_name", "masked_email", "petition", "state", "country_said", "mail")
    list_select_related = ("petition",)
    list_filter = (StateFilter, ReasonFilter, MailFilter, PetitionFilter, CountryFilter)
    actions = ("hold_selected", "release_selected")
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
                    "held_reason",
                    "withdrawn_at",
                    "erased_at",
                )
            },
        ),
        (
            gettext_lazy("Mail"),
            {"fields": ("mail_due_at", "mail_attempts", "mail_sent_at", "mail_count", "mail_error", "bounced_at")},
        ),
    )
    readonly_fields = ("id", "masked_name", "masked_email", "country_said")

    # ------------------------------------------------------------------------------------------------- columns
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
            return _("bounced")
        if row.mail_due_at:
            return _("failed, will be tried again") if row.mail_error else _("waiting to be sent")
        return _("sent") if row.mail_sent_at else "-"

    # -------------------------------------------------------------------------------------------------- search
    def get_urls(self) -> list[Any]:
        find_url = path("find/", self.admin_site.admin_view(self.find_view), name="signatures_signature_find")
        return [find_url, *super().get_urls()]

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """Posted, so that the address stands in no URL, log or history. Answers with the list of what was found."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        back = reverse("admin:signatures_signature_changelist")
        try:
            found = find(request.POST.get("q", ""), among=petitions_for(request.user))
        except NotSearchableError:
            messages.error(
                request,
                _(
                    "Type one whole e-mail address, or the id of a signature. Names and parts of addresses cannot be "
                    "searched: they are stored encrypted."
                ),
            )
            return HttpResponseRedirect(back)
        ids = [*found.exact, *found.same_person]
        record(request, action="search", kind="signature", count=len(ids))
        if found.exact:
            text = ngettext("%d signature matches exactly.", "%d signatures match exactly.", len(found.exact))
            messages.success(request, text % len(found.exact))
        if found.same_person:
            text = ngettext(
                "%d signature is by the same person, who spelled the address otherwise.",
                "%d signatures are by the same person, who spelled the address otherwise.",
                len(found.same_person),
            )
            messages.warning(request, text % len(found.same_person))
        if not ids:
            messages.warning(request, _("No signature with this address or id."))
        if found.suppressed:
            _tell_suppressed(request, found.suppressed)
        return HttpResponseRedirect(f"{back}?{FOUND}={','.join(map(str, ids))}" if ids else back)

    # -------------------------------------------------------------------------------------------------- review
    def has_review_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("signatures.change_signature"))  # type: ignore[union-attr]

    @admin.action(description=gettext_lazy("Hold for review"), permissions=["review"])
    def hold_selected(self, request: HttpRequest, queryset: QuerySet[Signature]) -> HttpResponse | None:
        return self._review(
            request,
            rule=hold,
            action="hold_selected",
            title=_("Hold for review"),
            explanation=_("They leave the count until they are released. Nobody is written to."),
            done=lambda count: ngettext("%d signature is held.", "%d signatures are held.", count) % count,
            others=_("The others were neither pending nor counted, and stay as they are."),
        )

    @admin.action(description=gettext_lazy("Release from review"), permissions=["review"])
    def release_selected(self, request: HttpRequest, queryset: QuerySet[Signature]) -> HttpResponse | None:
        return self._review(
            request,
            rule=release,
            action="release_selected",
            title=_("Release from review"),
            explanation=_(
                "Each goes back to the state it came from. Who confirmed meanwhile is told that it counts; who did not "
                "gets the confirmation mail again."
            ),
            done=lambda count: ngettext("%d signature is released.", "%d signatures are released.", count) % count,
            others=_("The others were not held, and stay as they are."),
        )

    def _review(
        self,
        request: HttpRequest,
        *,
        rule: Callable[..., int],
        action: str,
        title: str,
        explanation: str,
        done: Callable[[int], str],
        others: str,
    ) -> HttpResponse | None:
        """Ask why, then do it. Only the ticked ids count: "select across pages" is not offered and not obeyed."""
        try:
            ids = self.chosen(request)
        except ValidationError:
            messages.error(request, _("That is not a list of signatures."))
            return None
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if form.is_bound and form.is_valid():
            moved = rule(signature_ids=ids, reason=form.cleaned_data["reason"], actor=request.user)
            messages.success(request, done(moved))
            if moved < len(ids):
                messages.warning(request, others)
            return None
        chosen = ngettext("%d signature is chosen.", "%d signatures are chosen.", len(ids)) % len(ids)
        return ask_reason(
            request,
            site=self.admin_site,
            form=form,
            title=title,
            explanation=f"{chosen} {explanation}",
            submit=title,
            back=request.get_full_path(),
            hidden=[("action", action), *((ACTION_CHECKBOX_NAME, str(each)) for each in ids)],
        )


def _masked(row: Signature) -> Masked:
    """Unsealed once for both columns."""
    if not hasattr(row, "_masked"):
        row._masked = masked(row)  # type: ignore[attr-defined]
    result: Masked = row._masked  # type: ignore[attr-defined]
    return result


def _tell_suppressed(request: HttpRequest, ids: list[int]) -> None:
    address = f"{reverse('admin:signatures_suppression_changelist')}?{FOUND}={','.join(map(str, ids))}"
    text = _("This address said “I did not sign this”; we do not write to it.")
    messages.warning(request, format_html('{} <a href="{}">{}</a>', text, address, _("See the suppression")))


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
