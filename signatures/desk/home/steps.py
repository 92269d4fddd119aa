"""The first steps of a new installation: shown until a letter has been opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from signatures.desk.people.scope import reaches_all
from signatures.models import Letter, Petition


@dataclass(frozen=True, slots=True)
class Link:
    words: str
    address: str


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, why, whether it is done, and where."""

    name: str
    words: str
    done: bool = False
    links: Sequence[Link] = ()


def first_steps(request: HttpRequest, *, site: AdminSite, petitions: Sequence[Petition]) -> Sequence[Step]:
    """Empty as soon as a petition was opened, and for whoever writes no letters."""
    may = request.user.has_perm  # type: ignore[union-attr]
    if any(petition.opened_at for petition in petitions) or not may("signatures.add_petition"):
        return ()
    if not petitions and not reaches_all(request.user) and Petition.objects.exists():
        return ()  # others are at work here; this person has nothing yet
    newest = petitions[0] if petitions else None
    written = newest is not None and Letter.objects.filter(petition=newest).exists()
    page = reverse("admin:signatures_petition_change", args=[newest.pk]) if newest else ""
    begin = [
        Link(_("Import a letter"), reverse("admin:signatures_petition_import")),
        Link(_("Write one here"), reverse("admin:signatures_petition_add")),
    ]
    return (
        Step(
            _("Bring your letter"),
            _("As a Markdown file or as pasted text, with its title and addressee. It becomes a draft first."),
            done=written,
            links=[Link(_("Go on with %(petition)s") % {"petition": newest.slug}, page)] if newest else begin,
        ),
        Step(
            _("Look it over"),
            _("Its goal, its letterhead, its other languages. Once it is open, its address stays as it is."),
            links=[Link(_("Look at the petition"), page)] if written else (),
        ),
        Step(
            _("Open it"),
            _("From then on everybody can read and sign it. Sign it yourself first, and click the link in the mail."),
            links=[Link(_("Open it from its page"), page)] if written else (),
        ),
        Step(
            _("Bring your colleagues in"),
            _("Each gets an account of their own, may do what their role says, and sees the petitions you give them."),
            done=User.objects.filter(is_staff=True, is_active=True).count() > 1,
            links=[Link(_("Add a person"), reverse("admin:auth_user_add"))] if may("auth.add_user") else (),
        ),
    )
