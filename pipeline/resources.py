"""Where the files that come with the project lie: config/, deploy/local/, the sample feed.

In a checkout they stand beside the package; in an installed wheel they are inside it.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def in_checkout() -> bool:
    """Whether the package runs from a checkout of the project."""
    return (_CHECKOUT / "config" / "default.toml").is_file()


def root() -> Path:
    """The folder that holds ``config`` and ``deploy``."""
    return _CHECKOUT if in_checkout() else _PACKAGE / "_project"


def sample_folder() -> Path:
    """The pages and the feed that come with the project."""
    return root() / "deploy" / "sample"


def default_data_dir() -> Path:
    """``.data`` in the checkout, else the user's own data folder."""
    return _CHECKOUT / ".data" if in_checkout() else Path.home() / ".local/share/news-pipeline"
