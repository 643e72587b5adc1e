"""Jinja's environment: everything is escaped, and nothing is said that is not there."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.web.pages import words
from pipeline.web.pages.marked import matched_pieces, said_pieces
from pipeline.web.pages.search_page import address

WEB = Path(__file__).parent.parent
STATIC = WEB / "static"

NAVIGATION = (
    ("/statements", "Who said what"),
    ("/articles", "Articles"),
    ("/places", "Places"),
    ("/live", "Live"),
    ("/alerts", "Alerts"),
    ("/health", "Health"),
)
# Nobody can guess it, so that nothing that is shown can stand for it.
_CUT = Markup(f"<!--{secrets.token_hex(16)}-->")  # noqa: S704


class Templates:
    """Renders pages. Times are told as of ``clock``."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        environment = Environment(
            loader=FileSystemLoader(WEB / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters |= {
            "address": address,
            "age": lambda time: words.age(time, clock()),
            "day_and_time": words.day_and_time,
            "entity_type": words.entity_type,
            "machine_time": words.machine_time,
            "matched": matched_pieces,
            "number": words.number,
            "said": said_pieces,
            "whose": words.whose,
            "path": lambda name: quote(name, safe=""),
        }
        environment.globals |= {"navigation": NAVIGATION, "cut": _CUT}
        self._environment = environment

    def page(self, name: str, *, here: str = "", status: int = 200, **shown: Any) -> HTMLResponse:
        """The page of a template; ``here`` is its address in the navigation."""
        template = self._environment.get_template(f"{name}.html")
        return HTMLResponse(template.render(here=here, **shown), status)

    def shell(self, name: str, *, here: str, **shown: Any) -> tuple[str, str]:
        """What stands before and behind the ``{{ cut }}`` of a template: a page to be filled."""
        whole = self._environment.get_template(f"{name}.html").render(here=here, **shown)
        head, _, foot = whole.partition(_CUT)
        return head, foot

    def part(self, name: str, **shown: Any) -> str:
        """What fills a :meth:`shell`."""
        return self._environment.get_template(f"{name}.html").render(**shown)

    def problem(self, title: str, detail: str, status: int) -> HTMLResponse:
        """A page that says what is wrong."""
        return self.page("problem", status=status, problem_title=title, problem=detail)
