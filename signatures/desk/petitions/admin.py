"""The list of petitions and the page of one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from signatures.desk.audit.recorded import Recorded, who
from signatures.desk.keeping import keeping_page, legal_hold_page
from signatures.desk.lists.filters import Choice
from signatures.desk.lists.listing import Listed
from signatures.desk.people.scope import Scoped, let_reach
from signatures.desk.site import desk
from signatures.desk.sources import sources_page
from signatures.letters.importing import RESERVED
from signatures.letters.read import forget
from signatures.models import AuditEntry, Petition
from signatures.tally.goal import read_steps

from . import drafts
from .imports import import_page, store_page
from .letters import LetterInline, keep_what_was_written, standings
from .life import LIFE, step_page
from .preview import all_letters, empty_frame, one_letter


class PetitionForm(forms.ModelForm):
    def clean_goal_steps(self) -> str:
        """As they are read: rising numbers, with a comma between."""
        return ", ".join(str(step) for step in read_steps(self.cleaned_data["goal_steps"]))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        by_steps = cleaned.get("goal_raising") == Petition.Raising.STEPS
        if by_steps and not cleaned.get("goal_steps") and "goal_steps" not in self.errors:
            self.add_error("goal_steps", _("Say through which steps the goal rises."))
        return cleaned

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug in RESERVED:
            raise ValidationError(_("This address is taken by a page of ours."))
        return slug


class StateFilter(Choice):
    title = gettext_lazy("state")
    parameter_name = "state"
    options = list(Petition.State.choices)


_LIFE = (
    *("created_at", "opens_at", "opened_at", "paused_at", "paused_words"),
    *("closes_at", "closed_at", "delivered_at"),
)
RAISES_SHOWN = 5
STEPS = LIFE | drafts.STEPS


@admin.register(Petition, site=desk)
class PetitionAdmin(Scoped, Recorded, Listed):
    petition_path = "pk"
    list_display = ("slug", "organisation", "state", "signed", "goal", "opened_at", "closed_at")
    list_select_related = ("tally",)
    list_filter = (StateFilter,)
    form = PetitionForm
    inlines = (LetterInline,)
    change_form_template = "admin/signatures/petition/change_form.html"
    change_list_template = "admin/signatures/petition/change_list.html"
    fieldsets = (
        (None, {"fields": ("slug", "state", "original_language", "country_threshold", "show_names")}),
        (
            gettext_lazy("Goal"),
            {"fields": ("goal", "goal_raising", "goal_steps", "goal_raise_percent", "goal_history")},
        ),
        (gettext_lazy("Letterhead"), {"fields": ("organisation", "reference", "dated")}),
        (gettext_lazy("Life"), {"fields": ("signed", "on_paper", *_LIFE)}),
    )
    always_read = ("state", "signed", "on_paper", "goal_history", "preview_link", *_LIFE)

    @admin.display(description=gettext_lazy("signatures"))
    def signed(self, petition: Petition) -> int:
        tally = getattr(petition, "tally", None)
        return tally.total if tally else 0

    @admin.display(description=gettext_lazy("on paper"))
    def on_paper(self, petition: Petition) -> int:
        """Counted apart: not among the signatures above."""
        tally = getattr(petition, "tally", None)
        return tally.paper if tally else 0

    @admin.display(description=gettext_lazy("raised by itself"))
    def goal_history(self, petition: Petition) -> str:
        """The last times that the goal rose, from the audit."""
        rises = AuditEntry.objects.filter(action="raise goal", object_type="petition", object_id=petition.slug[:40])
        lines = [(entry.at.strftime("%Y-%m-%d %H:%M UTC"), entry.reason) for entry in rises[:RAISES_SHOWN]]
        return format_html_join(mark_safe("<br>"), "{}: {}", lines) or "-"

    @admin.display(description=gettext_lazy("preview link"))
    def preview_link(self, petition: Petition) -> Any:
        return drafts.shown_link(petition)

    def get_fieldsets(self, request: HttpRequest, obj: Petition | None = None) -> Any:
        """The link to a draft is shown to those who may make it."""
        sets = super().get_fieldsets(request, obj)
        if obj is not None and drafts.has_preview_link(obj) and self.has_change_permission(request, obj):
            return (*sets, (gettext_lazy("Draft"), {"fields": ("preview_link",)}))
        return sets

    def get_readonly_fields(self, request: HttpRequest, obj: Petition | None = None) -> tuple[str, ...]:
        """Once published, the address and the original language stay: links and mails point there."""
        if obj is None or obj.state in Petition.PRIVATE:
            return self.always_read
        return ("slug", "original_language", *self.always_read)

    def has_run_permission(self, request: HttpRequest, obj: Petition | None = None) -> bool:
        return bool(request.user.has_perm("signatures.run_petition"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @method_decorator(csp_update({"frame-src": [SELF]}))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The letters are shown in frames of our own (`preview`)."""
        return super().changeform_view(request, *args, **kwargs)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        petition = self.get_object(request, object_id)
        steps = [
            step
            for step in STEPS.values()
            if petition
            and petition.state in step.offered_in
            and step.when(petition)
            and getattr(self, f"has_{step.may}_permission")(request, petition)
        ]
        more: dict[str, Any] = {"steps": steps}
        if petition:
            more["standings"] = standings(petition)
            if request.user.has_perm("signatures.view_letterrevision"):
                more["history"] = f"{reverse('admin:signatures_letterrevision_changelist')}?petition={petition.pk}"
        return super().change_view(request, object_id, form_url, (extra_context or {}) | more)

    # -------------------------------------------------------------------------------------------------- saving
    def save_model(self, request: HttpRequest, obj: Petition, form: Any, change: bool) -> None:
        """Write only what was edited: a petition that is opened or closed meanwhile stays so."""
        if change:
            changed = [name for name in form.changed_data if name in form.fields]
            if changed:
                obj.save(update_fields=changed)
        else:
            super().save_model(request, obj, form, change)
            let_reach(who(request), obj)
        for slug in {obj.slug, form.initial.get("slug", obj.slug)}:
            transaction.on_commit(partial(forget, slug))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        keep_what_was_written(form, formset, by=who(request))

    # ------------------------------------------------------------------------------------------------ its own pages
    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("letter-frame/", wrap(empty_frame), name="signatures_petition_letter_frame"),
            path("preview-letter/", wrap(self.writing(one_letter)), name="signatures_petition_preview_letter"),
            path("preview-letters/", wrap(self.writing(all_letters)), name="signatures_petition_preview_letters"),
            path("import/", wrap(self.import_view), name="signatures_petition_import"),
            path("import/store/", wrap(self.store_view), name="signatures_petition_store"),
            *(
                path(f"<int:petition_id>/{name}/", wrap(self.step_view), {"name": name}, f"signatures_petition_{name}")
                for name in STEPS
            ),
            path("<int:petition_id>/keeping/", wrap(self.keeping_view), name="signatures_petition_keeping"),
            path("<int:petition_id>/legal-hold/", wrap(self.legal_hold_view), name="signatures_petition_legal_hold"),
            path("<int:petition_id>/sources/", wrap(self.sources_view), name="signatures_petition_sources"),
            *super().get_urls(),
        ]

    def writing(self, view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
        """A view for those who may write letters."""

        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponse:
            if not (self.has_change_permission(request) or self.has_add_permission(request)):
                raise PermissionDenied
            return view(request)

        return guarded

    def _petition(self, request: HttpRequest, petition_id: int, *, may: str) -> Petition:
        """The petition, for who may `view`, `change` or `run` it; 404 and 403 for others."""
        petition: Petition | None = self.get_object(request, str(petition_id))
        if petition is None:
            raise Http404
        if not getattr(self, f"has_{may}_permission")(request, petition):
            raise PermissionDenied
        return petition

    def step_view(self, request: HttpRequest, petition_id: int, name: str) -> HttpResponse:
        petition = self._petition(request, petition_id, may=STEPS[name].may)
        return step_page(request, site=self.admin_site, petition=petition, step=STEPS[name])

    def sources_view(self, request: HttpRequest, petition_id: int) -> HttpResponse:
        petition = self._petition(request, petition_id, may="view")
        return sources_page(request, site=self.admin_site, petition=petition)

    def keeping_view(self, request: HttpRequest, petition_id: int) -> HttpResponse:
        petition = self._petition(request, petition_id, may="view")
        return keeping_page(request, site=self.admin_site, petition=petition)

    def legal_hold_view(self, request: HttpRequest, petition_id: int) -> HttpResponse:
        petition = self._petition(request, petition_id, may="view")
        return legal_hold_page(request, site=self.admin_site, petition=petition)

    @method_decorator(csp_update({"frame-src": [SELF]}))
    def import_view(self, request: HttpRequest) -> HttpResponse:
        return self._importing(request, import_page)

    @method_decorator(csp_update({"frame-src": [SELF]}))
    def store_view(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:signatures_petition_import"))
        return self._importing(request, store_page)

    def _importing(self, request: HttpRequest, page: Callable[..., HttpResponse]) -> HttpResponse:
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        return page(request, site=self.admin_site)
