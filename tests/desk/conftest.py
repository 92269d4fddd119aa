"""Staff at the desk, with the permissions they have."""

from __future__ import annotations

import time

import pytest
from django.contrib.auth.models import Permission, User

from signatures.desk.entrance.pages import CONFIRMED
from signatures.models import Reach


@pytest.fixture
def staff():
    """Make somebody who works at the desk, on every petition or on some, and may do what is named."""

    def make(*may, username="mo", petitions=None):
        user = User.objects.create_user(username, password="a long pass phrase", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=may))
        reach = Reach.objects.create(user=user, every_petition=petitions is None)
        reach.petitions.set(petitions or ())
        return user

    return make


@pytest.fixture
def desk(client, admin_user):
    """A browser logged in, a moment ago, as somebody who may do everything."""
    client.force_login(admin_user)
    session = client.session
    session[CONFIRMED] = time.time()
    session.save()
    return client
