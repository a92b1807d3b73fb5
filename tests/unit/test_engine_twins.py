"""One office that is in the room twice is noticed, more urgently where both sit in one place."""

from __future__ import annotations

import pytest

from operator_console.engine.twins import find_twins, judged, office_key
from operator_console.room.addresses import network_name
from operator_console.session.model import Participant, Presence


def person(number: int, office: str, presence: Presence = Presence.CONNECTED) -> Participant:
    return Participant(id=f"p{number}", number=number, name=f"N{number}", office=office, presence=presence)


def test_an_offices_name_is_the_same_however_it_is_typed() -> None:
    spellings = ("Kec. Aluh-Aluh", "KEC ALUH ALUH", " kec.aluh-aluh ", "Kéc. Aluh–Aluh")
    assert {office_key(one) for one in spellings} == {"kecaluhaluh"}
    assert office_key(" .- ") == ""


def test_an_office_that_is_connected_twice_has_a_twin() -> None:
    people = [person(1, "Kec. Gambut"), person(2, "Kec. Aranio"), person(3, "kec gambut"), person(4, "")]
    assert find_twins(people) == {"p1": "p3", "p3": "p1"}


def test_of_three_the_later_ones_name_the_first() -> None:
    people = [person(number, "Desa Podok") for number in (3, 1, 2)]
    assert find_twins(people) == {"p1": "p2", "p2": "p1", "p3": "p1"}


@pytest.mark.parametrize("presence", [Presence.LOST, Presence.KNOCKING, Presence.LEFT, Presence.ADMITTED])
def test_who_is_not_connected_is_nobodys_twin(presence: Presence) -> None:
    assert find_twins([person(1, "Desa Podok"), person(2, "Desa Podok", presence)]) == {}


def test_nobody_who_names_no_office_has_a_twin() -> None:
    assert find_twins([person(1, ""), person(2, ""), person(3, "-"), person(4, "-")]) == {}


def test_twins_are_near_by_their_network_or_by_what_they_hear() -> None:
    twins = {"p1": "p2", "p2": "p1"}
    assert not judged(twins, {}, [])["p1"].near
    assert not judged(twins, {"p1": "a", "p2": "b"}, [frozenset(("p1", "p3"))])["p1"].near
    assert judged(twins, {"p1": "a", "p2": "a"}, [])["p2"].near
    assert judged(twins, {"p1": "a", "p2": "b"}, [frozenset(("p2", "p1"))])["p1"].near


def test_a_networks_name_tells_one_place_from_another_and_nothing_else() -> None:
    assert network_name("10.20.3.4") == network_name("10.20.3.99") != network_name("10.20.4.4")
    assert network_name("36.80.1.2") != network_name("36.80.1.3")
    assert network_name("::ffff:36.80.1.2") == network_name("36.80.1.2")
    assert network_name("2001:448a:1::1") == network_name("2001:448a:1::2")
    assert "10.20" not in network_name("10.20.3.4")
    assert network_name("") == network_name("nobody") == ""
