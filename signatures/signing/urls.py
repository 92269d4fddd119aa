"""The public pages."""

from django.urls import path

from . import pages  # noqa: F401  registers the language converter
from .link_views import confirm_page, mine, not_me
from .picture import picture
from .views import check_mail, front, home, letter, privacy

urlpatterns = [
    path("", front, name="front"),
    path("<language:language>/", home, name="home"),
    path("<language:language>/privacy/", privacy, name="privacy"),
    path("<language:language>/<slug:slug>/", letter, name="letter"),
    path("<language:language>/<slug:slug>/picture.png", picture, name="picture"),
    path("<language:language>/<slug:slug>/check/<str:token>/", check_mail, name="check_mail"),
    path("<language:language>/<slug:slug>/confirm/<str:token>/", confirm_page, name="confirm"),
    path("<language:language>/<slug:slug>/not-me/<str:token>/", not_me, name="not_me"),
    path("<language:language>/<slug:slug>/mine/<str:token>/", mine, name="mine"),
]
