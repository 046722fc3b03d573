"""DMN files as trees: no DTD, no entities, bounded; DMN 1.1 to 1.5 under one set of local names."""

from typing import Any, Final

from lxml import etree

from engine.errors import InvalidDmnError, Problem

# The class lxml gives elements; it has no public name.
Element = etree._Element  # noqa: SLF001
SIZE_LIMIT: Final = 2 << 20
ELEMENT_LIMIT: Final = 20_000
NAMESPACES: Final = frozenset({
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
    "https://www.omg.org/spec/DMN/20240513/MODEL/",
})  # fmt: skip


def parse_xml(xml: bytes, file: str) -> Element:
    """Return the root `definitions`; raises InvalidDmnError."""
    if len(xml) > SIZE_LIMIT:
        raise refused(file, "size", "文件超过 2 MB")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise refused(file, "xml", f"不是正确的 XML：{str(problem)[:200]}") from None
    _check(root, file)
    return root


def _check(root: Element, file: str) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise refused(file, "dtd", "文件不得含有 DTD 或实体定义")
    name = etree.QName(root)
    if name.namespace not in NAMESPACES or name.localname != "definitions":
        raise refused(file, "namespace", "不是 DMN 1.1–1.5 文件")
    if sum(1 for _ in root.iter()) > ELEMENT_LIMIT:
        raise refused(file, "size", f"元素超过 {ELEMENT_LIMIT} 个")
    if next(root.iter(etree.Entity), None) is not None:
        raise refused(file, "entity", "文件不得含有实体")


def line_of(element: Element) -> int | None:
    """Return the line an element stands on."""
    line: Any = element.sourceline
    return line if isinstance(line, int) else None


def refused(file: str, rule: str, message: str) -> InvalidDmnError:
    """Return the error for a file that cannot be read at all."""
    return InvalidDmnError([Problem(file, f"dmn-{rule}", message)])


def local(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return etree.QName(element).localname


def children(element: Element, *names: str) -> list[Element]:
    """Return the children of DMN with one of these names, or all of them."""
    own = etree.QName(element).namespace
    found = [child for child in element if isinstance(child.tag, str) and etree.QName(child).namespace == own]
    return [child for child in found if not names or local(child) in names]


def child(element: Element, *names: str) -> Element | None:
    """Return the first child with one of these names."""
    return next(iter(children(element, *names)), None)


def text(element: Element | None) -> str:
    """Return the text of the child `text`, stripped; an empty one where there is none."""
    found = None if element is None else child(element, "text")
    return "".join(str(part) for part in found.itertext()).strip() if found is not None else ""


def attribute(element: Element, name: str) -> str:
    """Return an attribute as one line, empty where it is missing."""
    return " ".join(str(element.get(name) or "").split())
