"""What a report says of all items together, in little memory however many there are."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earmark.reports import shares, timeline
from earmark.reports.gathering import gather
from earmark.reports.shares import FOLDERS, Folders
from earmark.reports.timeline import MOMENTS, Timeline
from support import made_reports


def folders(files):
    made = Folders()
    for file in files:
        made.add(made_reports.item(file))
    return made.shares()


def names(files):
    return [each.name for each in folders(files)]


def test_folders_are_told_apart_below_what_all_files_have_in_common():
    assert names(["x/y/a/1.mp3", "x/y/b/2.mp3", "x/y/b/3.mp3"]) == ["x/y/b", "x/y/a"]
    assert names(["1.mp3", "a/2.mp3"]) == [".", "a"]
    assert names(["x/1.mp3", "x/2.mp3"]) == ["x"]
    assert names([]) == []


def test_folders_are_as_deep_as_the_rows_allow():
    few = [f"{a}/{b}/f.mp3" for a in range(5) for b in range(10)]
    many = [*few, "0/10/f.mp3"]
    assert len(names(few)) == FOLDERS
    assert names(many) == ["0", "1", "2", "3", "4"]


def test_beyond_the_rows_there_is_one_without_a_name_and_nothing_is_lost():
    found = folders(f"{n}/f.mp3" for n in range(FOLDERS + 7))
    assert len(found) == FOLDERS + 1
    assert (found[-1].name, found[-1].items) == ("", 7)
    assert sum(each.expected for each in found) == 10 * (FOLDERS + 7)


def test_very_many_folders_take_no_more_memory_than_some(monkeypatch):
    monkeypatch.setattr(shares, "_HELD", 8)
    files = [f"{n % 3}/{n}/{n}/f.mp3" for n in range(40)] + [f"z{n}/f.mp3" for n in range(40)]
    made = Folders()
    for file in files:
        made.add(made_reports.item(file))
        assert len(made._sums) <= 8
    found = made.shares()
    assert sum(each.items for each in found) == 80


def test_credits_are_in_no_sum_of_cents():
    cleaned = made_reports.item(service="denoise", currency="credits", expected=660, charged=660)
    (share,) = gather([cleaned]).services
    assert (share.credits, share.expected, share.charged, share.items) == (660, 0, 0, 1)
    assert (share.credits_charged, share.credits_ceiling, share.credits_held) == (660, 11, 0)
    (moment,) = gather([cleaned]).timeline
    assert moment.cents == 0


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 99)), max_size=30), st.integers(1, 20))
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_moments_are_few_grow_and_end_with_everything(done, held):
    timeline_ = Timeline()
    old = timeline._HELD
    timeline._HELD = held
    try:
        for since, cents in done:
            timeline_.add(1.7e9 + since, cents)
    finally:
        timeline._HELD = old
    found = timeline_.moments()
    assert len(found) <= MOMENTS
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert [each.done for each in found] == sorted(each.done for each in found)
    if done:
        assert (found[-1].done, found[-1].cents) == (len(done), sum(cents for _, cents in done))
        assert found[-1].at == timeline.moment(1.7e9 + max(since for since, _ in done))


def test_the_time_line_has_what_this_manifest_bought_and_saved():
    lines = [
        made_reports.item(since="2026-11-30T07:10:00Z"),
        made_reports.item(since="2026-11-30T07:11:00Z", paid_before=True, shared=True, charged=None),
        made_reports.item(since="2026-11-30T07:12:00Z", fate="failed", charged=None),
        made_reports.item(since="2026-11-30T07:13:00Z", charged=None, held=11),
    ]
    found = gather(lines).timeline
    assert [(each.at[11:16], each.done, each.cents) for each in found] == [("07:10", 1, 10), ("07:13", 2, 21)]
