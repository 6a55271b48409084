"""The ledger: money under every state, constraints as backstop, files recognised and refused."""

import os
import sqlite3
from pathlib import Path

import pytest

from manifests.budget import Amounts
from manifests.errors import MachineError
from manifests.money import Cents
from manifests.states import State
from runner.api.interface import UsageRow
from runner.ledger import billing
from runner.ledger.db import Refused
from runner.ledger.interface import AlreadyLive, LedgerUnwritable, OverTheCap
from runner.ledger.rows import Adoption, Move, NewItem, Reservation, ResultRow
from runner.ledger.sqlite import opening
from runner.ledger.sqlite.ledger import SqliteLedger


def item(number, **changes):
    fields = {
        "line": f"line{number}",
        "file": f"talks/ep{number}.mp3",
        "size": 10,
        "print": "p",
        "base": f"talks/ep{number}",
        "wanted": "{}",
        "content_key": f"{number:064x}",
        "sha256": f"{number:064x}",
        "product": "transcription",
        "options": "{}",
        "generation": 0,
        "audio_bytes": 100 + number,
    }
    return NewItem(**{**fields, **changes})


@pytest.fixture
def ledger(store):
    found = store.open()
    with found.transaction():
        found.put_manifest("m1", Path("/m1.yaml"), Cents(100))
        found.put_items("m1", [item(number) for number in range(1, 6)])
    return found


def reserve(ledger, part_id=1, ceiling=30, manifest="m1", token="t", service="transcription"):
    with ledger.transaction():
        return ledger.reserve(
            Reservation(part_id, manifest, service, f"{token}{part_id}", Cents(ceiling - 1), Cents(ceiling))
        )


def move(ledger, attempt, *states, job_id=None):
    with ledger.transaction():
        for state in states:
            ledger.move(Move(attempt, state, "why", job_id if state is State.SUBMITTED else None))


def row(cents=29, job_id="7", row_id="r1", service="transcription"):
    return UsageRow(row_id, service, Cents(cents), 60, job_id, "2026-01-01T00:00:00Z")


def sums(ledger, manifest="m1"):
    found = ledger.amounts(manifest)
    return found.spent, found.reserved, found.in_doubt


TO_SENDING = (State.UPLOADING, State.SENDING)
TO_SUBMITTED = (*TO_SENDING, State.SUBMITTED)
TO_FINISHED = (*TO_SUBMITTED, State.FINISHED)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), (0, 30, 0)),
        ((State.UPLOADING,), (0, 30, 0)),
        (TO_SENDING, (0, 30, 0)),
        ((*TO_SENDING, State.IN_DOUBT), (0, 0, 30)),
        ((*TO_SENDING, State.IN_DOUBT, State.SUBMITTED), (0, 30, 0)),
        ((*TO_SENDING, State.IN_DOUBT, State.GIVEN_UP), (30, 0, 0)),
        ((*TO_SENDING, State.IN_DOUBT, State.GIVEN_UP, State.SUBMITTED), (0, 30, 0)),
        ((*TO_SENDING, State.PLANNED), (0, 0, 0)),
        ((*TO_SENDING, State.REJECTED), (0, 0, 0)),
        (TO_SUBMITTED, (0, 30, 0)),
        (TO_FINISHED, (0, 30, 0)),
        ((*TO_FINISHED, State.SAVED), (0, 30, 0)),
        ((*TO_FINISHED, State.LOST), (0, 30, 0)),
        ((*TO_SUBMITTED, State.FAILED), (0, 30, 0)),
        ((*TO_SUBMITTED, State.FAILED, State.RELEASED), (0, 0, 0)),
    ],
    ids=lambda value: "-".join(value) if value and isinstance(value[0], State) else None,
)
def test_money_follows_the_state(ledger, path, expected):
    attempt = reserve(ledger)
    move(ledger, attempt, *path, job_id="7")
    assert sums(ledger) == expected


def test_a_charge_takes_the_place_of_the_hold(ledger):
    attempt = reserve(ledger)
    move(ledger, attempt, *TO_FINISHED, job_id="7")
    with ledger.transaction():
        (charge,) = billing.add_rows(ledger, [row()])
    assert (charge.cents, charge.over) == (29, 0)
    assert sums(ledger) == (29, 0, 0)
    assert ledger.unsettled() == []


def test_a_charge_above_its_ceiling_is_recorded_whatever_the_cap(ledger):
    attempt = reserve(ledger, ceiling=100)
    move(ledger, attempt, *TO_FINISHED, job_id="7")
    with ledger.transaction():
        (charge,) = billing.add_rows(ledger, [row(cents=150)])
    assert charge.over == 50
    assert ledger.amounts("m1") == Amounts(Cents(100), Cents(150))
    assert (ledger.amounts("m1").left, ledger.amounts("m1").over) == (0, 50)


def test_rows_before_the_job_number_is_known_are_matched_later(ledger):
    attempt = reserve(ledger)
    with ledger.transaction():
        assert billing.add_rows(ledger, [row()]) == []
    move(ledger, attempt, *TO_FINISHED, job_id="7")
    with ledger.transaction():
        charge = billing.match_recorded(ledger, ledger.attempt(attempt))
    assert charge is not None
    assert sums(ledger) == (29, 0, 0)


def made(ledger, part_id, service):
    """A finished job number 7 of a service."""
    attempt = reserve(ledger, part_id, service=service)
    move(ledger, attempt, *TO_FINISHED, job_id="7")
    return attempt


def charges(ledger, *rows):
    """What the rows charge, by service."""
    with ledger.transaction():
        return {each.attempt.service: each.cents for each in billing.add_rows(ledger, rows)}


def test_a_name_that_two_services_share_bills_the_one_that_has_such_a_job(ledger):
    made(ledger, 1, "tts")
    assert charges(ledger, row(20, service="voice_cloning")) == {"tts": 20}


def test_a_shared_name_bills_the_service_of_which_it_is_the_first_name(ledger):
    made(ledger, 1, "tts")
    made(ledger, 2, "clone")
    rows = [row(4, service="voice_cloning"), row(20, row_id="r2", service="text_to_speech")]
    assert charges(ledger, *rows) == {"clone": 4, "tts": 20}


@pytest.mark.parametrize("order", [1, -1])
def test_a_job_is_not_charged_for_what_another_service_s_job_of_its_number_cost_elsewhere(ledger, order):
    made(ledger, 1, "tts")
    rows = [row(4, service="voice_cloning"), row(20, row_id="r2", service="text_to_speech")]
    assert charges(ledger, *rows[::order]) == {"tts": 20}
    assert sums(ledger) == (20, 0, 0)


def test_rows_that_came_early_are_matched_by_the_best_of_their_names(ledger):
    rows = [row(4, service="voice_cloning"), row(20, row_id="r2", service="text_to_speech")]
    assert charges(ledger, *rows) == {}
    attempts = [made(ledger, 1, "tts"), made(ledger, 2, "clone")]
    with ledger.transaction():
        found = [billing.match_recorded(ledger, ledger.attempt(each)) for each in attempts]
    assert [each and each.cents for each in found] == [20, 4]


def test_reserving_stops_at_the_cap(ledger):
    for part in (1, 2, 3):
        reserve(ledger, part)
    with pytest.raises(OverTheCap):
        reserve(ledger, 4)
    assert sums(ledger) == (0, 90, 0)


def test_doubts_and_charges_count_against_the_cap(ledger):
    move(ledger, reserve(ledger, 1, 50), *TO_SENDING, State.IN_DOUBT)
    done = reserve(ledger, 2, 50)
    with pytest.raises(OverTheCap):
        reserve(ledger, 3, 1)
    move(ledger, done, *TO_FINISHED, job_id="7")
    with ledger.transaction():
        billing.add_rows(ledger, [row(cents=10)])
    reserve(ledger, 3, 40)
    with pytest.raises(OverTheCap):
        reserve(ledger, 4, 1)


def test_the_cap_may_be_lowered_below_what_is_committed(ledger):
    reserve(ledger)
    with ledger.transaction():
        ledger.put_manifest("m1", Path("/m1.yaml"), Cents(10))
    assert ledger.amounts("m1").over == 20
    with pytest.raises(OverTheCap):
        reserve(ledger, 2, 1)


def test_sql_itself_refuses_what_the_code_should_never_try(ledger):
    """Backstop: a bug above cannot pass the cap, drop a hold or forget an attempt."""
    attempt = reserve(ledger)
    statements = [
        "DELETE FROM attempts",
        f"UPDATE attempts SET hold = -1 WHERE id = {attempt}",
        f"UPDATE attempts SET purse = 'none' WHERE id = {attempt}",
        "UPDATE manifests SET reserved = -5",
        (
            "INSERT INTO attempts SELECT 99, 2, manifest_id, service, 'x', state, purse, 0, 90, 90, NULL, '',"
            " 0, NULL, '', 0, 0, 'cents', NULL, NULL FROM attempts"
        ),
    ]
    for statement in statements:
        with pytest.raises(Refused), ledger.transaction(), ledger.db.tentative():
            ledger.db.execute(statement)
    assert sums(ledger) == (0, 30, 0)


def test_one_live_attempt_a_part(ledger):
    reserve(ledger, 1, token="a")
    with pytest.raises(AlreadyLive):
        reserve(ledger, 1, token="b")


@pytest.mark.parametrize("state", [State.FINISHED, State.SAVED, State.LOST])
def test_what_is_bought_cannot_be_reserved_again(ledger, state):
    path = TO_FINISHED if state is State.FINISHED else (*TO_FINISHED, state)
    move(ledger, reserve(ledger), *path, job_id="7")
    with pytest.raises(AlreadyLive):
        reserve(ledger, 1, token="again")


def test_one_job_number_belongs_to_one_attempt_of_a_service(ledger):
    move(ledger, reserve(ledger, 1), *TO_SUBMITTED, job_id="7")
    other = reserve(ledger, 2)
    with pytest.raises(AlreadyLive):
        move(ledger, other, *TO_SUBMITTED, job_id="7")


def test_states_follow_the_table_only(ledger):
    with pytest.raises(ValueError, match="cannot become saved"):
        move(ledger, reserve(ledger), State.SAVED)


def test_sending_again_keeps_the_first_hold(ledger):
    first = reserve(ledger, 1)
    move(ledger, first, *TO_SENDING, State.IN_DOUBT)
    with ledger.transaction():
        ledger.supersede(first, "the user said so")
    second = reserve(ledger, 1, token="again")
    move(ledger, second, *TO_SUBMITTED, job_id="8")
    assert sums(ledger) == (0, 30, 30)
    move(ledger, first, State.SUBMITTED, job_id="7")  # and then the first job appears
    assert ledger.part(1)[1].attempt_id == second
    assert sums(ledger) == (0, 60, 0)


def test_only_a_doubt_can_be_set_aside(ledger):
    attempt = reserve(ledger)
    with pytest.raises(ValueError, match="not in doubt"), ledger.transaction():
        ledger.supersede(attempt, "no")


def test_a_late_bill_of_an_old_attempt_leaves_the_part_s_state_alone(ledger):
    first = reserve(ledger, 1)
    move(ledger, first, *TO_SUBMITTED, State.FAILED, State.RELEASED, job_id="7")
    move(ledger, reserve(ledger, 1, token="b"), *TO_SUBMITTED, job_id="8")
    with ledger.transaction():
        billing.add_rows(ledger, [row()])
    assert ledger.attempt(first).state is State.FAILED_CHARGED
    assert ledger.part(1)[0] is State.SUBMITTED
    assert sums(ledger) == (29, 30, 0)


def test_adopting_asks_no_cap(ledger):
    with ledger.transaction():
        ledger.put_manifest("m1", Path("/m1.yaml"), Cents(0))
        ledger.adopt(Adoption(1, "m1", "transcription", "tok", Cents(29), Cents(30), "7"))
    assert sums(ledger) == (0, 30, 0)
    assert ledger.amounts("m1").over == 30
    assert ledger.part(1)[0] is State.SUBMITTED
    with pytest.raises(AlreadyLive), ledger.transaction():
        ledger.adopt(Adoption(2, "m1", "transcription", "tok2", Cents(29), Cents(30), "7"))


def test_the_same_audio_in_two_manifests_is_one_purchase(ledger):
    with ledger.transaction():
        ledger.put_manifest("m2", Path("/m2.yaml"), Cents(100))
        ledger.put_items("m2", [item(1, line="other", file="copy.mp3")])
    (mine,) = ledger.items("m2")
    assert mine.purchase_id == ledger.items("m1")[0].purchase_id
    reserve(ledger, mine.part_id, manifest="m2")
    with pytest.raises(AlreadyLive):
        reserve(ledger, mine.part_id, manifest="m1", token="second")
    assert (sums(ledger, "m1"), sums(ledger, "m2")) == ((0, 0, 0), (0, 30, 0))
    assert ledger.held() == 30


def test_what_counts_as_paid_before(ledger):
    move(ledger, reserve(ledger, 1), *TO_FINISHED, State.SAVED, job_id="7")
    move(ledger, reserve(ledger, 2), *TO_SUBMITTED, State.FAILED, State.RELEASED, job_id="8")
    keys = [f"{number:064x}" for number in range(1, 6)]
    assert ledger.bought(keys) == {keys[0]}
    assert ledger.known_audio_bytes() == {101, 102, 103, 104, 105}


def test_unfinished_counts_what_a_new_plan_would_lose_sight_of(ledger):
    assert ledger.unfinished("m1") == 0
    attempt = reserve(ledger, 1)
    assert ledger.unfinished("m1") == 1
    move(ledger, attempt, *TO_FINISHED, State.SAVED, job_id="7")
    assert ledger.unfinished("m1") == 0


def test_allotments_shrink_as_money_is_reserved_and_grow_when_it_comes_back(ledger):
    with ledger.transaction():
        ledger.allot("m1", 60)
    attempt = reserve(ledger)
    assert ledger.allotted() == {"m1": 30}
    move(ledger, attempt, State.UPLOADING, State.PLANNED)
    assert ledger.allotted() == {"m1": 60}
    with ledger.transaction():
        ledger.allot("m1", 0)
    assert ledger.allotted() == {}


def test_extra_charges_count(ledger):
    with ledger.transaction():
        ledger.add_extra_charge("m1", Cents(12), "credits fell")
    assert sums(ledger) == (12, 0, 0)


def test_results_are_recorded_and_known_as_ours(ledger):
    with ledger.transaction():
        ledger.put_results([ResultRow(1, "srt", "/r/ep1.srt", 5, "a" * 64)])
        ledger.put_results([ResultRow(1, "srt", "/r/ep1.srt", 6, "b" * 64)])
    assert ledger.results(1) == [ResultRow(1, "srt", "/r/ep1.srt", 6, "b" * 64)]
    assert ledger.wrote("/r/ep1.srt")
    assert not ledger.wrote("/r/other.srt")
    assert ledger.wrote_below("/r")
    assert ledger.wrote_below("/")
    assert not any(map(ledger.wrote_below, ("/r/ep1", "/q", "/r/ep1.srt")))


def test_paths_that_are_no_text_survive(ledger):
    odd = os.fsdecode(b"talks/\xff\xfe.mp3")
    with ledger.transaction():
        ledger.put_items("m1", [item(9, line="odd", file=odd, base=odd)])
        ledger.put_results([ResultRow(1, "json", odd, 1, "0" * 64)])
    assert ledger.items("m1")[-1].file == odd
    assert ledger.wrote(odd)


def test_a_transaction_that_fails_leaves_nothing(ledger):
    def broken():
        with ledger.transaction():
            ledger.put_manifest("m9", Path("/m9"), Cents(5))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert ledger.stored_cap("m9") is None


def test_history_tells_every_change(ledger):
    move(ledger, reserve(ledger), *TO_SENDING, State.IN_DOUBT)
    states = [found[0] for found in ledger.db.execute("SELECT state FROM history ORDER BY id")]
    assert states == ["reserved", "uploading", "sending", "in doubt"]


# -- the file


def test_it_is_private_durable_and_reopens(tmp_path):
    path = tmp_path / "deep" / "down" / "ledger.db"
    first = SqliteLedger(path, lambda: 0.0)
    with first.transaction():
        first.set_meta("colour", "blue")
    first.close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    again = SqliteLedger(path, lambda: 0.0)
    assert again.meta("colour") == "blue"
    assert again.meta("size") is None
    assert again.db.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert again.db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    again.close()


def test_two_processes_worth_of_connections_see_one_truth(ledger, store):
    other = store.open()
    reserve(ledger, 1, 60)
    with pytest.raises(OverTheCap):
        reserve(other, 2, 60)


def foreign(path):
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE songs (name)")
    db.close()


def newer(path):
    SqliteLedger(path, lambda: 0.0).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda path: path.write_bytes(b"not a database, but long enough to be looked at" * 40), "backup"),
        (foreign, "not an Earmark ledger"),
        (newer, "newer Earmark"),
        (lambda path: path.mkdir(), "EARMARK_LEDGER"),
    ],
)
def test_a_file_that_is_no_ledger_of_ours_is_refused_and_left_alone(tmp_path, make, word):
    path = tmp_path / "ledger.db"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(MachineError, match=word) as caught:
        SqliteLedger(path, lambda: 0.0)
    assert caught.value.exit_code == 10
    assert (path.read_bytes() if path.is_file() else b"")[:16] == before[:16]


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MachineError, match="cannot be made"):
        SqliteLedger(tmp_path / "file" / "ledger.db", lambda: 0.0)


def test_a_network_disk_is_refused_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "file_system", lambda _path: "nfs4")
    with pytest.raises(MachineError, match=r"network disk.*EARMARK_LEDGER"):
        SqliteLedger(tmp_path / "ledger.db", lambda: 0.0)


def test_the_kind_of_file_system_is_that_of_the_nearest_mount(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/a / ext4 rw 0 0\nserver:/x {tmp_path}/my\\040disk nfs rw 0 0\nbroken line\n")
    (tmp_path / "my disk").mkdir()
    assert opening.file_system(tmp_path / "my disk" / "a.db", mounts) == "nfs"
    assert opening.file_system(tmp_path / "elsewhere", mounts) == "ext4"
    assert opening.file_system(tmp_path, tmp_path / "no such file") == ""


@pytest.mark.parametrize(
    ("base", "env", "expected"),
    [
        ("https://api.example", {"XDG_STATE_HOME": "/s"}, "/s/earmark/api.example/ledger.db"),
        ("http://127.0.0.1:8077", {"XDG_STATE_HOME": "/s"}, "/s/earmark/127.0.0.1_8077/ledger.db"),
        ("http://127.0.0.1:8077", {"EARMARK_LEDGER": "/x/my.db"}, "/x/my.db"),
    ],
)
def test_each_wallet_has_a_ledger_of_its_own(base, env, expected):
    assert str(opening.ledger_path(base, env)) == expected


@pytest.fixture
def file(tmp_path):
    """A ledger in a file, as a run opens it."""
    found = SqliteLedger(tmp_path / "ledger.db", lambda: 1000.0)
    with found.transaction():
        found.put_manifest("m1", Path("/m1.yaml"), Cents(100))
        found.put_items("m1", [item(number) for number in range(1, 6)])
    yield found
    found.close()


def test_a_full_disk_gets_the_room_that_was_kept(file):
    ledger = file
    ballast = ledger.path.with_suffix(".ballast")
    assert ballast.stat().st_size == opening.BALLAST_BYTES
    assert ledger.make_room()
    assert not ballast.exists()
    assert not ledger.make_room()


def test_a_ledger_that_cannot_grow_says_so_and_keeps_what_it_had(file):
    ledger = file
    pages = ledger.db.execute("PRAGMA page_count").fetchone()[0]
    ledger.db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LedgerUnwritable, match="make room"), ledger.transaction():
        ledger.put_items("m1", [item(number, line=f"many{number}") for number in range(1000, 3000)])
    assert len(ledger.items("m1")) == 5
