"""What the documents show is what the program says."""
import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_tables_of_rules_are_the_programs_own(binary):
    done = subprocess.run([ROOT / "scripts/update-docs", "--check", binary], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE)
    assert done.returncode == 0, done.stdout


def test_the_policy_in_the_readme_is_the_example_and_loads(binary):
    blocks = re.findall(r"```json\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert json.loads(blocks[0]) == json.loads((ROOT / "docs/example-policy.json").read_text())
    done = subprocess.run([binary, "list", "rules", "--policy", ROOT / "docs/example-policy.json"],
                          stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0
    assert "shop.groups" in done.stdout
    assert "user.non-root-group" not in done.stdout


def test_the_list_of_rules_has_what_explain_says_of_remedies_and_references(binary):
    def said(*arguments):
        return subprocess.run([binary, *arguments], stdout=subprocess.PIPE, text=True, check=True,
                              env={"COLUMNS": "80"}).stdout

    def words(text):
        return " ".join(text.split())

    rows = json.loads(said("list", "rules", "--format", "json"))
    text, markdown = (words(said("list", "rules", "--format", name))
                      for name in ("text", "markdown"))
    assert rows and max(map(len, said("list", "rules").splitlines())) <= 80
    for row in rows:
        explained = said("explain", row["rule"])
        assert list(row["remedy"]) == ["docker", "compose", "kubernetes"] and row["refs"], row
        assert explained.split("References\n")[1].split("\n") == [
            *(f"  {reference}" for reference in row["refs"]), ""]
        for name, remedy in row["remedy"].items():
            assert f"{name} {words(remedy)}" in words(explained)
            assert f"{name.capitalize()} {words(remedy)}" in text
            assert f"| {words(remedy)} |".replace("|", "\\|")[1:-2] in markdown
        assert f"References {', '.join(row['refs'])}" in text
        assert f"| {', '.join(row['refs'])} |" in markdown


def test_the_table_of_standards_names_real_rules_and_every_control_once(binary):
    done = subprocess.run([binary, "list", "rules", "--format", "names"], stdout=subprocess.PIPE,
                          text=True)
    rules = set(done.stdout.split())
    rows = [line.split(" | ") for line in (ROOT / "docs/standards.md").read_text().splitlines()
            if line.startswith(("| PSS", "| CIS"))]
    controls = [row[0].removeprefix("| ") for row in rows]
    assert len(controls) == len(set(controls))
    assert {f"CIS Docker 1.6 5.{number}" for number in range(1, 33)} <= set(controls)
    named = {name for row in rows for name in re.findall("`([^`]+)`", row[2])}
    assert named and named <= rules
    # A control that no rule checks says why.
    for row in rows:
        assert "`" in row[2] or row[2] == "not yet" or len(row[3].removesuffix(" |")) > 10, row


PEERS = ("amicontained", "CDK evaluate", "deepce", "kdigger", "linPEAS, container part",
         "am-i-isolated", "runtimetest (opencontainers/runtime-tools)", "botb")


def names_of(binary, kind, column):
    done = subprocess.run([binary, "list", kind, "--format", "json"], stdout=subprocess.PIPE,
                          text=True, check=True)
    return {row[column] for row in json.loads(done.stdout)}


def sections():
    """Title -> rows of its table, each the text of its cells."""
    found = {}
    for part in (ROOT / "docs/peers.md").read_text().split("\n## ")[1:]:
        title, _, text = part.partition("\n")
        rows = [line[2:-2].split(" | ") for line in text.splitlines() if line.startswith("| ")]
        found[title] = rows[1:]
    return found


def test_the_table_of_peers_names_real_rules_and_facts_or_says_why_there_is_none(binary):
    known = names_of(binary, "rules", "rule") | names_of(binary, "facts", "fact")
    found = sections()
    assert tuple(found) == (*PEERS, "Facts that no rule judges")
    for peer in PEERS:
        assert len(found[peer]) > 4 and len({row[0] for row in found[peer]}) == len(found[peer])
        for row in found[peer]:
            assert len(row) == 3, row
            named = set(re.findall("`([^`]+)`", row[1]))
            assert named <= known, row
            assert (row[1] == "-") == (not named), row
            assert named or "deliberately none: " in row[2], row
    named = set(re.findall("`([a-z_]+[.][a-z_.-]+)`", (ROOT / "docs/peers.md").read_text()))
    assert named <= known


def judged_facts():
    """What the built-in policies look at: facts, and the subjects of kernel.path."""
    facts, paths = set(), set()
    for policy in ROOT.glob("agent/policies/*.json"):
        for rule in json.loads(policy.read_text())["rules"].values():
            own = rule.get("fact", [])
            facts |= {own} if isinstance(own, str) else set(own)
            conditions = [row for when in rule.get("when", [])
                          for row in (when if isinstance(when, list) else [when])]
            facts |= {row["fact"] for row in conditions if "fact" in row}
            if "kernel.path" in own:
                paths |= set(rule["subjects"])
    return facts, paths


def test_each_fact_that_no_rule_judges_has_a_word_on_why(binary):
    judged, paths = judged_facts()
    seen = json.loads(subprocess.run([binary, "observe"], stdout=subprocess.PIPE,
                                     check=True).stdout)["facts"]
    expected = {f"`{name}`" for name in names_of(binary, "facts", "fact") - judged}
    expected |= {f"`kernel.path` {row['subject']}" for row in seen
                 if row["key"] == "kernel.path" and row["subject"] not in paths}
    rows = sections()["Facts that no rule judges"]
    assert {row[0] for row in rows} == expected and len(rows) == len(expected)
    assert all(len(row) == 2 and len(row[1]) >= len("a name") for row in rows)


def test_a_reference_to_a_control_without_a_row_is_refused(binary, tmp_path):
    copy = tmp_path / "project"
    (copy / "docs").mkdir(parents=True)
    (copy / "scripts").mkdir()
    for name in ("README.md", "docs/standards.md", "scripts/update-docs"):
        text = (ROOT / name).read_text()
        (copy / name).write_text("".join(line for line in text.splitlines(keepends=True)
                                         if not line.startswith("| CIS Docker 1.6 5.13 ")))
    done = subprocess.run(["sh", "scripts/update-docs", binary], cwd=copy, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode != 0
    assert "docs/standards.md: no row for CIS Docker 1.6 5.13" in done.stderr


def test_the_layers_hold():
    """probes/ and report/ know agent/core/ and not each other; libraries stay where they belong."""
    for path in [*ROOT.glob("probes/*.[ch]"), *ROOT.glob("report/*.[ch]"),
                 *ROOT.glob("agent/**/*.[ch]")]:
        folder = str(path.relative_to(ROOT).parent)
        for name in re.findall(r'#include [<"]([^>"]+)[>"]', path.read_text()):
            if folder == "agent/core":
                assert "/" not in name or name.startswith("agent/core/"), (path, name)
            if folder in ("probes", "report") and name.startswith(("agent/", "probes/", "report/")):
                assert name.startswith(("agent/core/", folder + "/")), (path, name)
            if name == "sys/capability.h":
                assert folder == "probes", path
            if name.startswith("cjson/"):
                assert folder in ("agent", "report"), path


def test_only_one_file_knows_where_proc_is():
    knowing = [path.name for path in [*ROOT.glob("probes/*.c"), *ROOT.glob("agent/**/*.c")]
               if re.search(r'"/proc[/"]', path.read_text())]
    assert knowing == ["target.c"]


def test_files_and_functions_are_short():
    for path in [*ROOT.glob("agent/**/*.[ch]"), *ROOT.glob("probes/*.[ch]"),
                 *ROOT.glob("report/*.[ch]")]:
        lines = path.read_text().splitlines()
        assert len(lines) < 400, path
        start = None
        for number, line in enumerate(lines):
            if line == "{":
                start = number
            elif line == "}" and start is not None:
                assert number - start <= 60, (path, start)
                start = None
