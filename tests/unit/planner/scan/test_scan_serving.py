"""What runs in a reader process, run here."""

import io
import os

from planner import pooled
from planner.leftout import Reason, Unreadable
from planner.pooled import Same, Task, Whole
from planner.seen import Fault, fault_of
from planner.survey import digest, survey


def job(path, kind=Task, **known):
    return kind(os.fsencode(path), **known)


def test_chunks_of_jobs_are_answered_one_after_the_other(media):
    chunks = [[job(media / "a.opus")], [], [job(media / "empty.mp3"), job(media / "notes.txt")]]
    asked = io.BytesIO(b"".join(pooled.framed(pooled.encode(chunk)) for chunk in chunks))
    told = io.BytesIO()
    pooled.serve(asked, told)
    frames = [pooled.framed(pooled.encode([pooled.done(each) for each in chunk])) for chunk in chunks]
    assert told.getvalue() == b"".join(frames)


def test_a_reader_whose_plan_was_killed_looks_at_no_further_file(media, monkeypatch):
    parents = iter([7, 7, 1])
    done, seen = pooled.done, []
    monkeypatch.setattr(pooled.os, "getppid", lambda: next(parents))
    monkeypatch.setattr(pooled, "done", lambda one: seen.append(one) or done(one))
    jobs = [job(media / name) for name in ("a.opus", "empty.mp3", "notes.txt")]
    told = io.BytesIO()
    pooled.serve(io.BytesIO(pooled.framed(pooled.encode(jobs))), told)
    assert (seen, told.getvalue()) == (jobs[:1], b"")


def test_a_file_with_the_same_print_is_not_looked_into_again(media):
    seen = survey(str(media / "a.opus"))
    os.utime(media / "a.opus", (5, 5))
    changed_ns = (media / "a.opus").stat().st_ctime_ns
    same = Same(5_000_000_000, changed_ns)
    assert pooled.done(job(media / "a.opus", size=seen.size, print=seen.print)) == same
    other = pooled.done(job(media / "a.opus", size=seen.size, print="0" * 12))
    assert other.print == seen.print
    gone = pooled.done(job(media / "gone.opus", size=seen.size, print=seen.print))
    assert gone == Fault(Reason.VANISHED, "no longer there")


def test_what_stays_wrong_with_a_file_is_told_with_its_times(media):
    status = (media / "empty.mp3").stat()
    assert pooled.done(job(media / "empty.mp3")) == Fault(
        Reason.EMPTY, "empty (0 bytes)", 0, status.st_mtime_ns, status.st_ctime_ns
    )


def test_digests_are_those_of_the_sound(media):
    seen = survey(str(media / "a.opus"))
    assert pooled.done(job(media / "a.opus", Whole, size=seen.size)) == digest(seen)
    changed = pooled.done(job(media / "a.opus", Whole, size=seen.size + 1))
    assert changed == Fault(Reason.TRUNCATED, "changed while it was looked at; plan again")


def test_a_name_that_is_no_text_is_read_all_the_same(media):
    odd = (media / "a.opus").rename(media / os.fsdecode(b"\xff.opus"))
    assert pooled.done(job(odd)).size == odd.stat().st_size


def test_what_a_busy_machine_may_have_caused_does_not_stay_with_a_file(media):
    error = Unreadable(Reason.DAMAGED, "a.mp3", "took longer")
    assert fault_of(error, 5, 7) == Fault(Reason.DAMAGED, "took longer", 5, 7)
    assert fault_of(error.for_now(), 5, 7) == Fault(Reason.DAMAGED, "took longer")
