"""A key opens what its scopes say, and is kept as a hash alone."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pipeline import settings
from pipeline.settings import ApiKey, ApiSettings, Scope
from pipeline.web.keys import Keys, new_key
from pipeline.web.problems import Problem

API = settings.load().api


def test_a_key_is_known_by_its_hash() -> None:
    key, sha256 = new_key()
    keys = Keys([ApiKey(name="desk", sha256=sha256.upper(), scopes=(Scope.EXPORT,))])
    assert keys.check(key, Scope.EXPORT) == "desk"
    with pytest.raises(Problem, match="lacks the scope search"):
        keys.check(key, Scope.SEARCH)
    for wrong in (None, "", key + "x", sha256):
        with pytest.raises(Problem, match="send a key"):
            keys.check(wrong, Scope.EXPORT)


def test_keys_differ() -> None:
    assert len({new_key() for _ in range(10)}) == 10


def test_without_keys_everyone_may() -> None:
    assert Keys([]).check(None, Scope.SEARCHES) == "anyone"


def test_a_server_for_others_needs_keys_or_the_word_that_it_is_open() -> None:
    given = API.model_dump() | {"listen": "0.0.0.0:18088"}
    with pytest.raises(ValidationError, match="without keys"):
        ApiSettings.model_validate(given)
    assert ApiSettings.model_validate(given | {"open": True}).host == "0.0.0.0"
