from dataclasses import dataclass

from manifests.keys import content_key
from planner import offered, plan
from planner.inputs import Passage
from planner.leftout import LeftOut, Reason, Unreadable
from planner.plan import identify, scan, suspects
from planner.pricing import Standing
from planner.roots import Root
from planner.scanner import Plain
from support.plans import price

ROOT = Root("/media")
SOUND, OTHER = "aa" * 32, "bb" * 32


@dataclass(frozen=True)
class Entry:
    path: str


def nothing_paid(_keys):
    return set()


def key(choice, sha256=SOUND, generation=0):
    return content_key(sha256, choice.product.name, choice.submitted, generation)


def standings(result):
    return [each.standing for each in result.lines]


def test_scan_passes_on_what_the_walk_left_out_and_turns_errors_into_reasons(recording):
    hidden = LeftOut("/media/.x", Reason.HIDDEN)

    def survey(path):
        if path == "/media/bad.mp3":
            raise Unreadable(Reason.DAMAGED, path, "no frames")
        return recording(path)

    found = [Entry("/media/a.mp3"), hidden, Entry("/media/bad.mp3"), Entry("/media/z.mp3")]
    seen = list(scan(found, None, Plain(survey, None)))
    assert [seen[0].path, seen[3].path] == ["/media/a.mp3", "/media/z.mp3"]
    assert seen[1] is hidden
    assert seen[2] == LeftOut("/media/bad.mp3", Reason.DAMAGED, "no frames")


def test_scan_looks_at_one_file_at_a_time(recording):
    looked = []

    def survey(path):
        looked.append(path)
        return recording(path)

    steps = scan([Entry("/media/a.mp3"), Entry("/media/b.mp3")], None, Plain(survey, None))
    next(steps)
    assert looked == ["/media/a.mp3"]


def test_only_sound_of_a_known_size_or_of_the_same_size_is_suspect(recording):
    recordings = [recording(size=size) for size in (10, 20, 30, 20, 40)]
    assert suspects(recordings, {40}) == [1, 3, 4]
    assert suspects(recordings, set()) == [1, 3]
    assert suspects([], {40}) == []


def test_identify_gives_digests_and_tells_what_vanished(recording):
    def digest(one):
        if one.path.endswith("gone.mp3"):
            raise Unreadable(Reason.VANISHED, one.path, "no longer there")
        return SOUND

    recordings = [recording("a.mp3"), recording("gone.mp3"), recording("c.mp3")]
    assert list(identify(recordings, [1, 2], Plain(None, digest))) == [
        (1, LeftOut("/media/gone.mp3", Reason.VANISHED, "no longer there")),
        (2, SOUND),
    ]


def test_every_file_meets_every_product_in_order(recording, chosen):
    result = price(
        [recording("a.mp3"), recording("b.mp3")], {}, chosen("transcription", "stems:six"), ROOT, nothing_paid
    )
    assert [(each.item.file, each.item.service) for each in result.lines] == [
        ("a.mp3", "transcription"),
        ("a.mp3", "stems:six"),
        ("b.mp3", "transcription"),
        ("b.mp3", "stems:six"),
    ]


def test_a_film_is_refused_by_one_product_and_taken_by_the_other(recording, chosen):
    film = recording("film.mp4", video=True)
    result = price([film], {}, chosen("transcription", "stems:six"), ROOT, nothing_paid)
    assert [each.item.service for each in result.lines] == ["transcription"]
    assert [each.product for each in result.refused] == ["stems:six"]


def test_what_was_bought_before_is_free(recording, chosen):
    choices = chosen("transcription", "stems:six")
    bought = {key(choices[0])}
    result = price([recording()], {0: SOUND}, choices, ROOT, bought.intersection)
    assert standings(result) == [Standing.PAID_BEFORE, Standing.TO_PAY]


def test_other_submit_options_are_another_purchase(recording, chosen):
    (plain,) = chosen()
    other = chosen(settings=("language=en",))
    result = price([recording()], {0: SOUND}, other, ROOT, {key(plain)}.intersection)
    assert standings(result) == [Standing.TO_PAY]


def test_other_formats_are_the_same_purchase(recording, chosen):
    (plain,) = chosen()
    other = chosen(settings=("formats=vtt",))
    result = price([recording()], {0: SOUND}, other, ROOT, {key(plain)}.intersection)
    assert standings(result) == [Standing.PAID_BEFORE]


def test_the_same_audio_is_paid_once_a_product(recording, chosen):
    recordings = [recording("a.mp3"), recording("copy.mp3"), recording("b.mp3")]
    digests = {0: SOUND, 1: SOUND, 2: OTHER}
    result = price(recordings, digests, chosen("transcription", "stems:six"), ROOT, nothing_paid)
    assert standings(result) == [
        *[Standing.TO_PAY] * 2,
        *[Standing.SAME_AUDIO] * 2,
        *[Standing.TO_PAY] * 2,
    ]
    assert [each.payer for each in result.lines[2:4]] == [0, 1]
    assert result.lines[2].item.note == "same audio as a.mp3"


def test_copies_of_what_was_bought_before_are_all_paid_before(recording, chosen):
    choices = chosen()
    recordings = [recording("a.mp3"), recording("copy.mp3")]
    result = price(recordings, {0: SOUND, 1: SOUND}, choices, ROOT, {key(choices[0])}.intersection)
    assert standings(result) == [Standing.PAID_BEFORE] * 2


def test_a_file_without_a_digest_was_never_bought(recording, chosen):
    asked = []

    def paid(keys):
        asked.append(list(keys))
        return set(keys)

    result = price([recording()], {}, chosen(), ROOT, paid)
    assert standings(result) == [Standing.TO_PAY]
    assert asked == []


def test_digests_go_into_the_lines(recording, chosen):
    result = price([recording("a.mp3"), recording("b.mp3")], {1: SOUND}, chosen(), ROOT, nothing_paid)
    assert [each.item.sha256 for each in result.lines] == [None, SOUND]


def test_paying_again_takes_the_first_generation_that_was_not_bought(recording, chosen):
    choices = chosen()
    bought = {key(choices[0], generation=number) for number in (0, 1)}
    recordings = [recording("a.mp3"), recording("copy.mp3"), recording("new.mp3"), recording("odd.mp3")]
    digests = {0: SOUND, 1: SOUND, 2: OTHER}
    result = price(recordings, digests, choices, ROOT, bought.intersection, pay_again=True)
    assert [each.item.generation for each in result.lines] == [2, 2, 0, 0]
    assert standings(result) == [Standing.TO_PAY, Standing.SAME_AUDIO, Standing.TO_PAY, Standing.TO_PAY]


def test_it_makes_no_difference_how_many_files_are_priced_together(recording, chosen, monkeypatch):
    passages = [
        Passage(
            "/media/book.txt", 9, 0, "0" * 12, f"{n:064x}", 1480, 0, 0, 0, "", "Once", f"{n}/3", (n, n + 1)
        )
        for n in (1, 2, 3)
    ]
    names = ["a.mp3", "b/ü.mp3", "b/c.mp3", "film.mp4", "z/\udce9.mp3", "twin.mp3"]
    sounds = [recording(name, video=name == "film.mp4") for name in names]
    inputs = [*sounds[:3], *passages, *sounds[3:]]
    choices = chosen("transcription", "stems:six", "tts", settings=("tts.voice=anna",))
    digests = {0: SOUND, 8: SOUND}
    whole = price(inputs, digests, choices, ROOT, nothing_paid)
    assert [each.item.path for each in whole.lines if each.standing is Standing.SAME_AUDIO] == [
        "twin.mp3"
    ] * 2
    for size in (1, 2, 4):
        monkeypatch.setattr(offered, "BATCH", size)
        assert price(inputs, digests, choices, ROOT, nothing_paid) == whole
        batches = list(plan.price(inputs, digests, choices, ROOT, nothing_paid).batches())
        assert len(batches) > 1
        paths = [{line.input.path for line in batch.lines} for batch in batches]
        assert sum(map(len, paths)) == len(set().union(*paths)), "all lines of a file are in one batch"


def test_nothing_is_priced_where_there_is_nothing(chosen):
    assert price([], {}, chosen(), ROOT, nothing_paid).lines == ()
