"""Where state lives: chosen once, kept, never shared by two copies of the project."""

import os
import shutil
from pathlib import Path

import pytest

from analyticbot.local import places
from analyticbot.local.problems import StartError


@pytest.fixture(autouse=True)
def _own_folders(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANALYTICBOT_HOME", raising=False)
    monkeypatch.setattr(places, "_SHARED_FOLDERS", (open_folder / "shared",))


def _project(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def test_place_is_kept_over_runs(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")

    first, second = places.find_places(project), places.find_places(project)

    assert first == second
    assert first.home == project / ".local"


def test_root_keeps_the_database_where_its_user_can_reach_it(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    private = _project(tmp_path / "private")
    private.chmod(0o700)

    found = places.find_places(private)

    assert found.account is not None
    assert found.account.uid != 0
    assert places.open_to_all(found.database)
    assert str(found.database) in (private / ".local" / "where").read_text()
    assert private.stat().st_mode & 0o777 == 0o700


def test_new_clone_at_the_same_path_does_not_take_old_data(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: otherwise the data lies inside the project")
    project = _project(tmp_path / "project")
    first = places.find_places(project)
    shutil.rmtree(project)

    second = places.find_places(_project(tmp_path / "project"))

    assert first.database != second.database
    assert first.database.is_dir()


def test_copy_of_a_project_gets_its_own_database(tmp_path: Path) -> None:
    original = _project(tmp_path / "original")
    first = places.find_places(original)
    shutil.copytree(original, tmp_path / "copy")

    assert places.find_places(tmp_path / "copy").database != first.database


def test_moved_project_keeps_its_database(tmp_path: Path) -> None:
    original = _project(tmp_path / "original")
    first = places.find_places(original)
    first.database.mkdir(exist_ok=True)
    (first.database / "mark").touch()
    original.rename(tmp_path / "moved")

    assert (places.find_places(tmp_path / "moved").database / "mark").exists()


def test_database_of_ones_own_needs_no_place(tmp_path: Path, open_folder: Path) -> None:
    places.find_places(_project(tmp_path / "project"), own_database=False)

    assert not (open_folder / "shared").exists()


def test_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    (project / ".local").write_text("a file")

    with pytest.raises(StartError, match="ANALYTICBOT_HOME"):
        places.find_places(project)


def test_state_is_for_its_owner_only_also_where_it_was_not(tmp_path: Path) -> None:
    home = tmp_path / "project" / ".local"
    (home / "logs").mkdir(parents=True)
    home.chmod(0o755)
    log = home / "logs" / "web.log.1"
    log.touch()
    log.chmod(0o644)

    places.find_places(tmp_path / "project")

    assert (home.stat().st_mode & 0o777, log.stat().st_mode & 0o777) == (0o700, 0o600)


def test_folder_for_everybody_stays_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYTICBOT_HOME", str(tmp_path))
    tmp_path.chmod(0o1777)

    places.find_places(tmp_path / "project")

    assert tmp_path.stat().st_mode & 0o7777 == 0o1777
