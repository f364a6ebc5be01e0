"""Which base image is used when, with a podman that only writes down what it is asked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.errors import ImageError
from seatrial.podman import images, recipe

PYTHON = "docker.io/library/python:3.14-slim-trixie"
STAND_IN = "localhost/seatrial-standin/python:3.14-slim-trixie"
BASES = [images.BaseImage("PYTHON_IMAGE", PYTHON, STAND_IN)]

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
    asked = podman(f'"image inspect"*) echo 01ab {recipe.of_stand_in("python")};;')
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
    made_by = recipe.of_stand_in("python")
    podman(f'"image exists docker.io/library/redis:8"*) exit 0;;\n"image inspect"*) echo 01ab {made_by};;')
    names = [PYTHON, "docker.io/library/redis:8", "localhost/seatrial:0.1.0"]
    assert await images.substitutes(names, tell=silent) == {PYTHON.rpartition(":")[0]: STAND_IN}


async def test_obtain_makes_the_stand_in_and_those_below_it_when_no_registry_answers(podman: Script) -> None:
    """The recipe's own base is found first, and the result carries its recipe."""
    debian = recipe.of_stand_in("debian")
    asked = podman(f'"image inspect"*debian*) echo 01ab {debian};;\nbuild*) exit 0;;')
    told: list[str] = []
    assert await images.obtain(PYTHON, tell=told.append) == STAND_IN
    assert len(told) == 1
    last = asked.read_text().splitlines()[-1]
    assert last.startswith("build ")
    assert f"--tag={STAND_IN}" in last
    assert "--build-arg=DEBIAN_IMAGE=localhost/seatrial-standin/debian:forky-slim" in last
    assert "--build-arg=TAG=3.14-slim-trixie" in last
    assert f"--label={recipe.LABEL}={recipe.of_stand_in('python')}" in last


async def test_obtain_refuses_when_no_registry_answers_and_there_is_no_stand_in(podman: Script) -> None:
    """The error names the image and has podman's own words."""
    podman('"manifest inspect"*) echo "no such host" >&2; exit 125;;')
    with pytest.raises(ImageError, match=r"docker\.io/library/redis:8(?s:.*)no such host"):
        await images.obtain("docker.io/library/redis:8", tell=silent)


@pytest.mark.parametrize("name", ["harbor.example/team/python:3.14-slim-trixie", "quay.io/org/nginx:1.26-trixie"])
async def test_obtain_makes_no_stand_in_for_somebodys_own_image_of_that_name(podman: Script, name: str) -> None:
    """It has another content: to try the stand-in would say nothing of it."""
    podman('"manifest inspect"*) echo "unauthorized" >&2; exit 125;;')
    with pytest.raises(ImageError, match=r"images/ has no stand-in for it(?s:.*)unauthorized"):
        await images.obtain(name, tell=silent)


async def test_obtain_counts_a_registry_that_is_slow_to_answer_as_none(
    podman: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that swallows requests does not hold the build up."""
    podman('"manifest inspect"*) exec sleep 60;;')
    monkeypatch.setattr(images, "REGISTRY_LIMIT_SECONDS", 0.2)
    with pytest.raises(ImageError, match="did not end within"):
        await images.obtain("docker.io/library/redis:8", tell=silent)


async def test_obtain_refuses_to_make_the_debian_root_as_a_normal_user(
    podman: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A normal user without a registry is told what would help."""
    podman("")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(ImageError, match="only root can make localhost/seatrial-standin/debian:forky-slim"):
        await images.obtain(PYTHON, tell=lambda _: None)


async def test_obtain_makes_the_debian_root_by_what_this_machine_accepts_of_mirrors(
    podman: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release in the making has an index that expires, and mmdebstrap reads none of the machine's apt settings."""
    podman("import*) exit 0;;")
    accepted, asked = 'Acquire::Check-Valid-Until "false";', tmp_path / "mmdebstrap-asked"
    for name, script in (("apt-config", f"echo '{accepted}'"), ("mmdebstrap", f'printf "%s\\n" "$@" >{asked}')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("sys.executable", "true")
    await images.obtain("docker.io/library/debian:forky-slim", tell=lambda _: None)
    assert f"--aptopt={accepted}" in asked.read_text().splitlines()
    assert asked.read_text().splitlines()[-2] == "forky"


async def test_build_passes_bases_version_and_certificates_and_returns_the_id(
    podman: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The build has each base image, the labels' values and this machine's trusted certificates."""
    bundle = tmp_path / "bundle.pem"
    bundle.touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    asked = podman('"image inspect --format={{.Id}} "*) echo 01ab;;\nbuild*) echo 0123abcd;;')
    assert await images.build(BASES) == "0123abcd"
    command = asked.read_text()
    assert f"--tag={images.reference()} " in command
    assert f"--build-arg=PYTHON_IMAGE={STAND_IN} " in command
    assert "--build-arg=VERSION=" in command
    assert f"--volume={bundle}:/etc/ssl/certs/ca-certificates.crt:ro " in command


async def test_build_returns_the_image_that_is_there_when_it_was_made_by_the_same(podman: Script) -> None:
    """The recipe that one build labels its image with spares the next one the build."""
    asked = podman('"image inspect --format={{.Id}} local"*) echo 01ab;;\nbuild*) echo 0123abcd;;')
    await images.build(BASES)
    label = asked.read_text().partition(f"--label={recipe.LABEL}=")[2].split()[0]
    asked = podman(
        f'"image inspect --format={{{{.Id}}}} local"*) echo 01ab;;\n"image inspect"*) echo 4567cdef {label};;'
    )
    assert await images.build(BASES) == "4567cdef"


async def test_build_does_not_return_the_image_that_is_there_when_a_base_has_changed(podman: Script) -> None:
    """A base image that was pulled anew under the same name makes the service's image anew."""
    asked = podman('"image inspect --format={{.Id}} local"*) echo 01ab;;\nbuild*) echo 0123abcd;;')
    await images.build(BASES)
    label = asked.read_text().partition(f"--label={recipe.LABEL}=")[2].split()[0]
    podman(
        '"image inspect --format={{.Id}} local"*) echo 99ff;;\n'
        f'"image inspect"*) echo 4567cdef {label};;\n'
        "build*) echo 0123abcd;;"
    )
    assert await images.build(BASES) == "0123abcd"


async def test_build_raises_podmans_own_words_when_it_fails(podman: Script) -> None:
    """A failed build is one error with the build's last lines."""
    podman('"image inspect --format={{.Id}} "*) echo 01ab;;\nbuild*) echo "Error: building at STEP" >&2; exit 2;;')
    with pytest.raises(ImageError, match="Error: building at STEP"):
        await images.build(BASES)
