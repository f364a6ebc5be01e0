"""Text that a deployment wrote, made safe to show: what a reader would not see, or what would deceive, is written out.

Escaping is the business of whoever writes XML or HTML; this is about what neither can hold.
"""

import re

# Controls but for tab and line feed, marks that turn the direction of text, lone surrogates, and what Unicode calls
# no character. XML 1.0 has no way to write most of them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)


def visible(text: str) -> str:
    r"""Return the text with each unseen character as its escape, such as `\x1b`; CRLF is a line's end as LF is."""
    return _UNSEEN.sub(_escape, text.replace("\r\n", "\n"))


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"
