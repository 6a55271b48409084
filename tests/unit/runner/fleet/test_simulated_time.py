"""The simulator of fleets itself: one process at a time, in an order that time and nothing else decides."""

import random

import pytest

from support.fleetsim.sequencer import START, Sequencer


def spawned(clock, name, body):
    """A process whose body gets the process."""
    made = []
    made.append(clock.spawn(name, lambda: body(made[0])))
    return made[0]


def story(seed):
    """What forty processes come to that wait, wake, freeze and kill each other."""
    clock, rng, told, crew = Sequencer(), random.Random(seed), [], []

    def body(me):
        try:
            for _ in range(50):
                me.wait(rng.random() * 5)
                told.append((clock.now, me.name))
                other = rng.choice(crew)
                what = rng.randrange(4)
                if what == 0:
                    other.wake()
                elif what == 1:
                    other.freeze(clock.now + 30)
                if rng.random() < 0.002:
                    other.kill()
        finally:
            told.append(("over", me.name))

    crew += [spawned(clock, f"p{number}", body) for number in range(40)]
    clock.run()
    return told


def test_the_same_seed_tells_the_same_story():
    assert story(1) == story(1) != story(2)


def test_time_goes_by_while_all_wait_and_not_otherwise():
    clock, seen = Sequencer(), []

    def body(me):
        me.sleep(3600.0)
        seen.append(clock.now)

    spawned(clock, "one", body)
    clock.run()
    assert seen == [START + 3600.0]


def test_one_that_is_frozen_goes_on_later_and_hears_then_what_came_meanwhile():
    clock, seen = Sequencer(), []

    def body(me):
        me.wait(100.0)
        seen.append(clock.now)

    process = spawned(clock, "one", body)
    clock.after(1.0, lambda: process.freeze(clock.now + 40.0))
    clock.after(2.0, process.wake)
    clock.run()
    assert seen == [START + 41.0]


def test_one_that_is_killed_unwinds_and_never_waits_again():
    clock, seen = Sequencer(), []

    def body(me):
        try:
            me.sleep(100.0)
            seen.append("went on")
        finally:
            seen.append("unwound")
            me.sleep(1.0)
            seen.append("slept")

    process = spawned(clock, "one", body)
    clock.after(1.0, process.kill)
    clock.run()
    assert (seen, clock.now) == (["unwound"], START + 1.0)


def test_what_one_meets_is_raised_where_the_clock_was_started_and_ends_all_others():
    clock, seen = Sequencer(), []

    def fails(me):
        me.sleep(1.0)
        raise ValueError("a bug")

    def waits(me):
        try:
            me.sleep(100.0)
        finally:
            seen.append("unwound")

    spawned(clock, "one", fails)
    spawned(clock, "other", waits)
    with pytest.raises(ValueError, match="a bug"):
        clock.run()
    assert seen == ["unwound"]
