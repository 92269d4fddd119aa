"""The desk's first page while its parts are away."""

from __future__ import annotations

import re
import time

import httpx

from tests.faults.test_parts_away import wait_until


def at_the_desk(stack):
    """Somebody who has logged in."""
    password = stack.manage("createstaff", "staff").split()[-1]
    browser = httpx.Client(base_url=stack.url, timeout=20, headers={"Referer": f"{stack.url}/desk/login/"})
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/desk/login/").text)[1]
    fields = {"username": "staff", "password": password, "csrfmiddlewaretoken": token, "next": "/desk/"}
    assert browser.post("/desk/login/", data=fields).status_code == 302
    return browser


def test_the_figures_are_counted_by_themselves_and_stay_without_redis(own_stack, person):
    own_stack.children["beat"].stop(seconds=8)
    own_stack.env["DESK_FIGURES_EVERY"] = "1"
    own_stack.start_process("beat")
    somebody, desk = person("somebody"), at_the_desk(own_stack)
    somebody.read()
    somebody.sign()
    somebody.confirm()
    wait_until(lambda: "<b>1</b> confirmed" in desk.get("/desk/").text, what="the figures are counted")

    own_stack.valkey.stop()
    started = time.monotonic()
    page = desk.get("/desk/")
    assert (page.status_code, "<b>1</b> confirmed" in page.text) == (200, True)
    assert time.monotonic() - started < 2
    own_stack.sql("UPDATE signatures_deskfigures SET as_of = as_of - interval '1 hour', took = 0")
    assert "The worker may be down" in desk.get("/desk/").text  # nobody can have counted since

    own_stack.valkey.start()
    wait_until(
        lambda: "The worker may be down" not in desk.get("/desk/").text, what="they are counted again", seconds=60
    )
