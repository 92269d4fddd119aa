"""`python -m tests.bench`: how fast the product is, each figure beside its limit of the same run.

Starts everything itself on the loopback and ends it. With DATABASE_URL and REDIS_URL it uses those servers: it makes
and drops databases of its own there, and empties the Redis database that REDIS_URL names.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.deploy.proxy import MissingProgramError, need
from tests.deploy.shipped import ROOT

from .load import pgbench_path
from .report import Report
from .sink import Sink, running_sink
from .stage import Stage, staged

# Petitions: signed under load, never signed, signed by 400,000, listened to, sent updates.
BUSY, EMPTY, FULL, STREAMED, TOLD = "busy", "empty", "full", "streamed", "told"
CAMPAIGN, BIG = 323_832, 400_000  # signatures


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    options.add_argument("--quick", action="store_true", help="shorter turns, fewer of them, smaller figures")
    options.add_argument("--write", action="store_true", help="also write the report to docs/bench.md")
    options.add_argument(
        "--only", default="", help="commas: read, sign, mail, updates, visible, size, export, desk, streams"
    )
    chosen = options.parse_args()
    try:
        for program, package in (("wrk", "wrk"), ("nginx", "nginx-light")):
            need(program, package=package)
        pgbench_path()
    except MissingProgramError as error:
        print(error)
        return 2

    report = Report()
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="undersigned-bench-") as folder,
        running_sink() as sink,
        staged(Path(folder), smtp_port=sink.port) as stage,
    ):
        _prepare(stage)
        seconds, rounds = (2.0, 2) if chosen.quick else (5.0, 5)
        _measure(stage, report, sink=sink, seconds=seconds, rounds=rounds, quick=chosen.quick, only=chosen.only)
        for name, peaks in stage.peaks().items():
            report.add(f"peak memory, {name}", sum(peaks), f"MB in {len(peaks)} processes")
    report.note(f"The whole run took {time.monotonic() - started:.0f} s.")
    text = report.markdown(quick=chosen.quick)
    print(f"\n{text}")
    if chosen.write:
        (ROOT / "docs" / "bench.md").write_text(text)
    print("Missed: " + ("; ".join(report.missed) or "nothing"))
    return 1 if report.failed else 0


def _prepare(stage: Stage) -> None:
    """Make this process one of the product's, for tokens and for counting rows; make the petitions."""
    os.environ.update(stage.environment | {"DJANGO_SETTINGS_MODULE": "petition.settings"})
    import django

    django.setup()
    from petition.redis import connect
    from tests.factories import make_petition

    connect(timeout=5).flushdb()
    for slug in (BUSY, EMPTY, FULL, STREAMED, TOLD):
        make_petition(slug=slug, goal=500_000)


def _measure(stage: Stage, report: Report, *, sink: Sink, seconds: float, rounds: int, quick: bool, only: str) -> None:
    from . import measures
    from .desk import MILLION, lists
    from .exports import exports
    from .streams import streams
    from .updates import updates

    def drains() -> None:
        measures.drain(stage, report, sink=sink, seconds=20, mails=2_000 if quick else 20_000)

    def sizes() -> None:
        measures.simulate(stage, report, slug=FULL, signatures=20_000 if quick else CAMPAIGN)
        if not quick:
            stage.manage("simulate", "--signatures", str(BIG - CAMPAIGN), "--countries", "184", "--slug", FULL)
        measures.pages_by_size(stage, report, empty=EMPTY, full=FULL, seconds=seconds, rounds=rounds)

    def exported() -> None:
        if only:  # otherwise `size` has filled it
            measures.simulate(stage, report, slug=FULL, signatures=20_000 if quick else CAMPAIGN)
        exports(stage, report, slug=FULL)

    def desk_lists() -> None:
        lists(stage, report, signatures=50_000 if quick else MILLION, times=3 if quick else 7)

    def signs() -> None:
        measures.sign(stage, report, seconds=seconds, rounds=rounds, slug=BUSY)
        measures.confirm(stage, report, seconds=seconds, slug=BUSY)

    parts: dict[str, Callable[[], None]] = {
        "read": lambda: measures.read(stage, report, seconds=seconds, rounds=rounds, slug=BUSY),
        "sign": signs,
        "mail": drains,
        "updates": lambda: updates(stage, report, sink=sink, slug=TOLD, people=5_000 if quick else 20_000, times=20),
        "visible": lambda: measures.visible(stage, report, slug=BUSY, times=5 if quick else 20),
        "size": sizes,
        "export": exported,
        "desk": desk_lists,
        "streams": lambda: streams(
            stage, report, slug=STREAMED, number=500 if quick else 2_000, times=3 if quick else 10
        ),
    }
    for name, part in parts.items():
        if not only or name in only.split(","):
            try:
                part()
            except (AssertionError, RuntimeError, subprocess.TimeoutExpired, httpx.HTTPError) as error:
                report.fail(
                    f"`{name}` could not be measured to its end: {str(error).strip()[-300:] or type(error).__name__}"
                )


if __name__ == "__main__":
    raise SystemExit(main())
