"""Finding and loading the spaCy model.

The lemmatizer and the attribute ruler are off: they took 36% of the model's time on news (12.1 s
against 7.2 s for 40,710 tokens) and the rules need neither; verb forms come from the lexicon.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import ConfigurationError
from pipeline.records import Model

if TYPE_CHECKING:
    from spacy.language import Language

RULES_VERSION = "2"

_UNUSED = ["lemmatizer", "attribute_ruler", "senter"]
_DATA_FOLDERS = ("_model", "")


def locate(model: str) -> Path:
    """The folder with the model's meta.json: ``model`` itself, or that of an installed package.

    Raises ConfigurationError when there is none.
    """
    for folder in _candidates(model):
        if (folder / "meta.json").is_file():
            return folder
    raise ConfigurationError(
        f"setting enrich.model: no spaCy model {model!r}; install the package or name a folder"
    )


def _candidates(model: str) -> list[Path]:
    folders = [Path(model)]
    spec = importlib.util.find_spec(model) if model.isidentifier() else None
    for place in (spec.submodule_search_locations if spec else None) or ():
        package = Path(place)
        folders += [package / name for name in _DATA_FOLDERS]
        # spaCy's own packages keep the data in a folder named after the version.
        folders += sorted(package.glob(f"{model}-*"))
    return folders


def describe(model: str) -> Model:
    """Name and version of a model, without loading it; the version ends with that of our rules."""
    meta = json.loads((locate(model) / "meta.json").read_text("utf-8"))
    return Model(
        name=f"{meta['lang']}_{meta['name']}", version=f"{meta['version']}+{RULES_VERSION}"
    )


def load(model: str) -> Language:
    """Load the model (2 to 3 s). Raises ConfigurationError when it is missing or broken."""
    folder = locate(model)
    # Imported here: spaCy takes a second to import, and the processes that only hand texts to the
    # pool never need it.
    spacy = importlib.import_module("spacy")
    try:
        return spacy.load(folder, exclude=_UNUSED)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"setting enrich.model: {folder} cannot be loaded: {error}"
        ) from error
