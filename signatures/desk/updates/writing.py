"""Updates from the campaign: written, published, taken back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from signatures.desk.audit.recorded import Recorded, who
from signatures.desk.lists.filters import Choice, PetitionFilter
from signatures.desk.lists.listing import Listed
from signatures.desk.people.scope import Scoped
from signatures.desk.petitions import language_code
from signatures.desk.reasons import ask_and_do
from signatures.desk.site import desk
from signatures.letters.updates import UpdateProblem, forget, publish_update, unpublish_update
from signatures.models import CampaignUpdate, UpdateText

from .sending import Mailed


class TextForm(forms.ModelForm):
    class Meta:
        model = UpdateText
        fields = ("language", "title", "body")
        widgets = {"body": forms.Textarea(attrs={"rows": 14, "class": "vLargeTextField"})}

    def clean_language(self) -> str:
        code: str = self.cleaned_data["language"]
        language_code(code)
        return code


class TextFormSet(BaseInlineFormSet):
    def clean(self) -> None:
        """A published update keeps the words that it was written in."""
        super().clean()
        if self.instance.published_at is None:
            return
        kept = {
            form.cleaned_data.get("language")
            for form in self.forms
            if form.is_valid() and form.cleaned_data and not form.cleaned_data.get("DELETE")
        }
        if self.instance.original_language not in kept:
            raise ValidationError(_("Keep the text in the original language: the update is published."))


class TextInline(admin.StackedInline):
    model = UpdateText
    form = TextForm
    formset = TextFormSet
    extra = 0
    min_num = 1

    # The texts are the update: who may write it may write them, with no permissions of their own.
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return who(request).has_perm("signatures.view_campaignupdate") or self.has_add_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return who(request).has_perm(f"signatures.{'change' if obj else 'add'}_campaignupdate")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return who(request).has_perm("signatures.change_campaignupdate")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


class PublishedFilter(Choice):
    title = gettext_lazy("published")
    parameter_name = "published"
    options = [("yes", gettext_lazy("published")), ("no", gettext_lazy("not yet"))]

    def narrowed(self, queryset: QuerySet[CampaignUpdate], value: str) -> QuerySet[CampaignUpdate]:
        return queryset.filter(published_at__isnull=value == "no")


@admin.register(CampaignUpdate, site=desk)
class CampaignUpdateAdmin(Mailed, Scoped, Recorded, Listed):
    list_display = ("headline", "petition", "created_at", "published_at", "mailed")
    list_select_related = ("petition", "sending")
    list_filter = (PublishedFilter, PetitionFilter)
    inlines = (TextInline,)
    change_form_template = "admin/signatures/campaignupdate/change_form.html"
    fields = ("petition", "original_language", "created_at", "published_at")
    always_read = ("created_at", "published_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CampaignUpdate]:
        return super().get_queryset(request).prefetch_related("texts")

    @admin.display(description=gettext_lazy("title"))
    def headline(self, update: CampaignUpdate) -> str:
        titles = {text.language: text.title for text in update.texts.all()}
        return titles.get(update.original_language) or next(iter(titles.values()), "–")

    def get_readonly_fields(self, request: HttpRequest, obj: CampaignUpdate | None = None) -> tuple[str, ...]:
        """Once published it stays with its petition, in the language it was written in."""
        if obj is None or obj.published_at is None:
            return self.always_read
        return ("petition", "original_language", *self.always_read)

    def has_delete_permission(self, request: HttpRequest, obj: CampaignUpdate | None = None) -> bool:
        """What is public is taken back first, with a reason."""
        return (obj is None or obj.published_at is None) and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: CampaignUpdate, form: Any, change: bool) -> None:
        """Write only what was edited: an update that is published meanwhile stays so."""
        changed = [name for name in form.changed_data if name in form.fields]
        if not change:
            super().save_model(request, obj, form, change)
        elif changed:
            obj.save(update_fields=changed)
        transaction.on_commit(partial(forget, obj.petition_id))

    # -------------------------------------------------------------------------------------- publish and take back
    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:update_id>/publish/", wrap(self.publish_view), name="signatures_campaignupdate_publish"),
            path("<uuid:update_id>/unpublish/", wrap(self.unpublish_view), name="signatures_campaignupdate_unpublish"),
            *super().get_urls(),
        ]

    def publish_view(self, request: HttpRequest, update_id: Any) -> HttpResponse:
        return self._turn(
            request,
            update_id,
            rule=publish_update,
            title=_("Publish the update"),
            explanation=_("Everybody can read it on the letter's pages and through the data address."),
            done=_("The update is published."),
        )

    def unpublish_view(self, request: HttpRequest, update_id: Any) -> HttpResponse:
        return self._turn(
            request,
            update_id,
            rule=unpublish_update,
            title=_("Take the update back"),
            explanation=_("It disappears from our pages within seconds; whoever copied it has it."),
            done=_("The update is no longer public."),
        )

    def _turn(
        self,
        request: HttpRequest,
        update_id: Any,
        *,
        rule: Callable[..., Any],
        title: str,
        explanation: str,
        done: str,
    ) -> HttpResponse:
        update = self.get_object(request, str(update_id))
        if update is None:
            raise Http404
        if not who(request).has_perm("signatures.publish_campaignupdate"):
            raise PermissionDenied
        return ask_and_do(
            request,
            site=self.admin_site,
            do=partial(rule, update_id=update_id, actor=request.user),
            refusals=UpdateProblem,
            title=f"{title}: {self.headline(update)}",
            explanation=explanation,
            submit=title,
            done=done,
            back=reverse("admin:signatures_campaignupdate_change", args=[update_id]),
        )
