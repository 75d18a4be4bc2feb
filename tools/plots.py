#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Draws docs/congestion-MODULE.svg from what bench/trace_congestion prints.
"""
usage: plots.py TRACE DIRECTORY

TRACE is the program trace_congestion. One SVG a module: a column a path, and below each other cwnd, round trip and
goodput over time, one line a flow. The trace is in virtual time, so that the same source gives the same drawing.
"""
import subprocess
import sys
from pathlib import Path

MODULES = {"reno": "Reno", "cubic": "CUBIC", "bbr": "BBRv3"}
ROWS = (("cwnd", "cwnd, segments"), ("srtt_ms", "round trip, ms"), ("goodput_mbit", "goodput, Mbit/s"))
SMOOTHED = {"goodput_mbit": 5}  # so many steps of the trace make one mean
COLOURS = ("#1f6fb4", "#d1651a")
WIDTH, HEIGHT = 300, 130  # of one panel
LEFT, TOP, GAP_X, GAP_Y, RIGHT, BOTTOM = 62, 78, 52, 26, 18, 40
TEXT = 'font-family="sans-serif" font-size="11" fill="#222" stroke="#fff" stroke-width="3" paint-order="stroke"'


def read(text):
    """The trace: descriptions of the paths in their order, the bandwidth-delay product, points by path, flow and column."""
    paths, points, names, bdp = {}, {}, None, 0.0
    for line in text.splitlines():
        fields = line.split("\t")
        if fields[0] == "# path":
            paths[fields[1]] = fields[2]
        elif fields[0].startswith("#"):
            bdp = float(fields[1])
        elif names is None:
            names = fields
        else:
            row = dict(zip(names, fields))
            for key, _ in ROWS:
                series = points.setdefault((row["path"], key), {}).setdefault(int(row["flow"]), [])
                series.append((float(row["seconds"]), float(row[key])))
    return paths, bdp, points


def round_up(value):
    """The end of an axis that has room for `value`, and the distance of its ticks."""
    step = 1.0
    while value / step > 5:
        step *= 2.5 if str(step)[0] == "2" else 2
    return step * (int(value / step) + 1), step


def smooth(points, steps):
    """Means of each point and those before it."""
    return [
        (at, sum(value for _, value in points[max(0, i + 1 - steps) : i + 1]) / min(i + 1, steps))
        for i, (at, _) in enumerate(points)
    ]


def number(value):
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}"


class Panel:
    """One pair of axes."""

    def __init__(self, x, y, seconds, top):
        self.x, self.y, self.seconds, self.top = x, y, seconds, top
        self.out = []

    def at(self, seconds, value):
        return (
            self.x + WIDTH * seconds / self.seconds,
            self.y + HEIGHT * (1 - min(value, self.top) / self.top),
        )

    def line(self, a, b, style):
        self.out.append(f'<line x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}" {style}/>')

    def text(self, x, y, text, anchor="middle"):
        self.out.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {TEXT}>{text}</text>')

    def axes(self, step, with_times):
        value = 0.0
        while value <= self.top + step / 1000:
            left = self.at(0, value)
            self.line(left, self.at(self.seconds, value), 'stroke="#ddd"')
            self.text(left[0] - 5, left[1] + 4, number(value), "end")
            value += step
        for seconds in range(0, int(self.seconds) + 1, 5):
            low = self.at(seconds, 0)
            self.line(low, (low[0], low[1] + 3), 'stroke="#888"')
            if with_times:
                self.text(low[0], low[1] + 15, str(seconds))

    def series(self, points, colour):
        text = " ".join("{:.1f},{:.1f}".format(*self.at(*point)) for point in points)
        self.out.append(f'<polyline points="{text}" fill="none" stroke="{colour}" stroke-width="1.2"/>')

    def reference(self, value, text):
        """A dashed line at what the path has, over all the others."""
        self.line(self.at(0, value), self.at(self.seconds, value), 'stroke="#555" stroke-dasharray="4 3"')
        end = self.at(self.seconds, value)
        self.text(end[0] - 3, end[1] - 4, text, "end")


def references(bdp):
    """What the paths of bench/trace_congestion.c have: by row, a value and a word for it."""
    return {"cwnd": (bdp, "bandwidth x delay"), "srtt_ms": (40.0, "path"), "goodput_mbit": (20.0 * 1448 / 1500, "all that fits")}


def draw(title, text):
    paths, bdp, points = read(text)
    seconds = max(at for series in points.values() for line in series.values() for at, _ in line)
    out = []
    for row, (key, label) in enumerate(ROWS):
        for column, path in enumerate(paths):
            flows = {flow: smooth(line, SMOOTHED.get(key, 1)) for flow, line in points[path, key].items()}
            x, y = LEFT + column * (WIDTH + GAP_X), TOP + row * (HEIGHT + GAP_Y)
            reference = references(bdp)[key]
            top, step = round_up(max(reference[0], *(value for line in flows.values() for _, value in line)))
            panel = Panel(x, y, seconds, top)
            panel.axes(step, row == len(ROWS) - 1)
            for flow, line in flows.items():
                panel.series(line, COLOURS[flow - 1])
            panel.reference(*reference)
            if row == 0:
                for part, words in enumerate(paths[path].split(", ", 2)[2].split("; ")):
                    panel.text(x + WIDTH / 2, y - 24 + 13 * part, words)
            if column == 0:
                middle = y + HEIGHT / 2
                panel.out.append(
                    f'<text transform="translate({x - 44} {middle}) rotate(-90)" text-anchor="middle" {TEXT}>{label}</text>'
                )
            out += panel.out
    width = LEFT + len(paths) * WIDTH + (len(paths) - 1) * GAP_X + RIGHT
    height = TOP + len(ROWS) * HEIGHT + (len(ROWS) - 1) * GAP_Y + BOTTOM
    head = f'<text x="{LEFT}" y="24" font-family="sans-serif" font-size="16" fill="#111">{title}</text>'
    for flow, colour in enumerate(COLOURS):
        at = width - RIGHT - 250 + 125 * flow
        head += f'<line x1="{at}" y1="20" x2="{at + 22}" y2="20" stroke="{colour}" stroke-width="2"/>'
        words = "first flow" if flow == 0 else "second flow"
        head += f'<text x="{at + 28}" y="24" {TEXT}>{words}</text>'
    foot = f'<text x="{width / 2}" y="{height - 6}" text-anchor="middle" {TEXT}>seconds</text>'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            head,
            *out,
            foot,
            "</svg>",
            "",
        ]
    )


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    for name, title in MODULES.items():
        text = subprocess.run([sys.argv[1], name], check=True, capture_output=True, text=True).stdout
        words = f"{title}: two flows over 20 Mbit/s and 40 ms"
        (Path(sys.argv[2]) / f"congestion-{name}.svg").write_text(draw(words, text))


if __name__ == "__main__":
    main()
