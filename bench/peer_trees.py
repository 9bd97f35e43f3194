"""The trees of other tools: so many open tasks, in the form that each tool's own commands left.

openspec 1.13, Backlog.md 1.52, task-master 0.43, spec-kitty 3.2, solokit 0.3.
"""

from __future__ import annotations

import json

Files = dict[str, str]
DAY = "2026-01-01"
MISSION = "shop-01KDWDJ1"


def openspec(count: int) -> Files:
    """A change for each task: why, what, its requirements, its checklist."""
    files = {"openspec/config.yaml": "schema: spec-driven\n"}
    for number in range(count):
        place = f"openspec/changes/add-{number:05}"
        files |= {
            f"{place}/.openspec.yaml": f"schema: spec-driven\ncreated: {DAY}\n",
            f"{place}/proposal.md": f"## Why\n\nTask {number} has to be built, for it is asked for often enough to be worth it.\n\n"
            f"## What Changes\n\n- Build part {number}\n\n## Impact\n\n- src/part_{number}.py\n",
            f"{place}/tasks.md": "## 1. Build\n\n- [ ] 1.1 quantities below one are refused\n- [ ] 1.2 one currency\n",
            f"{place}/specs/part-{number:05}/spec.md": f"## ADDED Requirements\n\n### Requirement: Part {number}\n"
            "The system SHALL refuse quantities below one.\n\n#### Scenario: zero\n"
            "- **WHEN** the quantity is zero\n- **THEN** it is refused\n",
        }
    return files


def backlog(count: int) -> Files:
    """A file for each task."""
    settings = {
        "project_name": "shop",
        "default_status": "To Do",
        "statuses": ["To Do", "In Progress", "Done"],
        "auto_commit": False,
        "remote_operations": False,
        "task_prefix": "task",
    }
    config = "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items())
    return {"backlog/config.yml": config} | {
        f"backlog/tasks/task-{number} - Part-{number}.md": f"---\nid: TASK-{number}\ntitle: Part {number}\nstatus: To Do\n"
        f"assignee: []\ncreated_date: '{DAY} 10:00'\nlabels: []\ndependencies: []\nordinal: {number}000\n---\n\n"
        "## Description\n\n<!-- SECTION:DESCRIPTION:BEGIN -->\nBuild it.\n<!-- SECTION:DESCRIPTION:END -->\n\n"
        "## Acceptance Criteria\n<!-- AC:BEGIN -->\n- [ ] #1 quantities below one are refused\n<!-- AC:END -->\n"
        for number in range(1, count + 1)
    }


def task_master(count: int) -> Files:
    """One file with all tasks."""
    tasks = [
        {
            "id": number,
            "title": f"Part {number}",
            "description": "Build it.",
            "details": "",
            "testStrategy": "",
            "status": "pending",
            "priority": "medium",
            "dependencies": [],
            "subtasks": [],
        }
        for number in range(1, count + 1)
    ]
    told = {"created": f"{DAY}T10:00:00Z", "updated": f"{DAY}T10:00:00Z", "description": "The shop"}
    state = {"currentTag": "master", "lastSwitched": f"{DAY}T10:00:00Z", "branchTagMapping": {}}
    return {
        ".taskmaster/config.json": json.dumps({"global": {"anonymousTelemetry": False}}),
        ".taskmaster/state.json": json.dumps(state),
        ".taskmaster/tasks/tasks.json": json.dumps({"master": {"tasks": tasks, "metadata": told}}, indent=2),
    }


def spec_kitty(count: int) -> Files:
    """One mission with a work package for each task, and the event that made it planned."""
    place = f"kitty-specs/{MISSION}"
    mission = {"mission_id": "01KDWDJ1HS3MD8KRDGN3P2ZEDJ", "mission_slug": MISSION}
    meta = {
        **mission,
        "created_at": f"{DAY}T10:00:00+00:00",
        "friendly_name": "shop",
        "mission_type": "software-dev",
        "slug": MISSION,
        "target_branch": "main",
        "topology": "single_branch",
    }
    files = {
        f"{place}/meta.json": json.dumps(meta),
        f"{place}/spec.md": "# Shop\n\nSell things.\n",
        ".kittify/config.yaml": "",
    }
    events = []
    for number in range(1, count + 1):
        name = f"WP{number:02}"
        files[f"{place}/tasks/{name}-part.md"] = (
            f'---\nwork_package_id: "{name}"\ntitle: "Part {number}"\ndependencies: []\nsubtasks: ["T{number:03}"]\n'
            f'phase: "Phase 1"\nassignee: ""\nagent: ""\nhistory: []\n---\n# {name}\n\nBuild it.\n'
        )
        event = {
            **mission,
            "actor": "finalize-tasks",
            "at": f"{DAY}T10:00:00+00:00",
            "event_id": f"01KDWDJ1{number:018}",
            "evidence": None,
            "execution_mode": "worktree",
            "force": False,
            "from_lane": "genesis",
            "to_lane": "planned",
            "policy_metadata": None,
            "reason": "canonical bootstrap",
            "review_ref": None,
            "wp_id": name,
        }
        events.append(json.dumps(event))
    return files | {f"{place}/status.events.jsonl": "".join(f"{event}\n" for event in events)}


def solokit(count: int) -> Files:
    """One file with all work items."""
    items = {
        f"feature_part_{number}": {
            "id": f"feature_part_{number}",
            "type": "feature",
            "title": f"Part {number}",
            "status": "not_started",
            "priority": "high",
            "urgent": False,
            "dependencies": [],
            "milestone": "",
            "spec_file": f".session/specs/feature_part_{number}.md",
            "created_at": f"{DAY}T10:00:00",
            "sessions": [],
        }
        for number in range(count)
    }
    return {
        ".session/tracking/work_items.json": json.dumps({"work_items": items, "milestones": {}}, indent=2)
    }
