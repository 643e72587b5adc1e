"""Finding and loading spaCy models.

The lemmatizer and the attribute ruler are off: they took 36% of the model's time on news (12.1 s
against 7.2 s for 40,710 tokens) and the rules need neither; verb forms come from the lexicon.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import resources
from pipeline.errors import ConfigurationError
from pipeline.records import Model

if TYPE_CHECKING:
    from spacy.language import Language

RULES_VERSION = "2"

_UNUSED = ["lemmatizer", "attribute_ruler", "senter"]


def locate(model: str) -> Path:
    """The folder with the model's meta.json: ``model`` itself, or that of an installed package.

    Raises ConfigurationError when there is none.
    """
    for folder in _candidates(model):
        if (folder / "meta.json").is_file():
            return folder
    raise ConfigurationError(
        f"setting enrich.models: no spaCy model {model!r}; install the package or name a folder"
    )


def _candidates(model: str) -> list[Path]:
    folders = [Path(model)]
    spec = importlib.util.find_spec(model) if model.isidentifier() else None
    for place in (spec.submodule_search_locations if spec else None) or ():
        package = Path(place)
        # spaCy's own packages keep the data in a folder named after the version, and a second
        # meta.json outside of it.
        folders += [package / "_model", *sorted(package.glob(f"{model}-*")), package]
    return folders


def describe(models: Mapping[str, str]) -> dict[str, Model]:
    """Name and version of each language's model, without loading it; the version ends with that of
    our rules.

    Raises ConfigurationError for a model that is missing or of another language, and for a language
    that has no word lists.
    """
    return {language: _describe(language, model) for language, model in models.items()}


def _describe(language: str, model: str) -> Model:
    lists = resources.root() / "config" / "reporting"
    if not (lists / f"{language}.toml").is_file():
        known = ", ".join(sorted(path.stem for path in lists.glob("*.toml")))
        raise ConfigurationError(
            f"setting enrich.models.{language}: no word lists for this language; there are {known}"
        )
    meta = _meta(model)
    if meta.get("lang") != language:
        raise ConfigurationError(
            f"setting enrich.models.{language}: {model!r} is a model for {meta.get('lang')!r}"
        )
    return Model(name=f"{language}_{meta['name']}", version=f"{meta['version']}+{RULES_VERSION}")


def instead(models: Mapping[str, str], model: str) -> dict[str, str]:
    """The models with this one for its language; it comes first."""
    language = str(_meta(model).get("lang"))
    return {language: model} | {key: other for key, other in models.items() if key != language}


def _meta(model: str) -> dict[str, Any]:
    meta: dict[str, Any] = json.loads((locate(model) / "meta.json").read_text("utf-8"))
    return meta


def load(model: str) -> Language:
    """Load a model (2 to 4 s). Raises ConfigurationError when it is missing or broken."""
    folder = locate(model)
    # Imported here: spaCy takes a second to import, and the processes that only hand texts to the
    # pool never need it.
    spacy = importlib.import_module("spacy")
    importlib.import_module("pipeline.enrich.matrices").use_blas()
    try:
        return spacy.load(folder, exclude=_UNUSED)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"setting enrich.models: {folder} cannot be loaded: {error}"
        ) from error
