"""Which files count, which of them wins, and that nothing in a file can raise what may be spent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.policy import caps, files
from earmark.policy.reading import limits_for, planned_folder, policy_of
from earmark.policy.values import PolicyFile, Said, merged
from manifests import catalogue
from manifests.errors import UsageError
from manifests.limits import Scope

CATALOGUE = catalogue.load()


def write(folder, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "earmark.toml").write_text(text, encoding="utf-8")


# -- where it is looked for


def test_files_are_found_upwards_as_far_as_the_repository(tmp_path):
    deep = tmp_path / "repo/media/talks"
    for folder in (tmp_path, tmp_path / "repo", deep):
        write(folder, "")
    (tmp_path / "repo/.git").mkdir()
    assert files.found(str(deep), home="") == [
        f"{deep}/earmark.toml",
        f"{tmp_path}/repo/earmark.toml",
    ]


def test_without_a_repository_the_home_folder_is_the_last(tmp_path):
    home = tmp_path / "home/anna"
    write(home / "media", "")
    write(home, "")
    write(tmp_path / "home", "")
    assert files.found(str(home / "media"), home=str(home)) == [
        f"{home}/media/earmark.toml",
        f"{home}/earmark.toml",
    ]
    outside = files.found(str(tmp_path / "home"), home=str(home))
    assert outside[0] == f"{tmp_path}/home/earmark.toml"


def test_a_folder_where_anybody_writes_is_obeyed_only_where_one_works_in_it(tmp_path):
    shared = tmp_path / "shared"
    write(shared, "")
    (shared / "mine").mkdir()
    shared.chmod(0o1777)
    assert str(shared) not in files.folders(str(shared / "mine"), home="")
    assert str(shared) in files.folders(str(shared), home="")


def test_a_plan_obeys_the_folder_that_holds_its_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/c.mp3").touch()
    assert planned_folder(("a/b", "a/c.mp3"), "m.yaml") == str(tmp_path / "a")
    assert planned_folder((), "out/m.yaml") == str(tmp_path / "out")


# -- which of them wins


def test_the_nearest_file_wins_key_by_key_and_every_word_is_kept(tmp_path):
    write(tmp_path, "[plan]\nservices = 'tts'\nprefer = 'newest'\n[caps]\nrun = '5'\n")
    write(tmp_path / "near", "[plan]\nservices = 'stems'\n[caps]\nrun = '9'\nmonth = '3'\n")
    (tmp_path / ".git").mkdir()
    policy = policy_of(str(tmp_path / "near"), CATALOGUE)
    assert policy.value("plan.services") == ("stems:four",)
    assert policy.value("plan.prefer") == "newest"
    assert (policy.value("caps.run"), policy.value("caps.month")) == (500, 300)
    assert [said.line for said in policy.of("caps.run").said] == [5, 4]
    assert policy.of("plan.rules") is None
    assert policy.value("plan.rules") is None


@pytest.mark.parametrize(
    ("near", "kept"), [("[plan]\nrules = 'r.yaml'\n", "plan.rules"), ("[[rules]]\nskip=true\n", "rules")]
)
def test_rules_and_the_name_of_a_file_of_rules_are_one_thing(tmp_path, near, kept):
    far = {"plan.rules": "[[rules]]\nmatch = 'x'\n", "rules": "[plan]\nrules = 'other.yaml'\n"}[kept]
    write(tmp_path, far)
    write(tmp_path / "near", near)
    policy = policy_of(str(tmp_path / "near"), CATALOGUE)
    assert [entry.key for entry in policy.entries() if "rules" in entry.key] == [kept]
    assert (policy.rules is None) == (kept == "plan.rules")


KEYS = st.sampled_from(["caps.run", "caps.month", "caps.service.stems", "thresholds.block"])
FILES = st.lists(st.dictionaries(KEYS, st.integers(0, 500), max_size=4), max_size=4)


@given(FILES)
def test_of_amounts_the_smallest_counts_whichever_file_says_it(said):
    files_ = [
        PolicyFile(f"/{n}", {key: Said(cents, f"/{n}", 1) for key, cents in each.items()})
        for n, each in enumerate(said)
    ]
    policy = merged(files_)
    for key in {key for each in said for key in each}:
        assert policy.value(key) == min(each[key] for each in said if key in each)
        assert len(policy.of(key).said) == sum(key in each for each in said)


# -- a change to a checkout can lower what may be spent, never raise it

ENVIRONMENT = {
    "EARMARK_MAX_SPEND_RUN": "5.00",
    "EARMARK_MAX_SPEND_FILE": "$1",
    "EARMARK_MAX_SPEND_SERVICE": "stems=2, tts=3.50,stems:6stem=1",
    "EARMARK_MAX_SPEND_MONTH": "40",
}
OUTER = {
    (Scope.RUN, ""): 500,
    (Scope.FILE, ""): 100,
    (Scope.SERVICE, "stems"): 200,
    (Scope.SERVICE, "tts"): 350,
    (Scope.SERVICE, "stems:six"): 100,
    (Scope.MONTH, ""): 4000,
}
AMOUNT = st.integers(0, 100_000).map(lambda cents: f'"{cents // 100}.{cents % 100:02d}"')


@given(
    st.dictionaries(st.sampled_from(["run", "file", "month"]), AMOUNT),
    st.dictionaries(st.sampled_from(["stems", "tts", "'stems:six'", "transcription"]), AMOUNT),
)
def test_no_file_raises_a_limit_of_the_environment(tmp_path_factory, sums, services):
    folder = tmp_path_factory.mktemp("repo")
    (folder / ".git").mkdir()
    text = "[caps]\n" + "".join(f"{key} = {value}\n" for key, value in sums.items())
    write(
        folder, text + "[caps.service]\n" + "".join(f"{key} = {value}\n" for key, value in services.items())
    )
    limits = limits_for(str(folder / "m.yaml"), ENVIRONMENT, CATALOGUE)
    found = {limit.about: limit.cents for limit in limits.every}
    assert found.keys() >= OUTER.keys()
    assert all(found[about] <= cents for about, cents in OUTER.items())
    for limit in limits.every:
        if OUTER.get(limit.about) == limit.cents:
            assert limit.origin.startswith("EARMARK_MAX_SPEND_")


def test_the_limit_in_force_tells_who_said_it_and_who_said_more(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "[caps]\nrun = '20'\nmonth = '3'\n")
    limits = limits_for("m.yaml", ENVIRONMENT, CATALOGUE)
    assert limits.of(Scope.RUN).origin == "EARMARK_MAX_SPEND_RUN"
    assert limits.of(Scope.RUN).beside == (("earmark.toml:2", 2000),)
    assert limits.of(Scope.MONTH).origin == "earmark.toml:3"
    assert limits.of(Scope.MONTH).beside == (("EARMARK_MAX_SPEND_MONTH", 4000),)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("EARMARK_MAX_SPEND_RUN", "lots", "'lots' is not an amount"),
        ("EARMARK_MAX_SPEND_FILE", "0.001", "parts of a cent"),
        ("EARMARK_MAX_SPEND_MONTH", "-3", "'-3' is not an amount"),
        ("EARMARK_MAX_SPEND_SERVICE", "3", "'3' says no amount: write stems=5.00,transcription=20"),
        ("EARMARK_MAX_SPEND_SERVICE", "stms=3", "did you mean 'stems'?"),
        ("EARMARK_MAX_SPEND_SERVICE", "stems=x", "'x' is not an amount"),
        ("EARMARK_MAX_SPEND_SERVICE", "stems=1,", "'' says no amount"),
        ("EARMARK_MAX_SPEND_SERVICE", "denoise=1", "paid with the account's credits"),
    ],
)
def test_a_variable_that_is_no_amount_stops_the_command(name, value, told):
    with pytest.raises(UsageError, match=f"^{name}: ") as error:
        list(caps.of_environment({name: value}, CATALOGUE))
    assert told in str(error.value)


def test_empty_variables_say_nothing():
    assert list(caps.of_environment(dict.fromkeys(caps.VARIABLES.values(), " "), CATALOGUE)) == []
