"""Prints tests as TAP."""


def print_all(tests):
    """tests: pairs of what must hold and the problem, or None. Whether all of them held."""
    failures = number = 0
    for number, (what, problem) in enumerate(tests, 1):
        print(f"{'not ' if problem else ''}ok {number} - {what}", flush=True)
        for line in (problem or "").splitlines():
            print(f"# {line}")
        failures += bool(problem)
    print(f"1..{number}")
    return failures == 0
