"""apt's sources and offers, read and extended."""

from pathlib import Path

import pytest

from bootstrap.apt import (
    PIN_FILE,
    SOURCE_FILE,
    Source,
    loan,
    parse_deb822,
    parse_one_line,
    parse_policy,
    read_sources,
)
from bootstrap.errors import BootstrapError

DEB822 = """\
Types: deb deb-src
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEY865UxYJ
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb-src
URIs: http://mirror.example/sources
Suites: trixie
Components: main

Enabled: no
Types: deb
URIs: http://mirror.example/disabled
Suites: trixie
Components: main
"""


def test_parse_one_line_reads_plain_and_optioned_sources_and_not_comments() -> None:
    """Options are understood, comments and source packages are passed over."""
    text = (
        "# deb http://commented.example/debian trixie main\n"
        "deb-src http://mirror.example/debian trixie main\n"
        "deb http://mirror.example/debian bookworm main contrib\n"
        "deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg] http://security.example bookworm-security main\n"
    )
    assert list(parse_one_line(text)) == [
        Source("http://mirror.example/debian", ("bookworm",)),
        Source("http://security.example", ("bookworm-security",), "/usr/share/keyrings/k.gpg"),
    ]


def test_parse_deb822_keeps_an_embedded_key_and_not_what_is_disabled() -> None:
    """Only sources of binary packages in use are seen, their key as it is written."""
    (source,) = parse_deb822(DEB822)
    assert source.suites == ("bookworm", "bookworm-updates")
    assert source.signed_by is not None
    assert source.signed_by.endswith("\n mDMEY865UxYJ\n -----END PGP PUBLIC KEY BLOCK-----")


def test_loan_reads_back_as_a_source_of_the_same_mirror_and_key(tmp_path: Path) -> None:
    """What is written for the lender is a valid source, signed by what the machine's own is."""
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "debian.sources").write_text(DEB822)
    own = read_sources(tmp_path)
    files = loan(own)
    (lent,) = parse_deb822(files[SOURCE_FILE])
    assert lent == Source("http://mirror.example/debian", ("trixie",), own[0].signed_by)
    assert "Pin-Priority: 100" in files[PIN_FILE]


def test_loan_is_empty_when_the_machine_knows_the_release_already() -> None:
    """A second run, or a source that someone else added, is left as it is."""
    assert loan([Source("http://a.example", ("bookworm",)), Source("http://b.example", ("trixie",))]) == {}


def test_loan_refuses_when_there_is_no_source_to_take_the_mirror_from() -> None:
    """No mirror is made up."""
    with pytest.raises(BootstrapError, match="no source for Debian's bookworm"):
        loan([Source("http://a.example", ("stable",))])


def test_parse_policy_reads_candidates_and_not_packages_without_one() -> None:
    """A package that no list has is not offered."""
    text = (
        "podman:\n  Installed: (none)\n  Candidate: 5.4.2+ds1-2+b2\n  Version table:\n     5.4.2+ds1-2+b2 500\n"
        "kustomize:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n"
    )
    assert parse_policy(text) == {"podman": (5, 4, 2)}
