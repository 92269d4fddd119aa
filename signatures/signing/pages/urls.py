"""The public pages."""

from django.urls import path

from . import page  # noqa: F401  registers the language converter
from .check_views import check_mail
from .link_views import confirm_page, not_me
from .mine_views import lost_link, mine, mine_download
from .picture import picture
from .preview_view import preview
from .unsubscribe_views import unsubscribe_page
from .views import front, home, letter, privacy, qr

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
    path("<language:language>/<slug:slug>/mine/<str:token>/my-signature.json", mine_download, name="mine_download"),
    path("<language:language>/<slug:slug>/unsubscribe/<str:token>/", unsubscribe_page, name="unsubscribe"),
    path("<language:language>/<slug:slug>/my-signature/", lost_link, name="lost_link"),
    path("<language:language>/<slug:slug>/preview/<str:token>/", preview, name="preview"),
    path("<language:language>/<slug:slug>/qr.svg", qr, name="qr"),
]
