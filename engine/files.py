"""The content store: files named by their SHA-256 below one directory, written before the command that mentions them.

A file is streamed to a temporary name, synced, renamed, and its folder synced (security R5), so that a row never names
content that a power cut took away. The name a person gave is kept in the database only, as text.
"""

import hashlib
import os
import re
import unicodedata
import zipfile
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from engine.errors import NO_SPACE, InvalidError, NotFoundError, StorageFullError

MEBIBYTE = 1024 * 1024
LARGEST = 200 * MEBIBYTE
_LONGEST_NAME = 255
_HEAD = 4096
_OFFICE_ENTRIES, _OFFICE_BYTES = 1_000, 512 * MEBIBYTE
_BAD_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PATH_CHARACTERS = re.compile(r"[\\/:*?\"<>|]")

_ZIP, _OLE, _ISO = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"ftyp"


class FileTooLargeError(InvalidError):
    """A file is larger than is accepted (413)."""

    words = "文件超过 {limit} MB 的上限，没有保存。"


class FileRefusedError(InvalidError):
    """A file's name, kind or content is not accepted."""

    words = "文件“{name}”不能上传：{reason}"


class FileContentMissingError(NotFoundError):
    """The content of an attachment is not in the store."""

    words = "附件的内容不在存储目录中，请联系系统管理员。"


@dataclass(frozen=True)
class Kind:
    """A kind of file: its media type, where its first bytes must hold which signature, and a part a package needs."""

    content_type: str
    signatures: tuple[bytes, ...]
    at: int = 0
    part: str | None = None


@dataclass(frozen=True)
class StoredFile:
    """A file in the store: its clean name, size in bytes, media type and hex digests."""

    name: str
    size: int
    content_type: str
    sha256: str
    sm3: str


_OFFICE = "application/vnd.openxmlformats-officedocument"
# Extension and first bytes must both fit; no SVG, no HTML, nothing a browser would run (security S24).
KINDS: dict[str, Kind] = {
    "pdf": Kind("application/pdf", (b"%PDF-",)),
    "jpg": Kind("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": Kind("image/jpeg", (b"\xff\xd8\xff",)),
    "png": Kind("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "gif": Kind("image/gif", (b"GIF87a", b"GIF89a")),
    "bmp": Kind("image/bmp", (b"BM",)),
    "webp": Kind("image/webp", (b"WEBP",), at=8),
    "heic": Kind("image/heic", (_ISO,), at=4),
    "tif": Kind("image/tiff", (b"II*\x00", b"MM\x00*")),
    "tiff": Kind("image/tiff", (b"II*\x00", b"MM\x00*")),
    "mp4": Kind("video/mp4", (_ISO,), at=4),
    "mov": Kind("video/quicktime", (_ISO, b"moov", b"mdat", b"wide"), at=4),
    "mp3": Kind("audio/mpeg", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    "m4a": Kind("audio/mp4", (_ISO,), at=4),
    "wav": Kind("audio/wav", (b"RIFF",)),
    "doc": Kind("application/msword", (_OLE,)),
    "xls": Kind("application/vnd.ms-excel", (_OLE,)),
    "ppt": Kind("application/vnd.ms-powerpoint", (_OLE,)),
    "wps": Kind("application/vnd.ms-works", (_OLE, _ZIP)),
    "docx": Kind(f"{_OFFICE}.wordprocessingml.document", (_ZIP,), part="word/"),
    "xlsx": Kind(f"{_OFFICE}.spreadsheetml.sheet", (_ZIP,), part="xl/"),
    "pptx": Kind(f"{_OFFICE}.presentationml.presentation", (_ZIP,), part="ppt/"),
    "ofd": Kind("application/ofd", (_ZIP,), part="OFD.xml"),
    "zip": Kind("application/zip", (_ZIP,)),
    "txt": Kind("text/plain", ()),
    "csv": Kind("text/csv", ()),
}


class FileStore:
    """Keeps content by its hash; the same content is kept once."""

    def __init__(self, root: Path, limit: int = LARGEST) -> None:
        """Keep files below `root`, each of at most `limit` bytes."""
        self.root = root
        self.limit = limit

    def keep(self, stream: BinaryIO, name: str) -> StoredFile:
        """Store a stream under its hash and return what is known of it.

        Raises FileTooLargeError, FileRefusedError and StorageFullError; nothing is left behind then.
        """
        clean = clean_name(name)
        kind = _kind_of(clean)
        temporary = self.root / f".{uuid4().hex}.part"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            size, sha256, sm3 = self._write(stream, temporary)
            _check_content(temporary, clean, kind, size)
            self._put(temporary, sha256)
        except OSError as error:
            if error.errno in NO_SPACE:
                raise StorageFullError from error
            raise
        finally:
            temporary.unlink(missing_ok=True)
        return StoredFile(clean, size, kind.content_type, sha256, sm3)

    def find(self, sha256: str) -> Path:
        """Return where content lies; raises FileContentMissingError."""
        path = self._place(sha256)
        if not path.is_file():
            raise FileContentMissingError(sha256=sha256)
        return path

    def sweep(self, known: Container[str], before: datetime) -> int:
        """Remove content no row knows that was written before `before`; returns how many files went."""
        stale = [path for path in self._all() if path.name not in known and path.stat().st_mtime < before.timestamp()]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def damaged(self, known: Iterable[str]) -> tuple[str, ...]:
        """Return which of these contents are missing or are not what their hash says."""
        return tuple(sorted(sha256 for sha256 in known if not self._is_whole(sha256)))

    def _is_whole(self, sha256: str) -> bool:
        try:
            with self.find(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except (FileContentMissingError, FileNotFoundError):
            return False

    def _write(self, stream: BinaryIO, path: Path) -> tuple[int, str, str]:
        """Copy piece by piece, never more than the limit; returns size and digests."""
        sha256, sm3, size = hashlib.sha256(), hashlib.new("sm3"), 0
        with path.open("xb") as file:
            while piece := stream.read(MEBIBYTE):
                size += len(piece)
                if size > self.limit:
                    raise FileTooLargeError(limit=self.limit // MEBIBYTE)
                sha256.update(piece)
                sm3.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        return size, sha256.hexdigest(), sm3.hexdigest()

    def _put(self, temporary: Path, sha256: str) -> None:
        """Give the content its final name and make the name durable."""
        place = self._place(sha256)
        place.parent.mkdir(exist_ok=True)
        temporary.replace(place)
        for folder in (place.parent, self.root):
            _sync_folder(folder)

    def _place(self, sha256: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise FileContentMissingError(sha256="")
        return self.root / sha256[:2] / sha256

    def _all(self) -> Iterator[Path]:
        yield from self.root.glob("??/*")
        yield from self.root.glob(".*.part")


def clean_name(name: str) -> str:
    """Return the name as it is kept and shown: the last part of a path, NFC, no control, bidi or path characters.

    A name such as `../../x` loses its folders; one of which nothing is left is refused.
    """
    last = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    kept = "".join(letter for letter in last if unicodedata.category(letter) not in _BAD_CATEGORIES)
    kept = _PATH_CHARACTERS.sub("_", kept).strip(" .")
    stem, dot, extension = kept.rpartition(".")
    while len(kept.encode()) > _LONGEST_NAME and stem:
        stem = stem[:-1]
        kept = f"{stem}{dot}{extension}"
    if not kept or len(kept.encode()) > _LONGEST_NAME:
        raise FileRefusedError(name=name[:20], reason="文件名为空或无效。")
    return kept


def _kind_of(name: str) -> Kind:
    """Return the kind the extension stands for."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in KINDS:
        raise FileRefusedError(name=name, reason="不接受这种类型，可上传 PDF、Office 文档、图片、音视频和 ZIP。")
    return KINDS[extension]


def _check_content(path: Path, name: str, kind: Kind, size: int) -> None:
    """Refuse a file whose content is not what its extension says."""
    if size == 0:
        raise FileRefusedError(name=name, reason="文件是空的。")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if kind.signatures:
        fits = any(head[kind.at : kind.at + len(signature)] == signature for signature in kind.signatures)
    else:
        fits = b"\x00" not in head
    if not fits:
        raise FileRefusedError(name=name, reason="文件内容与扩展名不符。")
    if head.startswith(_ZIP):
        _check_package(path, name, kind.part)


def _check_package(path: Path, name: str, part: str | None) -> None:
    """Read the list of a ZIP package only: damaged ones, bombs and wrong kinds are refused (security S26)."""
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError) as broken:
        raise FileRefusedError(name=name, reason="压缩包已损坏。") from broken
    if part and not any(entry.filename.startswith(part) for entry in entries):
        raise FileRefusedError(name=name, reason="文件内容与扩展名不符。")
    if len(entries) > _OFFICE_ENTRIES or sum(entry.file_size for entry in entries) > _OFFICE_BYTES:
        raise FileRefusedError(name=name, reason="压缩包展开后过大或文件过多。")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
