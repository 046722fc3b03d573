"""No cell of an export becomes a formula (security S27)."""

import pytest

from web.csv_export import csv_answer, safe_cell

FORMULAS = ["=cmd()", "+1", "-1", "@SUM(A1)", "|calc", "\t=1", "\r=1", " =1", "＝cmd()", "＋1", "－1", "＠x", "｜x"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_would_be_a_formula_gets_an_apostrophe(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["LD-LJ-2026-00001", "临江路", "", "2026-11-25"])
def test_ordinary_text_stays_as_it_is(text):
    assert safe_cell(text) == text


def test_numbers_stay_numbers():
    assert safe_cell(-3) == "-3"


def test_the_answer_opens_in_a_spreadsheet_with_its_chinese_name():
    answer = csv_answer("线索台账", ["编号"], [["=1"]])
    assert answer.get_data().startswith("\ufeff编号\r\n'=1".encode())
    assert "filename*=UTF-8''%E7%BA%BF" in answer.headers["Content-Disposition"]
