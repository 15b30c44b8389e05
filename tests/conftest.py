"""Options and fixtures of all tests: which binary, what a skip means."""
import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]


def pytest_addoption(parser):
    parser.addoption("--no-skips", action="store_true", help="a skipped test fails the run")


def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter.stats.get("skipped"):
        session.exitstatus = 1


@pytest.fixture(scope="session")
def binary():
    path = pathlib.Path(os.environ.get("WATERTIGHT_BINARY", ROOT / "build/static/watertight"))
    if not path.exists():
        pytest.fail(f"{path} is missing: run make static")
    return path.resolve()
