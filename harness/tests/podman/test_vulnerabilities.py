"""Which vulnerabilities a podman's version has."""

import pytest

from seatrial.podman import vulnerabilities


def cves(version: str) -> set[str]:
    """Return the ids of a version's vulnerabilities."""
    return {vulnerability.cve for vulnerability in vulnerabilities.of(version)}


@pytest.mark.parametrize(
    ("version", "has", "has_not"),
    [
        ("5.4.2", {"CVE-2025-9566", "CVE-2026-57231", "CVE-2025-11395"}, {"CVE-2024-9675", "CVE-2024-11218"}),
        ("5.8.3", {"CVE-2026-57231"}, {"CVE-2025-9566", "CVE-2026-44517"}),
        ("5.8.4", {"CVE-2026-17106"}, {"CVE-2026-57231"}),
        ("6.0.0", {"CVE-2026-17106"}, {"CVE-2026-57231", "CVE-2026-44517"}),
        ("6.1.1", {"CVE-2025-11395", "CVE-2026-79699", "CVE-2026-79705"}, {"CVE-2026-17106"}),
    ],
)
def test_a_version_has_what_was_mended_after_it_in_its_own_line_or_in_all(
    version: str, has: set[str], has_not: set[str]
) -> None:
    """A release that was mended in an older line is not blamed for the newer line's later date."""
    assert has <= cves(version)
    assert not has_not & cves(version)


@pytest.mark.parametrize("version", ["6.1.2", "6.2.0", "7.0.0", "unknown"])
def test_a_version_that_mends_them_all_has_none(version: str) -> None:
    """Nothing is made up about what is not known."""
    assert vulnerabilities.of(version) == ()


def test_a_vulnerability_says_what_it_lets_happen_and_which_release_mends_it() -> None:
    """One line, with the versions to ask for."""
    told = {vulnerability.cve: str(vulnerability) for vulnerability in vulnerabilities.of("5.8.3")}
    assert told["CVE-2026-57231"] == (
        "CVE-2026-57231: an image reads the environment of who runs it (mended in 5.8.4, 6.0.0)"
    )
