"""What conversation tests came to, as JUnit XML: what every CI reads."""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from simulator.report import why
from simulator.suite import Case, Suite

_REFUSED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot say, however they are written."""


def junit(tested: Sequence[Suite]) -> bytes:
    """One suite for each flow, one case for each conversation; a file that cannot be played is an error."""
    root = Element("testsuites", _sums([case for one in tested for case in one.cases]))
    for one in tested:
        suite = SubElement(root, "testsuite", {"name": _text(str(one.flow)), **_sums(one.cases)})
        for case in one.cases:
            _case(suite, one, case)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _case(suite: Element, tested: Suite, case: Case) -> None:
    named = {"classname": _text(str(tested.flow)), "name": _text(case.scenario)}
    element = SubElement(suite, "testcase", {**named, "time": f"{case.seconds:.3f}"})
    if case.passed:
        return
    told = [_text(line) for line in why(case)]
    problem = SubElement(element, "error" if case.problem is not None else "failure", {"message": told[0]})
    problem.text = "\n".join(told)


def _sums(cases: Sequence[Case]) -> dict[str, str]:
    errors = sum(case.problem is not None for case in cases)
    failed = sum(not case.passed for case in cases) - errors
    seconds = sum(case.seconds for case in cases)
    return {
        "tests": str(len(cases)),
        "failures": str(failed),
        "errors": str(errors),
        "time": f"{seconds:.3f}",
    }


def _text(text: str) -> str:
    return _REFUSED.sub("\ufffd", text)
