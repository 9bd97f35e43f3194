"""Names that a person gives to features: held against those that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.errors import RefusedError
from sdd.findings import nearest
from sdd.sessions.names import folded
from sdd.sessions.process import check_feature

if TYPE_CHECKING:
    from sdd.sessions.project import Project


def check_new_feature(project: Project, feature: str) -> None:
    """Refuse what cannot be the name of a feature here.

    Raises:
        RefusedError: it is reserved, cannot be typed, or is another feature's on some file systems.
    """
    check_feature(feature)
    taken = folded(feature.encode())
    same = [other for other in project.features if other != feature and folded(other.encode()) == taken]
    if same:
        raise RefusedError(
            f"`{feature}` and the feature `{same[0]}` are one folder on macOS and Windows",
            hint=f"choose another name, or go on with it: sdd status {same[0]}",
        )


def check_known_feature(project: Project, feature: str) -> None:
    """Refuse a feature that was not begun; most likely it is misspelt.

    Raises:
        RefusedError: it has no session.
    """
    if feature and feature not in project.features:
        check_feature(feature)
        like = nearest(feature, [other for other in project.features if other])
        raise RefusedError(
            f"there is no feature `{feature}`",
            hint=f"did you mean `{like}`? To begin it: sdd new {feature}" if like else f"sdd new {feature}",
        )
