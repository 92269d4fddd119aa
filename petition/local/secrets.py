"""The secrets of one checkout's local run, made once and kept beside its data, which they open."""

from __future__ import annotations

import base64
import os
from pathlib import Path

NAMES = ("SECRET_KEY", "LINK_KEY", "FIELD_KEY", "INDEX_KEY")


def kept_secrets(folder: Path) -> dict[str, str]:
    """NAMES with 32 random bytes each, in base64; read from `secrets.env` if it is there."""
    file = folder / "secrets.env"
    found = dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line) if file.exists() else {}
    missing = [name for name in NAMES if name not in found]
    for name in missing:
        found[name] = base64.b64encode(os.urandom(32)).decode()
    if missing:
        fresh = file.with_suffix(".part")  # replaced in one step: half of these keys would open nothing
        fresh.touch(mode=0o600)
        fresh.write_text("".join(f"{name}={value}\n" for name, value in found.items()))
        fresh.replace(file)
    return found
