"""The fields of both kinds of document, each named once for templates, documents and queries.

Dots make objects in Elasticsearch, so ``url.full`` is the ``full`` of ``url``; documents are
written flat, with these names as keys. Names follow the Elastic Common Schema where it has one.
"""

from __future__ import annotations

# In both articles and statements
TIMESTAMP = "@timestamp"  # published_at, or first_seen_at where there is none to be believed
INGESTED = "event.ingested"
ARTICLE_ID = "article.id"
REVISION = "article.revision"
ORIGIN = "article.origin"  # whose word title and text are: archive, page, own
TITLE = "title"
URL = "url.full"  # canonical where known
URL_DOMAIN = "url.domain"
SOURCE = "source.name"
SOURCE_DOMAIN = "source.domain"
SOURCE_COUNTRY = "source.country"
TOLD_BY = "source.origin"  # whose word source, feed, authors and time are: archive, page, own
FEED = "feed.id"
LANGUAGE = "language"
STORY = "story.id"  # shared by the copies of a text
COPY_OF = "story.copy_of"  # the id of the story's first article; missing in that one
PUBLISHED = "published_at"
FIRST_SEEN = "first_seen_at"
MODEL_NAME = "model.name"
MODEL_VERSION = "model.version"

# In articles
URL_ORIGINAL = "url.original"  # as the feed gave it
GUID = "feed.guid"
LATEST_REVISION = "article.latest_revision"  # that says the same, where one came later
TOLD_REVISION = "source.revision"  # of the version that said it, where it is another one
SEEN_IN = "feed.seen_in"  # all feeds that led to it
TEXT = "text"
SUMMARY = "summary"
AUTHORS = "authors"
FETCHED = "fetched_at"
SECONDS_TO_SEE = "latency.seen_seconds"  # from published to first seen
SECONDS_TO_INDEX = "latency.indexed_seconds"  # from fetched to ingested
ENRICHED = "enriched_at"
CONTENT_SHA256 = "content_sha256"
STORY_TEXT = "story.text"  # a hash: the same for equal texts
STORY_BANDS = "story.bands"  # hashes, in the first of a story: near copies share one (see sketch)
TRUNCATED = "truncated"
NOT_ANNOTATED = "not_annotated"
STATEMENT_COUNT = "statement_count"
ENTITIES = "entities"  # entities.person, entities.org, ...: canonical names by type
ENTITY_FORMS = "entity_forms"  # names and aliases of all entities
ROLES = "roles"
SPEAKERS = "speakers"  # canonical names of those who are quoted
SPEAKERS_FORMS = "speaker_forms"  # their names and aliases
LOCATIONS = "geo.location"
MENTIONS = "mentions"  # nested: entity, type, kind, text, start, end

# In statements
STATEMENT_ID = "statement.id"  # s1, s2, ...: unique in its article
ORDINAL = "statement.ordinal"
TYPE = "statement.type"
KIND = "statement.kind"
NEGATED = "statement.negated"
HYPOTHETICAL = "statement.hypothetical"
CONFIDENCE = "statement.confidence"
MEDIUM = "statement.medium"
CONTENT = "content.text"
CONTENT_START = "content.start"
CONTENT_END = "content.end"
CONTENT_PART_STARTS = "content.part_starts"  # of a content in several parts, each with its end
CONTENT_PART_ENDS = "content.part_ends"
CUE = "cue.text"
CUE_LEMMA = "cue.lemma"
SPEAKER = "speaker.name"
SPEAKER_FORMS = "speaker.forms"  # name and aliases
SPEAKER_TEXT = "speaker.text"  # as written: "He", "his office"
SPEAKER_TYPE = "speaker.type"
SPEAKER_ROLES = "speaker.roles"
SPEAKER_UNNAMED = "speaker.unnamed"
ADDRESSEE = "addressee.name"
ADDRESSEE_FORMS = "addressee.forms"
ABOUT = "about.name"  # entities mentioned in what was said
ABOUT_FORMS = "about.forms"
REPORTED_BY = "reported_by.id"  # the statement that contains this one
REPORTED_BY_SPEAKER = "reported_by.speaker"

# In superseded revisions of articles, beside fields of articles
QUOTED = "statements"  # the statements of that revision, to be shown: not searched

# In homes: in which month an article is
MONTH = "month"

# In documents about the line's health; each has one data set and that one's fields
DATASET = "event.dataset"
STATION = "process.name"  # feeds, enrich, index: the process that wrote it
FEED_OUTCOME = "feed.outcome"  # of one poll: new, unchanged, failed
FEED_HEALTH = "feed.health"
FEED_REASON = "feed.reason"  # why it is not fine; "none" where it is
FEED_PUBLISHED = "feed.published"  # articles that the poll led to
FEED_WAITING = "feed.waiting"  # entries whose page could not be had yet
FEED_FAILURES = "feed.failures"  # in a row
FEED_NEW_PER_DAY = "feed.new_per_day"
FEED_NEXT_POLL = "feed.next_poll"
LAG_STATION = "lag.station"
LAG_MESSAGES = "lag.messages"
COUNTER = "counter.name"
COUNTER_INCREASE = "counter.increase"  # since the process's document before

ENTITY_TYPES = {
    "PERSON": "person",
    "PER": "person",
    "NORP": "norp",
    "FAC": "fac",
    "ORG": "org",
    "GPE": "gpe",
    "LOC": "loc",
    "PRODUCT": "product",
    "EVENT": "event",
    "WORK_OF_ART": "work_of_art",
    "LAW": "law",
    "LANGUAGE": "language",
    "DATE": "date",
    "TIME": "time",
    "PERCENT": "percent",
    "MONEY": "money",
    "QUANTITY": "quantity",
    "ORDINAL": "ordinal",
    "CARDINAL": "cardinal",
}
"""OntoNotes labels (and WikiNER's PER) to the last part of their field."""

OTHER_ENTITIES = f"{ENTITIES}.other"  # labels of models trained on another scheme


def entities_of(label: str) -> str:
    """The field that holds the names of entities with this label."""
    known = ENTITY_TYPES.get(label)
    return f"{ENTITIES}.{known}" if known else OTHER_ENTITIES


def counter_label(label: str) -> str:
    """The field that holds a counter's label of this name."""
    return f"counter.{label}"


def exact(field: str) -> str:
    """The unstemmed form of a text field."""
    return f"{field}.exact"


def folded(field: str) -> str:
    """The lowercase form without accents of a name field, for comparing whole names."""
    return f"{field}.folded"


def words(field: str) -> str:
    """The words of a name or role, to find it by some of them."""
    return f"{field}.words"
