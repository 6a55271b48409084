import pytest

from planner.roots import Root, root_of


@pytest.fixture
def media(tmp_path):
    for name in ("podcasts/s01", "songs"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "podcasts/s01/ep1.mp3").touch()
    return tmp_path


def test_a_folder_is_its_own_root(media):
    assert root_of([str(media / "podcasts")]).folder == str(media / "podcasts")


def test_a_files_root_is_its_folder(media):
    assert root_of([str(media / "podcasts/s01/ep1.mp3")]).folder == str(media / "podcasts/s01")


def test_several_paths_share_the_deepest_folder_that_holds_them(media):
    assert root_of([str(media / "podcasts/s01/ep1.mp3"), str(media / "songs")]).folder == str(media)


def test_paths_below_the_root_lose_it_and_others_stay_whole():
    root = Root("/media")
    assert root.relative("/media/talks/ep1.mp3") == "talks/ep1.mp3"
    assert root.relative("/media2/ep1.mp3") == "/media2/ep1.mp3"


def test_the_disks_own_root_works_too():
    assert Root("/").relative("/a/b.mp3") == "a/b.mp3"


def test_the_root_itself_has_a_name_too():
    assert Root("/media").relative("/media/") == "."


def test_relative_paths_count_from_the_current_folder(media, monkeypatch):
    monkeypatch.chdir(media / "podcasts")
    assert root_of(["."]).relative("./s01/ep1.mp3") == "s01/ep1.mp3"


def test_a_root_below_the_manifest_moves_with_it(media):
    root = Root(str(media / "podcasts"))
    assert root.beside(str(media / "manifest.yaml")) == "podcasts"
    assert root.beside(str(media / "podcasts/manifest.yaml")) == "."


def test_a_neighbour_is_reached_by_climbing(media):
    assert Root(str(media / "podcasts")).beside(str(media / "songs/m.yaml")) == "../podcasts"


def test_climbing_starts_at_the_real_folder_of_a_linked_one(media):
    (media / "deep/down").mkdir(parents=True)
    (media / "link").symlink_to(media / "deep/down")
    place = Root(str(media / "podcasts")).beside(str(media / "link/m.yaml"))
    assert (media / "deep/down" / place).samefile(media / "podcasts")


def test_a_linked_folder_below_the_manifest_keeps_its_name(media, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("disk")
    (media / "archive").symlink_to(elsewhere)
    assert Root(str(media / "archive")).beside(str(media / "m.yaml")) == "archive"


def test_with_nothing_but_the_disk_in_common_the_root_is_absolute(tmp_path):
    assert Root("/no-such-folder/media").beside(str(tmp_path / "m.yaml")) == "/no-such-folder/media"


@pytest.mark.parametrize(
    "odd", ["/media/b/.x.mp3", "/other/a.mp3", "/media/b//c.mp3", "/media/../a.mp3", "b.mp3"]
)
def test_many_paths_are_named_as_each_of_them_is(odd):
    root = Root("/media")
    plain = ["/media/a.mp3", "/media/b/c.mp3", "/media/b/line\nend.mp3"]
    assert root.relatives(plain[:2]) == ["a.mp3", "b/c.mp3"]
    for paths in (plain, [*plain, odd], [odd, *plain]):
        assert root.relatives(paths) == [root.relative(path) for path in paths]
