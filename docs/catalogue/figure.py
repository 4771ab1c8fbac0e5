"""Draws the figure of a catalogue page from finished run folders.

    regraft run mist --patients 200 --out RUNS/mist
    python docs/catalogue/figure.py RUNS/mist --out docs/images/catalogue/multiple_sclerosis.png \\
        --title "Transplant prevents most progression" \\
        --panel "edss_mean" --panel "progression_mist" \\
        --panel "cd4 title='CD4 cells' unit='per µL' log" --panel "infection"

A panel is a name and, in any order, options:

    NAME              an endpoint of the run (event: curve; score: bands of patients with published means; anything with
                      no course, as a rate or a median day or a share at one visit: dots), or an observable (lab, score)
    run=TRIAL         the run it is taken from, where several folders are given (default: the first that has the name)
    arms=A,B          these arms only, in this order (default: all; four at most; blue, orange, green, purple)
    title='…'         heading (default: title of the endpoint)      unit='…'   unit of the vertical axis
    published=ID      lay the published means of this score endpoint over an observable
    time=weeks        days, weeks, months or years (default: by length)
    from=0 to=365     days shown                                    low=0 high=100   limits of the vertical axis
    log               logarithmic vertical axis                     dots       dots also where there is a course
    label='alive, %'  words above the vertical axis of a curve
    method=mean       which finding of the endpoint (default: the one with most published values)

Filled is simulated, hollow is published. Color is the arm and nothing else. Every band has its name below the figure.
Needs numpy, pandas, pyarrow and matplotlib.
"""

import argparse
import json
import math
import shlex
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pyarrow.parquet as parquet
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

INK, INK2, INK3, RULE, GRID = "#17191e", "#4b515c", "#666d78", "#d5d9df", "#eaecf0"
ARMS = ["#1b5faa", "#b4500f", "#0a7d5a", "#8a4a97"]
SHAPES = "oDs^vP"
BAND_DARK, BAND_LIGHT = 0.24, 0.11
UNITS = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
CURVES = {"kaplan_meier", "kaplan_meier_complement", "cumulative_incidence"}
MEANS = {"mean", "mean_change"}
WORDS = {"per_year": "per year", "percent": "%", "hazard_ratio": "ratio"}
OPTIONS = {"run", "arms", "title", "unit", "published", "time", "from", "to", "low", "high", "method", "label"}
FLAGS = {"log", "dots"}


class Run:
    """A finished run: its findings, and the tables as they are asked for."""

    def __init__(self, folder):
        self.folder = Path(folder)
        data = json.loads((self.folder / "findings.json").read_text())
        self.trial, self.findings = data["trial"], data["findings"]
        self.arms = [arm["id"] for arm in data["arms"]]
        self.titles = {arm["id"]: arm["title"] for arm in data["arms"]}
        self.n = {arm["id"]: arm["n"] - arm["failed"] for arm in data["arms"]}
        self.outcomes = parquet.read_table(self.folder / "outcomes.parquet").to_pandas()
        self.endpoints = set(self.outcomes.endpoint.unique()) | {one["endpoint"] for one in self.findings}
        names = parquet.read_table(self.folder / "observables.parquet", columns=["observable"])
        self.observables = set(names["observable"].unique().to_pylist())

    def observable(self, name):
        return parquet.read_table(self.folder / "observables.parquet", filters=[("observable", "=", name)]).to_pandas()

    def of(self, endpoint, methods=None):
        """Findings of single arms (no comparisons) of an endpoint."""
        own = [one for one in self.findings if one["endpoint"] == endpoint and one["versus"] is None]
        return [one for one in own if methods is None or one["method"] in methods]


def panel_of(text, runs):
    """A panel as it was asked for: name, run, options."""
    words = shlex.split(text)
    name, options = words[0], {}
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if key not in (OPTIONS if equals else FLAGS):
            sys.exit(f"{word!r} in panel {name!r}: options are {', '.join(sorted(OPTIONS))} and {', '.join(sorted(FLAGS))}")
        options[key] = value if equals else True
    known = [run for run in runs if name in run.endpoints | run.observables]
    known = [run for run in known if options.get("run", run.trial) == run.trial]
    if not known:
        everything = sorted(set().union(*(run.endpoints | run.observables for run in runs)))
        sys.exit(f"no run has {name!r}; known are: {', '.join(everything)}")
    run = known[0]
    arms = options["arms"].split(",") if "arms" in options else list(run.arms)
    if missing := [arm for arm in arms if arm not in run.arms]:
        sys.exit(f"{run.trial} has no arm {missing[0]!r}; its arms are {', '.join(run.arms)}")
    if len(arms) > len(ARMS):
        sys.exit(f"panel {name!r}: {len(arms)} arms; choose four at most with arms=A,B, and draw several panels")
    return {"name": name, "run": run, "arms": arms, "options": options}


def color_of(panel, arm):
    return ARMS[panel["arms"].index(arm)]


def findings_of(panel, methods):
    """Findings of one method: the one asked for, or the one with most published values."""
    own = panel["run"].of(panel["options"].get("published", panel["name"]), methods)
    if not own:
        return []
    counts = {}
    for one in own:
        counts[one["method"]] = counts.get(one["method"], 0) + len(one["published"])
    method = panel["options"].get("method") or max(counts, key=counts.get)
    return [one for one in own if one["method"] == method and one["arm"] in panel["arms"]]


def incidence(times, status):
    """Steps (day, cumulative incidence, standard error); a competing event (2) is no event and no end of observation."""
    free, total, steps = 1.0, 0.0, []
    for day in np.unique(times[status > 0]):
        at_risk = (times >= day).sum()
        here = ((times == day) & (status == 1)).sum()
        left = ((times == day) & (status > 0)).sum()
        total += free * here / at_risk
        free *= 1 - left / at_risk
        if here:
            # Binomial, a patient lost before this day counted as half of one: exact where nobody is lost.
            known = len(times) - 0.5 * ((times < day) & (status == 0)).sum()
            steps.append((day, total, math.sqrt(max(total * (1 - total), 0.0) / known)))
    return steps


def draw_curve(axes, panel, scale):
    run, findings = panel["run"], findings_of(panel, CURVES)
    method = findings[0]["method"] if findings else "cumulative_incidence"
    table = run.outcomes[run.outcomes.endpoint == panel["name"]]
    last = float(panel["options"].get("to", table.time_days.max()))
    ends = []
    for arm in panel["arms"]:
        own = table[table.arm == arm]
        if own.empty:
            continue
        times, status = own.time_days.to_numpy(), own.status.to_numpy()
        if method != "cumulative_incidence":
            status = np.where(status == 2, 0, status)
        steps = [step for step in incidence(times, status) if step[0] <= last]
        days = np.array([0.0, *[s[0] for s in steps], last]) / scale
        share = np.array([0.0, *[s[1] for s in steps], steps[-1][1] if steps else 0.0])
        error = np.array([0.0, *[s[2] for s in steps], steps[-1][2] if steps else 0.0])
        low, high = np.clip(share - 1.96 * error, 0, 1), np.clip(share + 1.96 * error, 0, 1)
        if method == "kaplan_meier":
            share, low, high = 1 - share, 1 - high, 1 - low
        color = color_of(panel, arm)
        axes.fill_between(days, 100 * low, 100 * high, step="post", color=color, alpha=BAND_DARK, linewidth=0)
        axes.step(days, 100 * share, where="post", color=color, linewidth=1.9)
        ends.append((arm, 100 * share[-1], f"{number(100 * share[-1])} %"))
    draw_published(axes, panel, [one for one in findings if one["time_days"] is not None], scale, simulated=False)
    axes.set_xlim(0, last / scale)
    axes.set_ylim(float(panel["options"].get("low", 0)), float(panel["options"].get("high", 100)))
    if axes.get_ylim() == (0, 100):
        axes.set_yticks([0, 25, 50, 75, 100])
    else:
        axes.yaxis.set_major_locator(MaxNLocator(5))
    label_ends(axes, panel, ends)
    usual = "patients free of it, %" if method == "kaplan_meier" else "patients with it, %"
    return panel["options"].get("label", usual)


def draw_fan(axes, panel, scale):
    run, options = panel["run"], panel["options"]
    findings = findings_of(panel, MEANS)
    if panel["name"] in run.endpoints:
        table = run.outcomes[run.outcomes.endpoint == panel["name"]].rename(columns={"time_days": "day"})
    else:
        table = run.observable(panel["name"])
    first, last = float(options.get("from", table.day.min())), float(options.get("to", table.day.max()))
    table = table[(table.day >= first) & (table.day <= last)].dropna(subset=["value"])
    ends = []
    for arm in panel["arms"]:
        own = table[table.arm == arm]
        # Days on which fewer than half of the patients were seen say more about the days than about the patients.
        seen = own.groupby("day").value.count()
        own = own[own.day.isin(seen[seen >= 0.5 * seen.max()].index)]
        if own.empty:
            continue
        course = own.groupby("day").value.quantile([0.05, 0.25, 0.5, 0.75, 0.95]).unstack()
        days, color = course.index.to_numpy() / scale, color_of(panel, arm)
        axes.fill_between(days, course[0.05], course[0.95], color=color, alpha=BAND_LIGHT, linewidth=0)
        axes.fill_between(days, course[0.25], course[0.75], color=color, alpha=BAND_DARK, linewidth=0)
        axes.plot(days, course[0.5], color=color, linewidth=1.9, marker="o" if len(days) == 1 else None)
        ends.append((arm, course[0.5].iloc[-1], number(course[0.5].iloc[-1])))
    within = [one for one in findings if one["time_days"] is not None and first <= one["time_days"] <= last]
    draw_published(axes, panel, within, scale, simulated=True)
    axes.set_xlim(first / scale, last / scale)
    if "log" in options:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    elif table.value.min() >= 0:
        axes.set_ylim(bottom=0)
    else:
        axes.axhline(0, color=RULE, linewidth=1, zorder=0)
    if "low" in options or "high" in options:
        low, high = axes.get_ylim()
        axes.set_ylim(float(options.get("low", low)), float(options.get("high", high)))
    label_ends(axes, panel, ends)
    unit = options.get("unit") or (findings[0]["unit"] if findings else "")
    return f"{WORDS.get(unit, unit)}{', log axis' if 'log' in options else ''}"


def whisker(axes, one, position, horizontal=False):
    """The interval of a published value: printed solid, made from n dashed."""
    if one["ci_low"] is None:
        return
    clip = {"clip_on": False} if not horizontal else {}
    span = [one["ci_low"], one["ci_high"]]
    line = (span, [position] * 2) if horizontal else ([position] * 2, span)
    axes.plot(*line, color=INK, linewidth=1.2, linestyle="--" if one["ci_kind"] == "wilson" else "-", zorder=4,
              **clip)


def shape_of(panel, published):
    """Shape tells the source in a panel with several."""
    source, sources = published["trial_id"], panel.setdefault("sources", [])
    panel.setdefault("intervals", set()).add(published["ci_kind"])
    if source not in sources:
        sources.append(source)
    return SHAPES[sources.index(source) % len(SHAPES)]


def draw_published(axes, panel, findings, scale, simulated):
    width = axes_span(panel, findings)
    for one in findings:
        color, day = color_of(panel, one["arm"]), one["time_days"]
        shift = 0.012 * width * (panel["arms"].index(one["arm"]) - (len(panel["arms"]) - 1) / 2)
        if simulated and one["published"]:
            axes.plot((day + shift) / scale, one["estimate"], "o", color=color, markersize=6, zorder=5, clip_on=False)
        for published in one["published"]:
            place = (day + 2 * shift + (0.012 * width if simulated else 0)) / scale
            panel["outmost"] = max(panel.get("outmost", place), place)
            whisker(axes, published, place)
            axes.plot(place, published["value"], shape_of(panel, published), markersize=7, zorder=6, clip_on=False,
                      markerfacecolor="white", markeredgecolor=INK, markeredgewidth=1.4)
            axes.plot(place, published["value"], ".", color=color, markersize=2.5, zorder=7, clip_on=False)


def axes_span(panel, findings):
    options = panel["options"]
    last = max([one["time_days"] for one in findings], default=1.0)
    return float(options.get("to", last)) - float(options.get("from", 0))


def draw_dots(axes, panel):
    """One line an arm and day: what has no course."""
    findings = findings_of(panel, None)
    if not findings:
        sys.exit(f"{panel['name']!r}: no finding of a single arm in {panel['run'].trial}; an analysis must ask for it")
    rows, times = [], {one["time_days"] for one in findings}
    for place, one in enumerate(findings):
        color = color_of(panel, one["arm"])
        if one["ci_low"] is not None:
            axes.plot([one["ci_low"], one["ci_high"]], [place] * 2, color=color, linewidth=6, alpha=BAND_DARK,
                      solid_capstyle="butt")
        if one["estimate"] is not None:
            axes.plot(one["estimate"], place, "o", color=color, markersize=7.5, zorder=5, clip_on=False)
        for step, published in enumerate(one["published"]):
            height = place + 0.24 + 0.2 * step
            whisker(axes, published, height, horizontal=True)
            axes.plot(published["value"], height, shape_of(panel, published), markersize=7, zorder=6, clip_on=False,
                      markerfacecolor="white", markeredgecolor=INK, markeredgewidth=1.4)
        day = f", {day_of(one['time_days'])}" if len(times) > 1 else ""
        estimate = "" if one["estimate"] is None else f"  {number(one['estimate'])}"
        rows.append((place, f"{panel['run'].titles[one['arm']]}{day}{estimate}", color))
    axes.set_yticks([])
    for place, text, color in rows:
        axes.annotate(text, (0, place), xytext=(3, 8), xycoords=("axes fraction", "data"), textcoords="offset points",
                      color=color, fontsize=9, fontweight="bold", va="bottom",
                      bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"}, zorder=8)
    axes.set_ylim(max(len(rows), 2) - 0.3, -0.7)
    unit = findings[0]["unit"]
    if unit == "percent":
        axes.set_xlim(0, 100)
    else:
        low, high = axes.get_xlim()
        axes.set_xlim(0 if low > -1e-9 or unit in ("days", "per_year") else low, high + 0.04 * (high - low))
    unit = panel["options"].get("unit") or WORDS.get(unit, unit)
    axes.set_xlabel(unit if unit != "%" else "patients, %", color=INK2)
    axes.grid(axis="x", color=GRID)
    axes.grid(axis="y", visible=False)
    axes.spines["left"].set_visible(False)


def number(value):
    size = abs(value)
    text = f"{value:.0f}" if size >= 10 else f"{value:.1f}" if size >= 1 else f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if float(text or 0) == 0 else text.replace("-", "−")


def day_of(days):
    years = days / UNITS["years"]
    return f"{years:g} y" if days >= UNITS["years"] and abs(years - round(years, 1)) < 1e-6 else f"day {days:g}"


def label_ends(axes, panel, ends):
    """Names of the curves at their ends, moved apart where they would touch."""
    low, high = axes.get_ylim()
    log = axes.get_yscale() == "log"
    place = (lambda v: (math.log(max(v, low)) - math.log(low)) / (math.log(high) - math.log(low))) if log else (
        lambda v: (v - low) / (high - low))
    texts = sorted(((min(max(place(value), 0.0), 1.0), arm, text) for arm, value, text in ends), key=lambda one: one[0])
    lines = max((wrap(panel["run"].titles[arm], 17).count("\n") + 2 for arm, _, _ in ends), default=2)
    gap, heights = 0.082 * lines, []
    for height, _, _ in texts:
        heights.append(max(height, heights[-1] + gap) if heights else height)
    if heights and heights[-1] > 1.0:
        heights[-1] = 1.0
        for index in range(len(heights) - 2, -1, -1):
            heights[index] = min(heights[index], heights[index + 1] - gap)
    first, last = axes.get_xlim()
    beyond = (panel.get("outmost", first) - last) / (last - first)
    aside = 11 + max(290 * beyond, 0) if beyond > -0.02 else 6  # clear of a mark at the end of the axis
    for height, (_, arm, text) in zip(heights, texts):
        title = wrap(panel["run"].titles[arm], 17)
        axes.annotate(f"{title}\n{text}", (1, height), xytext=(aside, 0), xycoords="axes fraction", va="center",
                      textcoords="offset points", color=color_of(panel, arm), fontsize=9, fontweight="bold",
                      linespacing=1.1, annotation_clip=False)


def wrap(text, width):
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def draw(axes, panel, many):
    run, name, options = panel["run"], panel["name"], panel["options"]
    own = run.of(name)
    table = run.outcomes[run.outcomes.endpoint == name]
    scores = name in run.observables or table.value.notna().any() and table.groupby("patient").size().max() > len(run.arms)
    curve = any(one["method"] in CURVES for one in own) or not own
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)
    if "dots" in options or not (scores or any(one["method"] in MEANS for one in own) or curve):
        draw_dots(axes, panel)
        kind = "dots"
    else:
        days = run.observable(name).day if name in run.observables else table.time_days
        last = float(options.get("to", days.max())) - float(options.get("from", 0))
        time = options.get("time") or ("days" if last <= 62 else "weeks" if last <= 400 else "months" if last <= 1000 else "years")
        fan = scores or any(one["method"] in MEANS for one in own)
        label = (draw_fan if fan else draw_curve)(axes, panel, UNITS[time])
        kind = "fan" if fan else "curve"
        axes.set_xlabel(time, color=INK2)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.text(0, 1.02, label, transform=axes.transAxes, color=INK3, fontsize=9, va="bottom")
    title = options.get("title") or (own[0]["title"] if own else name.replace("_", " "))
    counts = sorted({run.n[arm] for arm in panel["arms"]})
    n = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    trial = f"{run.trial}, " if many else ""
    note = f"{trial}{n} virtual patients in each arm"
    if sources := panel.get("sources"):
        marks = {"o": "circle", "D": "diamond", "s": "square", "^": "triangle", "v": "triangle down", "P": "plus"}
        named = [f"{source} ({marks[SHAPES[i % len(SHAPES)]]})" if len(sources) > 1 else source for i, source in enumerate(sources)]
        note += f"; published: {', '.join(named)}"
    note, lift = wrap(note, 66), 18 if kind != "dots" else 5
    axes.annotate(note, (0, 1), xytext=(0, lift), xycoords="axes fraction", textcoords="offset points", color=INK3,
                  fontsize=8.5, va="bottom")
    lift += 11.5 * (note.count("\n") + 1) + 3
    axes.set_title(wrap(title, 48), loc="left", fontsize=11, fontweight="bold", color=INK, pad=lift)
    return kind, panel.get("intervals", set())


def legend(figure, kinds, published):
    handles = []
    if "fan" in kinds:
        handles += [
            (Line2D([], [], color=INK2, linewidth=1.9), "median patient"),
            (Patch(facecolor=INK2, alpha=0.35, linewidth=0), "half of patients"),
            (Patch(facecolor=INK2, alpha=0.14, linewidth=0), "90 % of patients"),
        ]
    if kinds & {"curve", "dots"}:
        handles.append((Patch(facecolor=INK2, alpha=BAND_DARK, linewidth=0), "95 % error of so many virtual patients"))
    if "dots" in kinds or published and "fan" in kinds:
        word = "mean" if "dots" not in kinds else "value" if "fan" not in kinds else "mean or value"
        handles.append((Line2D([], [], color=INK2, marker="o", linestyle="", markersize=6.5), f"simulated {word}"))
    hollow = {"marker": "o", "markerfacecolor": "white", "markeredgecolor": INK, "markersize": 7, "color": INK}
    for kind, line, word in [("printed", "-", "printed interval"), ("wilson", "--", "interval made from n (Wilson)"),
                             ("none", "", "no interval printed")]:
        if kind in published:
            handles.append((Line2D([], [], linestyle=line, linewidth=1.2, **hollow), f"published, {word}"))
    figure.legend(*zip(*handles), loc="outside lower left", ncols=min(4, len(handles)), frameon=False, fontsize=9, labelcolor=INK2,
                  handlelength=2.2, columnspacing=1.8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", help="folders of finished runs")
    parser.add_argument("--panel", action="append", required=True, help="name and options, see above")
    parser.add_argument("--out", required=True, help="the picture, 1,600 px wide")
    parser.add_argument("--title", help="what the figure shows, in one sentence")
    parser.add_argument("--columns", type=int, help="panels in a row (default 2)")
    given = parser.parse_args()
    plt.rcParams.update({
        "font.family": ["Inter", "Liberation Sans", "Arial", "DejaVu Sans"], "font.size": 9.5, "text.color": INK,
        "axes.edgecolor": RULE, "axes.labelcolor": INK2, "xtick.color": INK3, "ytick.color": INK3,
        "xtick.labelsize": 9, "ytick.labelsize": 9, "axes.spines.top": False, "axes.spines.right": False,
        "axes.linewidth": 0.8, "xtick.major.size": 3, "ytick.major.size": 0, "grid.linewidth": 0.8,
    })
    import logging
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    runs = [Run(folder) for folder in given.runs]
    panels = [panel_of(text, runs) for text in given.panel]
    columns = min(given.columns or 2, len(panels))
    rows = math.ceil(len(panels) / columns)
    height = 3.25 if columns < 3 else 2.9
    figure, grid = plt.subplots(rows, columns, figsize=(1600 / 150, height * rows + 0.5 + 0.35 * bool(given.title)), dpi=150,
                                layout="constrained", squeeze=False)
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)
    drawn = [draw(axes, panel, len(runs) > 1) for axes, panel in zip(grid.flat, panels)]
    for axes in list(grid.flat)[len(panels):]:
        axes.set_visible(False)
    if given.title:
        figure.suptitle(given.title, x=0.012, ha="left", fontsize=13.5, fontweight="bold", color=INK)
    legend(figure, {kind for kind, _ in drawn}, set().union(*(published for _, published in drawn)))
    Path(given.out).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(given.out, facecolor="white", metadata={"Software": None})


if __name__ == "__main__":
    main()
