"""The second factor: a time-based code (RFC 6238) or one of ten recovery codes, asked for after the password.

Whoever has none yet sets it up before they see anything of the desk. django-otp keeps the devices, counts what was
tried and makes a guesser wait; the flow is ours, because its own asks for the code beside the password and has no way
to begin.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import segno
from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp import devices_for_user, login
from django_otp.models import Device, ThrottlingMixin
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What somebody needs to set up their device: a picture to scan, or a key to type."""

    key: str  # base32, in groups of four
    picture: SafeString  # an SVG element


class CodeForm(forms.Form):
    """Six digits from the device, or a recovery code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).split()).lower()


def is_verified(request: HttpRequest) -> bool:
    """Whether this session has shown its second factor, or need not."""
    if not settings.DESK_SECOND_FACTOR:
        return True
    verified = getattr(request.user, "is_verified", None)
    return bool(verified and verified())


def has_device(user: User) -> bool:
    return any(isinstance(device, TOTPDevice) for device in devices_for_user(user))


def enrolment(user: User) -> Enrolment:
    """The device that is being set up; the same one until its first right code, however often the page is loaded."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two tabs make one device
        device, _made = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "TOTP"})
    picture = io.BytesIO()
    segno.make(device.config_url, error="m").save(
        picture, kind="svg", scale=5, border=2, xmldecl=False, svgns=False, nl=False, light="#fff", unit=""
    )
    key = base64.b32encode(device.bin_key).decode().rstrip("=")
    groups = " ".join(key[at : at + 4] for at in range(0, len(key), 4))
    return Enrolment(key=groups, picture=mark_safe(picture.getvalue().decode()))  # noqa: S308  segno's own


def enrol(request: HttpRequest, *, code: str) -> list[str]:
    """Take the new device into use with its first code; the recovery codes, shown this once. Empty when it is wrong."""
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user_id=request.user.pk, confirmed=False).first()
        if device is None or not device.verify_token(code):
            return []
        device.confirmed = True
        device.save()
        codes = _new_recovery_codes(device.user)
    login(request, device)
    return codes


def _new_recovery_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    kept = StaticDevice.objects.create(user=user, name="recovery codes")
    codes = [StaticToken.random_token() for _number in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=kept, token=code) for code in codes)
    return codes


def verify(request: HttpRequest, *, code: str) -> Device | None:
    """Check a code against the person's devices and mark the session; the device that took it, or None.

    A code is taken once: django-otp remembers the last one under the row's lock, and recovery codes are deleted.
    """
    with transaction.atomic():
        for device in devices_for_user(request.user, for_verify=True):
            if device.verify_is_allowed()[0] and device.verify_token(code):
                login(request, device)
                return device
    return None


def wait_seconds(user: User) -> int:
    """How long a guesser has to wait until the next code is looked at; 0 when it is looked at now."""
    waits = []
    for device in devices_for_user(user):
        if isinstance(device, ThrottlingMixin):
            allowed, why = device.verify_is_allowed()
            if allowed:
                return 0
            waits.append(int((why or {}).get("required_wait", 1)))
    return max(min(waits, default=0), 0)


def forget_devices(user: User) -> int:
    """Take every device of a person away, so that they set up a new one; returns how many there were."""
    count = 0
    for model in (TOTPDevice, StaticDevice):
        rows = model.objects.filter(user=user)
        count += rows.count()
        rows.delete()
    return count


def wrong_code(user: User) -> str:
    """What to say of a code that was not taken."""
    if seconds := wait_seconds(user):
        return _("Too many wrong codes. Wait %(seconds)d seconds, then try again.") % {"seconds": seconds}
    return _("This code is not right, or was used before. Wait for the next one.")
