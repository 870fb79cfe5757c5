"""Rows of results: two sides that took turns, their medians, the ratio and how far the rounds spread."""

import statistics

HEAD = ["what", "ours", "theirs", "ratio", "spread", "bound", ""]


def plain(value):
    if value is None:
        return ""
    if value >= 100_000:
        return f"{value / 1000:.0f}k"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


class Row:
    """One figure of two sides.

    `rounds`: pairs (ours, theirs) of one round each; theirs is None where there is nobody to compare with.
    `bound`: what the ratio (or our own figure, alone) must not pass; `higher`: whether more is better.
    """

    def __init__(self, name, unit, rounds, bound=None, higher=True, difference=False):
        self.name, self.unit, self.rounds = name, unit, rounds
        self.bound, self.higher, self.difference = bound, higher, difference
        self.ours = statistics.median(ours for ours, _ in rounds)
        self.alone = rounds[0][1] is None
        if self.alone:
            self.theirs, figures = None, [ours for ours, _ in rounds]
        else:
            self.theirs = statistics.median(theirs for _, theirs in rounds)
            figures = [a - b if difference else a / b if b else 0 for a, b in rounds]
        self.figure, self.low, self.high = statistics.median(figures), min(figures), max(figures)

    @property
    def holds(self):
        if self.bound is None:
            return None
        return self.figure >= self.bound if self.higher else self.figure <= self.bound

    def cells(self):
        sign = {True: ">=", False: "<="}[self.higher]
        verdict = {None: "", True: "ok", False: "MISSED"}[self.holds]
        ratio = "" if self.alone else f"{self.figure:+.3g}" if self.difference else f"{self.figure:.2f}"
        return [
            f"{self.name}, {self.unit}", plain(self.ours), plain(self.theirs), ratio,
            f"{self.low:.3g}..{self.high:.3g}", f"{sign} {self.bound:g}" if self.bound is not None else "", verdict]

    def record(self):
        return {
            "name": self.name, "unit": self.unit, "ours": self.ours, "theirs": self.theirs,
            "figure": self.figure, "low": self.low, "high": self.high, "bound": self.bound, "holds": self.holds,
            "rounds": self.rounds}


class Table:
    """Rows, printed as they come."""

    WIDTHS = [46, 9, 9, 7, 15, 8, 6]

    def __init__(self):
        self.rows = []

    def line(self, cells):
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, self.WIDTHS)).rstrip(), flush=True)

    def section(self, title):
        print(f"\n{title}")
        self.line(HEAD)

    def add(self, row):
        self.rows.append(row)
        self.line(row.cells())

    @property
    def holds(self):
        return all(row.holds is not False for row in self.rows)
