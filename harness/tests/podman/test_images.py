"""Which base image is used when, with a podman that only writes down what it is asked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.errors import ImageError
from seatrial.podman import images, recipe

PYTHON = "docker.io/library/python:3.14-slim-trixie"
STAND_IN = "localhost/seatrial-standin/python:3.14-slim-trixie"
STAND_INS = Path(__file__).parents[3] / "images"

Script = Callable[[str], Path]


@pytest.fixture
def podman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Return a function that puts a podman first on PATH: its `case` of "$*", and the file of what it was asked."""

    def install(cases: str) -> Path:
        log = tmp_path / "asked"
        program = tmp_path / "podman"
        program.write_text(f'#!/bin/sh\necho "$*" >>{log}\ncase "$*" in\n{cases}\n*) exit 1;;\nesac\n')
        program.chmod(0o755)
        return log

    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv(images.STAND_INS, str(STAND_INS))
    return install


def silent(text: str) -> None:
    """Hear nothing: the test expects no long step."""
    raise AssertionError(text)


def test_base_image_tells_a_stand_in_from_the_official_one() -> None:
    """The line for the user says which was used, and why a stand-in was."""
    assert str(images.BaseImage("PYTHON_IMAGE", PYTHON, PYTHON)) == f"base image python: {PYTHON}"
    assert str(images.BaseImage("PYTHON_IMAGE", PYTHON, STAND_IN)) == (
        f"base image python: {STAND_IN}, which stands in for {PYTHON}"
    )


async def test_obtain_uses_the_official_image_when_it_is_there(podman: Script) -> None:
    """Nothing is asked of a registry."""
    asked = podman('"image exists"*) exit 0;;')
    assert await images.obtain(PYTHON, tell=silent) == PYTHON
    assert asked.read_text() == f"image exists {PYTHON}\n"


async def test_obtain_uses_the_stand_in_when_todays_files_made_it(podman: Script) -> None:
    """A stand-in that is there spares asking a registry."""
    asked = podman(f'"image inspect"*) echo 01ab {recipe.of_stand_in(STAND_INS / "python")};;')
    assert await images.obtain(PYTHON, tell=silent) == STAND_IN
    assert "manifest" not in asked.read_text()


async def test_obtain_does_not_use_the_stand_in_when_other_files_made_it(podman: Script) -> None:
    """A stand-in of yesterday's recipe counts as none."""
    podman('"image inspect"*) echo 01ab yesterday;;\n"manifest inspect"*|pull*) exit 0;;')
    assert await images.obtain(PYTHON, tell=lambda _: None) == PYTHON


async def test_obtain_pulls_when_the_registry_answers(podman: Script) -> None:
    """The official image is preferred, and the pull is announced."""
    asked = podman('"manifest inspect"*|pull*) exit 0;;')
    told: list[str] = []
    assert await images.obtain(PYTHON, tell=told.append) == PYTHON
    assert told == [f"pulling {PYTHON}"]
    assert asked.read_text().splitlines()[-1] == f"pull --quiet {PYTHON}"


async def test_substitutes_are_the_stand_ins_by_name_and_nothing_else(podman: Script) -> None:
    """What podman has under its official name, and what is built here, is no substitute."""
    made_by = recipe.of_stand_in(STAND_INS / "python")
    podman(f'"image exists docker.io/library/redis:8"*) exit 0;;\n"image inspect"*) echo 01ab {made_by};;')
    names = [PYTHON, "docker.io/library/redis:8", "localhost/seatrial:0.1.0"]
    assert await images.substitutes(names, tell=silent) == {PYTHON.rpartition(":")[0]: STAND_IN}


async def test_obtain_makes_the_stand_in_and_those_below_it_when_no_registry_answers(podman: Script) -> None:
    """The recipe's own base is found first, and the result carries its recipe."""
    debian = recipe.of_stand_in(STAND_INS / "debian")
    asked = podman(f'"image inspect"*debian*) echo 01ab {debian};;\nbuild*) exit 0;;')
    told: list[str] = []
    assert await images.obtain(PYTHON, tell=told.append) == STAND_IN
    assert len(told) == 1
    last = asked.read_text().splitlines()[-1]
    assert last.startswith("build ")
    assert f"--tag={STAND_IN}" in last
    assert "--build-arg=DEBIAN_IMAGE=localhost/seatrial-standin/debian:forky-slim" in last
    assert "--build-arg=TAG=3.14-slim-trixie" in last
    assert f"--label={recipe.LABEL}={recipe.of_stand_in(STAND_INS / 'python')}" in last


async def test_obtain_refuses_when_no_registry_answers_and_there_is_no_stand_in(podman: Script) -> None:
    """The error names the image and has podman's own words."""
    podman('"manifest inspect"*) echo "no such host" >&2; exit 125;;')
    with pytest.raises(ImageError, match=r"docker\.io/library/redis:8(?s:.*)no such host"):
        await images.obtain("docker.io/library/redis:8", tell=silent)


@pytest.mark.parametrize("name", ["harbor.example/team/python:3.14-slim-trixie", "quay.io/org/nginx:1.26-trixie"])
async def test_obtain_makes_no_stand_in_for_somebodys_own_image_of_that_name(podman: Script, name: str) -> None:
    """It has another content: to try the stand-in would say nothing of it."""
    podman('"manifest inspect"*) echo "unauthorized" >&2; exit 125;;')
    with pytest.raises(ImageError, match=r"cannot be had(?s:.*)unauthorized"):
        await images.obtain(name, tell=silent)


async def test_obtain_counts_a_registry_that_is_slow_to_answer_as_none(
    podman: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that swallows requests does not hold the build up."""
    podman('"manifest inspect"*) exec sleep 60;;')
    monkeypatch.setattr(images, "REGISTRY_LIMIT_SECONDS", 0.2)
    with pytest.raises(ImageError, match="did not end within"):
        await images.obtain("docker.io/library/redis:8", tell=silent)


async def test_obtain_makes_no_stand_in_where_nobody_has_said_of_what(
    podman: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has installed the tool alone has no folder of stand-ins."""
    monkeypatch.delenv(images.STAND_INS)
    podman('"manifest inspect"*) echo "no such host" >&2; exit 125;;')
    with pytest.raises(ImageError, match=r"python:3.14-slim-trixie cannot be had(?s:.*)no such host"):
        await images.obtain(PYTHON, tell=silent)


async def test_obtain_imports_the_root_that_a_stand_ins_program_makes(
    podman: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told the tag and the file; its own words are told when it fails."""
    folder = tmp_path / "stand-ins" / "debian"
    folder.mkdir(parents=True)
    monkeypatch.setenv(images.STAND_INS, str(folder.parent))
    asked = podman("import*) exit 0;;")
    for script, made in (('echo "$1" > "$2"', True), ("echo no root >&2; exit 1", False)):
        (folder / "make").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "make").chmod(0o755)
        if made:
            await images.obtain("docker.io/library/debian:forky-slim", tell=lambda _: None)
            assert asked.read_text().splitlines()[-1].startswith("import --quiet")
        else:
            with pytest.raises(ImageError, match="no root"):
                await images.obtain("docker.io/library/debian:forky-slim", tell=lambda _: None)
