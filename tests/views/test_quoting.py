from __future__ import annotations

from sdd.views.quoting import code


def test_a_code_span_is_fenced_by_more_backticks_than_it_holds() -> None:
    assert code("make test") == "`make test`"
    assert code("a `b` c") == "``a `b` c``"
    assert code("`b`") == "`` `b` ``"
