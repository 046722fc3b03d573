"""DMN files as trees: no DTD, no entities, bounded; DMN 1.1 to 1.5 under one set of local names."""

from typing import Final

from lxml import etree

from engine.errors import InvalidDmnError, Problem

SIZE_LIMIT: Final = 2 << 20
ELEMENT_LIMIT: Final = 20_000
DEPTH_LIMIT: Final = 100
NAMESPACES: Final = frozenset({
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
    "https://www.omg.org/spec/DMN/20240513/MODEL/",
})  # fmt: skip


def parse_xml(xml: bytes, file: str) -> etree._Element:
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


def _check(root: etree._Element, file: str) -> None:
    if root.getroottree().docinfo.doctype:
        raise refused(file, "dtd", "文件不得含有 DTD 或实体定义")
    name = etree.QName(root)
    if name.namespace not in NAMESPACES or name.localname != "definitions":
        raise refused(file, "namespace", "不是 DMN 1.1–1.5 文件")
    if sum(1 for _ in root.iter()) > ELEMENT_LIMIT:
        raise refused(file, "size", f"元素超过 {ELEMENT_LIMIT} 个")
    for element in root.iter(etree.Entity):
        raise refused(file, "entity", "文件不得含有实体", line=element.sourceline)


def refused(file: str, rule: str, message: str, line: int | None = None) -> InvalidDmnError:
    """Return the error for a file that cannot be read at all."""
    return InvalidDmnError([Problem(file, f"dmn-{rule}", message, line=line)])


def local(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return etree.QName(element).localname


def children(element: etree._Element, *names: str) -> list[etree._Element]:
    """Return the children of DMN with one of these names, or all of them."""
    own = etree.QName(element).namespace
    found = [child for child in element if isinstance(child.tag, str) and etree.QName(child).namespace == own]
    return [child for child in found if not names or local(child) in names]


def child(element: etree._Element, *names: str) -> etree._Element | None:
    """Return the first child with one of these names."""
    return next(iter(children(element, *names)), None)


def text(element: etree._Element | None) -> str:
    """Return the text of the child `text`, stripped; an empty one where there is none."""
    found = None if element is None else child(element, "text")
    return "".join(str(part) for part in found.itertext()).strip() if found is not None else ""


def attribute(element: etree._Element, name: str) -> str:
    """Return an attribute as one line, empty where it is missing."""
    return " ".join(str(element.get(name) or "").split())
