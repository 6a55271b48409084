"""Where the ledger lies, and the room that is kept beside it."""

import pytest

from manifests.errors import MachineError
from runner.ledger import places
from runner.ledger.sqlite import opening


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://anna:secret@server:5433/earmark?sslmode=require", "postgresql://server:5433/earmark"),
        ("postgres://server/earmark", "postgresql://server/earmark"),
        (
            "postgresql:///earmark?host=/run/postgresql&password=secret",
            "postgresql:///run/postgresql/earmark",
        ),
        ("postgresql://anna:sec@ret@server/earmark", "postgresql://…"),
        ("postgresql://anna:sec/ret@server/earmark", "postgresql://…"),
        ("postgresql://anna:sec?ret@server/earmark", "postgresql://…"),
    ],
)
def test_a_ledger_on_a_server_is_shown_without_its_secrets(address, told):
    place = places.first_place("https://api.example", {"EARMARK_LEDGER": address})
    assert str(place) == told
    assert "sec" not in repr(place)


def test_any_other_address_is_no_folder_of_that_name():
    with pytest.raises(MachineError, match=r"mysql:// address: it takes a file's path, or\s+postgresql://"):
        places.first_place("https://api.example", {"EARMARK_LEDGER": "mysql://server/earmark"})


@pytest.mark.parametrize(
    "meant",
    [
        "host=server dbname=earmark password=secret",
        "user=anna password=secret host=server",
        "service=earmark",
        "postgresql:anna@server/earmark",
        "postgresql:/server/earmark",
        "Postgres://server/earmark",
    ],
)
def test_what_is_almost_an_address_is_no_file_of_that_name(meant):
    with pytest.raises(MachineError, match="write it as postgresql://user@host:5432/database") as refused:
        places.first_place("https://api.example", {"EARMARK_LEDGER": meant})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "path", ["/srv/ledger.db", "postgres.db", "postgresql/ledger.db", "./host=x", "a host=x"]
)
def test_a_files_path_is_one_whatever_it_has_in_its_name(path):
    assert str(places.first_place("https://api.example", {"EARMARK_LEDGER": path})).endswith(path.lstrip("."))


def test_a_disk_without_room_for_the_ballast_stops_nothing(tmp_path):
    opening.add_ballast(tmp_path / "no such folder" / "ledger.db")
    assert list(tmp_path.iterdir()) == []
    assert not opening.drop_ballast(tmp_path / "no such folder" / "ledger.db")


def test_the_ballast_is_made_once_and_is_no_hole(tmp_path):
    path = tmp_path / "ledger.db"
    opening.add_ballast(path)
    ballast = path.with_suffix(".ballast")
    first = ballast.read_bytes()
    opening.add_ballast(path)
    assert ballast.read_bytes() == first
    assert len(first) == opening.BALLAST_BYTES
    assert len(set(first)) > 200  # a disk that compresses has to keep it, too
    assert opening.drop_ballast(path)
    assert list(tmp_path.iterdir()) == []
