"""Results as pages: tables in Markdown, and memory over time as a picture. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tests.chaos.measure.figures import Slope
from tests.chaos.measure.memory import Points
from tests.chaos.results import Row, Soak

_MEMORY = (
    "Megabytes (proportional set size) of each process with its children, and how many more each"
    " hour after the first ten minutes."
)
_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 900, 420, 60, 20, 150, 40
_COLOURS = (
    "#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#17becf", "#7f7f7f",
    "#bcbd22", "#e377c2",
)  # fmt: skip


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(_cell(each) for each in row)} |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    text = f"{value:.1f}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


def soak_page(soak: Soak) -> str:
    """What the soak found: the figures, what does not hold, memory, and every fault."""
    return (
        "\n\n".join(
            [
                f"# Soak of {soak.minutes:g} minutes, seed {soak.seed}",
                "Every guarantee holds." if soak.good else "**Not every guarantee holds.**",
                table(("what", "figure"), _figures(soak)),
                "## What does not hold\n\n" + _findings(soak),
                f"## Memory\n\n{_MEMORY}\n\n{_memory(soak)}",
                "## Recovery by kind of fault, in seconds\n\n" + _kinds(soak),
                "## Every fault\n\n" + _faults(soak),
            ]
        )
        + "\n"
    )


def _figures(soak: Soak) -> list[tuple[str, object]]:
    found, took = soak.verdict, soak.recoveries
    return [
        ("articles made", found.produced),
        ("versions made", ", ".join(f"{name} {n}" for name, n in sorted(soak.made.items()))),
        ("articles indexed", found.indexed),
        ("articles a second", soak.rate),
        ("dead letters", found.dead_letters),
        ("good articles among them",
         ", ".join(f"{n} {why}" for why, n in found.buried.items()) or 0),
        ("superseded versions kept", found.kept),
        ("lost", found.lost),
        ("double", found.double),
        ("alerts; delivered; again", f"{found.alerts}; {soak.delivered}; {soak.delivered_again}"),
        ("faults", took.faults),
        ("recovery: median", f"{took.median:.1f} s"),
        ("recovery: 95 of 100 within", f"{took.p95:.1f} s"),
        ("recovery: longest", f"{took.longest:.1f} s"),
        ("faults without recovery", took.missing),
        ("drained after", "not drained" if soak.drained is None else f"{soak.drained:.0f} s"),
        ("processes started again", soak.restarts),
        ("ingests; failed; stuck",
         f"{soak.ingests}; {soak.ingests_failed}; {soak.ingests_stuck}"),
    ]  # fmt: skip


def _findings(soak: Soak) -> str:
    rows = [
        (each.kind, each.what, each.count, ", ".join(each.examples[:2]))
        for each in soak.verdict.findings
    ]
    if soak.unread:
        rows.append(("feeds", "feeds not read to their end", len(soak.unread), soak.unread[0]))
    rows += [("process", f"{name} gave up: {why}", 1, "") for name, why in soak.hopeless.items()]
    return table(("kind", "what", "count", "examples"), rows) if rows else "Nothing."


def _memory(soak: Soak) -> str:
    return table(
        ("process", "last MB", "most MB", "MB an hour", "standard error", "rises"),
        [
            (name, each.last, each.most, *_slope(each.per_hour))
            for name, each in soak.memory.items()
        ],
    )


def _slope(found: Slope | None) -> tuple[object, object, object]:
    if found is None:
        return None, None, None
    return found.value, found.error, "yes" if found.rises else "no"


def _kinds(soak: Soak) -> str:
    seconds: dict[str, list[float | None]] = {}
    for each in soak.met:
        seconds.setdefault(each.planned.fault, []).append(each.recovery.seconds)
    return table(
        ("fault", "times", "longest", "without recovery"),
        [
            (kind, len(each), max((s for s in each if s is not None), default=None),
             each.count(None))
            for kind, each in sorted(seconds.items())
        ],
    )  # fmt: skip


def _faults(soak: Soak) -> str:
    return table(
        ("at s", "fault", "target", "for s", "recovery s", "last to go on"),
        [
            (each.at, each.planned.fault, each.planned.target, each.planned.seconds,
             each.recovery.seconds, each.recovery.last)
            for each in soak.met
        ],
    )  # fmt: skip


def chaos_page(seed: int, rows: Sequence[Row]) -> str:
    """A row for each scenario."""
    good = sum(each.ok and not each.skipped for each in rows)
    head = f"# Faults one by one, seed {seed}\n\n{good} of {len(rows)} hold.\n\n"
    heads = ("fault", "what happened", "lost", "double", "recovery s", "holds")
    return head + table(heads, [_row(each) for each in rows]) + "\n"


def _row(row: Row) -> tuple[object, ...]:
    holds = "skipped" if row.skipped else "yes" if row.ok else "**no**"
    return row.fault, row.happened, row.lost, row.double, row.seconds, holds


def memory_picture(points: Mapping[str, Points]) -> str:
    """Megabytes over minutes, a line for each process, as SVG."""
    every = [point for each in points.values() for point in each] or [(0.0, 0.0)]
    longest = max(60.0, *(seconds for seconds, _ in every))
    most = max(1.0, *(size for _, size in every))
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def place(seconds: float, size: float) -> tuple[float, float]:
        return _LEFT + wide * seconds / longest, _TOP + high * (1 - size / most)

    parts = [_axes(longest, most)]
    for number, (name, each) in enumerate(sorted(points.items())):
        colour = _COLOURS[number % len(_COLOURS)]
        line = " ".join("{:.1f},{:.1f}".format(*place(*point)) for point in each)
        x, y = _WIDTH - _RIGHT + 12, _TOP + 16 + 18 * number
        parts += [
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>',
            f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{colour}"/>',
            f'<text x="{x + 16}" y="{y}">{name}</text>',
        ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="sans-serif" font-size="12" role="img"'
        ' aria-label="Memory of each process over time">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _axes(longest: float, most: float) -> str:
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    parts = []
    for step in range(5):
        y, x = _TOP + high * (1 - step / 4), _LEFT + wide * step / 4
        minutes = longest / 60 * step / 4
        parts += [
            f'<line x1="{_LEFT}" x2="{_LEFT + wide}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>',
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{most * step / 4:.0f}</text>',
            f'<text x="{x:.1f}" y="{_TOP + high + 18}" text-anchor="middle">{minutes:.1f}</text>',
        ]
    middle = _LEFT + wide / 2
    labels = (
        f'<text x="{middle}" y="{_HEIGHT - 6}" text-anchor="middle">minutes</text>'
        f'<text x="6" y="{_TOP - 6}">MB</text>'
    )
    return "".join(parts) + labels
