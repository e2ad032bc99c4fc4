"""Ratios, not seconds: what each benchmark took, against the base of its group in the same run.

A benchmark names its group, whether it is the base of the group, and the most it may take against the base:

    @measure("verdicts", at_most=1.5)
    def test_ours(benchmark): ...

Nothing here asserts a time; the table says which bounds were met on this machine, in this run.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

import pytest


def pytest_collect_file(file_path: Any, parent: pytest.Collector) -> pytest.Module | None:
    """Benchmarks live in bench_*.py, so that no test run picks them up by accident."""
    named = parent.session.isinitpath(file_path)  # pytest collects by itself what it is told to
    if file_path.name.startswith("bench_") and file_path.suffix == ".py" and not named:
        return pytest.Module.from_parent(parent, path=file_path)
    return None


def pytest_configure(config: pytest.Config) -> None:
    """Know the marker."""
    config.addinivalue_line("markers", "measure(group, **what): see benchmarks/conftest.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count the processor's time, which a busy machine does not change, except where processes are started."""
    for item in items:
        mark = item.get_closest_marker("measure")
        if mark and not mark.kwargs.get("wall"):
            item.add_marker(pytest.mark.benchmark(timer=time.process_time))


@pytest.fixture(autouse=True)
def _quiet(request: pytest.FixtureRequest) -> None:
    """Start each measurement without the garbage of the one before, and group it."""
    mark = request.node.get_closest_marker("measure")
    if mark and "benchmark" in request.fixturenames:
        benchmark = request.getfixturevalue("benchmark")
        benchmark.group = mark.args[0]
        benchmark.extra_info.update(mark.kwargs)
    gc.collect()


@pytest.fixture
def run(benchmark: Any) -> Callable[..., Any]:
    """Time a function over a few rounds, after one that does not count."""

    def measured(function: Callable[..., Any], *args: Any, rounds: int = 5) -> Any:
        return benchmark.pedantic(function, args=args, rounds=rounds, warmup_rounds=1, iterations=1)

    return measured


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the ratios."""
    session = getattr(config, "_benchmarksession", None)
    if session is None or not session.benchmarks:
        return
    groups: dict[str, list[Any]] = {}
    for one in session.benchmarks:
        groups.setdefault(one.group or one.name, []).append(one)
    terminalreporter.section("ratios, by medians")
    for name, members in groups.items():
        base = next((one for one in members if one.extra_info.get("base")), None)
        ours = next((one for one in members if one.extra_info.get("ours")), None)
        terminalreporter.write_line(name)
        for one in members:
            median = one.stats.median
            line = f"    {one.name:<44} {median * 1000:>12,.2f} ms"
            if base is not None and one is not base:
                ratio = median / base.stats.median
                bound = one.extra_info.get("at_most")
                met = "" if bound is None else f"   at most {bound:g} x: {'met' if ratio <= bound else 'NOT MET'}"
                line += f"   {ratio:>8.3f} x{met}"
            elif base is not None:
                line += "      base"
            if ours is not None and (bound := one.extra_info.get("ours_at_most")):
                ratio = ours.stats.median / median
                line += f"   ours {ratio:.3f} x   at most {bound:g} x: {'met' if ratio <= bound else 'NOT MET'}"
            terminalreporter.write_line(line)
