"""Attacks with governed code: before its spec, beyond what was granted, deleted, renamed, hidden behind a name or a link."""

from __future__ import annotations

from people import DAY
from shop import ARCHITECTURE, CODE, PAGE, PLAN, SPEC, Files
from stories.attacks.world import (
    CI,
    LEGAL,
    NOTES,
    OLD,
    OTHER,
    PRICE,
    T0,
    WORDS,
    approved_change,
    commit,
    entry,
    git,
    merge,
    on_main,
    row,
    signed,
    staged,
)

NEW: Files = {CODE: b"new\n"}
DOCUMENTS: Files = {path: WORDS[path] for path in (SPEC, ARCHITECTURE, PLAN)}
APPROVALS = signed(SPEC, ARCHITECTURE, PLAN)
LARGER: Files = {SPEC: b"# A larger shop\n"}
SPENT = b"---\nwrites: []\n---\n# Rounding, done\n"
WIDE_PAGE = b"---\nwrites: [src/price.py, src/other.py]\n---\n# Rounding\n"
NO_TASKS = b"# Plan\n\n## Tasks\n"
EVIL_PLAN = b"docs/evil/implementation-plan.md"
SECOND_PAGE = b"docs/changes/second.md"
SECOND: Files = {SECOND_PAGE: WIDE_PAGE}
SUBMODULE = b"1" * 40
ODD = b"/\xff\n.py"

ROWS = (
    # before its spec
    row(
        "code with its gates shut, and the hook skipped",
        "check A..B",
        "SDD401",
        (staged(NEW), git("commit", "-q", "--no-verify", "-m", "x")),
        (commit(DOCUMENTS), commit(APPROVALS), staged(NEW), git("commit", "-q", "--no-verify", "-m", "x")),
        start="begun",
    ),
    row(
        "code in one commit with its spec",
        "proposal",
        "SDD402",
        commit(DOCUMENTS, APPROVALS, NEW),
        (commit(DOCUMENTS, APPROVALS), commit(NEW)),
        start="begun",
    ),
    row(
        "code before its spec",
        "proposal",
        "SDD401",
        (commit(NEW), commit(DOCUMENTS), commit(APPROVALS)),
        (commit(DOCUMENTS), commit(APPROVALS), commit(NEW)),
        start="begun",
    ),
    row(
        "code taken back before the end",
        "proposal",
        "SDD401",
        (commit(NEW), commit({CODE: b"cart = 0\n"})),
        (commit({NOTES: b"x"}), commit({NOTES: None})),
        start="begun",
    ),
    row(
        "code while its spec is stale for a moment",
        "check A..B",
        "SDD401",
        (commit(LARGER), commit(NEW), commit({SPEC: WORDS[SPEC]})),
        (commit(LARGER), commit({SPEC: WORDS[SPEC]}), commit(NEW)),
    ),
    row(
        "code before its new spec is approved",
        "proposal",
        "SDD401",
        (commit(LARGER), commit(NEW), commit(signed(SPEC, at=T0 + 1, words=LARGER))),  # type: ignore[arg-type]  # it has bytes
        (commit(LARGER), commit(signed(SPEC, at=T0 + 1, words=LARGER)), commit(NEW)),  # type: ignore[arg-type]  # it has bytes
    ),
    row(
        "a gate whose earlier gate is shut",
        "proposal",
        "SDD401",
        (commit(DOCUMENTS), commit(signed(ARCHITECTURE, PLAN)), commit(NEW)),
        (commit(DOCUMENTS), commit(signed(ARCHITECTURE, PLAN, SPEC)), commit(NEW)),
        start="begun",
    ),
    row(
        "code and the merged document that it needs, in one proposal",
        "check A..B",
        "SDD401",
        (commit({LEGAL: b"# Looser terms\n"}), commit({b"legal/a.py": b""})),
        (commit({b"lib/a.py": b""}), commit({b"legal/a.py": b""})),
    ),
    row(
        "code below two rules of which one is content",
        "proposal",
        "SDD401",
        commit({b"sealed/a.py": b""}),
        commit({b"lib/a.py": b""}),
    ),
    # beyond what was granted
    row(
        "code that no approved task or page names",
        "proposal",
        "SDD501",
        commit({OTHER: b""}),
        commit({PRICE: b""}),
    ),
    row(
        "an approved change used again for another file",
        "proposal",
        "SDD501",
        (commit({PRICE: b""}), commit({b"src/price/other.py": b""})),
        (commit({PRICE: b""}), commit({PRICE: b"again\n"})),
    ),
    row(
        "an approved change used again once its page grants nothing more",
        "check A..B",
        "SDD501",
        (on_main(approved_change(PAGE, SPENT)), merge("main"), commit({PRICE: b"again\n"})),
        (on_main(approved_change(PAGE, SPENT)), merge("main"), commit({CODE: b"cart = 9\n"})),
    ),
    row(
        "an approved change used again by the bytes that its page had before",
        "check A..B",
        "SDD309 SDD401",
        (commit({PAGE: WORDS[PAGE]}), commit({PRICE: b"again\n"})),
        (commit({NOTES: b"x"}), commit({CODE: b"cart = 9\n"})),
        given=commit(approved_change(PAGE, SPENT)),
    ),
    row(
        "an approved change used again once its page is deleted",
        "check A..B",
        "SDD501",
        (on_main({PAGE: None}), merge("main"), commit({PRICE: b"again\n"})),
        (on_main({PAGE: None}), merge("main"), commit({CODE: b"cart = 9\n"})),
    ),
    row(
        "a page's writes widened one commit before",
        "proposal",
        "SDD309 SDD401",
        (commit({PAGE: WIDE_PAGE}), commit({OTHER: b""})),
        (commit(approved_change(PAGE, WIDE_PAGE)), commit({OTHER: b""})),
    ),
    row(
        "a page's writes widened for one commit and then put back",
        "check A..B",
        "SDD401",
        (commit({PAGE: WIDE_PAGE}), commit({OTHER: b""}), commit({PAGE: WORDS[PAGE]}), commit({OTHER: None})),
        (commit({PAGE: WIDE_PAGE}), commit({PAGE: WORDS[PAGE]}), commit({PRICE: b""}), commit({PRICE: None})),
    ),
    row(
        "a page of one's own that grants what one wants",
        "proposal",
        "SDD401",
        (commit(SECOND), commit({OTHER: b""})),
        (commit(approved_change(SECOND_PAGE, WIDE_PAGE)), commit({OTHER: b""})),
    ),
    row(
        "a plan from which the tasks are taken, so that it grants everything",
        "check A..B",
        "SDD309 SDD401",
        (commit({PLAN: NO_TASKS}), commit({OTHER: b""})),
        (commit(approved_change(PLAN, NO_TASKS)), commit({OTHER: b""})),
    ),
    row(
        "the approved plan copied into a feature of one's own, with a task more",
        "proposal",
        "SDD401",
        (commit({EVIL_PLAN: WORDS[PLAN].replace(b"src/new.py", b"src/other.py")}), commit({OTHER: b""})),
        (
            commit({EVIL_PLAN: WORDS[PLAN].replace(b"src/new.py", b"src/other.py")}),
            commit({b"src/new.py": b""}),
        ),
    ),
    row(
        "a grant hidden in a comment of an approved plan",
        "proposal",
        "SDD501",
        commit({OTHER: b""}),
        commit({b"src/new.py": b""}),
        given=commit(
            approved_change(
                PLAN,
                WORDS[PLAN]
                + b"\n<!--\n### 02-x: X\n\n- Goal: x\n- Writes: src/other.py\n- Acceptance: x\n-->\n",
            )
        ),
    ),
    # done to it
    row("governed code deleted", "proposal", "SDD501", commit({OLD: None}), commit({CODE: None})),
    row(
        "governed code renamed to where nothing governs it",
        "proposal",
        "SDD501",
        (git("mv", OLD.decode(), "old.py"), commit()),
        (git("mv", CODE.decode(), "cart.py"), commit()),
    ),
    row(
        "governed code renamed within what is governed",
        "proposal",
        "SDD501",
        (git("mv", CODE.decode(), OTHER.decode()), commit()),
        (git("mv", CODE.decode(), "src/new.py"), commit()),
    ),
    row(
        "governed code made executable",
        "check A..B",
        "SDD501",
        (git("update-index", "--chmod=+x", OLD.decode()), git("commit", "-q", "-m", "x")),
        (git("update-index", "--chmod=+x", CODE.decode()), git("commit", "-q", "-m", "x")),
    ),
    # hidden behind a name
    row(
        "a name that is no UTF-8 and holds a line break",
        "proposal",
        "SDD501",
        commit({b"src" + ODD: b""}),
        commit({b"lib" + ODD: b""}),
    ),
    row(
        "a folder that differs in case",
        "check A..B",
        "SDD707",
        commit({b"Src/x.py": b""}),
        commit({b"Lib/x.py": b""}),
    ),
    row(
        "a trust file's name with a sign that macOS ignores",
        "proposal",
        "SDD707",
        commit({".s\u200cdd/policy.toml".encode(): b""}),
        commit({".s\u200cd/policy.toml".encode(): b""}),
    ),
    row(
        "a trust file by its short name on Windows",
        "proposal",
        "SDD707",
        commit({b"SDD~1/policy.toml": b""}),
        commit({b"SAD~1/policy.toml": b""}),
    ),
    row(
        "a folder with a dot at its end, which Windows drops",
        "proposal",
        "SDD707",
        commit({b"src./x.py": b""}),
        commit({b"srcs./x.py": b""}),
    ),
    row(
        "a document with letters that fold to its own",
        "proposal",
        "SDD707",
        commit({"docs/product-\u017fpec.md".encode(): b""}),
        commit({"docs/product-\u017fpecs.md".encode(): b""}),
    ),
    # hidden behind a link
    row(
        "a folder of code that is a link",
        "proposal",
        "SDD706",
        entry("120000", "app", b"lib"),
        entry("120000", "apps", b"lib"),
    ),
    row(
        "a file of code that is a link",
        "proposal",
        "SDD706",
        entry("120000", CODE, b"../lib/cart.py"),
        entry("120000", "lib/cart.py", b"../src/cart.py"),
    ),
    row(
        "code in a submodule",
        "check A..B",
        "SDD706",
        entry("160000", "src/vendor", SUBMODULE),
        entry("160000", "vendor", SUBMODULE),
    ),
    row(
        "a document that is a link",
        "proposal",
        "SDD706",
        entry("120000", SPEC, b"other.md"),
        entry("120000", "other.md", b"docs/product-spec.md"),
        start="begun",
    ),
    row(
        "a folder above CI's jobs that is a link",
        "proposal",
        "SDD706",
        entry("120000", ".GitHub", b"lib"),
        entry("120000", ".GitHubs", b"lib"),
    ),
    row(
        "a trust file that is a link",
        "proposal",
        "SDD706",
        entry("120000", CI, b"../../lib/ci.yml"),
        entry("120000", "lib/ci.yml", b"../.github/workflows/ci.yml"),
    ),
    # at a commit
    row(
        "code staged with its gates shut",
        "check --staged",
        "SDD401",
        staged(NEW),
        staged({b"lib/x.py": b""}),
        start="begun",
    ),
    row(
        "code staged, and the working tree put back",
        "check --staged",
        "SDD501",
        (staged({OTHER: b""}), lambda world: (world.box.path / OTHER.decode()).unlink()),
        (staged({PRICE: b""}), lambda world: (world.box.path / PRICE.decode()).unlink()),
    ),
    row(
        "code that the index calls unchanged",
        "check --staged",
        "SDD501",
        (
            staged({OLD: b"evil\n"}),
            git("update-index", "--assume-unchanged", "--skip-worktree", OLD.decode()),
        ),
        (
            staged({CODE: b"good\n"}),
            git("update-index", "--assume-unchanged", "--skip-worktree", CODE.decode()),
        ),
    ),
    row(
        "code staged in one step with its spec",
        "check --staged",
        "SDD402",
        staged(DOCUMENTS, APPROVALS, NEW),
        staged(DOCUMENTS, APPROVALS),
        start="begun",
    ),
    row(
        "a spec staged that shuts its gate, after the protected branch allowed it",
        "check --staged",
        "SDD401",
        (commit(LARGER), staged(NEW)),
        (commit(approved_change(SPEC, b"# A larger shop\n", at=T0 + DAY)), staged(NEW)),
    ),
)
