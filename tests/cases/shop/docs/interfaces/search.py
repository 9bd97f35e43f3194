"""Search: finding published products by words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from interfaces.errors import InvalidInputError
from interfaces.values import Page, ProductId


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A product that was found; `excerpt` is up to 160 characters of its description around the words, as plain text."""

    product_id: ProductId
    name: str
    excerpt: str


class ISearch(Protocol):
    """An index that follows the catalogue by its events; at most a minute behind.

    Dependencies:
        IDatabase, IEventBus
    Configuration:
        SearchSettings
    Publishes:
        nothing
    Consumes:
        ProductPublished, ProductWithdrawn
    """

    def find(self, words: str, cursor: str = "") -> Page[SearchHit]:
        """Published products that hold all words, the best first. Case and accents do not count.

        Raises:
            InvalidInputError: no word, more than ten, or a cursor of another search.
        """
