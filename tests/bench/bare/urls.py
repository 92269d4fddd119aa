"""A view that says a word, one that says it as JSON, and a form view with one ORM insert."""

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path

from .models import Entry


class EntryForm(forms.Form):
    name = forms.CharField()
    email = forms.EmailField()
    country = forms.CharField(max_length=2)


def hello(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"hello")


def number(_request: HttpRequest) -> HttpResponse:
    return JsonResponse({"total": 323832, "countries": 184})


def enter(request: HttpRequest) -> HttpResponse:
    form = EntryForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    Entry.objects.create(**form.cleaned_data)
    return HttpResponseRedirect("/")


urlpatterns = [path("", hello), path("number", number), path("enter", enter)]
