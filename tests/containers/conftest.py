"""Options and fixtures: which engines, which binary, what a skip means."""
import os
import pathlib
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))

import cli_engine  # noqa: E402
import oci_engine  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINES = {
    "runc": oci_engine.Runc,
    "crun": oci_engine.Crun,
    "docker": cli_engine.Docker,
    "podman": cli_engine.Podman,
}
NONE_ASKED = "none-asked"


def pytest_addoption(parser):
    parser.addoption("--engines", default="runc", help="runc,crun,docker,podman")
    parser.addoption("--no-skips", action="store_true", help="a skipped test fails the run")


def pytest_configure(config):
    config.addinivalue_line("markers", "engines(*names): the test is of these engines only")
    unknown = set(config.getoption("--engines").split(",")) - set(ENGINES)
    if unknown:
        raise pytest.UsageError("unknown engines: " + ", ".join(sorted(unknown)))


def pytest_generate_tests(metafunc):
    if "engine" in metafunc.fixturenames:
        names = metafunc.config.getoption("--engines").split(",")
        only = [mark.args for mark in metafunc.definition.iter_markers("engines")]
        if only:
            names = [name for name in names if name in only[0]] or [NONE_ASKED]
        if "number" in metafunc.fixturenames:
            # A matrix: the module says how many containers each engine gets.
            cases = [(name, n) for name in names for n in range(metafunc.module.COUNTS[name])]
            metafunc.parametrize("engine,number", cases, indirect=["engine"], scope="session")
            return
        metafunc.parametrize("engine", names, indirect=True, scope="session")


def pytest_collection_modifyitems(config, items):
    """A test of engines that were not asked for is left out; it is not one that could not run."""
    others = [item for item in items
              if getattr(item, "callspec", None) and item.callspec.params.get("engine") == NONE_ASKED]
    items[:] = [item for item in items if item not in others]
    config.hook.pytest_deselected(items=others)


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


@pytest.fixture(scope="session")
def engine(request, binary, tmp_path_factory):
    made = ENGINES[request.param](binary, tmp_path_factory.mktemp(request.param))
    why = made.missing()
    if why:
        pytest.skip(f"{request.param}: {why}")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def runc(binary, tmp_path_factory):
    """The hostile surroundings need an engine that does exactly what it is told."""
    made = oci_engine.Runc(binary, tmp_path_factory.mktemp("runc-hostile"))
    why = made.missing()
    if why:
        pytest.skip(f"runc: {why}")
    made.start()
    yield made
    made.stop()
