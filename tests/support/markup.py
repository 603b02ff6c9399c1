"""HTML as a person's browser sees it: elements, found by their attributes."""

from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Element:
    """An element with its children; texts are children too."""

    def __init__(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Element | str] = []

    def __getitem__(self, name: str) -> str | None:
        return self.attributes[name]

    @property
    def text(self) -> str:
        """What is read; a `<br>` is a new line."""
        if self.tag == "br":
            return "\n"
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def elements(self) -> list["Element"]:
        """Its own elements, without those inside them."""
        return [child for child in self.children if isinstance(child, Element)]

    def all(self, tag: str | None = None, **attributes: str | None) -> list["Element"]:
        """Every element inside with these attributes, in order: `all(data_room="7")`; with None, whatever it says."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        found = []
        for child in self.elements:
            if (tag is None or child.tag == tag) and all(
                name in child.attributes and value in (None, child.attributes[name]) for name, value in wanted.items()
            ):
                found.append(child)
            found += child.all(tag, **attributes)
        return found

    def one(self, tag: str | None = None, **attributes: str | None) -> "Element":
        """The one element inside that is so."""
        (element,) = self.all(tag, **attributes)
        return element


def parse(html: str) -> Element:
    """What is in this page or frame, as the children of one element."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return parser.open[0]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in [element.tag for element in self.open[1:]]:
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)
