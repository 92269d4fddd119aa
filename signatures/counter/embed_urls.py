"""/embed/v1/: what stands in other people's pages. These addresses are in their HTML and stay as they are."""

from django.urls import path

from signatures.signing.pages import page  # noqa: F401  registers the language converter

from .embed_module import module
from .embed_views import badge_png, badge_svg, frame

urlpatterns = [
    path("counter.js", module, name="embed_module"),
    path("<language:language>/<slug:slug>/", frame, name="embed_frame"),
    path("<language:language>/<slug:slug>/badge.svg", badge_svg, name="embed_svg"),
    path("<language:language>/<slug:slug>/badge.png", badge_png, name="embed_png"),
]
