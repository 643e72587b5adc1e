"""Who said what: speakers, how they are quoted, and whom they speak about and to."""

from __future__ import annotations

from pipeline.index import fields
from pipeline.kibana import ids
from pipeline.kibana.charts import cloud, donut, heat, lines_or_bars, number, table
from pipeline.kibana.columns import average, distinct, groups, over_time, records, top
from pipeline.kibana.dashboards import Control, Dashboard, Row, beside
from pipeline.kibana.kql import both, equals, exists, without
from pipeline.kibana.searches import Search
from pipeline.kibana.views import Views

_SAID = both(equals(fields.NEGATED, value=False), equals(fields.HYPOTHETICAL, value=False))

_HINT = (
    "Statements by the time of their article. Rankings leave out what was *not* said and what"
    " *may* be said; the charts of certainty and the list show them too."
)


def latest_statements(views: Views) -> Search:
    """Statements as a list to read."""
    return Search(
        id=ids.LATEST_STATEMENTS,
        title="Latest statements",
        view=views.statements,
        columns=(
            fields.SPEAKER,
            fields.CUE,
            fields.CONTENT,
            fields.ADDRESSEE,
            fields.SOURCE,
            fields.TITLE,
            fields.URL,
        ),
    )


def who_said_what(views: Views) -> Dashboard:
    """The dashboard."""
    statements = views.statements
    return Dashboard(
        id=ids.WHO_SAID_WHAT,
        title=ids.TITLES[ids.WHO_SAID_WHAT],
        description="Who said what, about whom, to whom, in which source.",
        since="now-7d",
        controls=(
            Control(fields.SPEAKER, "Speaker", statements),
            Control(fields.ABOUT, "About", statements),
            Control(fields.SOURCE, "Source", statements),
            Control(fields.LANGUAGE, "Language", statements),
        ),
        rows=(
            beside(5, ids.links(ids.WHO_SAID_WHAT, _HINT)),
            _numbers(views),
            _volume(views),
            _rankings(views),
            _pairs(views),
            _certainty(views),
            beside(24, latest_statements(views)),
        ),
    )


def _numbers(views: Views) -> Row:
    statements = views.statements
    quoted = without(equals(fields.TYPE, "indirect"))
    return beside(
        6,
        number("Statements", statements, records("Statements")),
        number("Speakers", statements, distinct(fields.SPEAKER, "Speakers")),
        number("In their own words", statements, records("In their own words", only=quoted)),
        number("Articles with statements", statements, distinct(fields.ARTICLE_ID, "Articles")),
    )


def _volume(views: Views) -> Row:
    statements = views.statements
    by_speaker = lines_or_bars(
        "Statements over time by speaker",
        statements,
        over_time(),
        records("Statements"),
        series="area_stacked",
        split=top(fields.SPEAKER, 8, "Speaker"),
        only=_SAID,
    )
    types = donut("Quoted or reported", statements, top(fields.TYPE, 3, "Type"), records("Number"))
    kinds = donut("Speech or thought", statements, top(fields.KIND, 5, "Kind"), records("Number"))
    return Row(13, ((28, by_speaker), (10, types), (10, kinds)))


def _rankings(views: Views) -> Row:
    statements = views.statements
    speakers = lines_or_bars(
        "Most quoted",
        statements,
        top(fields.SPEAKER, 15, "Speaker"),
        records("Statements"),
        series="bar_horizontal",
        only=_SAID,
    )
    roles = lines_or_bars(
        "Roles of speakers",
        statements,
        top(fields.SPEAKER_ROLES, 15, "Role"),
        records("Statements"),
        series="bar_horizontal",
        only=_SAID,
    )
    cues = cloud(
        "Verbs and other cues", statements, top(fields.CUE_LEMMA, 50, "Cue"), records("Statements")
    )
    return beside(15, speakers, roles, cues)


def _pairs(views: Views) -> Row:
    statements = views.statements
    about = heat(
        "Who speaks about whom or what",
        statements,
        top(fields.SPEAKER, 12, "Speaker"),
        top(fields.ABOUT, 12, "About"),
        records("Statements"),
        only=_SAID,
    )
    spoken_to = table(
        "Who speaks to whom",
        statements,
        (top(fields.SPEAKER, 20, "Speaker"), top(fields.ADDRESSEE, 5, "Addressee")),
        (records("Statements"),),
        only=both(_SAID, exists(fields.ADDRESSEE)),
    )
    where = table(
        "Who is quoted where",
        statements,
        (top(fields.SPEAKER, 20, "Speaker"), top(fields.SOURCE, 5, "Source")),
        (records("Statements"), distinct(fields.ARTICLE_ID, "Articles")),
        only=_SAID,
    )
    return beside(16, about, spoken_to, where)


def _certainty(views: Views) -> Row:
    statements = views.statements
    stance = lines_or_bars(
        "Said, not said, may be said",
        statements,
        over_time(),
        records("Statements"),
        series="bar_percentage_stacked",
        split=groups(
            "Stance",
            {
                "said": _SAID,
                "not said": equals(fields.NEGATED, value=True),
                "may be said": equals(fields.HYPOTHETICAL, value=True),
            },
        ),
    )
    named = lines_or_bars(
        "Named and unnamed sources",
        statements,
        over_time(),
        records("Statements"),
        series="bar_percentage_stacked",
        split=groups(
            "Speaker",
            {
                "named": equals(fields.SPEAKER_UNNAMED, value=False),
                "unnamed": equals(fields.SPEAKER_UNNAMED, value=True),
                "none found": without(exists(fields.SPEAKER)),
            },
        ),
    )
    media = table(
        "How it was said",
        statements,
        (top(fields.MEDIUM, 20, "Medium"),),
        (records("Statements"), average(fields.CONFIDENCE, "Mean confidence")),
    )
    return beside(13, stance, named, media)
