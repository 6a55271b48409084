"""What `earmark.toml` may say, and what is told of everything else: file, line, and the nearest word."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.policy import text
from earmark.policy.values import merged
from manifests import catalogue
from manifests.errors import UsageError
from planner.rules_text import rules_in

WHOLE = """\
[plan]
services = ["transcription", "stems:6stem"]
formats = ["srt", "txt"]
include = "*.mp3"
exclude = ["drafts", "*.tmp.*"]
apply = "all"
prefer = "newest"
output = "plans/audio.yaml"

[plan.set.transcription]
language = "en"
min_speakers = 2
enable_speaker_diarization = true

[plan.set."stems:single"]
stem = "vocals"

[caps]
run = "20.00"
file = 1
month = "$1,000"
service = {stems = "5", "stems:6stem" = "4.5"}

[thresholds]
warn = "10"
block = "50"

[[rules]]
match = ["talks/**", "*.flac"]
service = "transcription"

[[rules]]
match = "*draft*"
skip = true
"""


@pytest.fixture
def read(tmp_path):
    """Read a text as the file of a project; its values by key."""
    path = tmp_path / "earmark.toml"

    def reading(written, encoding="utf-8"):
        path.write_bytes(written if isinstance(written, bytes) else written.encode(encoding))
        return text.read(str(path), catalogue.load())

    return reading


def test_every_key_is_read_with_its_line(read, tmp_path):
    said = read(WHOLE).said
    rules = said.pop("rules")
    assert {key: each.value for key, each in said.items()} == {
        "plan.services": ("transcription", "stems:six"),
        "plan.formats": "srt,txt",
        "plan.include": ("*.mp3",),
        "plan.exclude": ("drafts", "*.tmp.*"),
        "plan.prefer": "newest",
        "plan.output": str(tmp_path / "plans/audio.yaml"),
        "plan.set.transcription.language": "en",
        "plan.set.transcription.min_speakers": "2",
        "plan.set.transcription.enable_speaker_diarization": "true",
        "plan.set.stems:single.stem": "vocals",
        "caps.run": 2000,
        "caps.file": 100,
        "caps.month": 100_000,
        "caps.service.stems": 500,
        "caps.service.stems:six": 450,
        "thresholds.warn": 1000,
        "thresholds.block": 5000,
    }
    lines = WHOLE.splitlines()
    for key, each in said.items():
        assert key.rpartition(".")[2].partition(":")[0] in lines[each.line - 1]
    assert (rules.line, rules.value["apply"], len(rules.value["rules"])) == (28, "all", 2)


@pytest.mark.parametrize(
    "written", ["", "# nothing yet\n", "[plan]\n[caps]\n", b"\xef\xbb\xbf[caps]\nrun='1'\n"]
)
def test_a_file_may_say_little(read, written):
    assert len(read(written).said) == (b"run" in written if isinstance(written, bytes) else 0)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        # Not TOML, or not a text.
        ("[plan\n", ":1: not TOML: "),
        ("[plan]\nprefer = newest\n", ":2: not TOML: invalid value"),
        ("[plan]\n\n[plan]\n", ":3: not TOML: cannot declare ('plan',) twice"),
        ("[plan]\nprefer = ", ":2: not TOML: invalid value"),
        ("a = " + "[" * 5000, ":1: not TOML: lists are nested too deeply"),
        ("[plan]\nprefer = '\u00e4'\n".encode("latin-1"), ":2: the line is not UTF-8: save the file"),
        ("#" * (256 * 1024 + 1), ": it is larger than 256 KiB: this is no earmark.toml"),
        # Unknown words, with the nearest.
        ("[plans]\n", ":1: earmark.toml has no `plans`; did you mean 'plan'?"),
        ("services = 'tts'\n", ":1: earmark.toml has no `services`; write it below [plan]"),
        ("month = '10'\n", ":1: earmark.toml has no `month`; write it below [caps]"),
        ("[plan]\n\nservice = 'tts'\n", ":3: [plan] has no `service`; did you mean 'services'?"),
        ("[caps]\nmonths = '1'\n", ":2: [caps] has no `months`; did you mean 'month'?"),
        ("[caps]\nq = '1'\n", ":2: [caps] has no `q`; it has run, file, month, service"),
        ("[thresholds]\nwarning = '1'\n", ":2: [thresholds] has no `warning`; did you mean 'warn'?"),
        # Nothing that a change to a checkout must not decide.
        ("[plan]\nkey = 'x'\n", ":2: [plan] has no `key`: a key never stands in a file of a project"),
        ("API_KEY = 'x'\n", ":1: earmark.toml has no `API_KEY`: a key never stands in a file"),
        ("[plan]\nbase-url = 'http://x'\n", ": a file that comes with a checkout does not say"),
        ("ledger = '/tmp/x'\n", ": the ledger's place is this machine's: set EARMARK_LEDGER"),
        ("[plan]\non_end = 'rm'\n", ": a file that comes with a checkout starts no programs"),
        ("[hooks]\nafter = 'rm'\n", ": a file that comes with a checkout starts no programs"),
        # Amounts.
        ("[caps]\nrun = 20.0\n", ':2: `run`: amounts stand in quotes, so that no cent is lost: write "20.00'),
        ("[caps]\nrun = '0.005'\n", ":2: `run`: '0.005' has parts of a cent"),
        ("[caps]\nfile = -1\n", ":2: `file`: '-1' is not an amount"),
        ("[caps]\nmonth = true\n", ":2: `month`: an amount in dollars is a text"),
        ("[caps]\nmonth = ['1']\n", ":2: `month`: an amount in dollars is a text"),
        ("[thresholds]\nblock = 'much'\n", ":2: `block`: 'much' is not an amount"),
        ("[caps]\nservice = '3'\n", ":2: `service` is a table: write [caps.service] above its keys"),
        ("[caps.service]\nstms = '3'\n", ":2: no service 'stms'; did you mean 'stems'?"),
        ("[caps.service]\n'stems:sx' = '3'\n", ":2: stems has no variant 'sx'"),
        ("[caps.service]\ndenoise = '3'\n", ":2: denoise is paid with the account's credits"),
        ("[caps.service]\n'stems:six' = '1'\n'stems:6stem' = '900'\n", ":3: `stems:6stem` means what line"),
        ("[caps.service]\nstems = 3.5\n", ":2: `stems`: amounts stand in quotes"),
        # What to buy.
        ("plan = 3\n", ":1: `plan` is a table: write [plan] above its keys"),
        ("[plan]\nservices = []\n", ":2: `services`: it is a text, or a list of texts"),
        ("[plan]\nservices = ['tts', 3]\n", ":2: `services`: it is a text, or a list of texts"),
        ("[plan]\nservices = 'transcrption'\n", ":2: `services`: no service 'transcrption'; did you mean"),
        ("[plan]\nformats = ['str']\n", ":2: `formats`: transcription.formats"),
        ("[plan]\ninclude = '{a,b}'\n", ":2: `include`: '{a,b}': braces are not read"),
        ("[plan]\nexclude = ['ok', '../x']\n", ":2: `exclude`: '../x': patterns are relative to the root"),
        ("[plan]\nprefer = 'dearest'\n", ":2: `prefer`: 'dearest' is no order"),
        ("[plan]\napply = 'some'\n", ":2: `apply`: it is first"),
        ("[plan]\nset = 3\n", ":2: `set` is a table: write [plan.set] above its keys"),
        ("[plan.set]\n'transcription.language' = 'en'\n", ":2: no service 'transcription.language'"),
        ("[plan.set]\ntranscription = 'en'\n", ":2: `transcription` is a table: write [plan.set"),
        ("[plan.set.transcription]\nlang = 'en'\n", ":2: `lang`: transcription has no option 'lang'"),
        ("[plan.set.transcription]\nmin_speakers = 99\n", ":2: `min_speakers`: transcription.min_speakers"),
        ("[plan.set.transcription]\nlanguage = {}\n", ":2: `language`: it has no value"),
        ("[plan.set.music]\nprompt = 'x'\n", ":2: `prompt`: it comes from the file itself"),
        # Paths stay inside.
        ("[plan]\noutput = '/etc/x.yaml'\n", ":2: `output`: it is a path below the folder of this file"),
        ("[plan]\noutput = 'a/../../x.yaml'\n", ":2: `output`: it is a path below the folder of this file"),
        ("[plan]\nrules = '~/rules.yaml'\n", ":2: `rules`: it is a path below the folder of this file"),
        ("[plan]\nrules = ['a', 'b']\n", ":2: `rules`: it is a path below the folder of this file"),
        # Rules.
        ("rules = 3\n", ":1: rules stand under [[rules]], each with `match` and `service`"),
        ("[rules]\nmatch = 'x'\n", ":1: rules stand under [[rules]]"),
        ("[plan]\nrules = 'r.yaml'\n[[rules]]\nmatch = 'x'\n", ":2: `rules` names a file, and"),
        ("[plan]\nrules = 'r.yaml'\napply = 'all'\n", ":3: `apply` goes with [[rules]]"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_and_line(read, tmp_path, monkeypatch, written, told):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as error:
        read(written)
    assert str(error.value).startswith("earmark.toml:")
    assert told in str(error.value)
    assert error.value.exit_code == 2


def test_all_faults_of_a_file_are_told_in_order_up_to_five(read):
    with pytest.raises(UsageError) as error:
        read("[caps]\nx = 1\n[plan]\nq = 1\n" + "".join(f"k{n} = 1\n" for n in range(6)))
    places = [part.split(":")[1] for part in str(error.value).split("; ") if "earmark.toml:" in part]
    assert places == ["2", "4", "5", "6", "7"]
    assert str(error.value).endswith("; and 3 more")


def test_a_value_that_may_be_a_secret_is_never_repeated(read):
    with pytest.raises(UsageError) as error:
        read("[plan]\nkey = 'ap_secret'\ntoken = 'ap_other'\n")
    assert "ap_" not in str(error.value)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (os.mkdir, "it is no plain file"),
        (os.mkfifo, "it is no plain file"),
        (lambda at: Path(at).symlink_to("gone"), "No such file"),
    ],
)
def test_a_file_that_cannot_be_read_stops_the_command(tmp_path, make, told):
    path = str(tmp_path / "earmark.toml")
    make(path)
    with pytest.raises(
        UsageError, match=f"{told}.*what it asks for is not known, so nothing is done without"
    ):
        text.read(path, catalogue.load())


def test_a_link_that_leads_out_is_no_place_for_a_manifest(read, tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "out").symlink_to(tmp_path)
    path = inner / "earmark.toml"
    path.write_text("[plan]\noutput = 'out/m.yaml'\n")
    with pytest.raises(UsageError, match="behind a link that leads out of the folder"):
        text.read(str(path), catalogue.load())
    path.write_text("[plan]\noutput = 'in.yaml'\n")
    assert text.read(str(path), catalogue.load()).said["plan.output"].value == str(inner / "in.yaml")


KNOWN = [
    *(("plan", key) for key in text.TABLES["plan"]),
    *(("caps", key) for key in text.TABLES["caps"]),
    *(("thresholds", key) for key in text.TABLES["thresholds"]),
    ("plan", "set", "transcription"),
    ("plan", "set", "tts", "voice"),
    ("plan", "set", "dubbing", "target_language"),
    ("caps", "service", "stems"),
    ("rules",),
    ("plan",),
    ("x",),
]
WORDS = st.sampled_from(
    ["", "en", "stems:six", "transcription", "tts", "20.00", "**", "a/../b", "all", "[", "\0", "ü"]
)
SCALARS = WORDS | st.booleans() | st.integers(-3, 10**30) | st.floats() | st.dates() | st.text(max_size=3)
RULE = st.sampled_from(["match", "service", "options", "result", "skip"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | RULE, inner, max_size=3),
    max_leaves=6,
)


def as_toml(value):
    match value:
        case bool():
            return str(value).lower()
        case str():
            return '"' + "".join(f"\\U{ord(each):08x}" for each in value) + '"'
        case list():
            return "[" + ", ".join(map(as_toml, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{as_toml(key)} = {as_toml(each)}" for key, each in value.items()) + "}"
        case float() | int():
            return repr(value)
        case _:
            return value.isoformat()


def fault_of(path):
    """What is wrong with a file, or with the rules that stand in it; empty where nothing is."""
    try:
        policy = merged([text.read(str(path), catalogue.load())])
        if policy.rules is not None:
            rules_in(policy.rules[1], policy.rules[0], catalogue.load())
    except UsageError as error:
        return str(error)
    assert all(said.line == 2 for entry in policy.entries() for said in entry.said)
    assert all(limit.cents >= 0 for limit in policy.limits())
    return ""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of its own: what lies above other tests' folders would count for them."""
    return tmp_path_factory.mktemp("policy")


@given(st.sampled_from(KNOWN), VALUES)
def test_whatever_stands_there_is_read_or_refused_with_its_line(folder, key, value):
    path = folder / "earmark.toml"
    path.write_text(f"\n{'.'.join(key)} = {as_toml(value)}\n", encoding="utf-8")
    fault = fault_of(path)
    assert not fault or ":2: " in fault
