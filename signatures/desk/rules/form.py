"""What a rule asks for, as staff write it down, and what is wrong with it."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from signatures.models import Rule
from signatures.privacy.indexes import domain_index
from signatures.signing.countries.names import NOT_SAID, country_name, country_names
from signatures.signing.review.rules import NARROWEST, WIDEST, network_in

CONDITIONS = ("country", "signed_from", "signed_before", "source", "name_pattern", "name_looks", "network")


class RuleForm(forms.ModelForm):
    domain = forms.CharField(
        label=gettext_lazy("mail domain"),
        max_length=253,
        required=False,
        help_text=gettext_lazy("Kept scrambled: it cannot be read or changed afterwards."),
    )
    country = forms.ChoiceField(label=gettext_lazy("country"), required=False)

    class Meta:
        help_texts = {
            "name": gettext_lazy("What staff call the wave. Write no address here."),
            "name_pattern": gettext_lazy(
                "* stands for anything; capitals do not matter. Rather a part than the name of one person."
            ),
            "network": gettext_lazy(
                "Only for new signatures, as 203.0.113.0/24 or 2001:db8::/32: a rule with a network watches and cannot "
                "be run. It also holds everybody honest behind it, such as a school or a mobile network’s customers."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "country" in self.fields:
            language = get_language() or "en"
            choices = [("", "---------"), (NOT_SAID, country_name(None, language)), *country_names(language)]
            cast(forms.ChoiceField, self.fields["country"]).choices = choices
        for field in self.fields.values():
            field.label = capfirst(field.label)
        for name in ("signed_from", "signed_before"):
            if name in self.fields:  # two boxes, of which Django labels neither
                field = self.fields[name]
                day, time = cast(forms.MultiWidget, field.widget).widgets
                for box, words in ((day, _("day")), (time, _("time of day"))):
                    box.attrs["aria-label"] = f"{field.label}: {words}"

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if "@" in name:
            raise ValidationError(_("Write no e-mail address here."))
        return name

    def clean_domain(self) -> str:
        """Take the domain into the rule as its index."""
        domain: str = self.cleaned_data["domain"].strip().lstrip("@")
        if not domain:
            return ""
        if "@" in domain or "." not in domain or " " in domain:
            raise ValidationError(_("That is not a mail domain."))
        try:
            self.instance.domain_index = domain_index(domain)
        except UnicodeError as error:
            raise ValidationError(_("That is not a mail domain.")) from error
        return domain

    def clean_name_pattern(self) -> str:
        pattern: str = self.cleaned_data["name_pattern"].strip()
        if pattern and not pattern.strip("* "):
            raise ValidationError(_("Write some letters beside the *: this is every name."))
        return pattern

    def clean_network(self) -> str:
        """As it is compared, and neither so narrow that it is one person's nor so wide that it is everybody's."""
        text: str = self.cleaned_data["network"]
        if not text:
            return ""
        try:
            network = network_in(text)
        except ValueError as error:
            raise ValidationError(_("That is no network. Write it as 203.0.113.0/24 or 2001:db8::/32.")) from error
        bounds = {"narrowest": NARROWEST[network.version], "widest": WIDEST[network.version]}
        if network.prefixlen > bounds["narrowest"]:
            raise ValidationError(
                _("That is too narrow: /%(narrowest)d at most, so that no rule is aimed at one person."), params=bounds
            )
        if network.prefixlen < bounds["widest"]:
            raise ValidationError(
                _("That is too wide: /%(widest)d at least, or it would hold people of whole countries."), params=bounds
            )
        return str(network)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        begins, ends = given.get("signed_from"), given.get("signed_before")
        for field, moment in (("signed_from", begins), ("signed_before", ends)):
            if moment and moment.timestamp() < 0:
                self.add_error(field, _("That is too long ago."))
        if begins and ends and begins >= ends:
            self.add_error("signed_before", _("That is before it begins."))
        if given.get("network") and given.get("action") != Rule.Action.HOLD:
            self.add_error("network", _("With a network a rule can only hold: it meets new signatures alone."))
        if not self.errors and not self.instance.domain_index and not any(given.get(each) for each in CONDITIONS):
            raise ValidationError(_("Give at least one condition: without any it would take every signature."))
        return given
