#!/usr/bin/env python3
"""Writes the facts that containers of the machines had as inputs of unit tests.

Usage: tests/kernels/fixtures.py RESULTS-OF-APPARMOR RESULTS-OF-SELINUX tests/fixtures/facts

The results are what `pytest tests/kernels --basetemp=FOLDER` leaves in FOLDER/apparmor0/results and
FOLDER/selinux0/results.
"""
import json
import pathlib
import sys

# Case -> the fixture's name.
APPARMOR = {"strict": "linux-6.1-hardened", "limited": "linux-6.1-limited",
            "privileged": "linux-6.1-privileged", "user-namespace": "linux-6.1-user-namespace",
            "apparmor-enforced": "apparmor-enforced", "apparmor-complaining": "apparmor-complaining"}
SELINUX = {"selinux-container_t": "selinux-container", "selinux-spc_t": "selinux-super-privileged"}


def write(report, path):
    """A fact a line."""
    rows = ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in report["facts"])
    target = {"pid": report["target"]["pid"], "self": report["target"]["self"]}
    path.write_text('{\n  "schema": "watertight.facts/1",\n'
                    f'  "target": {json.dumps(target)},\n'
                    f'  "started": "{report["started"]}",\n  "facts": [\n{rows}\n  ]\n}}\n')


def main(apparmor, selinux, out):
    for results, names in ((apparmor, APPARMOR), (selinux, SELINUX)):
        for case, name in names.items():
            report = json.loads((pathlib.Path(results) / case / "report").read_text())
            write(report, pathlib.Path(out) / f"{name}.json")


if __name__ == "__main__":
    main(*sys.argv[1:])
