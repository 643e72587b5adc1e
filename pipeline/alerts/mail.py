"""An alert as an e-mail: pure. One message for each alert; those of a search make a thread.

Everything that comes from the web is a value of a header or text that is escaped: the header
factory of :mod:`email` refuses line breaks, and none is left in what it is given.
"""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from pipeline.records import Alert, AlertStatement, Delivery

_SUBJECT_CHARS = 150


def message_of(delivery: Delivery, alert: Alert, sender: str) -> EmailMessage:
    """The message to ``delivery.target``, the same for each try."""
    message = EmailMessage(policy=SMTP)
    domain = sender.rpartition("@")[2]
    message["From"] = sender
    message["To"] = delivery.target
    message["Subject"] = _line(f"{alert.search_name}: {alert.title or alert.source}")[
        :_SUBJECT_CHARS
    ]
    message["Date"] = delivery.planned_at
    message["Message-ID"] = f"<{delivery.id}@{domain}>"
    message["References"] = f"<{_thread(delivery)}@{domain}>"
    message["List-Id"] = f"<{alert.search_id}.alerts.{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(alert))
    message.add_alternative(_html(alert), subtype="html")
    return message


def _thread(delivery: Delivery) -> str:
    return hashlib.sha256(f"{delivery.search_id}\n{delivery.target}".encode()).hexdigest()[:32]


def _line(text: str) -> str:
    """On one line, without anything that is no printable character."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _text(alert: Alert) -> str:
    said = [f"{_who(each)} {_quoted(each)}" for each in alert.statements]
    parts = [_line(alert.title), _where(alert), *said, _more(alert), _line(alert.snippet)]
    parts += [_line(alert.url or ""), f"-- \nSaved search: {_line(alert.search_name)}"]
    return "\n\n".join(part for part in parts if part) + "\n"


def _html(alert: Alert) -> str:
    title = escape(_line(alert.title) or "(no title)")
    if alert.url and alert.url.startswith(("http://", "https://")):
        title = f'<a href="{escape(_line(alert.url))}">{title}</a>'
    said = [f"<b>{escape(_who(each))}</b> {escape(_quoted(each))}" for each in alert.statements]
    parts = [_where(alert), _more(alert), _line(alert.snippet)]
    paragraphs = [*said, *(escape(part) for part in parts if part)]
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    footer = f"<p><small>Saved search: {escape(_line(alert.search_name))}</small></p>"
    return f'<!doctype html><meta charset="utf-8"><h3>{title}</h3>{body}{footer}'


def _who(said: AlertStatement) -> str:
    warning = "not: " if said.negated else "perhaps: " if said.hypothetical else ""
    return f"{_line(said.speaker or 'Somebody')} ({warning}{_line(said.cue or said.type)}):"


def _quoted(said: AlertStatement) -> str:
    return _line(said.content)


def _where(alert: Alert) -> str:
    when = alert.published_at or alert.indexed_at
    return f"{_line(alert.source)}, {when:%Y-%m-%d %H:%M} UTC"


def _more(alert: Alert) -> str:
    more = alert.statement_count - len(alert.statements)
    return f"and {more} more statements" if more > 0 else ""
