import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientError, ClientSession, web

from tests.chaos.harness.proxy import FAIR, Proxy, Weather
from tests.stacks import free_ports


async def answer(request: web.Request) -> web.Response:
    return web.Response(body=await request.read() * 2)


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    port, upstream = free_ports(2)
    app = web.Application()
    app.router.add_route("*", "/", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", upstream).start()
    proxy = Proxy(port, upstream)
    await proxy.start()
    yield proxy
    await proxy.stop()
    await runner.cleanup()


async def asked(session: ClientSession, proxy: Proxy, body: bytes = b"news") -> tuple[int, bytes]:
    async with session.post(f"http://127.0.0.1:{proxy.port}/", data=body) as response:
        return response.status, await response.read()


async def test_in_fair_weather_everything_passes_whole(proxy: Proxy) -> None:
    async with ClientSession() as session:
        assert await asked(session, proxy, bytes(300_000)) == (200, bytes(600_000))


async def test_a_cut_ends_open_connections_refuses_new_ones_and_heals(proxy: Proxy) -> None:
    async with ClientSession() as session:
        await asked(session, proxy)
        await proxy.set(Weather(down=True))
        for _ in range(2):
            with pytest.raises(ClientError):
                await asked(session, proxy)
        await proxy.set(FAIR)
        assert await asked(session, proxy) == (200, b"newsnews")


async def test_each_answer_is_late_by_both_ways(proxy: Proxy) -> None:
    await proxy.set(Weather(delay_seconds=0.1))
    async with ClientSession() as session:
        began = time.monotonic()
        await asked(session, proxy)
        assert 0.2 <= time.monotonic() - began < 2


async def test_a_throttled_line_takes_its_time(proxy: Proxy) -> None:
    await proxy.set(Weather(bytes_per_second=200_000))
    async with ClientSession() as session:
        began = time.monotonic()
        await asked(session, proxy, bytes(50_000))
        assert time.monotonic() - began >= 0.25


async def test_a_status_is_answered_to_every_request_of_a_connection(proxy: Proxy) -> None:
    await proxy.set(Weather(status=429))
    async with ClientSession() as session:
        for _ in range(3):
            status, body = await asked(session, proxy)
            assert (status, b"made_up_exception" in body) == (429, True)
        await proxy.set(FAIR)
        await asyncio.sleep(0.05)  # the client is to see that its connection has ended
        assert await asked(session, proxy) == (200, b"newsnews")
