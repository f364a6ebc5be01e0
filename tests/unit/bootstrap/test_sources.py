"""Where apt gets packages from: files of sources, read, and Debian 13's sources, derived from them."""

from pathlib import Path

from bootstrap.sources import LENDER, Source, lender, lender_elsewhere, parse_deb822, parse_one_line, read

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


def test_lender_is_on_the_mirrors_that_the_machine_has_with_the_keys_it_has(tmp_path: Path) -> None:
    """A company's mirror stays the one that is asked, for security updates as well."""
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "debian.sources").write_text(DEB822)
    (tmp_path / "sources.list").write_text("deb http://safe.example/updates bookworm-security main\n")
    found = lender(read(tmp_path))
    assert found is not None
    debian, security = found
    assert (debian.uri, debian.suites) == ("http://mirror.example/debian", (LENDER,))
    assert debian.signed_by is not None
    assert "PGP PUBLIC KEY" in debian.signed_by
    assert security == Source("http://safe.example/updates", (f"{LENDER}-security",))


def test_lender_has_security_updates_beside_the_mirror_where_the_machine_names_none() -> None:
    """No machine gets Debian 13's packages without the updates of them."""
    found = lender([Source("http://mirror.example/debian/", ("trixie",), "/k.gpg")])
    assert found is not None
    assert found[1] == Source("http://mirror.example/debian-security", (f"{LENDER}-security",), "/k.gpg")


def test_lender_of_a_machine_that_is_no_debian_is_what_its_own_archive_says() -> None:
    """Ubuntu's sources are not Debian's; its package debootstrap names Debian's mirror."""
    assert lender([Source("http://ubuntu.example/ubuntu", ("noble", "noble-updates"))]) is None
    found = lender_elsewhere('VARIANT=""\nDEF_MIRROR="http://mirror.example/debian"\n', "/keys.gpg")
    assert found is not None
    assert found[0] == Source("http://mirror.example/debian", (LENDER,), "/keys.gpg")
    assert lender_elsewhere("MIRROR=elsewhere\n", "/keys.gpg") is None


def test_a_source_is_written_as_it_is_read_with_a_key_that_is_embedded() -> None:
    """What is written for apt, apt's rules read back."""
    (source,) = parse_deb822(DEB822)
    assert list(parse_deb822(source.as_deb822("arm64"))) == [source]
    assert "Architectures: arm64\n" in source.as_deb822("arm64")
