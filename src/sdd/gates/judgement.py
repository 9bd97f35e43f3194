"""What a judgement comes to: findings, which refuse; notices, which only tell; and whether the policy is enforced."""

from __future__ import annotations

from sdd.findings import Finding
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Judgement(Value):
    """All that a check has to say. Where `enforced` is false (the policy's mode is "report"), findings do not refuse."""

    findings: tuple[Finding, ...] = ()
    notices: tuple[Finding, ...] = ()
    enforced: bool = True

    @property
    def passes(self) -> bool:
        """Whether what was judged may go on."""
        return not (self.findings and self.enforced)


def joined(parts: Iterable[Judgement], *, enforced: bool) -> Judgement:
    """Several judgements as one; what is said twice of one path by one code is said once."""
    findings: dict[tuple[str, bytes, str], Finding] = {}
    notices: dict[Finding, None] = {}
    for part in parts:
        for finding in part.findings:
            findings.setdefault((finding.code, finding.path, finding.message), finding)
        notices |= dict.fromkeys(part.notices)
    return Judgement(tuple(findings.values()), tuple(notices), enforced)


def together(parts: Iterable[Judgement]) -> Judgement:
    """Judgements that each stand for themselves: one that refuses is enough, whatever the other ones' policies say."""
    known = tuple(parts)
    return joined(known, enforced=any(not one.passes for one in known) or all(one.enforced for one in known))
