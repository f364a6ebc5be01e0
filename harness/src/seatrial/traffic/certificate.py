"""Certificates that nobody trusts, for what listens by TLS where nobody has given one."""

from dataclasses import dataclass

import trustme


@dataclass(frozen=True)
class Certificate:
    """A certificate with its chain, its key, and the authority that has signed it, as PEM."""

    chain: bytes
    key: bytes
    authority: bytes


def made_up(*hosts: str) -> Certificate:
    """Return a certificate for names or addresses, of an authority of its own."""
    authority = trustme.CA()
    issued = authority.issue_cert(*hosts)
    chain = b"".join(each.bytes() for each in issued.cert_chain_pems)
    return Certificate(chain, issued.private_key_pem.bytes(), authority.cert_pem.bytes())
