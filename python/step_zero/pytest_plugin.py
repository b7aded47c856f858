"""A fixture for pytest: `step_zero_guard("baselines/gpt2.json", make_report)`."""

import functools

import pytest


def pytest_addoption(parser):
    group = parser.getgroup("step-zero")
    group.addoption(
        "--step-zero-accept",
        action="store_true",
        help="record anew the baselines of step_zero_guard from which a network has moved",
    )


@pytest.fixture
def step_zero_guard(request):
    """`step_zero.guard`, with paths from the directory of the test, and `--step-zero-accept` to write baselines."""
    from .guarding import guard

    accept = True if request.config.getoption("--step-zero-accept") else None

    @functools.wraps(guard)
    def from_here(path, make_report, **options):
        guard(request.path.parent / path, make_report, **{"accept": accept, **options})

    return from_here
