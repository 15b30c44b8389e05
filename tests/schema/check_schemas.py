#!/usr/bin/python3
"""Validates what the program prints, and the built-in policies, with the schemas in docs/schema/.

Usage: check_schemas.py WATERTIGHT. Prints TAP. A schema is chosen by the name that documents carry
in their member "schema".
"""
import json
import pathlib
import subprocess
import sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
POLICIES = ["baseline", "restricted", "hardened", "strict"]


def schemas():
    found = {}
    for path in sorted((ROOT / "docs/schema").glob("*.json")):
        schema = json.loads(path.read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        found[schema["properties"]["schema"]["const"]] = jsonschema.Draft202012Validator(schema)
    return found


def printed(binary, *arguments):
    done = subprocess.run([binary, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert done.returncode in (0, 1, 2), f"{arguments} ended with {done.returncode}"
    return json.loads(done.stdout)


def changes(binary):
    """The lines of a server's first result: the verdict and each check that does not pass."""
    command = [binary, "serve", "--policy=strict", "--listen=127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        # There are at least two: this machine is no strict container.
        lines = [server.stdout.readline() for _ in range(2)]
        server.terminate()
        rest = server.stdout.read().splitlines()
    return [json.loads(line) for line in lines + rest]


def documents(binary):
    """(what it is, the name of its schema, the document)"""
    for name in POLICIES:
        path = ROOT / "agent/policies" / f"{name}.json"
        yield f"policy {name}", "watertight.policy/1", json.loads(path.read_text())
        report = printed(binary, "check", f"--policy={name}", "--format=json")
        yield f"report of {name}", "watertight.report/1", report
    for line in changes(binary):
        yield f"change of {line.get('id', 'the verdict')}", "watertight.change/1", line
    report = printed(binary, "check", "--pid=1", "--format=json")
    yield "report of another process", "watertight.report/1", report
    yield "facts of another process", "watertight.facts/1", printed(binary, "observe", "--pid=1")
    reports = printed(binary, "check", "--all", "--format=json")
    yield "reports of all containers", "watertight.reports/1", reports
    for number, report in enumerate(reports["reports"]):
        yield f"report {number} of them", "watertight.report/1", report
    yield "facts", "watertight.facts/1", printed(binary, "observe")
    seccomp = printed(binary, "seccomp", "--format=json")
    yield "system-call policy", "watertight.seccomp/1", seccomp


def spoilt(document):
    """The same with a member that no schema knows: a schema that takes it checks nothing."""
    return {**document, "no-such-member": 1}


def main():
    known = schemas()
    failures = number = 0
    for what, name, document in documents(sys.argv[1]):
        number += 1
        problems = [f"{list(e.absolute_path)}: {e.message}" for e in known[name].iter_errors(document)]
        if document.get("schema") != name:
            problems.append(f"its schema is {document.get('schema')}")
        if known[name].is_valid(spoilt(document)):
            problems.append("the schema takes any member")
        print(f"{'not ' if problems else ''}ok {number} - {what} is a {name}")
        for problem in problems:
            print(f"# {problem}")
        failures += bool(problems)
    print(f"1..{number}")
    return failures > 0


sys.exit(main())
