"""A program in the checkout: whole or not at all, whatever happened to the call before."""

import json
import shutil
import struct
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.tree import Recipe, Tree, is_dynamic, padded

RECIPE = Recipe("hello", ("hello",), ("usr/bin/hello", "usr/share/hello/*.txt"), alone=True)

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="packages are made and unpacked by dpkg-deb")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Make a package with a program, what it reads, and documentation."""
    root = tmp_path / "package"
    for name, text in (
        ("usr/bin/hello", "#!/bin/sh\necho hello\n"),
        ("usr/share/hello/words.txt", "hello\n"),
        ("usr/share/doc/hello/README", "long\n"),
        ("DEBIAN/control", "Package: hello\nVersion: 1.0\nArchitecture: all\nMaintainer: n <n@n>\nDescription: d\n"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "usr/bin/hello").chmod(0o755)
    path = tmp_path / "hello.deb"
    program = shutil.which("dpkg-deb")
    assert program
    subprocess.run([program, "--root-owner-group", "--build", root, path], check=True, capture_output=True)
    return path


@pytest.fixture
def tree(tmp_path: Path, archive: Path) -> Tree:
    """Make the tree of that package."""
    made = Tree(tmp_path / "tools", RECIPE)
    made.make([archive], {"hello": "1.0"})
    return made


def test_a_tree_has_what_is_wanted_of_its_packages_and_not_the_rest(tree: Tree) -> None:
    """Documentation is left out, and nothing of the making is left."""
    assert tree.intact()
    assert sorted(path.relative_to(tree.root).as_posix() for path in tree.files()) == [
        "usr/bin/hello",
        "usr/share/hello/words.txt",
    ]
    assert subprocess.run([tree.root / "usr/bin/hello"], capture_output=True, check=True).stdout == b"hello\n"
    assert [path.name for path in tree.tools.iterdir()] == ["hello"]
    assert tree.marker()["versions"] == {"hello": "1.0"}


def test_a_tree_that_is_not_there_is_not_intact(tmp_path: Path) -> None:
    """Nothing is no tree, nor one that was moved."""
    tree = Tree(tmp_path, RECIPE)
    assert not tree.intact()
    assert not tree.moved()


@pytest.mark.parametrize("how", ["cut", "gone", "marker"])
def test_a_tree_of_which_something_is_missing_is_not_intact(tree: Tree, how: str) -> None:
    """A file that a full disk has cut, one that is gone, a marker that cannot be read."""
    if how == "cut":
        (tree.root / "usr/bin/hello").write_text("#!/bin/sh\n")
    elif how == "gone":
        (tree.root / "usr/share/hello/words.txt").unlink()
    else:
        (tree.root / "seatrial.json").write_text("{")
    assert not tree.intact()
    assert not tree.moved()


@pytest.mark.parametrize(
    "newer", [replace(RECIPE, packages=("hello", "more")), replace(RECIPE, wanted=("usr/bin/hello",))]
)
def test_a_tree_of_an_older_recipe_is_not_intact(tree: Tree, newer: Recipe) -> None:
    """What is asked for has changed since it was made."""
    assert not Tree(tree.tools, newer).intact()
    assert not Tree(tree.tools, newer).moved()


def test_a_tree_is_made_to_run_from_where_its_checkout_was_moved_to(tree: Tree, tmp_path: Path) -> None:
    """Nothing has to be fetched for that."""
    tree.tools.rename(tmp_path / "elsewhere")
    moved = Tree(tmp_path / "elsewhere", RECIPE)
    assert not moved.intact()
    assert moved.moved()
    moved.move()
    assert moved.intact()
    assert moved.marker()["versions"] == {"hello": "1.0"}


def test_paths_in_a_program_are_written_over_when_its_checkout_was_moved(tmp_path: Path) -> None:
    """The program keeps its length, however long the new path is, and what is no path of the tree stays."""
    tree = Tree(tmp_path / "tools", replace(RECIPE, wanted=("usr/bin/*",)))
    program = tree.root / "usr/bin/program"
    program.parent.mkdir(parents=True)

    def paths() -> bytes:
        return b"\0".join(padded(tree.root / name).encode() for name in ("usr/lib/ld.so", "usr/lib"))

    content = elf_header() + paths() + b"\0/usr/lib/ld.so\0"
    program.write_bytes(content)
    files = {"usr/bin/program": len(content)}
    marker = {"path": str(tree.root), "recipe": tree.recipe.digest(), "versions": {}, "files": files}
    (tree.root / "seatrial.json").write_text(json.dumps(marker))
    for name in ("a longer name, ü", "t"):
        tree.tools.rename(tmp_path / name)
        tree = Tree(tmp_path / name, tree.recipe)
        tree.move()
        assert tree.intact()
        assert (tree.root / "usr/bin/program").read_bytes() == elf_header() + paths() + b"\0/usr/lib/ld.so\0"


def elf_header() -> bytes:
    """Return the start of a program of which the loader's path is the one segment."""
    header = bytearray(b"\x7fELF\x02\x01".ljust(64, b"\0"))
    struct.pack_into("<Q", header, 32, len(header))
    struct.pack_into("<HH", header, 54, 56, 1)
    return bytes(header) + struct.pack("<I", 3).ljust(56, b"\0")


def test_a_path_too_long_for_the_programs_is_refused() -> None:
    """A path that fits is padded to one length, and names the same place."""
    assert Path(padded(Path("/usr/lib"))).samefile("/usr/lib")
    with pytest.raises(BootstrapError, match="too long"):
        padded(Path("/" + "x" * 600))


def test_a_tree_is_left_as_it_was_when_making_it_anew_fails(tree: Tree, tmp_path: Path) -> None:
    """An interrupted download leaves half a package: it is refused, and the tree before stays."""
    half = tmp_path / "half.deb"
    half.write_bytes((tmp_path / "hello.deb").read_bytes()[:200])
    with pytest.raises(BootstrapError, match=r"half\.deb.* exited 2"):
        tree.make([half], {})
    assert tree.intact()
    assert [path.name for path in tree.tools.iterdir()] == ["hello"]


def test_what_a_killed_call_has_left_is_no_part_of_the_next_tree(tree: Tree, archive: Path) -> None:
    """It is removed first."""
    left = tree.tools / "hello.new" / "built" / "usr/bin"
    left.mkdir(parents=True)
    (left / "half").touch()
    tree.make([archive], {"hello": "1.0"})
    assert tree.intact()
    assert not (tree.root / "usr/bin/half").exists()
    assert not (tree.tools / "hello.new").exists()


def test_a_package_without_what_is_wanted_of_it_is_refused_by_name(tree: Tree, archive: Path) -> None:
    """Debian may move a file: that is said, and no tree without it made."""
    other = Tree(tree.tools, replace(RECIPE, name="other", wanted=("usr/sbin/hello",)))
    with pytest.raises(BootstrapError, match="packages of other have no usr/sbin/hello"):
        other.make([archive], {})
    assert not other.root.exists()


def test_a_program_that_a_loader_starts_is_told_from_a_script(tmp_path: Path) -> None:
    """Python is one on Debian, a shell script is none, nor is a file too short to be any."""
    program = shutil.which("dpkg-deb")
    assert program
    assert is_dynamic(Path(program))
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n" + "#" * 100)
    assert not is_dynamic(script)
    script.write_bytes(b"\x7fELF\x02\x01")
    assert not is_dynamic(script)
