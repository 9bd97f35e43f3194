from __future__ import annotations

from gitbox import GitBox

DONE = (
    '\n## Runs\n\n### Run 1: done, 2026-11-21T10:15:00Z\n\n```toml sdd-run\ntime = "2026-11-21T10:15:00Z"\n'
    'outcome = "done"\nturn = "work"\nprovider = "person"\n```\n'
)


def test_a_document_that_was_merged_opens_its_gate_for_next_and_status(box: GitBox) -> None:
    box.git("config", "user.email", "alice@example.org")
    box.sdd("init", "--hooks", "none")
    policy = box.read(".sdd/policy.toml").replace('proof = "none"', 'proof = "merged"')
    box.write(".sdd/policy.toml", policy)
    box.sdd("new", "cart", "Sell things.")
    box.commit("Begin")
    box.git("checkout", "-q", "-b", "spec")
    box.write("docs/cart/product-spec.md", "# Spec\n")
    session = box.read("sessions/cart/01-product-spec.md").replace("- [ ]", "- [x]")
    box.write("sessions/cart/01-product-spec.md", session + DONE)
    box.sdd("tracker")
    box.commit("Write the spec")
    assert "cart/01-product-spec\treview" in box.sdd("status").out
    box.git("checkout", "-q", "main")
    box.git("merge", "-q", "--ff-only", "spec")
    assert "cart/01-product-spec\tdone" in box.sdd("status").out
    assert box.sdd("next", "--dry-run", "--provider", "manual").out.startswith("cart/02-architecture: ")
    assert "trackers: they say what the files say" in box.sdd("doctor", check=None).out
