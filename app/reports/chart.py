"""A count report's chart: boys and girls by grade, as an SVG that needs no script and no other address."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

import pygal
from pygal.style import Style

from app.reports.rows import GradeCount

FONT = "Sarabun, 'Noto Sans Thai', sans-serif"
# The palette of static/css/tokens.css: an SVG cannot name colours before its own style is read.
BOYS, GIRLS, INK, QUIET, LINE = "#2b7a8c", "#e0a14a", "#25231f", "#5b564d", "#e4e0d7"
# On a phone the letters would be too small to read: there the chart keeps its size and the box around it scrolls.
NARROW = (
    "inline:@media (max-width: 45em) {{ .chart {{ overflow-x: auto !important }} "
    ".chart .pygal-chart {{ min-width: {}px }} }}"
)


def by_grade(counts: Sequence[GradeCount], title: str, labels: tuple[str, str], nonce: str, thai: bool = True) -> str:
    """SVG text, safe to put into a page as it is.

    title: for screen readers. labels: names of boys and girls. nonce: that of the page's content security policy, set
    on the one inline style. Scripts, comments and style attributes are taken out; a bar's number shows on hovering. No
    legend is drawn: the page writes one that does not scroll away.
    """
    width = max(720, 52 * len(counts))
    chart = pygal.Bar(
        style=_style(), js=[], css=["file://style.css", "file://graph.css", NARROW.format(width * 3 // 4)],
        width=width, height=340, margin=4, show_legend=False, rounded_bars=2, y_labels_major_count=5,
        show_minor_y_labels=False, truncate_label=-1, include_x_axis=True, disable_xml_declaration=True,
        no_data_text="",
    )  # fmt: skip
    chart.value_formatter = lambda value: f"{value:,.0f}"
    chart.x_labels = [_short(count.grade.th if thai else count.grade.en) for count in counts]
    chart.add(labels[0], [count.male for count in counts])
    chart.add(labels[1], [count.female for count in counts])
    return _clean(chart.render_tree(), title, nonce)


def _short(grade: str) -> str:
    """A grade under its bars: the ages of a child development centre without the word for age, or labels touch."""
    return grade.removeprefix("อายุ ")


def _style() -> Style:
    return Style(
        background="transparent", plot_background="transparent", foreground=QUIET, foreground_strong=INK,
        foreground_subtle=LINE, guide_stroke_color=LINE, major_guide_stroke_color=LINE, guide_stroke_dasharray="0",
        major_guide_stroke_dasharray="0", colors=(BOYS, GIRLS), opacity="1", opacity_hover=".85", font_family=FONT,
        label_font_size=14, major_label_font_size=14, stroke_width="0", transition="0s",
    )  # fmt: skip


def _clean(root: ElementTree.Element, title: str, nonce: str) -> str:
    """The drawing without what a page must not take in, and with a name."""
    for parent in list(root.iter()):
        for child in list(parent):
            # a comment's tag is a function, whatever the types say
            if callable(child.tag) or _local(child) in ("script", "title") or _is_idle(child):
                parent.remove(child)
        parent.attrib.pop("style", None)
    for element in root.iter():
        if _local(element) == "style":
            element.set("nonce", nonce)
        elif _local(element) == "desc":
            element.tag = element.tag.replace("desc", "title")  # what a browser shows on hovering, without a script
    root.set("role", "img")
    root.set("aria-label", title)
    return ElementTree.tostring(root, encoding="unicode")


def _local(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _is_idle(element: ElementTree.Element) -> bool:
    """Notes that only pygal's own script would read."""
    return _local(element) == "desc" and element.get("class") != "value"
