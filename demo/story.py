"""The story of the demo: what is typed, in order; `stage` runs it, and the recording answers as the model."""

from __future__ import annotations

import shlex

from stage import RESPONSES, Stage, run, show, tell

from sdd.errors import WAITS_FOR_PERSON

IDEA = (
    "A cart for the web shop of our farm: customers put products in with quantities, never more than we have in stock, "
    "and whoever takes ten or more of one product gets a discount."
)
ANSWERS = (
    "No. Whoever pays first gets it.",
    "10 %, off that product's line alone. The ten and the 10 % will change one day, without a programmer.",
    "Down, to whole cents.",
    "Yes, by setting the quantity; zero takes the product out.",
)
REASON = (
    "carts hold nothing back, so a product can be sold to others while it is in a cart; say what happens then"
)
SPEC = "cart/01-product-spec"
CHANGE = "changes/say-what-is-left"
CHECK = "python -m unittest -q"


def play(stage: Stage) -> None:
    """The story, in its order."""
    tell(
        stage,
        "sdd: from an idea to tested code",
        "Each line after a $ is a command that is run now; below it stands what it said. The model's part is a RECORDING: its"
        f" responses were written beforehand and are played in order, from {RESPONSES}.",
    )
    begin(stage)
    specify(stage)
    design(stage)
    build(stage)
    change(stage)
    look(stage)


def begin(stage: Stage) -> None:
    """A repository, sdd in it, and an idea."""
    tell(
        stage,
        "1. A repository, and sdd in it",
        "It is a small shop without a cart: a README and guidelines. Scripts of sdd's own judge each commit; without"
        " `--hooks native` pre-commit would.",
    )
    run(stage, "git", "init", "--quiet", "--initial-branch=main")
    for key, value in (("user.name", "You"), ("user.email", "you@example.org"), ("commit.gpgsign", "false")):
        run(stage, "git", "config", key, value)
    commit(stage, "A shop without a cart")
    run(stage, "sdd", "init", "--hooks", "native")
    tell(
        stage,
        "",
        "In sdd.toml we name the command that must pass, and the model to go on with after this recording.",
    )
    settings = stage.repository / "sdd.toml"
    text = settings.read_text("utf-8")
    text = text.replace(
        '"manual"   # copy and paste; or "anthropic" (needs a key): sdd doctor', '"anthropic"'
    )
    settings.write_text(text.replace("commands = []", f'commands = ["{CHECK}"]'), "utf-8", newline="\n")
    show(stage, "sdd.toml")
    commit(stage, "Begin with sdd")
    run(stage, "sdd", "new", "cart", IDEA)
    commit(stage, "The idea of a cart")


def specify(stage: Stage) -> None:
    """Questions, answers, a spec, one rejection, the approval."""
    tell(stage, "2. The model asks before it writes", "Below 95 % confidence there is no document.")
    run(stage, "sdd", "next", "--commit", expected=WAITS_FOR_PERSON)
    for number, words in enumerate(ANSWERS, 1):
        run(stage, "sdd", "answer", SPEC, str(number), words)
    run(stage, "sdd", "next", "--commit", expected=WAITS_FOR_PERSON)
    tell(
        stage, "3. We read the spec, and send it back", "The reason goes into the next prompt, word for word."
    )
    run(stage, "sdd", "reject", SPEC, "-m", REASON)
    run(stage, "sdd", "next", "--commit", expected=WAITS_FOR_PERSON)
    run(stage, "git", "diff", "--unified=1", "HEAD~1", "--", "docs/cart/product-spec.md")
    tell(
        stage,
        "4. The approval",
        "Here the demo approves ON YOUR BEHALF. The approval holds for exactly these bytes, and has the proof none: it is"
        " recorded, not proven, and anyone with your shell could have made it.",
    )
    approve(stage, "docs/cart/product-spec.md", "spec")
    commit(stage, "Approve the spec of the cart")


def design(stage: Stage) -> None:
    """The architecture with its contracts, the plan, and the sessions of its tasks."""
    tell(stage, "5. Architecture and plan", "The plan's tasks say which files may be written at all.")
    run(stage, "sdd", "next", "--commit")
    run(stage, "sdd", "next", "--commit", expected=WAITS_FOR_PERSON)
    tell(stage, "", "Both documents are approved on your behalf, too; then each task becomes a session.")
    approve(stage, "docs/cart/architecture.md", "implementation")
    approve(stage, "docs/cart/implementation-plan.md", "implementation")
    run(stage, "sdd", "plan", "cart", "--write")
    commit(stage, "Approve the plan of the cart, and make its sessions")


def build(stage: Stage) -> None:
    """Three tasks; in the second a check fails, and the model mends its code."""
    tell(stage, "6. Code, one task at a time", "After each response sdd runs the project's own tests.")
    run(stage, "sdd", "next", "--commit")
    tell(
        stage,
        "7. A check fails, and the failure goes back to the model",
        "The recorded code of the cart has a real mistake in it. Its tests find it.",
    )
    run(stage, "sdd", "next", "--commit")
    tell(stage, "", "What failed stays on record, and both runs are in one commit:")
    run(stage, "git", "grep", "-h", "-E", "^(FAIL|AssertionError)", "--", "sessions/cart/05-cart.runs")
    run(stage, "sdd", "log", "cart/05-cart")
    run(stage, "git", "show", "--stat", "--format=%s%n%n%b")
    run(stage, "sdd", "next", "--commit")


def change(stage: Stage) -> None:
    """The small way: half a page, its approval, the code."""
    tell(
        stage,
        "8. The small way",
        "What does not deserve nine sessions gets half a page, approved before the code.",
    )
    goal = "An error about stock says how many pieces are left."
    reads = ("--reads", "src/shop/cart.py", "--reads", "tests/test_cart.py")
    run(stage, "sdd", "add", "change", "say-what-is-left", "--goal", goal, *reads)
    run(stage, "sdd", "next", CHANGE, "--commit", expected=WAITS_FOR_PERSON)
    show(stage, f"docs/{CHANGE}.md")
    approve(stage, f"docs/{CHANGE}.md", "change")
    commit(stage, "Approve a small change")
    run(stage, "sdd", "next", CHANGE, "--commit")


def look(stage: Stage) -> None:
    """What stands now, by the tests, by git, and by sdd."""
    tell(
        stage,
        "9. What stands now",
        "The tracker is derived from the files of the commit, and nobody edits it.",
    )
    run(stage, *shlex.split(CHECK))
    run(stage, "git", "status", "--short")
    run(stage, "git", "log", "--oneline")
    run(stage, "sdd", "check")
    run(stage, "sdd", "tracker", "--check")
    show(stage, "docs/cart/tracker.md")
    run(stage, "sdd", "status")


def approve(stage: Stage, document: str, gate: str) -> None:
    """Approve a document on the viewer's behalf."""
    run(stage, "sdd", "approve", document, "--gate", gate, "--yes")


def commit(stage: Stage, message: str) -> None:
    """Commit all that there is."""
    run(stage, "git", "add", "--all")
    run(stage, "git", "commit", "--quiet", "--message", message)
