"""How the server listens."""

import socket
from contextlib import closing

from pipeline.web.server import listening_socket
from tests.integration.web.conftest import api_settings


def test_small_answers_do_not_wait_for_an_acknowledgement() -> None:
    """Without TCP_NODELAY each takes 40 ms: its body waits until its headers are acknowledged."""
    with closing(listening_socket(api_settings())) as listening:
        caller = socket.create_connection(listening.getsockname())
        taken, _ = listening.accept()
        with closing(caller), closing(taken):
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
