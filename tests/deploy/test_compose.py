"""docker-compose.yml against the Compose Specification, as far as that can be seen without an engine.

https://github.com/compose-spec/compose-spec/blob/main/spec.md
"""

from __future__ import annotations

import re

import pytest

from .shipped import ROOT, compose, dockerfile, services

OURS = {"migrate", "web", "stream", "worker", "beat"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
DURATION = re.compile(r"(\d+(us|ms|s|m|h))+")
SERVICE_KEYS = {
    *(
        "build",
        "cap_drop",
        "command",
        "depends_on",
        "env_file",
        "environment",
        "healthcheck",
        "image",
        "init",
    ),
    *(
        "logging",
        "networks",
        "ports",
        "profiles",
        "read_only",
        "restart",
        "security_opt",
        "shm_size",
    ),
    *("stop_grace_period", "stop_signal", "tmpfs", "ulimits", "user", "volumes"),
}


def test_all_parts_are_there() -> None:
    assert set(services()) == OURS | {"postgres", "redis", "proxy", "mailpit"}


@pytest.mark.parametrize("name", services())
def test_a_service_has_only_keys_that_exist(name: str) -> None:
    service = services()[name]
    assert set(service) <= SERVICE_KEYS
    assert service.get("image")
    for key in ("interval", "timeout", "start_period"):
        assert DURATION.fullmatch(service.get("healthcheck", {}).get(key, "1s"))
    assert DURATION.fullmatch(service.get("stop_grace_period", "1s"))


@pytest.mark.parametrize("name", services())
def test_a_service_waits_for_what_exists_and_can_tell(name: str) -> None:
    for other, how in services()[name].get("depends_on", {}).items():
        assert how["condition"] in CONDITIONS
        waited_for = services()[other]
        if how["condition"] == "service_healthy":
            in_image = "build" in waited_for and any(step.word == "HEALTHCHECK" for step in dockerfile())
            assert waited_for.get("healthcheck", {}).get("test") or (in_image and "healthcheck" not in waited_for)
        if how["condition"] == "service_completed_successfully":
            assert waited_for["restart"] == "no"


@pytest.mark.parametrize("name", services())
def test_networks_and_volumes_are_declared(name: str) -> None:
    service = services()[name]
    assert service["networks"]
    assert set(service["networks"]) <= set(compose()["networks"])
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert (ROOT / source).is_dir() if source.startswith(".") else source in compose()["volumes"]


def test_services_meet_only_in_networks_they_share() -> None:
    def share(one: str, other: str) -> bool:
        return bool(set(services()[one]["networks"]) & set(services()[other]["networks"]))

    assert share("proxy", "web")
    assert share("proxy", "stream")
    assert not share("proxy", "postgres")
    assert not share("proxy", "redis")
    for name in OURS:
        assert share(name, "postgres")
    for inside in ("postgres", "redis"):
        assert all(compose()["networks"][net].get("internal") for net in services()[inside]["networks"])


def test_only_the_proxy_is_published_and_the_mail_catcher_on_this_machine_alone() -> None:
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert published == {
        "proxy": ["${PROXY_BIND:-127.0.0.1:8080}:8080"],
        "mailpit": ["127.0.0.1:8025:8025"],
    }
    assert services()["mailpit"]["profiles"] == ["mail-catcher"]


@pytest.mark.parametrize("name", services())
def test_a_service_comes_back_and_gains_no_rights(name: str) -> None:
    service = services()[name]
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("cap_drop") == ["ALL"] or name == "postgres"  # whose start hands its folder to its own user


def test_no_secret_is_written_down() -> None:
    for service in services().values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY|DATABASE_URL", name):
                assert "${POSTGRES_PASSWORD:?" in value


def test_redis_keeps_nothing() -> None:
    redis = services()["redis"]
    command = " ".join(redis["command"])
    assert "--save  --appendonly no" in command
    assert "volumes" not in redis
