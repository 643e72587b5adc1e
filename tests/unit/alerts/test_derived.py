"""Secrets of webhooks that stand on no topic."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from pipeline.alerts.derived import KEY_FILE, WebhookKeys, master_key
from pipeline.errors import ConfigurationError
from pipeline.records.saved_search import Webhook, secret_key

URL = "https://desk.example/hook"


def test_what_is_kept_is_no_secret_and_signs_as_what_was_told() -> None:
    keys = WebhookKeys(lambda: b"k" * 32)
    made = keys.new()
    assert secret_key(made.told) == keys.key(Webhook(url=URL, secret=made.kept).secret)
    assert made.told not in made.kept
    assert keys.new() != made
    assert WebhookKeys(lambda: b"o" * 32).key(made.kept) != keys.key(made.kept)


def test_the_key_is_made_once_for_nobody_elses_eyes(tmp_path: Path) -> None:
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(master_key(None, tmp_path / "data")))
        for _ in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    path = tmp_path / "data" / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == [KEY_FILE]


def test_a_setting_is_the_same_key_on_every_machine(tmp_path: Path) -> None:
    one, other = (master_key("s" * 40, tmp_path / name) for name in "ab")
    assert one == other
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_key_is_named(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"short")
    with pytest.raises(ConfigurationError, match=KEY_FILE):
        master_key(None, tmp_path)
