"""The public record, beside its letter."""

from django.urls import path

from signatures.signing.pages import page  # noqa: F401  registers the language converter

from .views import countries_file, days_file, how_it_is_counted, names, record, update, updates

urlpatterns = [
    path("<language:language>/<slug:slug>/record/", record, name="record"),
    path("<language:language>/<slug:slug>/record/count/", how_it_is_counted, name="record_count"),
    path("<language:language>/<slug:slug>/record/countries.csv", countries_file, name="record_countries"),
    path("<language:language>/<slug:slug>/record/days.csv", days_file, name="record_days"),
    path("<language:language>/<slug:slug>/names/", names, name="names"),
    path("<language:language>/<slug:slug>/updates/", updates, name="updates"),
    path("<language:language>/<slug:slug>/updates/<uuid:update_id>/", update, name="update"),
]
