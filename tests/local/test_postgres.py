"""The embedded PostgreSQL through everything that can happen to it on a person's machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from petition.local.children import StartFailed
from petition.local.postgres import EmbeddedPostgres
from petition.local.services import ROOT

START = "import sys, time, pathlib; from petition.local.postgres import EmbeddedPostgres as E; "
START += "print(E(pathlib.Path(sys.argv[1])).start(), flush=True); time.sleep(600)"


@pytest.fixture
def postgres(tmp_path):
    server = EmbeddedPostgres(tmp_path)
    yield server
    server.discard()


def keep(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT %s::text AS word", [word])


def kept(url: str) -> str:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT word FROM kept").fetchone()[0]


def test_it_keeps_its_data_and_sorts_and_folds_unicode_the_same_everywhere(postgres):
    keep(postgres.start(), "ΐ")
    postgres.stop()
    url = postgres.start()
    assert kept(url) == "ΐ"
    with psycopg.connect(url) as connection:
        provider = "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = "
        assert connection.execute(f"{provider} current_database()").fetchone() == ("b", "C.UTF-8", "UTF8")
        assert connection.execute("SELECT upper('éß')").fetchone()[0] == "Éß"


@pytest.mark.parametrize(("durable", "setting"), [(True, "on"), (False, "off")])
def test_a_run_is_durable_and_the_tests_are_quick(postgres, durable, setting):
    postgres.durable = durable
    with psycopg.connect(postgres.start()) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(f"SHOW {name}").fetchone()[0] == setting


def test_it_asks_for_a_password(postgres):
    url = postgres.start()
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.partition("//")[0] + "//undersigned:guess@" + url.partition("@")[2])


def test_a_first_start_that_was_cut_short_leaves_nothing_in_the_way(postgres):
    beginning = subprocess.Popen(
        [sys.executable, "-c", START, str(postgres.folder)], cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True
    )
    while not list(postgres.folder.glob("postgres-*/PG_VERSION")):
        assert beginning.poll() is None
        time.sleep(0.002)
    beginning.kill()
    beginning.wait()
    keep(postgres.start(), "whole")


@pytest.mark.parametrize("frozen", [False, True], ids=["running", "frozen"])
def test_a_server_that_a_killed_run_left_is_ended_and_its_data_kept(postgres, frozen):
    with subprocess.Popen(
        [sys.executable, "-c", START, str(postgres.folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as before:
        keep(before.stdout.readline().strip(), "before")
        (left,) = psutil.Process(before.pid).children()
        if frozen:
            left.send_signal(signal.SIGSTOP)
        before.kill()
    assert kept(postgres.start()) == "before"
    _gone, alive = psutil.wait_procs([left], timeout=5)
    assert not alive


@pytest.mark.parametrize("collected", [True, False], ids=["collected", "uncollected"])
def test_a_server_that_was_itself_killed_comes_back_with_what_was_committed(postgres, collected):
    keep(postgres.start(), "committed")
    killed = postgres.child.process
    killed.kill()
    if collected:
        killed.wait()  # else its number stays taken, as in a container without an init
    assert kept(postgres.start()) == "committed"
    killed.wait()


def test_a_number_that_another_program_has_by_now_is_left_alone(postgres):
    keep(postgres.start(), "mine")
    postgres.child.kill()  # so that its file stays
    (pid_file,) = (postgres.home.data_parent).glob("postgres-*/postmaster.pid")
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert kept(postgres.start()) == "mine"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_lost_password_is_said_in_words(postgres):
    postgres.start()
    postgres.stop()
    (postgres.folder / "postgres.password").unlink()
    with pytest.raises(StartFailed, match=r"postgres\.password is gone"):
        postgres.start()


@pytest.mark.parametrize("namespaces", [True, False], ids=["with namespaces", "without"])
def test_it_is_never_root_inside_and_others_cannot_touch_what_it_runs_from(postgres, monkeypatch, namespaces):
    if not namespaces:
        monkeypatch.setenv("UNDERSIGNED_NO_NAMESPACE", "1")
    keep(postgres.start(), "lent")
    process = psutil.Process(postgres.child.process.pid)
    if os.getuid():
        assert process.uids().real == os.getuid()
    elif namespaces:
        assert Path(f"/proc/{process.pid}/uid_map").read_text().split() == ["65534", "0", "1"]
    else:
        assert process.uids().real == 65534
    for folder in (postgres.home.install, *list(postgres.home.install.parents)[:3]):
        assert folder.stat().st_uid in (0, os.getuid())
        assert not folder.stat().st_mode & 0o022
    postgres.stop()
    assert kept(postgres.start()) == "lent"
    postgres.discard()
    assert not (postgres.home.lent and postgres.home.lent.exists())
