"""Who is in which mix, and who has a mix-minus of his own."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from media.audio.mixplan import REST_US, RINGS, MixPlan, PlanFeed, plan_mix

S = 1_000_000


def people(*names: str, spoke_us: int = 0) -> dict[str, PlanFeed]:
    return {name: PlanFeed("participant", True, spoke_us) for name in names}


def test_hall_hears_all_but_itself_and_program_hears_all() -> None:
    feeds = people("a", "b") | {"mic": PlanFeed("hall", True), "film": PlanFeed("media", True)}
    plan = plan_mix(feeds, MixPlan(), 0)
    assert plan.program == {"a", "b", "mic", "film"}
    assert plan.own == {"a": 0, "b": 1}


def test_muted_hall_and_muted_people_are_in_no_mix() -> None:
    feeds = people("a") | {"b": PlanFeed("participant", False), "mic": PlanFeed("hall", False)}
    plan = plan_mix(feeds, MixPlan(), 0)
    assert plan.program == {"a"}
    assert plan.own == {"a": 0}


def test_a_ring_stays_with_its_owner_while_others_come_and_go() -> None:
    plan = plan_mix(people("a", "b", "c"), MixPlan(), 0)
    plan = plan_mix(people("b", "c"), plan, 0)
    assert plan.own == {"b": 1, "c": 2}
    plan = plan_mix(people("b", "c", "d"), plan, 0)
    assert plan.own == {"b": 1, "c": 2, "d": 0}


def test_the_ninth_hears_shared_until_he_speaks_and_somebody_is_long_silent() -> None:
    names = [f"p{i}" for i in range(9)]
    feeds = people(*names, spoke_us=10 * S)
    plan = plan_mix(feeds, MixPlan(), 10 * S)
    assert sorted(plan.minus) == list(range(RINGS))
    ninth = next(name for name in names if name not in plan.own)

    feeds[ninth] = PlanFeed("participant", True, 12 * S)
    assert plan_mix(feeds, plan, 12 * S) == plan, "nobody has been silent for long"

    talking = {name: PlanFeed("participant", True, 20 * S) for name in names if name != "p3"}
    feeds = talking | {"p3": PlanFeed("participant", True, 10 * S)}
    after = plan_mix(feeds, plan, 20 * S)
    assert ninth in after.own
    assert "p3" not in after.own
    kept = {name: ring for name, ring in plan.own.items() if name != "p3"}
    assert kept.items() <= after.own.items()


def test_the_operator_is_in_no_mix_and_whom_he_speaks_to_has_a_ring_open_or_not() -> None:
    feeds = people("a") | {"b": PlanFeed("participant", False), "operator": PlanFeed("operator", True)}
    plan = plan_mix(feeds, MixPlan(), 0, "b")
    assert plan.program == {"a"}
    assert plan.talkback == "b"
    assert sorted(plan.own) == ["a", "b"]


def test_talkback_takes_the_ring_of_the_longest_silent_and_nobody_takes_it_back_meanwhile() -> None:
    feeds = {f"p{i}": PlanFeed("participant", True, (10 + i) * S) for i in range(RINGS)}
    plan = plan_mix(feeds, MixPlan(), 20 * S)
    talking = plan_mix(feeds, plan, 20 * S, "guest")
    assert talking.own["guest"] == plan.own["p0"]
    assert "p0" not in talking.own
    speaks = feeds | {"p0": PlanFeed("participant", True, 21 * S)}
    speaks |= {name: PlanFeed("participant", True, 21 * S) for name in ("p2", "p3")}
    later = plan_mix(speaks, talking, 21 * S, "guest")
    assert later.own["guest"] == talking.own["guest"]
    assert "p0" in later.own, "another long silent one gives way to him"


def test_a_ring_that_carried_the_operators_voice_rests_before_somebody_else_has_it() -> None:
    plan = plan_mix({}, MixPlan(), 0, "guest")
    ring = plan.own["guest"]
    ended = plan_mix(people("a"), plan, S)
    assert ended.own["a"] != ring
    everybody = people(*(f"p{i}" for i in range(RINGS)))
    soon = plan_mix(everybody, ended, S + REST_US // 2)
    assert ring not in soon.minus
    assert ring in plan_mix(everybody, soon, S + REST_US).minus


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sets(st.integers(0, 14)), st.integers(0, 14)), max_size=12))
def test_rings_are_unique_bounded_and_belong_to_the_open(steps: list[tuple[set[int], int]]) -> None:
    plan = MixPlan()
    for second, (open_now, speaker) in enumerate(steps):
        feeds = {
            str(i): PlanFeed("participant", i in open_now, second * S if i == speaker else 0)
            for i in range(15)
        }
        before, plan = plan, plan_mix(feeds, plan, second * S)
        owners = list(plan.minus.values())
        assert len(set(owners)) == len(owners)
        assert set(owners) <= plan.program
        assert len(owners) == min(RINGS, len(open_now))
        if len(open_now) <= RINGS:
            stayed = {name: ring for name, ring in before.own.items() if name in plan.own}
            assert all(plan.own[name] == ring for name, ring in stayed.items())
