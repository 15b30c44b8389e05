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
