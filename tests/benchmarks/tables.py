"""Figures and the Markdown tables that show them."""

import statistics
import time


def timed(call):
    """How long a call took, in milliseconds, and what it returned."""
    began = time.perf_counter()
    answer = call()
    return (time.perf_counter() - began) * 1000, answer


def p50(values):
    """The median."""
    return statistics.median(values)


def p95(values):
    """What 95 of 100 do not exceed."""
    return sorted(values)[int(len(values) * 0.95)]


def milliseconds(value):
    """A duration as text."""
    return f"{value:.2f} ms"


def table(columns, rows):
    """A Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
