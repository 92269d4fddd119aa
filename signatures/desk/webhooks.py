"""Webhooks of partners: set up, tried, and their deliveries looked at and sent again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from signatures.models import WebhookDelivery, WebhookEndpoint
from signatures.privacy.sealing import Unreadable
from signatures.webhooks.destinations import Unfit, read_address
from signatures.webhooks.notice import send_test, start_from_now
from signatures.webhooks.outbox import send_again
from signatures.webhooks.post import BROKEN, UNTRUSTED
from signatures.webhooks.secrets import new_secret, secrets_of

from .audit.recorded import Recorded, record
from .lists.filters import Choice, PetitionFilter
from .lists.listing import Listed, ReadOnly
from .people.scope import Scoped
from .periods import beginning
from .reasons import ReasonForm, ask_reason
from .site import desk

LATEST = 10  # deliveries shown with their webhook
_ANSWERED = re.compile(r"It answered (\d{3})\.")


class EndpointForm(forms.ModelForm):
    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            read_address(url)
        except Unfit as problem:
            raise ValidationError(str(problem)) from problem
        return url


class ActiveFilter(Choice):
    title = gettext_lazy("active")
    parameter_name = "active"
    options = [("yes", gettext_lazy("active")), ("no", gettext_lazy("switched off"))]

    def narrowed(self, queryset: QuerySet[WebhookEndpoint], value: str) -> QuerySet[WebhookEndpoint]:
        return queryset.filter(active=value == "yes")


@admin.register(WebhookEndpoint, site=desk)
class WebhookEndpointAdmin(Scoped, Recorded, Listed):
    form = EndpointForm
    list_display = ("partner", "petition", "server", "step", "active", "why_off", "created_at")
    list_select_related = ("petition",)
    list_filter = (ActiveFilter, PetitionFilter)
    change_form_template = "admin/signatures/webhookendpoint/change_form.html"
    fieldsets = (
        (None, {"fields": ("petition", "partner", "url", "step", "active")}),
        (gettext_lazy("Life"), {"fields": ("created_at", "disabled_at", "why_off", "latest")}),
    )
    always_read = ("created_at", "disabled_at", "why_off", "latest")

    @admin.display(description=gettext_lazy("server"))
    def server(self, endpoint: WebhookEndpoint) -> str:
        try:
            return read_address(endpoint.url).header
        except Unfit:
            return "-"  # a setting has changed since

    @admin.display(description=gettext_lazy("why it was switched off"), ordering="disabled_why")
    def why_off(self, endpoint: WebhookEndpoint) -> str:
        return in_words(endpoint.disabled_why) or "-"

    @admin.display(description=gettext_lazy("latest deliveries"))
    def latest(self, endpoint: WebhookEndpoint) -> SafeString:
        rows = endpoint.deliveries.order_by("-id")[:LATEST]
        deliveries = [(row, fate_of(row), in_words(row.error)) for row in rows]
        return render_to_string("admin/signatures/webhookendpoint/latest.html", {"deliveries": deliveries})

    def get_fieldsets(self, request: HttpRequest, obj: WebhookEndpoint | None = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:1]

    def get_readonly_fields(self, request: HttpRequest, obj: WebhookEndpoint | None = None) -> tuple[str, ...]:
        return self.always_read if obj is None else ("petition", *self.always_read)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # it is switched off; what it was told stays to be seen

    def save_model(self, request: HttpRequest, obj: WebhookEndpoint, form: Any, change: bool) -> None:
        """Write only what was edited: what it has been told may change at the same moment."""
        if not change:
            new_secret(obj)
            super().save_model(request, obj, form, change)
            start_from_now(obj)
            messages.info(request, _("Show the secret and hand it to the partner; then send a test event."))
            return
        changed = [name for name in form.changed_data if name in form.fields]
        if "active" in changed:
            obj.disabled_at = None if obj.active else timezone.now()
            obj.disabled_why = "" if obj.active else _("Switched off at the desk.")
            changed += ["disabled_at", "disabled_why"]
        if changed:
            obj.save(update_fields=changed)

    # ------------------------------------------------------------------------------------------ test and secrets
    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:endpoint_id>/test/", wrap(self.test_view), name="signatures_webhookendpoint_test"),
            path("<uuid:endpoint_id>/secret/", wrap(self.secret_view), name="signatures_webhookendpoint_secret"),
            path("<uuid:endpoint_id>/replace/", wrap(self.replace_view), name="signatures_webhookendpoint_replace"),
            *super().get_urls(),
        ]

    def test_view(self, request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
        def act(endpoint: WebhookEndpoint) -> HttpResponse | None:
            send_test(endpoint)
            messages.success(request, _("A test event is on its way. Look at the latest deliveries in a moment."))
            return None

        return self._act(
            request,
            endpoint_id,
            action="send test",
            title=_("Send a test event"),
            explanation=_("The partner gets an event of the type “test” with the figures of now."),
            act=act,
        )

    def secret_view(self, request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
        return self._act(
            request,
            endpoint_id,
            action="show secret",
            title=_("Show the secret"),
            explanation=_("Who has it can send events in our name. Hand it over by a way that nobody else reads."),
            act=lambda endpoint: self._secrets(request, endpoint),
        )

    def replace_view(self, request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
        def act(endpoint: WebhookEndpoint) -> HttpResponse:
            new_secret(endpoint)
            endpoint.save(update_fields=["secret_sealed", "former_sealed", "former_until"])
            return self._secrets(request, endpoint)

        return self._act(
            request,
            endpoint_id,
            action="replace secret",
            title=_("Replace the secret"),
            explanation=_(
                "For a while both secrets sign, so that the partner can change over without losing an event."
            ),
            act=act,
        )

    def _act(
        self,
        request: HttpRequest,
        endpoint_id: UUID,
        *,
        action: str,
        title: str,
        explanation: str,
        act: Callable[[WebhookEndpoint], HttpResponse | None],
    ) -> HttpResponse:
        """Ask why on GET; on POST record it and do it, or neither."""
        endpoint = self.get_queryset(request).select_related("petition").filter(pk=endpoint_id).first()
        if endpoint is None:
            raise Http404
        if not self.has_change_permission(request, endpoint):
            raise PermissionDenied
        back = reverse("admin:signatures_webhookendpoint_change", args=[endpoint_id])
        form = ReasonForm(request.POST if request.method == "POST" else None)
        problem = ""
        if not endpoint.active and action == "send test":
            problem = _("This webhook is switched off.")
        elif form.is_bound and form.is_valid():
            try:
                with transaction.atomic():
                    record(request, action=action, on=endpoint, reason=form.cleaned_data["reason"])
                    answer = act(endpoint)
            except Unreadable:
                problem = _("The secret cannot be read: a key is missing. Ask your operator, or replace the secret.")
            else:
                return answer or HttpResponseRedirect(back)
        return ask_reason(
            request,
            site=self.admin_site,
            form=form,
            title=f"{title}: {endpoint.partner}",
            explanation=explanation,
            submit=title,
            back=back,
            problem=problem,
        )

    def _secrets(self, request: HttpRequest, endpoint: WebhookEndpoint) -> TemplateResponse:
        """Answered to the post itself: a secret stands in no address, no session and no cookie."""
        context = self.admin_site.each_context(request) | {
            "title": _("The secret of %(partner)s") % {"partner": endpoint.partner},
            "secrets": secrets_of(endpoint),
            "until": endpoint.former_until,
            "back": reverse("admin:signatures_webhookendpoint_change", args=[endpoint.pk]),
        }
        return TemplateResponse(request, "admin/signatures/webhookendpoint/secret.html", context)


class FateFilter(Choice):
    title = gettext_lazy("state")
    parameter_name = "fate"
    options = [
        ("waiting", gettext_lazy("waiting to be sent")),
        ("failed", gettext_lazy("failed, will be tried again")),
        ("over", gettext_lazy("given up")),
        ("lately", gettext_lazy("given up in the last seven days")),
        ("delivered", gettext_lazy("delivered")),
    ]

    def narrowed(self, queryset: QuerySet[WebhookDelivery], value: str) -> QuerySet[WebhookDelivery]:
        if value == "waiting":
            return queryset.filter(due_at__isnull=False)
        if value == "failed":
            return queryset.filter(due_at__isnull=False).exclude(error="")
        if value == "over":
            return queryset.filter(gave_up_at__isnull=False)
        if value == "lately":
            return queryset.filter(gave_up_at__gte=beginning("week", now=timezone.now()))
        return queryset.filter(delivered_at__isnull=False)


class DeliveryPetitionFilter(PetitionFilter):
    petition_path = "endpoint__petition_id"


def in_words(error: str) -> str:
    """What a worker noted in English, in the language of whoever reads it; a server's own words stay as they are."""
    if said := _ANSWERED.fullmatch(error):
        return _("It answered %(status)d.") % {"status": int(said[1])}
    for known in (UNTRUSTED, BROKEN):
        before, _why, after = known.partition("%(why)s")
        if error.startswith(before):
            return _(known) % {"why": error[len(before) :].removesuffix(after)}
    return _(error) if error else ""


def fate_of(delivery: WebhookDelivery) -> str:
    """What has become of a delivery, in words."""
    if delivery.delivered_at:
        return _("delivered")
    if delivery.gave_up_at:
        return _("given up")
    return _("failed, will be tried again") if delivery.error else _("waiting to be sent")


@admin.register(WebhookDelivery, site=desk)
class WebhookDeliveryAdmin(Scoped, ReadOnly):
    petition_path = "endpoint__petition"
    list_display = ("created_at", "endpoint", "event", "fate", "attempts", "last_error")
    list_select_related = ("endpoint",)
    list_filter = (FateFilter, DeliveryPetitionFilter)
    actions = ("send_again_selected",)
    fields = (
        *("endpoint", "event", "message", "fate", "created_at", "due_at", "attempts", "status", "last_error"),
        *("delivered_at", "gave_up_at", "content"),
    )
    readonly_fields = ("fate", "last_error", "content")

    @admin.display(description=gettext_lazy("state"))
    def fate(self, delivery: WebhookDelivery) -> str:
        return fate_of(delivery)

    @admin.display(description=gettext_lazy("last error"))
    def last_error(self, delivery: WebhookDelivery) -> str:
        return in_words(delivery.error) or "-"

    @admin.display(description=gettext_lazy("content"))
    def content(self, delivery: WebhookDelivery) -> SafeString:
        return format_html("<pre>{}</pre>", json.dumps(delivery.payload, indent=2, sort_keys=True))

    def has_again_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("signatures.change_webhookendpoint"))  # type: ignore[union-attr]

    @admin.action(description=gettext_lazy("Send again"), permissions=["again"])
    def send_again_selected(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> HttpResponse | None:
        try:
            ids = self.chosen(request)
        except ValidationError:
            messages.error(request, _("That is not a list of deliveries."))
            return None
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if form.is_bound and form.is_valid():
            with transaction.atomic():
                count = send_again(ids)
                if count:
                    only = str(ids[0]) if len(ids) == 1 else ""
                    reason = form.cleaned_data["reason"]
                    record(
                        request, action="send again", kind="webhookdelivery", object_id=only, count=count, reason=reason
                    )
            text = ngettext("%d delivery is on its way.", "%d deliveries are on their way.", count)
            messages.success(request, text % count)
            if count < len(ids):
                messages.warning(request, _("The others belong to a webhook that is switched off."))
            return None
        return ask_reason(
            request,
            site=self.admin_site,
            form=form,
            title=_("Send again"),
            explanation=_("Each keeps its message id, so that a partner who has it already can tell."),
            submit=_("Send again"),
            back=request.get_full_path(),
            hidden=[("action", "send_again_selected"), *((ACTION_CHECKBOX_NAME, str(each)) for each in ids)],
        )
