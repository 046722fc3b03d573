"""CSV for spreadsheets: every cell is text that no spreadsheet takes for a formula (security S27)."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from flask import Response

# As they look after NFKC, so that full-width forms are caught too.
_FORMULA = ("=", "+", "-", "@", "|", "\t", "\r", "\n")
_MARK = "\ufeff"


def safe_cell(value: Any) -> str:
    """Return a cell's text; what would begin a formula gets an apostrophe in front."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    text = "" if value is None else str(value)
    plain = unicodedata.normalize("NFKC", text)
    risky = plain.startswith(_FORMULA) or plain.lstrip().startswith(_FORMULA)
    return f"'{text}" if risky else text


def csv_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Return a download that Excel and WPS open in UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe_cell(text) for text in head])
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    answer = Response(_MARK + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename=\"export.csv\"; filename*=UTF-8''{quote(name)}.csv"
    return answer
