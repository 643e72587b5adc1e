"""The fetcher against real servers on loopback that do what servers should not."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import brotli
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from pipeline.feeds.fetch import Fetched, Fetcher, FetchFailed, NotModified, TooLarge
from tests.fakes.feeds import feed_settings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LIMIT = 100_000


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(feed_settings(timeout_seconds=1.5, max_redirects=3).feeds) as fetcher:
        yield fetcher


async def failure(fetcher: Fetcher, url: str, *, allow_private: bool = True) -> FetchFailed:
    with pytest.raises(FetchFailed) as raised:
        await fetcher.fetch(url, limit=LIMIT, allow_private=allow_private)
    return raised.value


async def test_a_body_comes_with_what_the_server_says_of_it(fetcher: Fetcher) -> None:
    async def feed(request: web.Request) -> web.Response:
        assert "news-pipeline" in request.headers["User-Agent"]
        headers = {"ETag": 'W/"a-1"', "Last-Modified": "Sun, 01 Mar 2026 11:58:00 GMT"}
        return web.Response(body=b"<rss/>", content_type="application/rss+xml", headers=headers)

    async with serving(feed) as site:
        answer = await fetcher.fetch(f"{site}/feed", limit=LIMIT, allow_private=True)
    assert answer == Fetched(
        url=f"{site}/feed",
        body=b"<rss/>",
        content_type="application/rss+xml",
        etag='W/"a-1"',
        last_modified="Sun, 01 Mar 2026 11:58:00 GMT",
    )


@pytest.mark.parametrize("etag", [b'"a\xff"', b'"' + b"a" * 600 + b'"', '"é"'.encode()])
async def test_a_validator_that_cannot_be_kept_is_none(fetcher: Fetcher, etag: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: " + etag + b"\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        read = await fetcher.fetch(f"http://127.0.0.1:{port}/", limit=LIMIT, allow_private=True)
    assert isinstance(read, Fetched)
    assert read.etag is None


async def test_link_headers_are_handed_on_together(fetcher: Fetcher) -> None:
    async def feed(_: web.Request) -> web.Response:
        response = web.Response(body=b"<rss/>")
        response.headers.add("Link", "<https://hub.example/>; rel=hub")
        response.headers.add("Link", "</feed>; rel=self")
        return response

    async with serving(feed) as site:
        answer = await fetcher.fetch(f"{site}/feed", limit=LIMIT, allow_private=True)
    assert isinstance(answer, Fetched)
    assert answer.link == "<https://hub.example/>; rel=hub, </feed>; rel=self"


async def test_validators_go_back_exactly_as_they_came(fetcher: Fetcher) -> None:
    asked = []

    async def feed(request: web.Request) -> web.Response:
        asked.append((request.headers["If-None-Match"], request.headers["If-Modified-Since"]))
        return web.Response(status=304)

    async with serving(feed) as site:
        answer = await fetcher.fetch(
            site, limit=LIMIT, etag='W/"odd', last_modified="yesterday", allow_private=True
        )
    assert isinstance(answer, NotModified)
    assert asked == [('W/"odd', "yesterday")]


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)],
)
async def test_compressed_bodies_are_read(
    fetcher: Fetcher, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(body=compress(b"news " * 100), headers={"Content-Encoding": encoding})

    async with serving(feed) as site:
        answer = await fetcher.fetch(site, limit=LIMIT, allow_private=True)
    assert isinstance(answer, Fetched)
    assert answer.body == b"news " * 100


@pytest.mark.parametrize("compress", [gzip.compress, brotli.compress])
async def test_a_compression_bomb_bursts_at_the_limit(
    fetcher: Fetcher, compress: Callable[[bytes], bytes]
) -> None:
    bomb = compress(b"\0" * 50_000_000)
    encoding = "gzip" if compress is gzip.compress else "br"

    async def feed(_: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": encoding})

    async with serving(feed) as site:
        failed = await failure(fetcher, site)
    assert str(failed) == f"over {LIMIT} bytes"
    assert isinstance(failed, TooLarge)
    assert len(failed.head) == LIMIT
    assert failed.permanent


async def test_an_endless_body_ends_at_the_limit(fetcher: Fetcher) -> None:
    async def feed(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 50_000)

    async with serving(feed) as site:
        assert str(await failure(fetcher, site)) == f"over {LIMIT} bytes"


async def test_a_server_that_drips_is_left_in_time(fetcher: Fetcher) -> None:
    async def feed(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"x")
            await asyncio.sleep(0.1)
        return response

    async with serving(feed) as site:
        failed = await failure(fetcher, site)
    assert str(failed) == "not done in 1.5 s"
    assert not failed.permanent


async def test_a_body_that_is_not_what_its_encoding_says_fails(fetcher: Fetcher) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(body=b"plain", headers={"Content-Encoding": "gzip"})

    async with serving(feed) as site:
        await failure(fetcher, site)


@pytest.mark.parametrize("headers", [{"X-Long": "x" * 20_000}, {f"X-{n}": "x" for n in range(500)}])
async def test_endless_headers_are_refused(fetcher: Fetcher, headers: dict[str, str]) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(headers=headers)

    async with serving(feed) as site:
        await failure(fetcher, site)


async def test_redirects_are_followed_to_where_the_body_is(fetcher: Fetcher) -> None:
    async def feed(request: web.Request) -> web.Response:
        if request.path == "/old":
            return web.Response(status=301, headers={"Location": "/a/../new?x=1"})
        return web.Response(body=request.path_qs.encode())

    async with serving(feed) as site:
        answer = await fetcher.fetch(f"{site}/old", limit=LIMIT, allow_private=True)
    assert isinstance(answer, Fetched)
    assert (answer.body, answer.url) == (b"/new?x=1", f"{site}/new?x=1")


async def test_a_named_host_is_reached_at_its_port_whatever_leads_there() -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(body=b"wiki")

    async with serving(page) as named, serving(page) as other:

        async def feed(request: web.Request) -> web.Response:
            return web.Response(status=301, headers={"Location": request.query["to"]})

        settings = feed_settings(private_hosts=(URL(named).authority,))
        async with serving(feed) as site, Fetcher(settings.feeds) as fetcher:
            answer = await fetcher.fetch(f"{site}?to={named}", limit=LIMIT, allow_private=True)
            assert isinstance(answer, Fetched)
            assert isinstance(await fetcher.fetch(named, limit=LIMIT), Fetched)
            for refused in (other, site):
                with pytest.raises(FetchFailed, match="private"):
                    await fetcher.fetch(refused, limit=LIMIT)
            with pytest.raises(FetchFailed, match="private"):
                await fetcher.fetch(f"{site}?to={other}", limit=LIMIT, allow_private=True)


async def test_a_circle_of_redirects_ends(fetcher: Fetcher) -> None:
    async def feed(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": request.path})

    async with serving(feed) as site:
        failed = await failure(fetcher, f"{site}/a")
    assert str(failed) == "over 3 redirects"
    assert failed.permanent


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://127.0.0.1/", "//", "http://[::1", "", "javascript:1"]
)
async def test_a_redirect_out_of_the_web_is_refused(fetcher: Fetcher, location: str) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    async with serving(feed) as site:
        assert (await failure(fetcher, site)).permanent


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "[::1]", "2130706433", "0x7f.1"])
async def test_a_redirect_to_another_private_host_is_refused(fetcher: Fetcher, host: str) -> None:
    reached = []

    async def feed(request: web.Request) -> web.Response:
        reached.append(request.path)
        location = f"http://{host}:{request.url.port}/inner"
        return web.Response(status=302, headers={"Location": location})

    async with serving(feed) as site:
        failed = await failure(fetcher, f"{site}/outer")
    assert "private or reserved address" in str(failed)
    assert failed.permanent
    assert reached == ["/outer"]


async def test_a_redirect_to_another_port_of_the_private_host_is_refused(fetcher: Fetcher) -> None:
    reached = []

    async def other(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.Response(text="what nobody is to see")

    async with serving(other) as inner:

        async def feed(_: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": f"{inner}/_search"})

        async with serving(feed) as site:
            failed = await failure(fetcher, site)
    assert "private or reserved address" in str(failed)
    assert reached == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433"])
async def test_private_hosts_are_not_asked_unless_allowed(fetcher: Fetcher, host: str) -> None:
    reached = []

    async def feed(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.Response()

    async with serving(feed) as site:
        url = site.replace("127.0.0.1", host)
        assert (await failure(fetcher, url, allow_private=False)).permanent
    assert reached == []


@pytest.mark.parametrize(
    ("status", "permanent"), [(404, True), (403, True), (429, False), (500, False), (503, False)]
)
async def test_a_status_says_whether_to_come_again(
    fetcher: Fetcher, status: int, permanent: bool
) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Retry-After": "120"})

    async with serving(feed) as site:
        failed = await failure(fetcher, site)
    assert str(failed) == f"status {status}"
    assert failed.permanent == permanent
    assert failed.retry_after == "120"


async def test_nobody_listening_is_a_temporary_failure(fetcher: Fetcher) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response()

    async with serving(feed) as site:
        pass
    failed = await failure(fetcher, site)
    assert "no connection" in str(failed)
    assert not failed.permanent


async def test_an_answer_that_is_no_http_fails(fetcher: Fetcher) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\xff\x00 nonsense\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await failure(fetcher, f"http://127.0.0.1:{port}/")


async def test_no_cookie_is_kept(fetcher: Fetcher) -> None:
    async def feed(request: web.Request) -> web.Response:
        response = web.Response(text=str(dict(request.cookies)))
        response.set_cookie("id", "1")
        return response

    async with serving(feed) as site:
        await fetcher.fetch(site, limit=LIMIT, allow_private=True)
        answer = await fetcher.fetch(site, limit=LIMIT, allow_private=True)
    assert isinstance(answer, Fetched)
    assert answer.body == b"{}"
