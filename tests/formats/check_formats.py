#!/usr/bin/python3
"""Validates real reports, format by format, with validators that are not ours.

Usage: check_formats.py WATERTIGHT STATIC_WATERTIGHT WORK_FOLDER. Prints TAP. Each format of each
case must be valid, must tell the findings that the format json tells, and must be refused when it
is spoilt: a validator that takes everything checks nothing. WORK_FOLDER holds promtool and the npm
packages of package.json, which `make check-formats` puts there.
"""
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import jsonschema
from prometheus_client.parser import text_string_to_metric_families

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parent / "containers"))
sys.path.insert(0, str(HERE))

import hostile  # noqa: E402
import oci_engine  # noqa: E402
import tap  # noqa: E402
from container import Container  # noqa: E402

FORMATS = ["junit", "sarif", "prometheus", "github", "markdown", "html", "policyreport"]
NOT_PASSED = ["fail", "unknown", "waived", "skip"]
SEVERITIES = ["low", "medium", "high", "critical"]
POD = {"POD_NAME": "shop-api-7d9f-x2", "POD_NAMESPACE": "shop",
       "POD_UID": "0b1e5a52-6a54-4f2c-9d3e-6f1f2c3d4e5f"}


class Invalid(Exception):
    pass


def need(condition, *what):
    if not condition:
        raise Invalid(" ".join(str(part) for part in what))


def run(command, text="", **options):
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=120, **options)


def accepts(command, text="", **options):
    done = run(command, text, **options)
    need(done.returncode == 0, command[0], done.stdout[-2000:])
    return done.stdout


def name_of(check):
    return check["id"] if check["subject"] is None else f"{check['id']} {check['subject']}"


def names(report, *statuses):
    return sorted(name_of(check) for check in report["checks"] if check["status"] in statuses)


def as_xml(text):
    """What XML cannot hold is told as a probe tells it."""
    return text.replace("\ufffe", "\\xef\\xbf\\xbe").replace("\uffff", "\\xef\\xbf\\xbf")


def is_below(report, check):
    if check["status"] != "fail":
        return False
    return SEVERITIES.index(check["severity"]) < SEVERITIES.index(report["fail_on"])


class Validators:
    def __init__(self, work):
        self.work = work
        schema = json.loads((HERE / "policyreport.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        self.policyreport_schema = jsonschema.Draft202012Validator(schema)

    def junit(self, text, report):
        accepts(["xmllint", "--noout", "--nonet", "--schema", str(HERE / "junit.xsd"), "-"], text)
        suite = ElementTree.fromstring(text).find("testsuite")
        cases = suite.findall("testcase")
        wanted = [f"{name_of(check)}: {check['title']}" for check in report["checks"]]
        need([case.get("name") for case in cases] == list(map(as_xml, wanted)), "cases differ")
        failures, errors, skipped = (len(suite.findall(f"testcase/{kind}"))
                                     for kind in ("failure", "error", "skipped"))
        need((failures + errors == 0) == (report["verdict"] == "pass"), "the verdict differs")
        need(errors == report["summary"]["unknown"], "unknowns differ")
        need([suite.get(key) for key in ("tests", "failures", "errors", "skipped")] ==
             [str(number) for number in (len(cases), failures, errors, skipped)], "counts differ")

    def sarif(self, text, report):
        path = self.work / "report.sarif"
        path.write_text(text)
        tool = self.work / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
        # Without a network: one of its rules would fetch the schema. The rules Ghas are GitHub's.
        output = accepts(["unshare", "--net", str(tool), "validate", str(path), "--output",
                          str(self.work / "validation.sarif"), "--log", "ForceOverwrite",
                          "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning",
                          "--kind", "Fail"],
                         env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"})
        # A home page: there is none to name. Everything else must hold.
        problems = [line for line in output.splitlines()
                    if re.search(r": (error|warning) ", line) and " SARIF2005:" not in line]
        need(not problems, *problems)
        need("Analysis completed successfully" in output, output)
        [sarif] = json.loads(text)["runs"]
        results = sarif["results"]
        told = {("fail", False): [], ("fail", True): [], ("open", False): []}
        for result in results:
            told[result["kind"], bool(result["suppressions"])].append(
                name_of({"id": result["ruleId"], **result["properties"]}))
        for (kind, waived), status in zip(told, ("fail", "waived", "unknown")):
            need(sorted(told[kind, waived]) == names(report, status), status, "differs")
        prints = {result["partialFingerprints"]["primaryLocationLineHash"] for result in results}
        need(len(prints) == len(results), "two results have one fingerprint")
        need([rule["id"] for rule in sarif["tool"]["driver"]["rules"]] ==
             list(dict.fromkeys(check["id"] for check in report["checks"])), "rules differ")
        for result in results:
            need("](" not in result["message"]["text"], "a link:", result["message"]["text"])

    def prometheus(self, text, report):
        done = run([str(self.work / "promtool"), "check", "metrics"], text)
        need(done.returncode == 0 and done.stdout == "", done.stdout)
        samples = {family.name: family.samples for family in text_string_to_metric_families(text)}
        checks = [sample.labels for sample in samples["watertight_check_status"]]
        need([(c["rule"], c["subject"], c["status"], c["severity"]) for c in checks] ==
             [(c["id"], c["subject"] or "", c["status"], c["severity"]) for c in report["checks"]],
             "checks differ")
        verdicts = {s.labels["verdict"]: s.value for s in samples["watertight_verdict"]}
        need(verdicts == {verdict: float(verdict == report["verdict"])
                          for verdict in ("pass", "fail", "incomplete")}, "the verdict differs")

    def github(self, text, report):
        environment = {**os.environ, "NODE_PATH": str(self.work / "node_modules")}
        commands = json.loads(accepts(["node", str(HERE / "commands.js")], text, env=environment))
        wanted = {"fail": "error", "unknown": "warning", "waived": "notice"}
        kinds = [("warning" if is_below(report, check) else wanted[check["status"]], name_of(check))
                 for check in report["checks"] if check["status"] in wanted]
        need(commands[0][1] == f"watertight: {report['verdict']}", commands[0])
        told = [(kind, title.rsplit(" (", 1)[0]) for kind, title in commands[1:]]
        need(sorted(kinds) == sorted(told), "annotations differ")

    def markdown(self, text, report):
        page = Page(accepts(["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e",
                             "strikethrough", "-e", "tagfilter"], text))
        page.need_only("h2 h3 p br table thead tbody tr th td code details summary ul li strong")
        one_line = [name.replace("\n", " ") for name in names(report, *NOT_PASSED)]
        need(sorted(page.first_cells) == sorted(one_line), "rows differ")
        need(set(page.cells_in_rows) <= {3, 4}, "cells differ", page.cells_in_rows)

    def html(self, text, report):
        accepts(["xmllint", "--noout", "--nonet", "-"], text)
        path = self.work / "report.html"
        path.write_text(text)
        # "/>" is written so that an XML parser takes the page too.
        (self.work / ".htmlvalidate.json").write_text(json.dumps(
            {"root": True, "extends": ["html-validate:recommended", "html-validate:document"],
             "rules": {"void-style": ["error", {"style": "selfclosing"}]}}))
        accepts(["node", "node_modules/html-validate/bin/html-validate.js", "report.html"],
                cwd=self.work)
        page = Page(text)
        page.need_only("html head meta title style body header h1 strong p dl dt dd main section "
                       "h2 article div h3 span table thead tbody tr th td code footer")
        need(page.attributes <= set("lang charset name content http-equiv class scope".split()),
             "attributes came through:", page.attributes)
        need(not re.search(r"url\(|@import|@font-face", page.style), "something from outside")
        need(sorted(page.headings) == sorted(map(as_xml, names(report, *NOT_PASSED))),
             "headings differ")
        need(sorted(page.row_heads) == sorted(map(as_xml, names(report, "pass"))), "rows differ")

    def policyreport(self, text, report):
        document = json.loads(text)
        problems = [f"{list(error.absolute_path)}: {error.message}"
                    for error in self.policyreport_schema.iter_errors(document)]
        need(not problems, *problems)
        meanings = {"unknown": "error", "waived": "skip"}
        results = [(result["rule"], result["properties"].get("subject"), result["result"])
                   for result in document["results"]]
        wanted = [(check["id"], check["subject"], "warn" if is_below(report, check) else
                   meanings.get(check["status"], check["status"])) for check in report["checks"]]
        need(results == wanted, "results differ")
        counts = {kind: sum(result[2] == kind for result in results)
                  for kind in ("pass", "fail", "warn", "error", "skip")}
        need(document["summary"] == counts, "the summary differs")


class Page(html.parser.HTMLParser):
    """What a browser would make of a page: elements, attributes, the texts that name findings."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.attributes, self.style = set(), set(), ""
        self.first_cells, self.cells_in_rows, self.headings, self.row_heads = [], [], [], []
        self.open = []
        self.feed(text)
        self.close()

    def need_only(self, elements):
        need(self.elements <= set(elements.split()), "markup came through:", self.elements)

    def handle_starttag(self, tag, attributes):
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attributes}
        if tag in ("meta", "br"):
            return
        self.open.append(tag)
        if tag == "tr":
            self.cells_in_rows.append(0)
        if tag in ("td", "th"):
            self.cells_in_rows[-1] += 1
        if tag == "code" and self.open[-2:] == ["td", "code"] and self.cells_in_rows[-1] == 1:
            self.first_cells.append("")
        if tag == "h3":
            self.headings.append("")
        if tag == "th" and "tbody" in self.open:
            self.row_heads.append("")

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if self.open[-1:] == ["style"]:
            self.style += data
        elif self.open[-2:] == ["td", "code"] and self.cells_in_rows[-1] == 1:
            self.first_cells[-1] += data
        elif self.open[-1:] == ["h3"]:
            self.headings[-1] += data
        elif self.open[-1:] == ["th"] and "tbody" in self.open:
            self.row_heads[-1] += data


SPOILT = {
    "junit": lambda text: text.replace(" errors=", " error=", 1),
    "sarif": lambda text: text.replace('"startLine":\t1', '"startLine":\t0', 1),
    "prometheus": lambda text: text.replace(" gauge\n", " gage\n", 1),
    "github": lambda text: text.replace("watertight%3A ", "watertight: ", 1),
    "markdown": lambda text: text.replace("## ", "## <img src=x>", 1),
    "html": lambda text: text.replace("</header>", "", 1),
    "policyreport": lambda text: text.replace('"pass"', '"passed"'),
}


def printed(command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          encoding="utf-8", **options)
    need(done.returncode in (0, 1, 2), command, "ended with", done.returncode)
    return done.stdout


def cases(binary, static, work):
    """(what it is, its saved facts, further arguments)"""
    here = work / "here.json"
    here.write_text(printed([binary, "observe"]))
    for policy in ("baseline", "restricted", "hardened", "strict"):
        yield f"policy {policy}", here, [f"--policy={policy}"]
    yield "failures below the threshold", here, ["--fail-on=critical"]
    yield "a selection", here, ["--policy=strict", "--skip=capabilities.,mounts."]
    fast = work / "fast.json"
    fast.write_text(printed([binary, "observe", "--fast"]))
    yield "something unknown", fast, ["--policy=strict", "--only=seccomp."]
    folder = work / "runc"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    engine = oci_engine.Runc(static, folder)
    engine.start()
    contained = work / "contained.json"
    contained.write_text(engine.run(Container(uid=1000, gid=1000, bounding=[], no_new_privs=True,
                                              read_only=True, tmpfs={"/tmp": "mode=1777"}),
                                    ["/watertight", "observe"]).stdout)
    yield "a container of runc", contained, []
    forged, policy = work / "hostile.json", work / "hostile-policy.json"
    forged.write_text(json.dumps(hostile.facts(json.loads(here.read_text()))))
    policy.write_text(json.dumps(hostile.policy()))
    yield "hostile names", forged, [f"--policy={policy}"]


def fail_on(arguments):
    if "--fail-on=critical" in arguments:
        return "critical"
    return "medium" if any("hostile" in argument for argument in arguments) else "low"


def attempt(validate, text, report):
    try:
        validate(text, report)
    except (Invalid, ValueError, ElementTree.ParseError) as error:
        return str(error) or type(error).__name__
    return None


def tests(binary, static, work):
    """(what must hold, the problem or None)"""
    validators = Validators(work)
    for what, facts, arguments in cases(binary, static, work):
        command = [binary, "judge", str(facts), *arguments]
        report = {**json.loads(printed([*command, "--format=json"])), "fail_on": fail_on(arguments)}
        for name in FORMATS:
            validate = getattr(validators, name)
            text = printed([*command, f"--format={name}"])
            yield f"{name}: {what}", attempt(validate, text, report)
            if what == "policy hardened":
                accepted = attempt(validate, SPOILT[name](text), report) is None
                yield f"{name}: spoilt", "the validator took it" if accepted else None
    # Observed here and now, not from saved facts: only then the Pod is the process's own.
    report = {**json.loads(printed([binary, "check", "--format=json"])), "fail_on": "low"}
    for name, owned in ((None, False), (POD["POD_NAME"], True), ("-x\n", False)):
        environment = os.environ if name is None else {**os.environ, **POD, "POD_NAME": name}
        text = printed([binary, "check", "--format=policyreport"], env=environment)
        problem = attempt(validators.policyreport, text, report)
        if problem is None and owned != ("ownerReferences" in json.loads(text)["metadata"]):
            problem = "its owner is not the Pod"
        yield f"policyreport: POD_NAME {name!r}", problem


def main():
    binary, static, work = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    return not tap.print_all(tests(binary, static, work))


sys.exit(main())
