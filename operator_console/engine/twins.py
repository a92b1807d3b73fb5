"""Twins: one office that sits in the room twice, as by a phone beside the computer. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from operator_console.session.model import Participant, Presence


@dataclass(frozen=True, slots=True)
class Twin:
    """Another participant of the same office."""

    other: str
    near: bool
    """Whether both seem to be in one place: they come from one network, or hear the same sound."""


def office_key(office: str) -> str:
    """An office's name without case, accents, spaces and punctuation; empty for none."""
    plain = unicodedata.normalize("NFKD", office).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def find_twins(people: Iterable[Participant]) -> dict[str, str]:
    """Who is connected for an office that another one is connected for too -> that one.

    Of three the two later ones name the first, and he the second.
    """
    by_office: dict[str, list[str]] = {}
    for one in sorted(people, key=lambda one: one.number):
        key = office_key(one.office)
        if key and one.presence is Presence.CONNECTED:
            by_office.setdefault(key, []).append(one.id)
    twins: dict[str, str] = {}
    for first, *others in by_office.values():
        twins |= dict.fromkeys(others, first)
        if others:
            twins[first] = others[0]
    return twins


def judged(
    twins: Mapping[str, str], networks: Mapping[str, str], alike: Iterable[frozenset[str]]
) -> dict[str, Twin]:
    """The twins with whether they are near each other.

    ``networks``: participant -> name of the network he comes from, where known; ``alike``: pairs whose
    microphones carry the same sound.
    """
    pairs = set(alike)
    return {
        one: Twin(other, _same_network(networks, one, other) or frozenset((one, other)) in pairs)
        for one, other in twins.items()
    }


def _same_network(networks: Mapping[str, str], one: str, other: str) -> bool:
    network = networks.get(one, "")
    return bool(network) and network == networks.get(other)
