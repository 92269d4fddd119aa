"""An environment as .env.example makes one when its empty lines are filled in."""

from __future__ import annotations

import base64
import os

from .shipped import example_names

PASSED_ON = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "VIRTUAL_ENV",
    "DATABASE_URL",
    "REDIS_URL",
)


def production_environment(**more: str) -> dict[str, str]:
    """The example's values, fresh keys, and only what this machine must add; DEBUG is off."""
    values = {name: value for name, value in example_names().items() if value is not None}
    for name, value in values.items():
        if not value:
            values[name] = base64.b64encode(os.urandom(64 if name == "SECRET_KEY" else 32)).decode()
    here = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return values | here | {"TRUSTED_PROXIES": "172.30.77.0/24"} | more
