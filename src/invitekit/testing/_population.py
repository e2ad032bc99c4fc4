"""Everybody a service knows, by whatever it calls them."""

from __future__ import annotations

from itertools import count

from ._people import People
from ._world_values import ServicePerson

__all__ = ["Population"]


class Population:
    """The people of one world, invented one after the other. Not for several threads by itself.

    Args:
        seed: The same seed gives the same people.
    """

    def __init__(self, seed: int) -> None:
        self._people = People(seed)
        self._numbers = count()
        self._by_name: dict[str, ServicePerson] = {}

    def newcomer(self) -> ServicePerson:
        """Invent one more person."""
        number = next(self._numbers)
        first, last, slug = self._people.lookup(number)
        *_, company, position = self._people.connection(number)
        person = ServicePerson(
            first_name=first,
            last_name=last,
            slug=slug,
            provider_id=f"ACoAAEXAMPLE{number:027d}",
            urn=self._people.urn(number),
            headline=" at ".join(filter(None, (position.replace("\n", ", "), company))),
        )
        return self.take_in(person)

    def take_in(self, person: ServicePerson) -> ServicePerson:
        """Add somebody who was invented elsewhere."""
        self._by_name[person.slug] = self._by_name[person.provider_id] = person
        return person

    def find(self, name: str) -> ServicePerson | None:
        """Give the person with this slug or provider id."""
        return self._by_name.get(name)
