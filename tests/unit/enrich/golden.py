"""Compares annotations with a golden case: required items exactly, by the conventions of
tests/golden/README.md."""

import json
from pathlib import Path
from typing import Any

from pipeline.records import Annotations, Entity, Statement


def load_case(folder: Path) -> tuple[str, dict[str, Any]]:
    expected = "expected.json" if (folder / "expected.json").exists() else "golden.json"
    return (folder / "article.txt").read_text("utf-8"), json.loads(
        (folder / expected).read_text("utf-8")
    )


def differences(found: Annotations, expected: dict[str, Any]) -> list[str]:
    """What is wrong, one line each; optional items are not asked for."""
    names = {entity.name for entity in found.entities}
    contents = {statement.content.text for statement in found.statements}
    return [
        *_entity_differences(found, expected),
        *_statement_differences(found, expected),
        *(f"never an entity: {n}" for n in expected.get("never_entity_names", ()) if n in names),
        *(
            f"never a content: {c}"
            for c in expected.get("never_statement_contents", ())
            if c in contents
        ),
    ]


def _entity_differences(found: Annotations, expected: dict[str, Any]) -> list[str]:
    by_name = {entity.name: entity for entity in found.entities}
    lines = []
    for item in expected["entities"]:
        if not item.get("required", True):
            continue
        entity = by_name.get(item["name"])
        if entity is None:
            lines.append(f"no entity {item['name']!r}")
            continue
        lines += [
            f"{item['name']}: {key} {have!r}, expected {want!r}"
            for key, want, have in _entity_values(item, entity)
            if want != have
        ]
    return lines


def _entity_values(item: dict[str, Any], entity: Entity) -> list[tuple[str, Any, Any]]:
    values = [("type", item["type"], entity.type)]
    values.append(("roles", sorted(item["roles"]), sorted(entity.roles)))
    if "country" in item:
        values.append(("country", item["country"], entity.country))
    return values


def _statement_differences(found: Annotations, expected: dict[str, Any]) -> list[str]:
    wanted = {item["id"]: tuple(item["content"]["span"]) for item in expected["statements"]}
    have = {s.id: (s.content.span.start, s.content.span.end) for s in found.statements}
    lines = []
    for item in expected["statements"]:
        if not item.get("required", True):
            continue
        match = _same_statement(item, found)
        if match is None:
            near = [s.content.text for s in found.statements if _touches(s, item)]
            lines.append(f"no statement {item['content']['text']!r}; there are {near}")
            continue
        lines += [
            f"{item['content']['text'][:50]!r}: {key} {found_value!r}, expected {want!r}"
            for key, want, found_value in _statement_values(item, match, wanted, have)
            if want != found_value
        ]
    return lines


def _same_statement(item: dict[str, Any], found: Annotations) -> Statement | None:
    span = tuple(item["content"]["span"])
    same = [s for s in found.statements if (s.content.span.start, s.content.span.end) == span]
    entity = (item["speaker"] or {}).get("entity")
    by_speaker = [s for s in same if s.speaker and s.speaker.entity == entity]
    return next(iter(by_speaker or same), None)


def _touches(statement: Statement, item: dict[str, Any]) -> bool:
    start, end = item["content"]["span"]
    return statement.content.span.start < end and start < statement.content.span.end


def _statement_values(
    item: dict[str, Any],
    statement: Statement,
    wanted: dict[str, tuple[int, int]],
    have: dict[str, tuple[int, int]],
) -> list[tuple[str, Any, Any]]:
    cue, speaker, content = item.get("cue"), item["speaker"], statement.content
    values: list[tuple[str, Any, Any]] = [
        ("type", item["type"], statement.type),
        ("kind", item.get("kind", "speech"), statement.kind),
        ("speaker", speaker and speaker["entity"], statement.speaker and statement.speaker.entity),
        ("speaker text", speaker and speaker["text"], statement.speaker and statement.speaker.text),
        ("cue", cue and cue["text"], statement.cue and statement.cue.text),
        ("cue span", cue and cue["span"], statement.cue and _pair(statement.cue.span)),
        ("addressee", item.get("addressee"), statement.addressee),
        ("medium", item.get("medium"), statement.medium),
        ("negated", item.get("negated", False), statement.negated),
        ("hypothetical", item.get("hypothetical", False), statement.hypothetical),
        (
            "reported by",
            wanted.get(item.get("reported_by")),
            have.get(statement.reported_by or ""),
        ),
    ]
    if "parts" in item["content"]:
        values.append(("parts", item["content"]["parts"], [_pair(p) for p in content.parts]))
    return values


def _pair(span: Any) -> list[int]:
    return [span.start, span.end]
