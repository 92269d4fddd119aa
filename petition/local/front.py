"""One address for two processes: the event stream goes to ASGI, everything else to WSGI. Stands in for nginx locally.

python -m petition.local.front --listen 8000 --web 8001 --stream 8002
"""

from __future__ import annotations

import argparse
import asyncio
import re

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web
from yarl import URL

STREAM = re.compile(r"/api/v1/petitions/[^/]+/stream")
# Of one connection, not of the message (RFC 9110, 7.6.1); the lengths are set anew.
HOP_BY_HOP = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "proxy-connection"}
# What a proxy says about the asker; the asker cannot say it.
CLAIMS = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "forwarded"}
MOST_BYTES = 5_000_000  # of a posted body, as the shipped proxy has it for the desk
TOO_LARGE = "<!doctype html><title>413</title><p>That is too large. Nothing was saved.</p>"
LISTENING = "The front is listening."
AWAY = "<!doctype html><title>502</title><p>The web process does not answer. Its log is in .local/logs.</p>"


class Front:
    """A streaming reverse proxy that says truly who asked, whatever the client claims."""

    def __init__(self, *, web_port: int, stream_port: int) -> None:
        self.web, self.stream = f"http://127.0.0.1:{web_port}", f"http://127.0.0.1:{stream_port}"
        self.session: ClientSession | None = None

    async def open(self, _app: web.Application) -> None:
        self.session = ClientSession(
            auto_decompress=False,
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=None, sock_connect=5),
            connector=TCPConnector(limit=0),
        )

    async def close(self, _app: web.Application) -> None:
        if self.session:
            await self.session.close()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        assert self.session is not None  # noqa: S101  opened at start-up
        if (request.content_length or 0) > MOST_BYTES:
            return web.Response(status=413, text=TOO_LARGE, content_type="text/html")
        if not request.raw_path.startswith("/"):
            return web.Response(status=400, text="The path must start with a slash.")
        base = self.stream if STREAM.fullmatch(request.path) else self.web
        headers = [(k, v) for k, v in request.headers.items() if k.lower() not in HOP_BY_HOP | CLAIMS]
        headers += [("X-Forwarded-For", request.remote or ""), ("X-Forwarded-Proto", "http")]
        body = request.content if request.body_exists else None
        try:
            async with self.session.request(
                request.method,
                URL(base + request.raw_path, encoded=True),  # byte for byte what was asked
                headers=headers,
                data=body,
                allow_redirects=False,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            ) as answer:
                kept = [(k, v) for k, v in answer.headers.items() if k.lower() not in HOP_BY_HOP]
                response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=kept)  # type: ignore[arg-type]
                await response.prepare(request)
                async for chunk in answer.content.iter_any():
                    await response.write(chunk)
                await response.write_eof()
                return response
        except ConnectionResetError:
            raise  # the reader went away
        except (ClientError, OSError):
            return web.Response(status=502, text=AWAY, content_type="text/html")


def application(*, web_port: int, stream_port: int) -> web.Application:
    front = Front(web_port=web_port, stream_port=stream_port)
    app = web.Application(client_max_size=0)
    app.on_startup.append(front.open)
    app.on_cleanup.append(front.close)
    app.router.add_route("*", "/{path:.*}", front.handle)
    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("listen", "web", "stream"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    web.run_app(
        application(web_port=options.web, stream_port=options.stream),
        host="127.0.0.1",
        port=options.listen,
        access_log=None,
        print=lambda _text: print(LISTENING, flush=True),
        shutdown_timeout=1,
        loop=asyncio.new_event_loop(),
    )


if __name__ == "__main__":
    main()
