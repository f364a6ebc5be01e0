"""Text that a deployment wrote, made safe to show: what a reader would not see, or what would deceive, is written out.

Escaping is the business of whoever writes XML or HTML; this is about what neither can hold.
"""

import re

# Controls but for tab and line feed, what formats (turns, joins, breaks, tags) without being seen, lone surrogates, and
# what Unicode calls no character. XML 1.0 has no way to write most of them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""Return the text with each unseen character as its escape, such as `\x1b`; CRLF is a line's end as LF is."""
    return _UNSEEN.sub(_escape, text.replace("\r\n", "\n"))


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
