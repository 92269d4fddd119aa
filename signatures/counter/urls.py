"""/api/v1/: what others read."""

from django.urls import path

from .views import no_stream, tally

urlpatterns = [
    path("petitions/<slug:slug>/tally", tally, name="api_tally"),
    path("petitions/<slug:slug>/stream", no_stream, name="api_stream"),
]
