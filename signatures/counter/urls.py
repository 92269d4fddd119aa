"""/api/v1/: what others read."""

from django.urls import path

from .data import ENDPOINTS
from .openapi import described, openapi_json
from .views import no_stream, tally

urlpatterns = [
    path("petitions/<slug:slug>/tally", tally, name="api_tally"),
    path("petitions/<slug:slug>/stream", no_stream, name="api_stream"),
    *(
        path(f"petitions/<slug:slug>/{each.name}".rstrip("/"), each.view, name=f"api_{each.name or 'petition'}")
        for each in ENDPOINTS
    ),
    path("openapi.json", openapi_json, name="api_openapi"),
    path("", described, name="api"),
]
