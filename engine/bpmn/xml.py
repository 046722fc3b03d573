"""XML: read safely and within bounds (security.md S6)."""

from lxml import etree

from engine.errors import InvalidBpmnError, Problem

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
B, C = f"{{{BPMN}}}", f"{{{CAMUNDA}}}"
LARGEST = 2 * 1024 * 1024
MOST_ELEMENTS = 20_000


def local(element: etree._Element) -> str:
    """Return the tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def reference(text: str) -> str:
    """Return the local part of a QName."""
    return text.strip().rpartition(":")[2]


def text_in(element: etree._Element | None) -> str:
    """Return the text of an element, stripped."""
    return "".join(str(part) for part in element.itertext()).strip() if element is not None else ""


def parse_xml(xml: bytes, file: str) -> etree._Element:
    """Return the root of a document without DTD, entities, comments or processing instructions.

    Raises InvalidBpmnError: larger than 2 MB, more than 20,000 elements, nested deeper than 256, no XML, or a DTD.
    """
    if len(xml) > LARGEST:
        raise _refused(file, "xml-size", f"文件有 {len(xml) // 1024} KB，超过 2 MB")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        reason = " ".join((error.msg or "").split())[:120]
        raise _refused(file, "xml", f"不是正确的 XML：{reason}", error.lineno) from None
    except (ValueError, LookupError) as error:
        raise _refused(file, "xml", f"不是正确的 XML：{str(error)[:120]}") from None
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None:
        raise _refused(file, "xml-dtd", "含有文档类型声明（DTD），不予接收")
    count = sum(1 for _ in root.iter())
    if count > MOST_ELEMENTS:
        raise _refused(file, "xml-elements", f"含有 {count} 个元素，超过 {MOST_ELEMENTS} 个")
    return root


def _refused(file: str, rule: str, message: str, line: int | None = None) -> InvalidBpmnError:
    return InvalidBpmnError([Problem(file, rule, message, line=line)])
