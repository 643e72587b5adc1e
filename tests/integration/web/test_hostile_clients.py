"""Clients that mean harm, at the real server: whoever else asks is answered as before."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import httpx
import pytest

from pipeline.search.library import Library
from pipeline.web import protocol
from pipeline.web.guard import BODY_BYTES
from pipeline.web.keys import new_key
from tests.integration.web.served import served
from tests.memory import resident

MEGABYTE = 1 << 20
PATH = "/api/v1/searches"


def keys(*names: str) -> tuple[list[str], list[dict[str, object]]]:
    made = [new_key() for _ in names]
    entries = [
        {"name": name, "sha256": sha256, "scopes": ["search", "searches"]}
        for name, (_, sha256) in zip(names, made, strict=True)
    ]
    return [key for key, _ in made], entries


async def opened(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    url = httpx.URL(address)
    return await asyncio.open_connection(url.host, url.port)


async def sent(address: str, head: str, body: bytes, repeat: int) -> bytes:
    """Send a head and a body so many times; the first line of the answer."""
    reader, writer = await opened(address)
    writer.write(head.replace("\n", "\r\n").encode())
    with suppress(ConnectionError):
        for _ in range(repeat):
            writer.write(body)
            await writer.drain()
    try:
        async with asyncio.timeout(10):
            return await reader.readline()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("with_key", [True, False])
@pytest.mark.parametrize("chunked", [True, False])
async def test_a_gigabyte_of_body_is_refused_before_it_is_read(
    library: Library, with_key: bool, chunked: bool
) -> None:
    """Measured before: 3 GB of memory, with or without a key."""
    (key,), entries = keys("desk")
    chunk = b"x" * MEGABYTE
    head = f"POST {PATH} HTTP/1.1\nHost: 127.0.0.1\nContent-Type: application/json\n"
    head += f"Authorization: Bearer {key}\n" if with_key else ""
    if chunked:
        head += "Transfer-Encoding: chunked\n\n"
        chunk = f"{MEGABYTE:x}\r\n".encode() + chunk + b"\r\n"
    else:
        head += f"Content-Length: {1024 * MEGABYTE}\n\n"
    async with served(library, keys=entries) as address:
        before = resident()
        line = await sent(address, head, chunk, 1024)
        assert resident() - before < 64 * MEGABYTE
        expected = (b"413",) if with_key or not chunked else (b"401", b"413")
        assert not line or line.split()[1] in expected
        async with httpx.AsyncClient(base_url=address) as client:
            assert (await client.get("/healthz")).status_code == 200


async def test_a_body_is_taken_up_to_the_limit_and_not_beyond(library: Library) -> None:
    async with served(library) as address, httpx.AsyncClient(base_url=address) as client:
        within = await client.post("/sign-in", content=b"a" * BODY_BYTES)
        beyond = await client.post("/sign-in", content=b"a" * (BODY_BYTES + 1))
        head = f"POST {PATH} HTTP/1.1\nHost: 127.0.0.1\nContent-Length: {'9' * 19}\n\n"
        lying = await sent(address, head, b"{}", 1)
    assert (within.status_code, beyond.status_code) == (401, 413)
    assert lying.split()[1] in (b"400", b"413")


async def test_half_sent_requests_end_and_others_are_answered_meanwhile(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measured before: 3,000 of them stayed for ever."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 2.0)
    async with served(library, connections=400, connections_per_client=300) as address:
        half = [await opened(address) for _ in range(290)]
        for number, (_, writer) in enumerate(half):
            writer.write(b"GET /articles HTTP/1.1\r\nHost: 127"[: number % 30])
        started = time.monotonic()
        async with httpx.AsyncClient(base_url=address) as client:
            assert (await client.get("/healthz")).status_code == 200
        assert time.monotonic() - started < 1.0
        for reader, writer in half:
            async with asyncio.timeout(10):
                with suppress(ConnectionError):
                    assert await reader.read() == b""
            writer.close()
        assert time.monotonic() - started > 1.0  # they had their time


async def test_a_client_has_so_many_connections_and_no_more(library: Library) -> None:
    async with served(library, connections=50, connections_per_client=20) as address:
        held = [await opened(address) for _ in range(60)]
        await asyncio.sleep(0.3)
        gone = 0
        for reader, _ in held:
            try:
                async with asyncio.timeout(0.02):
                    gone += await reader.read(1) == b""
            except ConnectionError:
                gone += 1
            except TimeoutError:
                pass
        assert gone == 40
        for _, writer in held:
            writer.close()
        await asyncio.sleep(0.3)
        async with httpx.AsyncClient(base_url=address) as client:
            assert (await client.get("/healthz")).status_code == 200


async def test_a_body_that_drips_ends(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.web.guard.BODY_SECONDS", 0.5)
    async with served(library) as address:
        reader, writer = await opened(address)
        head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n"
        writer.write(head.encode())
        writer.write(b"{")
        async with asyncio.timeout(5):
            assert b" 408 " in await reader.readline()
        writer.close()


async def test_pages_have_limits_and_nobody_passes_for_another(library: Library) -> None:
    async with (
        served(library, requests_per_minute=3) as address,
        httpx.AsyncClient(base_url=address) as client,
    ):
        statuses = [
            (await client.get("/live", headers={"X-Forwarded-For": f"9.9.9.{n}"})).status_code
            for n in range(5)
        ]
        assert statuses == [200, 200, 200, 429, 429]
        assert (await client.get("/healthz")).status_code == 200


async def test_a_proxy_that_the_settings_name_says_who_asks(library: Library) -> None:
    changes = {"requests_per_minute": 2, "proxies": ("127.0.0.1",)}
    async with served(library, **changes) as address, httpx.AsyncClient(base_url=address) as client:
        for n in range(5):
            answer = await client.get("/live", headers={"X-Forwarded-For": f"9.9.9.{n}"})
            assert answer.status_code == 200
        of_one = {"X-Forwarded-For": "9.9.9.1, 9.9.9.77"}
        statuses = [(await client.get("/live", headers=of_one)).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]


async def test_a_client_has_so_many_streams(library: Library) -> None:
    stream = "/api/v1/statements/stream"
    async with (
        served(library, streams_per_client=2) as address,
        httpx.AsyncClient(base_url=address, timeout=5) as client,
    ):
        async with client.stream("GET", stream) as one, client.stream("GET", stream) as two:
            assert (one.status_code, two.status_code) == (200, 200)
            assert (await client.get(stream)).status_code == 429
        async with asyncio.timeout(10):
            while True:
                async with client.stream("GET", stream) as again:
                    if again.status_code == 200:
                        break
                await asyncio.sleep(0.1)


async def test_a_cookie_is_secure_where_the_proxy_says_tls(library: Library) -> None:
    (key,), entries = keys("desk")
    changes = {"keys": entries, "proxies": ("127.0.0.1",)}
    async with served(library, **changes) as address, httpx.AsyncClient(base_url=address) as client:
        by_tls = await client.post(
            "/sign-in", data={"key": key}, headers={"X-Forwarded-Proto": "https"}
        )
        plain = await client.post("/sign-in", data={"key": key})
    assert "Secure" in by_tls.headers["Set-Cookie"]
    assert "Secure" not in plain.headers["Set-Cookie"]
