"""Files: too large, oddly named, not what they say; what a download carries."""

import io
import tracemalloc
from urllib.parse import unquote

import pytest

from tests.factories import read

MEGABYTE = 1024 * 1024


class Stream(io.RawIOBase):
    """A body that is made while it is read: a head, so many bytes, a tail."""

    def __init__(self, head, size, tail):
        self.parts, self.size, self.tail = [head], size, tail

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self.parts and self.size > 0:
            piece = min(self.size, len(buffer))
            self.size -= piece
            buffer[:piece] = b"x" * piece
            return piece
        if not self.parts and self.tail:
            self.parts, self.tail = [self.tail], b""
        if not self.parts:
            return 0
        head = self.parts.pop()
        piece, rest = head[: len(buffer)], head[len(buffer) :]
        if rest:
            self.parts.append(rest)
        buffer[: len(piece)] = piece
        return len(piece)


def multipart(token, size, name="a.txt", **fields):
    """A form with a file of so many bytes; returns the stream and its length."""
    texts = "".join(
        f'--X\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in {"csrf_token": token, **fields}.items()
    )
    head = (
        f'{texts}--X\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: text/plain\r\n\r\n"
    ).encode()
    tail = b"\r\n--X--\r\n"
    return Stream(head, size, tail), len(head) + size + len(tail)


def send(desk, path, size, *, told=True, headers=None, **fields):
    """Post a generated file of so many bytes, with its length told or (chunked) not told beforehand."""
    stream, length = multipart(desk.browser.token(), size, **fields)
    environ = (
        {"CONTENT_LENGTH": str(length)}
        if told
        else {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    )
    environ |= {"wsgi.input": stream, "CONTENT_TYPE": "multipart/form-data; boundary=X"}
    return desk.browser.client.post(path, headers=headers, environ_overrides=environ)


# Werkzeug leaves its spooled file to the collector when a body without a length turns out too long.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("told", [True, False])
def test_more_than_200_megabytes_are_refused_with_a_chinese_page(desk, tmp_path, told):
    tracemalloc.start()
    try:
        answer = send(desk, "/attachments", 201 * MEGABYTE, told=told, task_id=desk.task_id, instance_id=desk.matter)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 413
    assert "超过了允许的大小" in answer.get_data(as_text=True)
    assert peak < 16 * MEGABYTE
    assert read(desk.engine, "attachment") == []
    assert [one for one in (tmp_path / "files").rglob("*") if one.is_file()] == []


def test_scripts_and_htmx_are_told_of_it_in_their_own_form(desk):
    told = send(desk, "/attachments", 201 * MEGABYTE, headers={"Accept": "application/json"})
    assert (told.status_code, "超过" in told.json["message"]) == (413, True)
    part = send(desk, f"/tasks/{desk.task_id}/complete", 201 * MEGABYTE, headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Retarget"]) == (413, "#messages")


def test_a_large_file_is_streamed(desk, engine):
    tracemalloc.start()
    try:
        answer = send(desk, "/attachments", 40 * MEGABYTE, task_id=desk.task_id, instance_id=desk.matter)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 303
    assert peak < 16 * MEGABYTE
    assert read(engine, "attachment")[0].size == 40 * MEGABYTE


def test_the_store_refuses_a_file_over_its_own_limit(desk, engine):
    engine.files.limit = MEGABYTE
    answer = send(desk, "/attachments", 2 * MEGABYTE, task_id=desk.task_id, instance_id=desk.matter)
    assert answer.status_code == 413
    assert "上限" in answer.get_data(as_text=True)
    assert read(engine, "attachment") == []


NAMES = {
    "../../x.pdf": "x.pdf", "..\\..\\x.pdf": "x.pdf", "/etc/passwd.pdf": "passwd.pdf", "C:\\a\\b.pdf": "C_ab.pdf",
    "=cmd().pdf": "=cmd().pdf", "+1.pdf": "+1.pdf", "@x.pdf": "@x.pdf", "a\u202efdp.exe.pdf": "afdp.exe.pdf",
    "a\u2066b\u2069.pdf": "ab.pdf", "a\x01\x1b[31m.pdf": "a[31m.pdf", "立案 审批表.pdf": "立案 审批表.pdf",
    "<img src=x onerror=alert(1)>.pdf": "_img src=x onerror=alert(1)_.pdf", "a;b=c.pdf": "a;b=c.pdf",
    "%2e%2e%2fx.pdf": "%2e%2e%2fx.pdf", ".pdf.pdf": "pdf.pdf", "e\u0301.pdf": "é.pdf",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_an_odd_name_is_kept_and_shown_safely(desk, engine, name):
    answer = desk.upload(name)
    assert answer.status_code == 201, answer.json
    assert read(engine, "attachment")[0].name == answer.json["name"] == NAMES[name]
    download = desk.browser.get(answer.json["url"])
    disposition = download.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert "\n" not in disposition
    if "filename*=" in disposition:
        assert unquote(disposition.split("filename*=UTF-8''")[1].split(";")[0]) == NAMES[name]
    assert download.headers["X-Content-Type-Options"] == "nosniff"
    assert download.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "no-store" in download.headers["Cache-Control"]
    download.close()
    for path in (f"/tasks/{desk.task_id}", f"/matters/{desk.matter}/documents"):
        page = desk.browser.text(path)
        assert "<img src=x" not in page
        assert "\u202e" not in page


@pytest.mark.parametrize(
    "name", ["..", ".", "/", "\\", " ", "\u202e", "\x01", "...", ".pdf", "../", "x" * 300, "noextension", "a.pdf.exe"]
)
def test_a_name_of_which_nothing_is_left_is_refused(desk, engine, name):
    answer = desk.upload(name)
    assert answer.status_code == 422
    assert answer.json["message"]
    assert read(engine, "attachment") == []


def test_a_very_long_name_is_cut_and_keeps_its_extension(desk, engine):
    assert desk.upload("长" * 300 + ".pdf").status_code == 201
    kept = read(engine, "attachment")[0].name
    assert kept.endswith(".pdf")
    assert len(kept.encode()) <= 255


def test_nothing_is_kept_outside_the_store(desk, engine, tmp_path):
    before = set(tmp_path.rglob("*"))
    assert desk.upload("../../../x.pdf").status_code == 201
    new = set(tmp_path.rglob("*")) - before
    assert all(path.is_relative_to(engine.files.root) for path in new)


def test_only_a_pdf_or_picture_is_shown_and_never_as_a_page_of_ours(desk):
    shown = desk.browser.get(desk.upload("a.pdf").json["url"] + "?show=1")
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert shown.headers["Content-Security-Policy"].startswith("sandbox")
    shown.close()
    text = desk.browser.get(desk.upload("a.txt", b"<script>alert(1)</script>").json["url"] + "?show=1")
    assert text.headers["Content-Disposition"].startswith("attachment")
    text.close()


def test_a_refused_file_without_script_keeps_what_was_typed(desk):
    """The form posted with its files: one of them is refused, the words stay."""
    data = {
        **desk.page_fields(),
        "report": "写了很多的核查经过",
        "outcome": "同意",
        "papers": (io.BytesIO(b"MZ"), "a.exe"),
    }
    answer = desk.browser.post(f"/tasks/{desk.task_id}/complete", data, content_type="multipart/form-data")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "不能上传" in page
    assert "写了很多的核查经过" in page
    assert desk.completions() == 0
