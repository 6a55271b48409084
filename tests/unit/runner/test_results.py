"""Results: whole or not at all, inside their folder, downloaded once and copied to all who want them."""

import hashlib
import resource
from pathlib import Path

import pytest

from manifests.errors import MachineError
from runner.api.errors import BadDownload, CallRefused, Gone, LinkExpired
from runner.engine.messages import Fetch
from runner.engine.task import Target
from runner.results import NameTaken, NothingToFetch, check_writable, fetch, place, sync_folder
from support.fake_api import FakeApi


def target(item_id=1, base="a", formats=("json", "txt"), have=()):
    return Target(item_id, f"{base}.mp3", base, {"formats": list(formats)}, frozenset(have))


def wish(*targets, service="transcription"):
    return Fetch(1, service, "7", targets or (target(),))


def stems(item_id=1, base="song", have=()):
    return Target(item_id, f"{base}.wav", base, {}, frozenset(have))


def tree(folder):
    """All files under a folder, hidden ones, too."""
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())


@pytest.fixture
def api():
    return FakeApi()


@pytest.fixture
def output(tmp_path):
    return tmp_path / "results"


# -- what is brought


def test_each_wanted_format_is_one_file_beside_the_others(api, output):
    rows = fetch(api, wish(target(base="talks/ep1")), output)
    assert tree(output) == ["talks/ep1.json", "talks/ep1.txt"]
    assert [(row.item_id, row.name, row.path) for row in rows] == [
        (1, "json", str(output / "talks/ep1.json")),
        (1, "txt", str(output / "talks/ep1.txt")),
    ]


def test_a_row_has_the_size_and_the_digest_of_what_is_on_disk(api, output):
    api.content = {"json": b"{}", "txt": b"words"}
    for row in fetch(api, wish(), output):
        data = Path(row.path).read_bytes()
        assert (row.size, row.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_stems_are_files_in_a_folder_of_their_own(api, output):
    fetch(api, wish(stems(), service="stems"), output)
    assert tree(output) == ["song/no_vocals.wav", "song/vocals.wav"]


def test_what_is_on_disk_already_is_not_downloaded_again(api, output):
    rows = fetch(api, wish(target(have=["json"])), output)
    assert [row.name for row in rows] == ["txt"]
    assert api.calls.count("download") == 1
    assert fetch(api, wish(stems(have=["vocals.wav"]), service="stems"), output)[0].name == "no_vocals.wav"


def test_formats_that_nobody_wants_are_left_at_the_service(api, output):
    api.results = ("json", "txt", "srt", "pdf")
    fetch(api, wish(), output)
    assert tree(output) == ["a.json", "a.txt"]


def test_a_service_without_formats_gives_all_it_has(api, output):
    api.results = ("json", "srt")
    fetch(api, wish(Target(1, "a.mp3", "a", {})), output)
    assert tree(output) == ["a.json", "a.srt"]


def test_each_file_is_downloaded_once_and_copied_to_everyone_who_wants_it(api, output):
    api.content = {"txt": b"the same words"}
    targets = (target(1, "a"), target(2, "deep/b"), target(3, "c", formats=["txt"]))
    rows = fetch(api, wish(*targets), output)
    assert tree(output) == ["a.json", "a.txt", "c.txt", "deep/b.json", "deep/b.txt"]
    assert api.calls.count("download") == 2
    texts = [row for row in rows if row.name == "txt"]
    assert [row.item_id for row in texts] == [1, 2, 3]
    assert len({(row.size, row.sha256) for row in texts}) == 1
    assert all(Path(row.path).read_bytes() == b"the same words" for row in texts)


def test_a_copy_is_a_file_of_its_own(api, output):
    fetch(api, wish(target(1, "a"), target(2, "b")), output)
    (output / "a.txt").write_text("edited by hand")
    assert (output / "b.txt").read_text() == "txt"


def test_a_finished_job_without_any_result_is_said(api, output):
    api.results = ()
    with pytest.raises(NothingToFetch, match="job 7 is finished but has no result address"):
        fetch(api, wish(), output)


# -- whole or not at all


def test_a_file_in_the_way_is_replaced_as_a_whole(api, output):
    output.mkdir()
    (output / "a.txt").write_text("of an earlier run, and longer")
    fetch(api, wish(), output)
    assert (output / "a.txt").read_text() == "txt"
    assert tree(output) == ["a.json", "a.txt"]


@pytest.mark.parametrize(
    "error", [BadDownload("cut"), Gone("410"), RuntimeError("a bug"), KeyboardInterrupt()]
)
def test_a_download_that_fails_leaves_what_was_there_and_nothing_else(api, output, error):
    output.mkdir()
    (output / "a.json").write_text("of an earlier run")
    api.fail("download halfway", error)
    with pytest.raises(type(error)):
        fetch(api, wish(target(formats=["json"])), output)
    assert tree(output) == ["a.json"]
    assert (output / "a.json").read_text() == "of an earlier run"


def test_files_before_a_failure_stay(api, output):
    def cut_the_second(name):
        if name == "download halfway" and name in api.calls:
            api.fail(name, BadDownload("cut"))

    api.on_call = cut_the_second
    with pytest.raises(BadDownload):
        fetch(api, wish(), output)
    assert tree(output) == ["a.json"]


@pytest.mark.parametrize("number", [1, 2], ids=["of the download", "of a copy"])
def test_a_folder_in_the_way_of_a_file_is_this_machine_s_matter_and_leaves_nothing(api, output, number):
    names = {1: "first", 2: "second"}
    (output / f"{names[number]}.json" / "mine").mkdir(parents=True)
    with pytest.raises(MachineError, match=rf"{names[number]}\.json cannot be written.*--output"):
        fetch(api, wish(target(1, "first"), target(2, "second")), output)
    assert not list(output.rglob("*.part"))


@pytest.mark.parametrize("number", [1, 2], ids=["of the download", "of a copy"])
def test_a_file_in_the_way_of_a_folder_is_this_machine_s_matter(api, output, number):
    names = {1: "first", 2: "second"}
    output.mkdir()
    (output / f"{names[number]}").write_text("in the way")
    with pytest.raises(MachineError, match="cannot be written"):
        fetch(api, wish(target(1, "first/a"), target(2, "second/a")), output)
    assert (output / names[number]).read_text() == "in the way"
    assert not list(output.rglob("*.part"))


def test_a_copy_that_does_not_fit_on_the_disk_leaves_nothing_of_itself(api, output):
    api.content = {"json": b"x" * 5000}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill_the_disk(name):
        if name == "download halfway":  # the first file is there; from now on nothing of its size fits
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))

    api.on_call = fill_the_disk
    try:
        with pytest.raises(MachineError, match=r"b\.json cannot be written: File too large; nothing is lost"):
            fetch(api, wish(target(1, "a"), target(2, "b")), output)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert tree(output) == ["a.json"]


# -- inside its folder


@pytest.mark.parametrize(
    ("service", "base", "name"),
    [
        ("stems", "song", "../../vocals.wav"),
        ("stems", "../song", "vocals.wav"),
        ("transcription", "../ep1", "json"),
        ("transcription", "/etc/ep1", "json"),
        ("transcription", "a/../../ep1", "json"),
        ("transcription", "ep1", "/../../json"),
    ],
)
def test_a_name_that_leads_out_is_refused(output, service, base, name):
    with pytest.raises(BadDownload, match="leads out"):
        place(output, service, base, name)


def test_a_result_that_would_land_outside_is_not_downloaded(api, output):
    api.results = ("../../elsewhere.wav",)
    with pytest.raises(BadDownload, match="leads out"):
        fetch(api, wish(stems(), service="stems"), output)
    assert "download" not in api.calls
    assert not (output.parent / "elsewhere.wav").exists()


def test_places_follow_the_shape_of_the_service(output):
    assert place(output, "transcription", "talks/ep1", "srt") == output / "talks/ep1.srt"
    assert place(output, "stems", "songs/x", "vocals.wav") == output / "songs/x/vocals.wav"
    assert place(Path("results"), "transcription", "a..b", "srt") == Path("results/a..b.srt")


# -- before anything is bought


def test_a_folder_that_can_be_written_is_made_and_left_clean(output):
    check_writable(output / "deep")
    check_writable(output / "deep")
    assert list((output / "deep").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said_with_the_way_out(tmp_path):
    (tmp_path / "results").write_text("in the way")
    with pytest.raises(
        MachineError, match=r"nothing is lost: make room or name another folder with --output"
    ):
        check_writable(tmp_path / "results")


def test_a_folder_that_vanished_cannot_be_synced(tmp_path):
    sync_folder(tmp_path)
    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "gone")


def test_a_file_that_does_not_come_keeps_no_other_from_coming(api, output):
    kept = []
    api.fail("download", LinkExpired("403"))
    with pytest.raises(LinkExpired, match="403"):
        fetch(api, wish(), output, kept)
    assert tree(output) == ["a.txt"]
    assert [row.name for row in kept] == ["txt"]


@pytest.mark.parametrize("error", [CallRefused("400", 400), Gone("past its time (410)")])
def test_a_file_that_never_comes_keeps_no_other_from_coming(api, output, error):
    kept, refused = [], {}
    api.fail("download", error)
    with pytest.raises(type(error)):
        fetch(api, wish(), output, kept, refused)
    assert tree(output) == ["a.txt"]
    assert [row.name for row in kept] == ["txt"]
    assert refused == ({"json": "400"} if isinstance(error, CallRefused) else {})


def test_a_taken_name_keeps_no_other_file_of_the_job_from_coming(api, output):
    kept = []
    (output / "a.json").mkdir(parents=True)
    with pytest.raises(NameTaken, match=r"a\.json cannot be written"):
        fetch(api, wish(), output, kept)
    assert tree(output) == ["a.txt"]
    assert [row.name for row in kept] == ["txt"]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (CallRefused("400", 400), LinkExpired("403"), LinkExpired),
        (Gone("past its time (410)"), BadDownload("cut"), BadDownload),
        (Gone("past its time (410)"), CallRefused("400", 400), CallRefused),
    ],
)
def test_of_several_troubles_the_one_that_another_try_may_mend_is_told(api, output, first, second, told):
    api.fail("download", first, second)
    with pytest.raises(told):
        fetch(api, wish(), output)


def test_a_job_that_is_not_found_just_now_is_not_taken_for_gone(api, output):
    api.fail("result_files", Gone("/jobs/7: no longer there (404: not_found)"))
    with pytest.raises(NothingToFetch, match="404"):
        fetch(api, wish(), output)
    api.fail("result_files", Gone("/jobs/7: no longer there (410: expired)"))
    with pytest.raises(Gone, match="410"):
        fetch(api, wish(), output)
