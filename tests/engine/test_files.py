"""The content store: nothing half written, nothing believed that a name or an extension says."""

import hashlib
import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from engine.files import FileContentMissingError, FileRefusedError, FileStore, FileTooLargeError, clean_name

PDF = b"%PDF-1.7\n" + b"x" * 100


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "files", limit=2 * 1024 * 1024)


def package(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return buffer.getvalue()


def files_in(store):
    return sorted(path for path in store.root.rglob("*") if path.is_file())


def test_content_is_kept_under_its_hash_with_both_digests(store):
    kept = store.keep(io.BytesIO(PDF), "立案审批表.pdf")
    assert (kept.name, kept.size, kept.content_type) == ("立案审批表.pdf", len(PDF), "application/pdf")
    assert kept.sha256 == hashlib.sha256(PDF).hexdigest()
    assert kept.sm3 == hashlib.new("sm3", PDF).hexdigest()
    assert store.find(kept.sha256).read_bytes() == PDF


def test_the_same_content_is_kept_once(store):
    store.keep(io.BytesIO(PDF), "a.pdf")
    store.keep(io.BytesIO(PDF), "b.pdf")
    assert len(files_in(store)) == 1


def test_a_file_over_the_limit_leaves_nothing_behind(store):
    with pytest.raises(FileTooLargeError) as refusal:
        store.keep(io.BytesIO(PDF + b"0" * store.limit), "a.pdf")
    assert "2 MB" in str(refusal.value)
    assert files_in(store) == []


class Broken(io.BytesIO):
    """A connection that is lost after the first piece."""

    def read(self, size=-1):
        piece = super().read(10)
        if not piece:
            raise ConnectionError
        return piece


def test_a_lost_connection_leaves_nothing_behind(store):
    with pytest.raises(ConnectionError):
        store.keep(Broken(PDF), "a.pdf")
    assert files_in(store) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../x.pdf", "x.pdf"),
        ("C:\\temp\\报告.pdf", "报告.pdf"),
        ("a\x00b\u202efdp.pdf", "abfdp.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("=cmd().pdf", "=cmd().pdf"),
        (" .a:b?.pdf. ", "a_b_.pdf"),
        ("线" * 200 + ".pdf", "线" * 83 + ".pdf"),
    ],
)
def test_a_name_is_kept_as_text_without_what_could_deceive(given, kept):
    assert clean_name(given) == kept


@pytest.mark.parametrize("name", ["", "..", "/", "\u202e", "\ud800"])
def test_a_name_of_which_nothing_is_left_is_refused(name):
    with pytest.raises(FileRefusedError):
        clean_name(name)


@pytest.mark.parametrize("name", ["a.svg", "a.html", "a.exe", "a.js", "a", "pdf", "a.pdf.exe", "a.docm"])
def test_kinds_outside_the_list_are_refused(store, name):
    with pytest.raises(FileRefusedError):
        store.keep(io.BytesIO(PDF), name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"<html><script>"),
        ("a.png", PDF),
        ("a.docx", package("xl/workbook.xml")),
        ("a.docx", b"PK\x03\x04 broken"),
        ("a.txt", b"text\x00binary"),
        ("a.pdf", b""),
        ("a.jpg", b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_content_that_is_not_what_the_extension_says_is_refused(store, name, content):
    with pytest.raises(FileRefusedError):
        store.keep(io.BytesIO(content), name)
    assert files_in(store) == []


def test_office_documents_pictures_and_films_are_accepted(store):
    contents = {
        "a.docx": package("[Content_Types].xml", "word/document.xml"),
        "a.xlsx": package("xl/workbook.xml"),
        "a.JPG": b"\xff\xd8\xff\xe0rest",
        "a.mp4": b"\x00\x00\x00\x18ftypmp42",
        "a.txt": "正文".encode(),
    }
    assert [store.keep(io.BytesIO(content), name).name for name, content in contents.items()] == list(contents)


def test_a_package_with_too_many_entries_is_refused(store):
    with pytest.raises(FileRefusedError):
        store.keep(io.BytesIO(package(*(f"word/{number}" for number in range(1_001)))), "a.docx")


def test_content_that_is_gone_is_not_found(store):
    with pytest.raises(FileContentMissingError):
        store.find("0" * 64)
    with pytest.raises(FileContentMissingError):
        store.find("../../etc/passwd")


def test_the_sweep_takes_only_old_content_that_no_row_knows(store):
    known = store.keep(io.BytesIO(PDF), "a.pdf").sha256
    orphan = store.keep(io.BytesIO(PDF + b"!"), "b.pdf").sha256
    soon = datetime.fromtimestamp(store.find(orphan).stat().st_mtime, UTC)
    assert store.sweep({known}, soon - timedelta(hours=1)) == 0
    assert store.sweep({known}, soon + timedelta(hours=1)) == 1
    assert [path.name for path in files_in(store)] == [known]
