"""What a log may say: a link's token, a form's capsule and a query string are cut from every path."""

from __future__ import annotations

import logging
import re

_TOKEN = re.compile(r"/(check|confirm|not-me|mine|preview|unsubscribe)/[^/\s]+")
_QUERY = re.compile(r"\?[^\s\"']*")


def redact(text: str) -> str:
    return _QUERY.sub("?…", _TOKEN.sub(r"/\1/…", text))


class Redact(logging.Filter):
    """Cuts tokens out of the arguments that Django logs paths in, and drops the request object."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(redact(arg) if isinstance(arg, str) else arg for arg in record.args)
        record.__dict__.pop("request", None)
        return True
