"""A mailbox for `make run` and the tests: a real SMTP server, and a page where what it received can be read.

    python -m petition.local.mailbox --smtp 1025 --http 8025 --folder .local/mail

Two kinds of address are refused, so that bounces can be tried: `bounce-…` for good (550), `later-…` the first time
only (451).
"""

from __future__ import annotations

import argparse
import asyncio
import html
import re
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web
from aiosmtpd.smtp import SMTP

MOST = 500  # mails kept
LISTENING = "The mailbox is listening."
_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
:root { color-scheme: light dark }
table { border-collapse: collapse; width: 100% }
td, th { text-align: start; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8884 }
iframe { width: 100%; height: 34rem; border: 1px solid #8888; background: #fff }
pre { white-space: pre-wrap; overflow-wrap: anywhere }
"""


class Mailbox:
    """The newest MOST mails, as files, so that a restart keeps them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.later: set[str] = set()

    def names(self) -> list[str]:
        """Ids, the newest first."""
        return sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)

    def add(self, raw: bytes, sender: str, recipients: list[str]) -> None:
        envelope = f"X-Envelope-From: {sender}\r\nX-Envelope-To: {', '.join(recipients)}\r\n".encode()
        (self.folder / f"{time.time_ns()}.eml").write_bytes(envelope + raw)
        for old in self.names()[MOST:]:
            (self.folder / f"{old}.eml").unlink(missing_ok=True)

    def raw(self, name: str) -> bytes | None:
        path = self.folder / f"{name}.eml"
        return path.read_bytes() if name.isdigit() and path.exists() else None

    def message(self, name: str) -> dict[str, Any] | None:
        """One mail, taken apart for a page or a test."""
        raw = self.raw(name)
        if raw is None:
            return None
        parsed = message_from_bytes(raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)  # noqa: S101  what the default policy makes
        parts = {kind: parsed.get_body((kind,)) for kind in ("plain", "html")}
        return {
            "id": name,
            "to": str(parsed["X-Envelope-To"]),
            "from": str(parsed["From"]),
            "subject": str(parsed["Subject"]),
            "text": parts["plain"].get_content() if parts["plain"] else "",
            "html": parts["html"].get_content() if parts["html"] else "",
            "headers": {key: str(value) for key, value in parsed.items()},
        }

    # What aiosmtpd calls.
    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address.startswith("bounce-"):
            return "550 5.1.1 No such mailbox"
        if address.startswith("later-") and address not in self.later:
            self.later.add(address)
            return "451 4.7.1 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.add(envelope.content, envelope.mail_from or "", envelope.rcpt_tos)
        return "250 OK"


def _page(title: str, body: str, *, status: int = 200) -> web.Response:
    text = f"<!doctype html><meta charset=utf-8><title>{html.escape(title)}</title><style>{_STYLE}</style>{body}"
    return web.Response(text=text, status=status, content_type="text/html")


def _linked(text: str) -> str:
    """Text as HTML, its addresses as links."""
    parts = enumerate(html.escape(part) for part in re.split(r"(https?://[^\s<>\"']+)", text))
    return "".join(f'<a href="{part}">{part}</a>' if number % 2 else part for number, part in parts)


def pages(mailbox: Mailbox) -> web.Application:
    """The list, one mail, its HTML alone (scripts off, in a sandbox), its source, and all of it as JSON."""

    async def listing(_request: web.Request) -> web.Response:
        rows = "".join(
            f'<tr><td><a href="/mail/{each["id"]}">{html.escape(each["subject"])}</a><td>{html.escape(each["to"])}'
            for name in mailbox.names()[:200]
            if (each := mailbox.message(name))
        )
        return _page(
            "Mailbox", f"<h1>Mailbox</h1><table><tr><th>Subject<th>To{rows}</table>" + ("" if rows else "Empty.")
        )

    async def one(request: web.Request) -> web.Response:
        mail = mailbox.message(request.match_info["name"])
        if mail is None:
            return _page("No such mail", "<p>No such mail.", status=404)
        name = quote(mail["id"])
        return _page(
            mail["subject"],
            f'<p><a href="/">Mailbox</a> · <a href="/mail/{name}/source">Source</a>'
            f"<h1>{html.escape(mail['subject'])}</h1>"
            f"<p>To {html.escape(mail['to'])}<h2>Text</h2><pre>{_linked(mail['text'])}</pre><h2>HTML</h2>"
            '<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title="HTML" '
            f'src="/mail/{name}/html"></iframe>',
        )

    async def as_html(request: web.Request) -> web.Response:
        mail = mailbox.message(request.match_info["name"])
        if mail is None:
            return _page("No such mail", "<p>No such mail.", status=404)
        response = web.Response(text='<base target="_blank">' + mail["html"], content_type="text/html")
        response.headers["Content-Security-Policy"] = (
            # What a link opens is a page of its own, where forms can be sent.
            "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox"
        )
        return response

    async def source(request: web.Request) -> web.Response:
        raw = mailbox.raw(request.match_info["name"])
        return web.Response(text=(raw or b"").decode(errors="replace"), status=200 if raw else 404)

    async def as_json(request: web.Request) -> web.Response:
        to = request.query.get("to")
        mails = [mail for name in mailbox.names() if (mail := mailbox.message(name))]
        return web.json_response([mail for mail in mails if to is None or to in mail["to"]])

    async def empty(_request: web.Request) -> web.Response:
        for name in mailbox.names():
            (mailbox.folder / f"{name}.eml").unlink(missing_ok=True)
        return web.json_response([])

    app = web.Application()
    app.router.add_get("/", listing)
    app.router.add_get("/mail/{name}", one)
    app.router.add_get("/mail/{name}/html", as_html)
    app.router.add_get("/mail/{name}/source", source)
    app.router.add_get("/api/messages", as_json)
    app.router.add_delete("/api/messages", empty)
    return app


async def _serve(options: argparse.Namespace) -> None:
    mailbox = Mailbox(options.folder)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(mailbox, hostname="localhost", ident="local mailbox"), "127.0.0.1", options.smtp
    )
    runner = web.AppRunner(pages(mailbox), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", options.http).start()
    print(LISTENING, flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smtp", type=int, default=1025)
    parser.add_argument("--http", type=int, default=8025)
    parser.add_argument("--folder", type=Path, required=True)
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
