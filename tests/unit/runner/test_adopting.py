"""A lost ledger: what lists cannot tell is learnt from receipts, each job looked at before it is taken."""

import shutil
from dataclasses import replace

import pytest

from manifests.exits import Exit
from manifests.keys import Token
from manifests.manifest import Manifest
from manifests.states import State
from runner.api.errors import CallRefused, Gone, ServiceDown
from runner.api.interface import JobStatus
from runner.report import Fate
from support.small_run import BILLED, Desk, manifest_of


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    yield made
    made.desk.close()


class Shop:
    """A karaoke video was bought, and the service has no names in its list; then the ledger is lost."""

    def __init__(self, folder):
        self.desk = Desk(folder)
        self.api = self.desk.api
        self.api.live["karaoke"] = self.api.live["stem_extraction"]
        self.plan: Manifest = manifest_of([self.desk.item("song.mp3", "stems:two")])
        self.first = self.run()
        assert self.first.exit is Exit.DONE
        self.api.lists["stems"] = [replace(job, tokens=frozenset()) for job in self.api.lists["stems"]]

    @property
    def receipts(self):
        return self.desk.folder / "m.yaml.receipts.jsonl"

    def run(self, **changes):
        return self.desk.run(self.plan, patience=BILLED, spend=900, **changes)

    def lose_ledger(self):
        self.desk.close()
        shutil.rmtree(self.desk.folder / "state")
        self.desk = Desk(self.desk.folder, self.api)
        self.api.calls.clear()

    def lose_results(self):
        shutil.rmtree(self.desk.output)

    def history(self):
        rows = self.desk.ledger.db.execute("SELECT reason FROM history WHERE reason <> ''")
        return [reason for (reason,) in rows]


def bought(shop):
    return len(shop.api.orders) - 1


def test_a_job_that_its_receipt_names_is_fetched_and_not_bought_again(shop):
    shop.lose_ledger()
    shop.lose_results()
    report = shop.run()
    assert report.exit is Exit.DONE
    assert bought(shop) == 0
    assert report.amounts.spent == shop.first.amounts.spent
    assert (shop.desk.output / "song" / "vocals.wav").is_file()


def test_results_that_are_still_there_are_not_fetched_again(shop):
    shop.lose_ledger()
    report = shop.run()
    assert report.exit is Exit.DONE
    assert bought(shop) == 0
    assert "download" not in shop.api.calls
    assert shop.history() == ["found by its receipt", "found by its receipt"]
    assert report.amounts.spent == shop.first.amounts.spent


def test_only_what_is_missing_is_fetched(shop):
    shop.lose_ledger()
    (shop.desk.output / "song" / "vocals.wav").unlink()
    assert shop.run().exit is Exit.DONE
    assert shop.api.calls.count("download") == 1


def test_what_was_edited_stays(shop):
    shop.lose_ledger()
    edited = shop.desk.output / "song" / "vocals.wav"
    edited.write_bytes(b"corrected by hand")
    assert shop.run().exit is Exit.DONE
    assert edited.read_bytes() == b"corrected by hand"
    assert "download" not in shop.api.calls


def test_the_result_of_another_purchase_under_the_name_is_no_edit(shop):
    shop.lose_ledger()
    vocals = shop.desk.output / "song" / "vocals.wav"
    vocals.write_bytes((shop.desk.output / "song" / "no_vocals.wav").read_bytes())
    assert shop.run().exit is Exit.DONE
    assert vocals.read_bytes() == b"vocals.wav"


def test_what_a_list_tells_is_not_fetched_again_either(shop):
    shop.lose_ledger()
    token = shop.receipts.read_text().split('"token": "')[1][:36]
    (job,) = shop.api.lists["stems"]
    shop.api.lists["stems"] = [replace(job, tokens=frozenset({Token(token)}))]
    edited = shop.desk.output / "song" / "vocals.wav"
    edited.write_bytes(b"corrected by hand")
    assert shop.run().exit is Exit.DONE
    assert edited.read_bytes() == b"corrected by hand"
    assert "download" not in shop.api.calls
    assert bought(shop) == 0


@pytest.mark.parametrize("answer", [Gone("404"), Gone("410"), CallRefused("403")])
def test_what_the_service_no_longer_shows_is_told_and_not_bought_again(shop, answer):
    shop.lose_ledger()
    shop.lose_results()
    shop.api.lists["stems"].clear()
    shop.api.fail("job", answer)
    shop.api.fail("result_files", *[Gone("404")] * 99)
    report = shop.run()
    assert report.exit is Exit.SOME_FAILED
    assert report.items[0].fate is Fate.LOST
    assert bought(shop) == 0
    (note,) = [note for note in report.notes if "m.yaml.receipts.jsonl" in note]
    assert "song.mp3" in note
    assert "`plan --pay-again`" in note
    shop.run()
    assert bought(shop) == 0


def test_what_is_gone_there_but_here_on_disk_is_saved(shop):
    shop.lose_ledger()
    shop.api.lists["stems"].clear()
    report = shop.run()
    assert report.exit is Exit.DONE
    assert report.items[0].fate is Fate.SAVED
    assert bought(shop) == 0


def test_without_receipts_it_is_bought_again(shop):
    """What receipts are for; with names in the list it would be found there."""
    shop.lose_ledger()
    shop.receipts.unlink()
    shop.run()
    assert bought(shop) == 1


def test_lists_are_asked_first_and_spare_looks_at_single_jobs(shop):
    shop.lose_ledger()
    token = shop.receipts.read_text().split('"token": "')[1][:36]
    shop.api.lists["stems"].clear()
    shop.api.add_job("stems", f"x.{token}.mp3")
    shop.run()
    assert bought(shop) == 0
    assert "found by its receipt" not in shop.history()


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_job_that_failed_is_no_purchase(shop, status):
    shop.lose_ledger()
    shop.api.lists["stems"] = [replace(job, status=status) for job in shop.api.lists["stems"]]
    shop.run()
    assert bought(shop) == 1


def test_a_job_that_carries_the_mark_of_other_content_is_not_taken(shop):
    """A receipt that somebody changed, or one of a simulator that was started anew."""
    shop.lose_ledger()
    shop.api.lists["stems"].clear()
    shop.api._numbers = iter(["1", "50"])
    shop.api.add_job("stems", f"x.ek-{'e' * 16}-{'0' * 16}.mp3")
    shop.run()
    assert bought(shop) == 1


def test_a_receipt_of_another_service_says_nothing(shop):
    shop.lose_ledger()
    text = shop.receipts.read_text()
    shop.receipts.write_text(text.replace('"service": "stems"', '"service": "tts"'))
    shop.run()
    assert bought(shop) == 1


def test_a_number_that_is_none_is_not_asked_for(shop):
    shop.lose_ledger()
    text = shop.receipts.read_text()
    shop.receipts.write_text(text.replace('"job": "1"', '"job": ".."'))
    shop.run()
    assert "job" not in shop.api.calls[: shop.api.calls.index("submit")]


def test_a_service_that_does_not_answer_ends_the_run_before_anything_is_bought(shop):
    shop.lose_ledger()
    shop.api.fail("job", ServiceDown("503"))
    report = shop.run()
    assert report.exit is Exit.SERVICE_DOWN
    assert bought(shop) == 0
    assert shop.run().exit is Exit.DONE
    assert bought(shop) == 0


def test_a_ledger_that_is_older_than_the_receipt_takes_the_job_for_its_own_attempt(shop):
    """A copy from the moment before the answer came."""
    row = shop.desk.ledger.items("m1")[0]
    with shop.desk.ledger.transaction():
        shop.desk.ledger.db.execute("DELETE FROM results")
        shop.desk.ledger.db.execute("UPDATE usage_rows SET attempt_id = NULL")
        shop.desk.ledger.db.execute(
            "UPDATE attempts SET state = 'planned', purse = 'none', hold = 0, charge = NULL, settled = '',"
            " job_id = NULL"
        )
        shop.desk.ledger.db.execute("UPDATE parts SET state = 'planned'")
    report = shop.run()
    assert report.exit is Exit.DONE
    assert bought(shop) == 0
    assert shop.desk.ledger.part(row.part_id)[0] is State.SAVED
    assert report.amounts.spent == shop.first.amounts.spent
