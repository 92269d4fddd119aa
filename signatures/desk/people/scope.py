"""Per-petition access: who works on which petitions, and nothing of the others.

Somebody else's petition does not exist for them: it is in no list and no choice, and its address answers as one that
never was. Whoever has no `Reach` at all sees no petition. Superusers reach every one.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import ForeignKey, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from signatures.models import Petition, Reach

Person = AbstractBaseUser | AnonymousUser


def _reach(user: Person) -> Reach | None:
    """Asked once in a request: the person is made anew for each."""
    if not hasattr(user, "_reach"):
        user._reach = Reach.objects.filter(user_id=user.pk or 0).first()  # type: ignore[union-attr]
    found: Reach | None = user._reach  # type: ignore[union-attr]
    return found


def reaches_all(user: Person) -> bool:
    """Whether the person works on every petition, those still to come included."""
    if getattr(user, "is_superuser", False) and user.is_active:
        return True
    reach = _reach(user)
    return reach is not None and reach.every_petition


def petitions_for(user: Person) -> QuerySet[Petition]:
    """The petitions that a person works on; for anybody else none."""
    if reaches_all(user):
        return Petition.objects.all()
    return Petition.objects.filter(pk__in=Reach.petitions.through.objects.filter(reach=user.pk).values("petition"))


def may_reach(user: Person, petition_id: int) -> bool:
    """Whether the person works on this petition."""
    return reaches_all(user) or petitions_for(user).filter(pk=petition_id).exists()


def within_reach(user: Person, rows: QuerySet[Any], *, path: str = "petition") -> QuerySet[Any]:
    """Of `rows` those whose petition, found along `path`, the person works on."""
    return rows if reaches_all(user) else rows.filter(**{f"{path}__in": petitions_for(user)})


def let_reach(user: Person, petition: Petition) -> None:
    """Somebody who begins a petition goes on with it."""
    if reaches_all(user):
        return
    reach, _made = Reach.objects.get_or_create(user_id=user.pk or 0)
    reach.petitions.add(petition)


class Scoped(ModelAdmin):
    """A page of rows that belong to petitions. Lists, single rows and choices end where the person's petitions do."""

    petition_path = "petition"  # from a row to its petition; "pk" for petitions themselves

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return within_reach(request.user, super().get_queryset(request), path=self.petition_path)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.related_model is Petition:
            kwargs.setdefault("queryset", petitions_for(request.user))
        field: ModelChoiceField | None = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return field

    def chosen(self, request: HttpRequest) -> list[Any]:
        """The ids that were ticked, of rows that the person reaches. Raises ValidationError for what is no id."""
        ids = [self.opts.pk.to_python(each) for each in request.POST.getlist(ACTION_CHECKBOX_NAME)]
        return list(self.get_queryset(request).filter(pk__in=ids).values_list("pk", flat=True))
