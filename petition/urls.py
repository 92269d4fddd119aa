"""Every address of the web process, by way: read and sign, embed, staff, probes."""

from django.urls import include, path

from signatures.counter.embed_page import embed_page
from signatures.counter.oembed import oembed
from signatures.desk.site import desk

from .health import alive, ready

urlpatterns = [
    path("api/v1/", include("signatures.counter.urls")),  # first: nothing is asked for more often
    path("oembed", oembed, name="oembed"),
    path("embed/v1/", include("signatures.counter.embed_urls")),
    path("healthz", alive),
    path("readyz", ready),
    path("desk/", desk.urls),
    path("", include("signatures.record.urls")),
    path("<language:language>/<slug:slug>/embed/", embed_page, name="embed"),
    path("", include("signatures.signing.pages.urls")),
]

handler400 = "petition.errors.bad_request"
handler403 = "petition.errors.permission_denied"
handler404 = "petition.errors.not_found"
handler500 = "petition.errors.server_error"
