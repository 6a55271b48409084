"""Whatever names a service sends, and whatever links lie there, results stay within their folder."""

import json
import os
from pathlib import Path

import pytest

from manifests import catalogue
from manifests.naming import folded
from runner.api import answers, jobs
from runner.api.address import Base
from runner.api.services import ADAPTERS
from runner.engine.messages import Fetch
from runner.engine.task import Target
from runner.results import NameTaken, fetch, place
from runner.within import check_within

BASE = Base.parse("http://127.0.0.1:1")

NAMES = [
    *("../../outside", "/etc/outside", "..", ".", "", "a/../../outside", "..\\..\\outside", "C:\\outside"),
    *("a\0b", "a\nb", "a\x1b[2Jb", "\u202egnp.exe", "\ud800", "x" * 300, "\u00e9" * 200, "\U0001f600" * 100),
    *(
        "CON",
        "nul.txt",
        "aux",
        "com1",
        "vocals",
        "Vocals",
        "VOCALS",
        "voc\u0061ls ",
        ".hidden",
        "-rf",
        "~root",
    ),
    *("a.", " a ", "%2e%2e%2foutside", "...", "a:b", "a*?b", "<script>", "$(touch x)", "`x`", "a'b\"c"),
]
ENDINGS = [
    "",
    ".wav",
    ".MP3",
    ".tar.gz",
    "." + "x" * 300,
    "/..",
    "%2f..%2fx.wav",
    ".wav?x=../..",
    ".\u202evaw",
    "/",
]


def hostile(name: str, address: str) -> list[answers.Fields]:
    """Jobs that show a name in every place that any service is known to use."""
    row = {"stem": name, "name": name, "label": name, "speaker": name, "id": name, "type": "audio"}
    row |= {"url": address, "download_url": address, "audio_path": address, "path": address}
    places = (
        *("download_urls", "output_urls", "transcript_urls", "stems", "output_url", "audio_url", "video_url"),
        *("video_output_url", "translated_audio_url", "denoised_audio_url", "download_url", "url"),
    )
    stored = {"output_path": name, "video_output_path": name}
    spoken = {"speakers": [row, row], "files": [row, {**row, "type": "rttm"}], "rttm_path": name}
    shapes = ({name: address, f"{name}2": address}, [row, row], address)
    return [{**dict.fromkeys(places, shape), **stored, "result": spoken, **spoken} for shape in shapes]


def shown(service: str, sent: answers.Fields) -> list[str]:
    job = answers.mapping(answers.json_value(json.dumps(sent).encode()))
    wanted = {"formats": ["json", "srt"]}
    return [file.name for file in ADAPTERS[service].results("7", jobs.flat(job), wanted, BASE)]


@pytest.mark.parametrize("service", ADAPTERS)
def test_no_adapter_gives_a_name_that_leads_out_or_clashes(service, tmp_path):
    seen = 0
    for name in NAMES:
        for ending in ENDINGS:
            for job in hostile(name, f"https://media.example/{name}{ending}"):
                found = shown(service, job)
                seen += len(found)
                assert len({folded(each) for each in found}) == len(found)
                for each in found:
                    path = place(tmp_path, service, "talks/ep1", each)
                    assert "/" not in each
                    assert each.isprintable()
                    assert len(os.fsencode(path.name)) <= 255
                    assert path.parent in (tmp_path / "talks", tmp_path / "talks" / "ep1")
    assert seen or catalogue.load().service(service).result == "none"


class Shop:
    """A service that shows what it is told to, and gives a few bytes for each address."""

    def __init__(self, service, job):
        self.files = ADAPTERS[service].results("7", job, {"formats": ["json"]}, BASE)

    def result_files(self, _service, _job_id, _wanted):
        return self.files

    def download(self, _result, into):
        from runner.api.interface import Received

        into.write_bytes(b"sound")
        return Received(into, 5, "0" * 64)


def bring(output: Path, service="stems", base="talks/ep1", name="vocals"):
    job = {"download_urls": {name: "https://media.example/a.wav"}}
    target = Target(item_id=1, file="ep1.mp3", base=base, wanted={})
    action = Fetch(part_id=1, service=service, job_id="7", targets=(target,))
    return fetch(Shop(service, job), action, output)


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_files_on_disk_are_all_within(tmp_path, name):
    bring(tmp_path / "results", name=name)
    assert all(each.startswith("results/talks/ep1/") for each in everything(tmp_path))
    assert len(everything(tmp_path)) == 1


# Links that lie in the results folder.


def test_the_results_folder_itself_may_be_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "results").symlink_to(tmp_path / "disk")
    bring(tmp_path / "results")
    assert everything(tmp_path / "disk") == {"talks/ep1/vocals.wav"}


@pytest.mark.parametrize("link", ["talks", "talks/ep1"])
@pytest.mark.parametrize("target", ["outside", "../outside", "not there"])
def test_a_link_that_leads_out_is_refused_and_told(tmp_path, link, target):
    outside = tmp_path / "outside"
    outside.mkdir()
    place_of_link = tmp_path / "results" / link
    place_of_link.parent.mkdir(parents=True)
    place_of_link.symlink_to(tmp_path / "nowhere" if target == "not there" else outside)
    with pytest.raises(NameTaken, match=r"leads out of the results folder.*--output"):
        bring(tmp_path / "results")
    assert everything(outside) == set()
    assert not (tmp_path / "nowhere").exists()
    assert not list((tmp_path / "results").rglob(".earmark-*"))


def test_a_link_to_elsewhere_in_the_results_folder_is_followed(tmp_path):
    (tmp_path / "results" / "all").mkdir(parents=True)
    (tmp_path / "results" / "talks").symlink_to("all")
    bring(tmp_path / "results")
    assert "all/ep1/vocals.wav" in everything(tmp_path / "results")


def test_a_link_in_a_results_own_place_is_replaced_and_not_followed(tmp_path):
    private = tmp_path / "private"
    private.write_bytes(b"mine")
    folder = tmp_path / "results" / "talks" / "ep1"
    folder.mkdir(parents=True)
    (folder / "vocals.wav").symlink_to(private)
    bring(tmp_path / "results")
    assert private.read_bytes() == b"mine"
    assert not (folder / "vocals.wav").is_symlink()
    assert (folder / "vocals.wav").read_bytes() == b"sound"


def test_a_long_text_is_not_joined_through_a_link(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "results" / "book").symlink_to(tmp_path / "outside")
    with pytest.raises(NameTaken):
        check_within(tmp_path / "results", tmp_path / "results" / "book" / "one.mp3")
