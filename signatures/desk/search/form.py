"""The choices beside the list of signatures, each with its number where one is known without counting."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from signatures.models import CountryTally, Petition, Signature, Tally
from signatures.signing.countries.names import country_names
from signatures.signing.form.forms import checked_source
from signatures.templatetags.figures import figure

from ..jobs.selection import NOT_SAID
from ..jobs.words import HELD_REASONS, MAILS, reason_in_words
from .narrowing import Narrowing, as_id
from .newest import MOST, bounded_counts
from .words import COUNTRY_NOT_SAID, ON_PAPER

ANY = ("", gettext_lazy("All"))


def said(count: int, language: str) -> str:
    """A bounded count as it is shown: 1,000+ for anything above."""
    return f"{figure(MOST, language)}+" if count > MOST else figure(count, language)


class NarrowingForm(forms.Form):
    """The parameters of the list's address. What is no value of its field narrows nothing, and says so beside it."""

    use_required_attribute = False

    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    signed_from = forms.DateField(
        label=gettext_lazy("Signed from (UTC)"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    signed_until = forms.DateField(
        label=gettext_lazy("Signed until (UTC)"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    confirmed_from = forms.DateField(
        label=gettext_lazy("Confirmed from (UTC)"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    petition = forms.TypedChoiceField(label=gettext_lazy("Petition"), required=False, coerce=int, empty_value=None)
    reason = forms.ChoiceField(label=gettext_lazy("Reason it is held"), required=False)
    mail = forms.ChoiceField(label=gettext_lazy("Mail"), required=False)
    paper = forms.ChoiceField(label=gettext_lazy("On paper"), required=False)
    source = forms.CharField(label=gettext_lazy("Source tag"), required=False, max_length=40)
    domain = forms.RegexField("^[0-9a-f]{32}$", required=False, widget=forms.HiddenInput)
    id = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)

    def __init__(
        self, data: Any, *, petitions: dict[str, int], rules: dict[str, str], language: str, may_find: bool = True
    ) -> None:
        super().__init__({name: data[name] for name in Narrowing.names() if name in data}, label_suffix="")
        self.petitions, self.language = petitions, language
        if not may_find:
            del self.fields["domain"]
        self._offer("state", Signature.State.choices)
        self._offer("country", [(NOT_SAID, COUNTRY_NOT_SAID), *country_names(language)])
        self._offer("petition", [(str(pk), slug) for slug, pk in petitions.items()])
        by_rule = [(reason, reason_in_words(reason, rules)) for reason in rules]
        self._offer("reason", [*HELD_REASONS.items(), *by_rule])
        self._offer("mail", MAILS.items())
        self._offer("paper", [("yes", ON_PAPER)])

    def _offer(self, name: str, choices: Any) -> None:
        self.fields[name].choices = [ANY, *choices]  # type: ignore[attr-defined]

    def clean_source(self) -> str:
        source: str = self.cleaned_data["source"]
        if source and not checked_source(source):
            raise ValidationError(_("A tag has small letters, digits and hyphens."))
        return source

    def clean_id(self) -> str:
        digits = as_id(self.cleaned_data["id"])
        if self.cleaned_data["id"] and not digits:
            raise ValidationError(_("That is not an id, nor the beginning of one."))
        return digits

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("signed_from"), self.cleaned_data.get("signed_until")
        if first and last and first > last:
            self.add_error("signed_until", _("This day is before the first."))
        return self.cleaned_data

    @property
    def narrowing(self) -> Narrowing:
        self.is_valid()
        return Narrowing.of(self.cleaned_data)

    def count_in(self, *, petitions: QuerySet[Petition], whose: str) -> None:
        """Put the numbers beside the choices: of the chosen petition, or of all that the person reaches.

        Confirmed signatures, in all and by country, as they were last folded, on paper or not; the other states counted
        up to MOST.
        """
        chosen = self.narrowing.petition
        here = petitions.filter(pk=chosen) if chosen else petitions
        confirmed = Signature.State.CONFIRMED
        states = bounded_counts(Narrowing(petition=chosen), petitions=petitions, whose=whose, but=confirmed)
        total = Tally.objects.filter(petition__in=here).aggregate(sum=Sum(F("total") + F("paper")))["sum"] or 0
        numbers = {state: said(count, self.language) for state, count in states.items()}
        self._number("state", numbers | {confirmed: figure(total, self.language)})
        by_country = CountryTally.objects.filter(petition__in=here).values_list("country").order_by()
        sums = by_country.annotate(sum=Sum(F("total") + F("paper"))).filter(sum__gt=0)
        self._number("country", {code or NOT_SAID: figure(total, self.language) for code, total in sums})

    def _number(self, name: str, numbers: dict[str, str]) -> None:
        field: Any = self.fields[name]
        field.choices = [
            (value, f"{label} ({numbers[value]})" if value in numbers else label) for value, label in field.choices
        ]
