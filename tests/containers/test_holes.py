"""One hole at a time: the rule for it fails and no other verdict changes; what `watertight fix`
says of it, done to the container with the hole, makes everything pass that it does not except.
What ordinary containers have changes no verdict."""
import pytest

import kernel_holes
import process_holes
from holes import (AS_ROOT, mend_by_fix, build, bystanders, changed, expected, look,
                   look_at_base)


@pytest.mark.cases([*kernel_holes.HOLES, *process_holes.HOLES])
def test_exactly_the_rule_for_a_hole_fails_and_its_fix_mends_it(engine, case, host, binary):
    before = look_at_base(engine, host, case.base)
    container = build(engine, host, case.changes, bystanders)
    report, after = look(engine, container)
    assert changed(before, after) == expected(case, engine, before), report["checks"]
    for row in report["checks"]:
        if case.words and row["status"] == "fail" and row["id"] == case.rules[0].split()[0]:
            assert all(word in row["message"] for word in case.words), row["message"]
    assert mend_by_fix(engine, binary, container, report, before) == case.beyond
    if case.remedy is not None or case.beyond:
        assert changed(before, look(engine, build(engine, host, case.remedy))[1]) == {}


@pytest.mark.cases([*kernel_holes.ORDINARY, *process_holes.ORDINARY])
def test_what_ordinary_containers_have_changes_no_verdict(engine, case, host):
    before = look_at_base(engine, host, case.base)
    report, after = look(engine, build(engine, host, case.changes))
    assert changed(before, after) == {}, report["checks"]


def test_without_a_hole_every_rule_of_the_kernels_side_passes(engine, host):
    rules = {rule.split()[0] for case in kernel_holes.HOLES for rule in case.rules}
    for change in (None, AS_ROOT):
        base = look_at_base(engine, host, change)
        judged = {name: status for name, status in base.items() if name.split()[0] in rules}
        assert rules == {name.split()[0] for name in judged}
        assert set(judged.values()) == {"pass"}, judged
