"""The way into the desk: password, second factor, lock-out, and the same again before what cannot be undone."""

import re
import time

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from signatures.models import AuditEntry

pytestmark = pytest.mark.django_db
QR = '<div class="qr"'
PASSWORD = "a long pass phrase"  # as tests/desk/conftest.py has it


@pytest.fixture(autouse=True)
def _required(settings):
    settings.DESK_SECOND_FACTOR = True


def log_in(browser, username="mo", password=PASSWORD):
    return browser.post("/desk/login/?next=/desk/signatures/petition/", {"username": username, "password": password})


def code_of(person, *, steps=0):
    device = TOTPDevice.objects.get(user=person)
    return f"{totp(device.bin_key, t0=0, step=30, drift=steps, digits=6):06d}"


def enrolled(browser, person):
    """Set a device up as a person does; its recovery codes."""
    browser.get("/desk/second-factor/")
    answer = browser.post("/desk/second-factor/", {"code": code_of(person)})
    assert answer.status_code == 200
    return re.findall(r"<li><code>(\w+)</code>", answer.content.decode())


def later(person):
    """As if the thirty seconds of the last code were over and nobody had guessed wrongly."""
    TOTPDevice.objects.filter(user=person).update(last_t=-1, throttling_failure_count=0)


def test_a_password_alone_opens_nothing(client, staff):
    staff("view_petition")
    answer = log_in(client)
    assert answer.status_code == 302
    for path in ("/desk/", "/desk/signatures/petition/", "/desk/confirm-identity/"):
        assert client.get(path).status_code == 302
    assert client.get(answer["Location"], follow=True).redirect_chain[-1][0].startswith("/desk/second-factor/")


def test_the_first_time_a_device_is_set_up_and_recovery_codes_are_shown_once(client, staff):
    person = staff("view_petition")
    log_in(client)
    page = client.get("/desk/second-factor/?next=/desk/signatures/petition/").content.decode()
    assert QR in page
    assert client.get("/desk/second-factor/").status_code == 200
    assert TOTPDevice.objects.filter(user=person).count() == 1, "however often it is loaded"
    assert client.post("/desk/second-factor/", {"code": "12"}).status_code == 422
    later(person)
    codes = enrolled(client, person)
    assert len(set(codes)) == 10
    assert client.get("/desk/signatures/petition/").status_code == 200
    assert AuditEntry.objects.filter(action="second factor", actor=person).count() == 1
    assert QR not in client.get("/desk/second-factor/", follow=True).content.decode()


def test_later_the_code_is_asked_for_and_taken_once(client, staff):
    person = staff("view_petition")
    log_in(client)
    enrolled(client, person)
    other = Client()
    log_in(other)
    assert QR not in other.get("/desk/second-factor/").content.decode(), "nobody else sets a device up"
    used = code_of(person)
    assert other.post("/desk/second-factor/", {"code": used}).status_code == 422, "it set the device up"
    later(person)
    answer = other.post("/desk/second-factor/", {"code": code_of(person), "next": "/desk/signatures/petition/"})
    assert (answer.status_code, answer["Location"]) == (302, "/desk/signatures/petition/")
    assert other.get("/desk/signatures/petition/").status_code == 200


def test_a_recovery_code_opens_it_once_and_is_recorded(client, staff):
    person = staff("view_petition")
    log_in(client)
    code = enrolled(client, person)[0]
    for status in (302, 422):
        browser = Client()
        log_in(browser)
        TOTPDevice.objects.update(throttling_failure_count=0)
        assert browser.post("/desk/second-factor/", {"code": code.upper()}).status_code == status
    assert StaticToken.objects.count() == 9
    assert AuditEntry.objects.filter(action="recovery code", actor=person).count() == 1


def test_a_guesser_waits(client, staff):
    person = staff("view_petition")
    log_in(client)
    enrolled(client, person)
    browser = Client()
    log_in(browser)
    later(person)
    right = code_of(person)
    for _ in range(4):
        browser.post("/desk/second-factor/", {"code": "000000" if right != "000000" else "000001"})
    answer = browser.post("/desk/second-factor/", {"code": right})
    assert answer.status_code == 422
    assert "Wait" in answer.content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/desk/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere_afterwards(client, staff, elsewhere):
    person = staff("view_petition")
    log_in(client)
    enrolled(client, person)
    browser = Client()
    log_in(browser)
    later(person)
    answer = browser.post("/desk/second-factor/", {"code": code_of(person), "next": elsewhere})
    assert answer["Location"] == "/desk/"


def test_without_a_password_there_is_no_second_step(client):
    answer = client.get("/desk/second-factor/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/desk/login/")


def test_an_account_and_a_network_are_shut_out_after_too_many_passwords(staff, settings):
    settings.AXES_FAILURE_LIMIT = 3
    staff("view_petition")
    for _ in range(3):
        answer = log_in(Client(), password="wrong")
    assert answer.status_code == 429
    assert "quarter of an hour" in answer.content.decode()
    assert log_in(Client(), password=PASSWORD).status_code == 429, "also with the right one"
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert log_in(elsewhere).status_code == 429, "the account, from anywhere"
    User.objects.create_user("ada", password=PASSWORD, is_staff=True)
    assert log_in(Client(), "ada").status_code == 429, "the network, for anybody"
    assert log_in(elsewhere, "ada").status_code == 302


def test_the_shut_out_knows_networks_not_addresses(staff, settings):
    from axes.models import AccessAttempt

    staff()
    log_in(Client(REMOTE_ADDR="198.51.100.7"), password="wrong")
    log_in(Client(REMOTE_ADDR="2001:db8:1:2:3:4:5:6"), password="wrong")
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"198.51.100.0", "2001:db8:1:2::"}


def test_changing_rights_asks_for_password_and_code_again(client, staff, settings):
    boss = User.objects.create_superuser("boss", password=PASSWORD)
    person = staff("view_petition")
    log_in(client, "boss")
    enrolled(client, boss)
    change = f"/desk/auth/user/{person.pk}/change/"
    assert client.get(change).status_code == 200, "just given"
    session = client.session
    session["identity_confirmed_at"] = time.time() - settings.DESK_SUDO_SECONDS - 1
    session.save()
    for path in (change, f"/desk/auth/user/{person.pk}/password/", "/desk/auth/group/add/"):
        assert client.get(path)["Location"].startswith("/desk/confirm-identity/?next=")
    later(boss)
    wrong = client.post("/desk/confirm-identity/", {"password": "wrong", "code": code_of(boss), "next": change})
    assert wrong.status_code == 422
    later(boss)
    answer = client.post("/desk/confirm-identity/", {"password": PASSWORD, "code": code_of(boss), "next": change})
    assert answer["Location"] == change
    assert client.get(change).status_code == 200


def test_a_lost_device_is_reset_with_a_reason(client, staff):
    boss = User.objects.create_superuser("boss", password=PASSWORD)
    person = staff("view_petition")
    browser = Client()
    log_in(browser)
    enrolled(browser, person)
    log_in(client, "boss")
    enrolled(client, boss)
    posted = {"action": "reset_second_factor", "_selected_action": str(person.pk)}
    assert client.post("/desk/auth/user/", posted).status_code == 200, "it asks why first"
    assert TOTPDevice.objects.filter(user=person).exists()
    answer = client.post("/desk/auth/user/", posted | {"reason": "lost on a train"})
    assert answer.status_code == 302
    assert not TOTPDevice.objects.filter(user=person).exists()
    assert AuditEntry.objects.filter(action="reset", object_id=str(person.pk), reason="lost on a train").exists()
    assert browser.get("/desk/signatures/petition/").status_code == 302, "the old session is no longer verified"


def test_the_session_ends_after_fifteen_idle_minutes(client, staff, settings):
    person = staff("view_petition")
    log_in(client)
    enrolled(client, person)
    client.get("/desk/")
    assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE == 15 * 60
    assert client.cookies["sessionid"]["path"] == "/desk/"
