"""A connection to Elasticsearch whose answers have a size: what is beyond it is never read."""

from __future__ import annotations

import aiohttp
from elastic_transport import AiohttpHttpNode


class AnswerTooLarge(ValueError):
    """Elasticsearch answers with more than was allowed for."""


def bounded_node(most_bytes: int) -> type[AiohttpHttpNode]:
    """A node class for a client whose requests raise AnswerTooLarge beyond so many bytes."""

    class Answer(aiohttp.ClientResponse):
        async def read(self) -> bytes:
            if self._body is None:
                body = bytearray()
                async for piece in self.content.iter_any():
                    body += piece
                    if len(body) > most_bytes:
                        self.close()
                        raise AnswerTooLarge(f"an answer of over {most_bytes} bytes")
                self._body = bytes(body)
            return self._body

    class Node(AiohttpHttpNode):
        def _create_aiohttp_session(self) -> None:
            super()._create_aiohttp_session()
            assert self.session is not None
            self.session._response_class = Answer  # noqa: SLF001  # the transport takes none

    return Node
