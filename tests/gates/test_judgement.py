from __future__ import annotations

from sdd.findings import Finding
from sdd.gates.judgement import Judgement, together

WRONG = Finding("SDD401", b"src/a.py", 0, "comes before its spec")


def test_one_part_that_refuses_is_not_freed_by_one_that_only_reports() -> None:
    refused, reported = Judgement((WRONG,)), Judgement(enforced=False)
    assert not together([refused, reported]).passes
    assert together([Judgement((WRONG,), enforced=False), Judgement()]).passes
    assert together([Judgement(), Judgement()]).enforced
