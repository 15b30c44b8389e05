"""Options and fixtures: which engines, which binary, what a skip means."""
import os
import pathlib
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))

import cli_engine  # noqa: E402
import oci_engine  # noqa: E402
import process_holes  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINES = {
    "runc": oci_engine.Runc,
    "crun": oci_engine.Crun,
    "docker": cli_engine.Docker,
    "podman": cli_engine.Podman,
}


def pytest_addoption(parser):
    parser.addoption("--engines", default="runc", help="runc,crun,docker,podman")
    parser.addoption("--no-skips", action="store_true", help="a skipped test fails the run")


def pytest_configure(config):
    config.addinivalue_line("markers", "engines(*names): the test is of these engines only")
    config.addinivalue_line("markers", "cases(table): one test for each case and engine of it")
    unknown = set(config.getoption("--engines").split(",")) - set(ENGINES)
    if unknown:
        raise pytest.UsageError("unknown engines: " + ", ".join(sorted(unknown)))


def pytest_generate_tests(metafunc):
    # Starting a daemon takes longer than most tests. Every test gets the same list of the same
    # strings, so that pytest puts those of one engine together and starts it once: it compares
    # parameters by identity.
    if "engine" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--engines").split(",")
        names = [name for name in ENGINES if name in asked]
        metafunc.parametrize("engine", names, indirect=True, scope="session")
        if "number" in metafunc.fixturenames:
            # A matrix: the module says how many containers each engine gets.
            metafunc.parametrize("number", range(max(metafunc.module.COUNTS.values())))
        for mark in metafunc.definition.iter_markers("cases"):
            metafunc.parametrize("case", mark.args[0], ids=[case.name for case in mark.args[0]])


def was_asked_for(item):
    parameters = getattr(item, "callspec", None) and item.callspec.params or {}
    engine = parameters.get("engine")
    if engine is None:
        # One that is the same with any engine runs where runc does, which it needs.
        return "runc" in item.config.getoption("--engines").split(",")
    only = [mark.args for mark in item.iter_markers("engines")]
    if only and engine not in only[0]:
        return False
    if "case" in parameters and engine not in parameters["case"].engines:
        return False
    return "number" not in parameters or parameters["number"] < item.module.COUNTS[engine]


def pytest_collection_modifyitems(config, items):
    """A test of another engine is left out; it is not one that could not run."""
    others = [item for item in items if not was_asked_for(item)]
    items[:] = [item for item in items if was_asked_for(item)]
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


@pytest.fixture(scope="module")
def host():
    with process_holes.Host() as made:
        yield made
