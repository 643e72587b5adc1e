"""Asking the index: requests to query bodies (:mod:`queries`), answers to hits (:mod:`reader`)."""

from pipeline.search.hits import ArticleHit, StatementHit
from pipeline.search.reader import Found, search_articles, search_statements
from pipeline.search.request import SearchRequest

__all__ = [
    "ArticleHit",
    "Found",
    "SearchRequest",
    "StatementHit",
    "search_articles",
    "search_statements",
]
