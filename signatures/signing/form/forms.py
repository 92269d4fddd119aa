"""The signing form, and the smaller one that mends an address."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from signatures.privacy.tokens import BadToken, read_token, sign_token
from signatures.signing.countries.names import NOT_SAID, country_codes, country_names
from signatures.signing.guard.doubt import Asked

from .addresses import check_address
from .names import check_name

_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_TYPED = 80  # characters of what was typed for a country
_DATED_TO = 600  # seconds; a coarse date keeps the page the same, byte for byte, for caches


@dataclass(frozen=True, slots=True)
class FormToken:
    """What a form carries about itself: its petition and the consent text beside its button."""

    petition_id: int
    consent_id: int

    def sign(self) -> str:
        payload = self.petition_id.to_bytes(8) + self.consent_id.to_bytes(8)
        now = time.time() // _DATED_TO * _DATED_TO
        return sign_token(payload, purpose="form", lifetime=settings.FORM_HOURS * 3600, now=now)

    @classmethod
    def read(cls, token: str) -> FormToken:
        """Raises BadToken or ExpiredToken."""
        payload = read_token(token, purpose="form")
        return cls(petition_id=int.from_bytes(payload[:8]), consent_id=int.from_bytes(payload[8:]))


def checked_source(text: str) -> str:
    """A source tag as partners may set it (`?s=newsletter-3`); anything else is no tag."""
    return text if _SOURCE.fullmatch(text) else ""


class _Shared:
    """A field that no form changes, and so need not copy: copying eight of them is a third of a form's cost."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self


class TextField(_Shared, forms.CharField):
    """One line of text."""


class ChoiceBox(_Shared, forms.BooleanField):
    """A box that may stay unticked."""


class _SharedFields(dict[str, forms.Field]):
    """A form's fields when none of them needs a copy: the dict is copied, key by key is not."""

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, forms.Field]:
        return dict(self)


class _ProblemsMixin:
    """The error summary: where each problem is, and what to do about it."""

    asked: Asked | None = None  # what to do first, when many forms arrive at once

    @property
    def problems(self) -> list[tuple[str, str]]:
        form: Any = self
        first = next(iter(form.fields))  # where to go for what is wrong with no field a person sees
        return [
            (form[name if name in form.fields and name != "token" else first].id_for_label, message)
            for name, messages in form.errors.items()
            for message in messages
        ]


class SignForm(_ProblemsMixin, forms.Form):
    """Name, address, country and three choices, all unticked."""

    name = TextField(label=gettext_lazy("Your name"), error_messages={"required": gettext_lazy("Enter your name.")})
    email = TextField(
        label=gettext_lazy("E-mail address"), error_messages={"required": gettext_lazy("Enter your e-mail address.")}
    )
    country = TextField(label=gettext_lazy("Country or territory"), required=False)
    show_name = ChoiceBox(label=gettext_lazy("Show my name publicly"), required=False)
    hand_over = ChoiceBox(label=gettext_lazy("Hand my name to the addressees"), required=False)
    updates = ChoiceBox(label=gettext_lazy("Send me updates by e-mail"), required=False)
    source = TextField(required=False, widget=forms.HiddenInput)
    token = TextField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, fresh: FormToken, language: str, source: str = "") -> None:
        super().__init__(data, initial={} if data is not None else {"token": fresh.sign(), "source": source})
        self.fresh = fresh
        self.language = language
        self.agreed_to: FormToken | None = None
        self.resubmit = False

    @property
    def country_choices(self) -> list[tuple[str, str]]:
        """(value, name) of every option after the empty one."""
        return [(NOT_SAID, _("Prefer not to say")), *country_names(self.language)]

    @property
    def typed_country(self) -> str:
        """What was typed into the searchable list and is no country of ours: it is shown again, and stored nowhere."""
        typed = " ".join(str(self.data.get("country_typed") or "").split())
        return "".join(char for char in typed if char.isprintable())[:_TYPED]

    def clean_name(self) -> str:
        return check_name(self.cleaned_data["name"])

    def clean_email(self) -> str:
        return check_address(self.cleaned_data["email"])

    def clean_country(self) -> str | None:
        code = self.cleaned_data["country"]
        if code == NOT_SAID:
            return None
        if code in country_codes():
            return str(code)
        if self.typed_country:
            raise ValidationError(
                _("We know no “%(typed)s”. Choose your country from the list, or “Prefer not to say”."),
                code="unknown",
                params={"typed": self.typed_country},
            )
        raise ValidationError(_("Choose your country, or “Prefer not to say”."), code="required")

    def clean_source(self) -> str:
        return checked_source(self.cleaned_data["source"])

    def clean_token(self) -> None:
        try:
            read = FormToken.read(self.cleaned_data["token"])
        except BadToken:
            read = None
        if read is None or read.petition_id != self.fresh.petition_id:
            # Nothing is lost: the page comes back as it was filled in, with a fresh token.
            self.resubmit = True
            raise ValidationError(
                _("This page had been open for long. Check what you typed and press the button again."), code="old"
            )
        self.agreed_to = read

    def renew_token(self) -> None:
        """Give the page that shows the errors a token of its own."""
        self.data = {name: self.data.get(name) for name in self.data} | {"token": self.fresh.sign()}


SignForm.base_fields = _SharedFields(SignForm.base_fields)


class AddressForm(_ProblemsMixin, forms.Form):
    """Another address for a signature that was sent with a wrong one."""

    email = TextField(
        label=gettext_lazy("E-mail address"), error_messages={"required": gettext_lazy("Enter your e-mail address.")}
    )

    def clean_email(self) -> str:
        return check_address(self.cleaned_data["email"])
