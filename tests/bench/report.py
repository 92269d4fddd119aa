"""The report: one row for each thing measured, beside its limit of the same run."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True)
class Row:
    """`value` and `limit` in `unit`; `met` None where there is no target."""

    what: str
    value: float | None
    unit: str
    limit: float | None = None
    limit_is: str = ""
    target: str = ""
    met: bool | None = None


@dataclass
class Report:
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failed: bool = False

    def add(
        self,
        what: str,
        value: float | None,
        unit: str,
        *,
        limit: float | None = None,
        limit_is: str = "",
        target: str = "",
        meets: Callable[[float, float], bool] | None = None,
    ) -> None:
        """One row. `meets(value, ratio)` says whether the target is met; a value that is None never does."""
        ratio = value / limit if value is not None and limit else 0.0
        met = (value is not None and meets(value, ratio)) if meets else None
        row = Row(what, value, unit, limit, limit_is, target, met)
        self.rows.append(row)
        print(_cells(row), flush=True)

    def note(self, text: str) -> None:
        self.notes.append(text)
        print(f"  {text}", flush=True)

    def fail(self, text: str) -> None:
        self.failed = True
        self.note(text)

    @property
    def missed(self) -> list[str]:
        return [row.what for row in self.rows if row.met is False]

    def markdown(self, *, quick: bool) -> str:
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        about = (
            f"`make bench` on {now}: {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
            f"Python {platform.python_version()}{', a short run' if quick else ''}. The load, the servers and the "
            "databases share the cores. A rate is the median of several short turns, taken in alternation with its "
            "limit's, so that a busy machine slows both; absolute numbers of two machines do not compare, ratios do."
        )
        head = ["# Measured", "", about, ""]
        names = ("what", "measured", "limit", "limit is", "ratio", "target", "met")
        table = [names, ("---", "---:", "---:", "---", "---:", "---", "---"), *map(_cells, self.rows)]
        return "\n".join([*head, *map(_line, table), "", *(f"- {note}" for note in self.notes), ""])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: Row) -> tuple[str, ...]:
    ratio = f"{row.value / row.limit:.2f}" if row.value is not None and row.limit else ""
    met = {True: "yes", False: "**no**", None: ""}[row.met]
    measured = f"{_number(row.value)} {row.unit}" if row.value is not None else "not measured"
    return row.what, measured, _number(row.limit) if row.limit else "", row.limit_is, ratio, row.target, met


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
