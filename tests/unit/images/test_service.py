"""The build of the service's image, by a podman that only writes down what it is asked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from images import service
from seatrial.errors import ImageError
from seatrial.podman import recipe
from seatrial.podman.images import BaseImage

PYTHON = "docker.io/library/python:3.14-slim-trixie"
STAND_IN = "localhost/seatrial-standin/python:3.14-slim-trixie"
BASES = [BaseImage("PYTHON_IMAGE", PYTHON, STAND_IN)]

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


async def test_build_passes_bases_version_and_certificates_and_returns_the_id(
    podman: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The build has each base image, the labels' values and this machine's trusted certificates."""
    bundle = tmp_path / "bundle.pem"
    bundle.touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    asked = podman('"image inspect --format={{.Id}} "*) echo 01ab;;\nbuild*) echo 0123abcd;;')
    assert await service.build(BASES) == "0123abcd"
    command = asked.read_text()
    assert f"--tag={service.reference()} " in command
    assert f"--build-arg=PYTHON_IMAGE={STAND_IN} " in command
    assert "--build-arg=VERSION=" in command
    assert f"--volume={bundle}:/etc/ssl/certs/ca-certificates.crt:ro " in command


async def test_build_returns_the_image_that_is_there_when_it_was_made_by_the_same(podman: Script) -> None:
    """The recipe that one build labels its image with spares the next one the build."""
    asked = podman('"image inspect --format={{.Id}} local"*) echo 01ab;;\nbuild*) echo 0123abcd;;')
    await service.build(BASES)
    label = asked.read_text().partition(f"--label={recipe.LABEL}=")[2].split()[0]
    asked = podman(
        f'"image inspect --format={{{{.Id}}}} local"*) echo 01ab;;\n"image inspect"*) echo 4567cdef {label};;'
    )
    assert await service.build(BASES) == "4567cdef"


async def test_build_does_not_return_the_image_that_is_there_when_a_base_has_changed(podman: Script) -> None:
    """A base image that was pulled anew under the same name makes the service's image anew."""
    asked = podman('"image inspect --format={{.Id}} local"*) echo 01ab;;\nbuild*) echo 0123abcd;;')
    await service.build(BASES)
    label = asked.read_text().partition(f"--label={recipe.LABEL}=")[2].split()[0]
    podman(
        '"image inspect --format={{.Id}} local"*) echo 99ff;;\n'
        f'"image inspect"*) echo 4567cdef {label};;\n'
        "build*) echo 0123abcd;;"
    )
    assert await service.build(BASES) == "0123abcd"


async def test_build_raises_podmans_own_words_when_it_fails(podman: Script) -> None:
    """A failed build is one error with the build's last lines."""
    podman('"image inspect --format={{.Id}} "*) echo 01ab;;\nbuild*) echo "Error: building at STEP" >&2; exit 2;;')
    with pytest.raises(ImageError, match="Error: building at STEP"):
        await service.build(BASES)


def test_base_arguments_of_the_service_have_a_stand_in_each() -> None:
    """Every image that the service is built on can be made where no registry answers."""
    names = [recipe.split(official)[0] for official in recipe.base_arguments(service.CONTAINERFILE).values()]
    assert names == ["python", "uv"]
    assert all((service.STAND_INS / name).is_dir() for name in names)


def test_recipe_of_the_service_changes_with_what_the_build_is_sent_and_not_with_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Containerfile, each allowed file and what is passed count; other files and bytecode do not."""
    monkeypatch.setattr(service, "CHECKOUT", tmp_path)
    monkeypatch.setattr(service, "CONTAINERFILE", tmp_path / "Containerfile")
    (tmp_path / ".containerignore").write_text("*\n!app\n!uv.lock\n**/__pycache__\n")
    (tmp_path / "app" / "__pycache__").mkdir(parents=True)
    for name in ("Containerfile", "uv.lock", "app/main.py"):
        (tmp_path / name).write_text("a")
    recipes = {service.digest("base")}

    for name in ("README.md", "app/__pycache__/main.pyc"):
        (tmp_path / name).write_text("b")
    assert {service.digest("base")} == recipes

    for name in ("Containerfile", "uv.lock", "app/main.py", "app/new.py"):
        (tmp_path / name).write_text("b")
        recipes.add(service.digest("base"))
    recipes.add(service.digest("other"))
    assert len(recipes) == 6
