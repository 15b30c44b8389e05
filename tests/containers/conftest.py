"""Options and fixtures: which engines."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))

import cli_engine  # noqa: E402
import oci_engine  # noqa: E402
import process_holes  # noqa: E402
from sandboxes import SANDBOXES  # noqa: E402

ENGINES = {
    "runc": oci_engine.Runc,
    "crun": oci_engine.Crun,
    "docker": cli_engine.Docker,
    "podman": cli_engine.Podman,
}


def pytest_addoption(parser):
    parser.addoption("--engines", default="runc", help=",".join([*ENGINES, *SANDBOXES]))


def pytest_configure(config):
    config.addinivalue_line("markers", "engines(*names): the test is of these engines only")
    config.addinivalue_line("markers", "cases(table): one test for each case and engine of it")
    unknown = set(config.getoption("--engines").split(",")) - {*ENGINES, *SANDBOXES}
    if unknown:
        raise pytest.UsageError("unknown engines: " + ", ".join(sorted(unknown)))


def pytest_generate_tests(metafunc):
    if "sandbox" in metafunc.fixturenames:
        metafunc.parametrize("sandbox", list(SANDBOXES), indirect=True, scope="session")
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
    engine = parameters.get("engine", parameters.get("sandbox"))
    asked = item.config.getoption("--engines").split(",")
    if engine is None:
        # One that is the same with any engine runs where runc does, which it needs.
        return "runc" in asked
    if engine not in asked:
        return False
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
def sandbox(request, binary, tmp_path_factory):
    made = SANDBOXES[request.param](binary, tmp_path_factory.mktemp(request.param))
    why = made.missing()
    if why:
        pytest.skip(f"{request.param}: {why}")
    made.start()
    return made


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
