"""The HTML that a partner copies, for each kind of counter, and the lines of a policy that it needs."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import override

from signatures.letters.read import PublishedPetition

from .embed_looks import Looks
from .embed_module import INTEGRITY

NEEDS = {
    "counter": ("script-src", "connect-src"),
    "frame": ("frame-src",),
    "svg": ("img-src",),
    "png": ("img-src",),
    "link": (),
}
ROOM = {"bar": "7em", "compact": "3em", "countries": "14em"}


@dataclass(frozen=True, slots=True)
class Snippet:
    """What stands in a partner's page. `source` is the partner's tag, or empty."""

    petition: PublishedPetition
    kind: str
    language: str
    looks: Looks
    source: str

    def _address(self, name: str, query: str = "", *, base: str) -> str:
        return base + reverse(name, kwargs={"language": self.language, "slug": self.petition.slug}) + query

    def _letter(self, base: str) -> str:
        return self._address("letter", f"?s={self.source}" if self.source else "", base=base)

    def markup(self, *, base: str = "") -> SafeString:
        """The element itself, its addresses below `base`."""
        title = self.petition.letter_in(self.language).title
        with override(self.language):
            sign = _("Sign this letter") if self.petition.state == "open" else _("The letter")
        link = format_html('<a href="{}">{} – {}</a>', self._letter(base), sign, title)
        if self.kind == "counter":
            said = {"petition": self.petition.slug, "lang": self.language, "variant": self.looks.variant}
            said |= {"theme": self.looks.theme, "accent": self.looks.accent, "source": self.source}
            attributes = format_html_join(" ", '{}="{}"', (each for each in said.items() if each[1]))
            return format_html("<petition-counter {}>\n  {}\n</petition-counter>", attributes, link)
        if self.kind == "frame":
            return format_html(
                '<iframe src="{}" title="{}" width="360" height="{}" loading="lazy" frameborder="0"></iframe>',
                self._address("embed_frame", self.looks.query(s=self.source), base=base),
                title,
                {"bar": 200, "compact": 160, "countries": 320}[self.looks.variant],
            )
        if self.kind in ("svg", "png"):
            return format_html(
                '<a href="{}"><img src="{}" alt="{} – {}" height="28"></a>',
                self._letter(base),
                self._address(f"embed_{self.kind}", base=base),
                sign,
                title,
            )
        return link

    def to_copy(self) -> str:
        """Everything that the partner copies."""
        markup = self.markup(base=settings.PUBLIC_URL)
        if self.kind != "counter":
            return markup
        return format_html(
            '<script type="module" src="{}{}" integrity="{}" crossorigin="anonymous"></script>\n{}',
            settings.PUBLIC_URL,
            reverse("embed_module"),
            INTEGRITY,
            markup,
        )

    def room(self) -> str:
        """The height that a page reserves for the element before its module has come."""
        return ROOM[self.looks.variant]

    def policy(self) -> str:
        """The lines that a strict Content-Security-Policy needs for it."""
        return "\n".join(f"{directive} {settings.PUBLIC_URL};" for directive in NEEDS[self.kind])
