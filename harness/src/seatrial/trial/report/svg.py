"""The few parts of SVG that the plot is made of; ElementTree does the escaping."""

from textwrap import shorten
from xml.etree.ElementTree import Element, SubElement, tostring

Number = float | int
TIP_CHARACTERS = 400


class Drawing:
    """An SVG image, `width` wide in its own units, that scales to where it stands; every colour is a class."""

    def __init__(self, width: float, height: float, name: str, title: str, description: str, *classes: str) -> None:
        self.root = Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {_written(width)} {_written(height)}",
                "role": "img",
                "class": " ".join(("plot", *classes)),
                "aria-labelledby": f"{name}-title {name}-description",
            },
        )
        SubElement(self.root, "title", id=f"{name}-title").text = title
        SubElement(self.root, "desc", id=f"{name}-description").text = description

    def rectangle(self, x: Number, y: Number, width: Number, height: Number, *classes: str, tip: str = "") -> None:
        """Draw one."""
        self._add("rect", classes, tip, x=x, y=y, width=max(width, 0.0), height=max(height, 0.0))

    def line(self, x1: Number, y1: Number, x2: Number, y2: Number, *classes: str, tip: str = "") -> None:
        """Draw one."""
        self._add("line", classes, tip, x1=x1, y1=y1, x2=x2, y2=y2)

    def path(self, steps: list[str], *classes: str, tip: str = "") -> None:
        """Draw one, if it has steps."""
        if steps:
            self._add("path", classes, tip, d="".join(steps))

    def text(self, x: Number, y: Number, words: str, *classes: str, anchor: str = "start", tip: str = "") -> None:
        """Write words; `anchor` is start, middle or end."""
        element = self._add("text", classes, tip, x=x, y=y, **{"text-anchor": anchor})
        if tip:
            element[0].tail = words
        else:
            element.text = words

    def _add(self, tag: str, classes: tuple[str, ...], tip: str, **attributes: Number | str) -> Element:
        written = {name: value if isinstance(value, str) else _written(value) for name, value in attributes.items()}
        element = SubElement(self.root, tag, {"class": " ".join(classes), **written})
        if tip:
            SubElement(element, "title").text = shorten(tip, TIP_CHARACTERS, placeholder="…")
        return element

    def __str__(self) -> str:
        """Return it as markup."""
        return tostring(self.root, encoding="unicode")


def point(command: str, x: Number, y: Number) -> str:
    """Return one step of a path."""
    return f"{command}{_written(x)} {_written(y)}"


def _written(number: Number) -> str:
    return f"{number:.1f}".removesuffix(".0")
