"""Files that are made to hurt whoever opens them, and files that are not what they are named; all from fixed seeds."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence

import xlsxwriter

from tests.factories.rosters.kinds import ods_of, unzipped, xlsx, zipped
from tests.factories.rosters.xls import compound

_NS = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_SHEET = "xl/worksheets/sheet1.xml"


def with_part(name: str, data: bytes, of: bytes | None = None) -> bytes:
    """A workbook in which one part is another, or is there besides."""
    return zipped({**unzipped(of or xlsx()), name: data})


def bomb(unpacked: int, part: str = "xl/sharedStrings.xml", *, lies: bool = False) -> bytes:
    """A workbook a part of which unpacks to `unpacked` bytes, a thousand times its size. lies: its header says 1000."""
    out = io.BytesIO()
    parts = unzipped(xlsx())
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in parts.items():
            if name != part:
                archive.writestr(name, data)
        with archive.open(part, "w") as stream:
            stream.write(b"<sst " + _NS + b"><si><t>")
            for _ in range(unpacked >> 20):
                stream.write(b"a" * 2**20)
            stream.write(b"</t></si></sst>")
        if lies:
            archive.getinfo(part).file_size = 1000
    return out.getvalue()


def laughs() -> bytes:
    """A workbook whose texts name entities that grow tenfold nine times over."""
    names = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    strings = (
        f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY l0 "lollollollol">{names}]>'
        f'<sst {_NS.decode()} count="10" uniqueCount="10">{"<si><t>&l9;</t></si>" * 10}</sst>'
    )
    return with_part("xl/sharedStrings.xml", strings.encode())


def outside() -> bytes:
    """A workbook whose texts name a file of the machine as an external entity."""
    return with_part(
        "xl/sharedStrings.xml",
        b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst ' + _NS
        + b">" + b"<si><t>&x;</t></si>" * 10 + b"</sst>",
    )  # fmt: skip


def laughs_ods() -> bytes:
    """An OpenDocument spreadsheet with entities that grow tenfold nine times over."""
    names = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return _declaring(f'<!ENTITY l0 "lollollollol">{names}', "&l9;")


def outside_ods() -> bytes:
    """One that names a file of the machine as an external entity."""
    return _declaring('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;")


def unused_entity_ods() -> bytes:
    """One that declares an entity and names none."""
    return _declaring('<!ENTITY x "y">', "x")


def _declaring(entities: str, text: str) -> bytes:
    cell = '<table:table-cell office:value-type="string"><text:p>%s</text:p></table:table-cell>'
    parts = unzipped(ods_of(f"<table:table-row>{cell % 'x'}{cell % text}</table:table-row>"))
    content = parts["content.xml"].decode().replace("?>", f"?><!DOCTYPE d [{entities}]>", 1)
    return zipped({**parts, "content.xml": content.encode()})


def merged_all_ods(rows: int) -> bytes:
    """An OpenDocument sheet of a few bytes each row of which begins a merged range down to the end of the sheet."""
    cell = '<table:table-cell table:number-rows-spanned="1048576" office:value-type="string"><text:p>x</text:p>'
    return ods_of(f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-cell></table:table-row>')


def tall(rows: int = 1_000_000, columns: int = 5) -> bytes:
    """A sheet of this many rows."""
    cells = "".join(f'<c r="{chr(65 + place)}%d"><v>{place}</v></c>' for place in range(columns))
    line = f'<row r="%d">{cells}</row>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in unzipped(xlsx()).items():
            if name != _SHEET:
                archive.writestr(name, data)
        with archive.open(_SHEET, "w") as stream:
            stream.write(b"<worksheet " + _NS + b"><sheetData>")
            for start in range(1, rows + 1, 10_000):
                numbers = range(start, min(start + 10_000, rows + 1))
                stream.write("".join(line % ((n,) * (columns + 1)) for n in numbers).encode())
            stream.write(b"</sheetData></worksheet>")
    return out.getvalue()


def far(row: int, column: int) -> bytes:
    """A table and one cell far from it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("ชื่อ", "นามสกุล"))
        sheet.write(row, column, "x")
    return out.getvalue()


def repeated(rows: int, columns: int) -> bytes:
    """An OpenDocument sheet of a few bytes that says one cell is there `rows` by `columns` times."""
    cell = '<table:table-cell table:number-columns-repeated="%d" office:value-type="string"><text:p>x</text:p>'
    return ods_of(
        f'<table:table-row table:number-rows-repeated="{rows}">{cell % columns}</table:table-cell></table:table-row>'
    )


def merged_long(
    rows: int = 4_900, columns: int = 100, text: str = "ก" * 2_000, first: int = 70, head: Sequence[str] = ()
) -> bytes:
    """A few kB that say one long text is in half a million cells: a merged range over all that a sheet uses.

    first: its first row; the ones above are what a reader looks at for a header. head: the texts of row 1.
    """
    text_cell = '<c r="{}{}" t="inlineStr"><is><t>{}</t></is></c>'.format
    headings = "".join(text_cell(_letters(number), 1, one) for number, one in enumerate(head, 1))
    place = f"{_letters(columns)}{rows}"
    cells = f'<row r="{first}">{text_cell("A", first, text)}</row>'
    end = f'<row r="{rows}"><c r="{place}"><v>1</v></c></row>'
    top = f'<row r="1">{headings}</row>' if head else ""
    merged = f'<mergeCells><mergeCell ref="A{first}:{place}"/></mergeCells>'
    sheet = f"<worksheet {_NS.decode()}><sheetData>{top}{cells}{end}</sheetData>{merged}</worksheet>"
    return with_part(_SHEET, sheet.encode())


def _letters(column: int) -> str:
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def shared_long(rows: int, columns: int = 1, characters: int = 32_000) -> bytes:
    """A workbook every cell of which names the one shared string, a long one."""
    cells = "".join(f'<c r="{_letters(place + 1)}%d" t="s"><v>0</v></c>' for place in range(columns))
    lines = "".join(f'<row r="%d">{cells}</row>' % ((number,) * (columns + 1)) for number in range(1, rows + 1))
    strings = b"<sst " + _NS + b"><si><t>" + "ก".encode() * characters + b"</t></si></sst>"
    sheet = b"<worksheet " + _NS + b"><sheetData>" + lines.encode() + b"</sheetData></worksheet>"
    kinds = unzipped(xlsx())
    return zipped({**kinds, "xl/sharedStrings.xml": strings, _SHEET: sheet})


def many_sheets(sheets: int) -> bytes:
    """A workbook of so many sheets, each of one cell."""
    parts = unzipped(xlsx())
    return zipped({**parts, **{f"xl/worksheets/sheet{n}.xml": parts[_SHEET] for n in range(1, sheets + 1)}})


def many_records_xls(records: int) -> bytes:
    """An old workbook one record of which is said to go on in so many others."""
    begin = struct.pack("<HHHHHHII", 0x0809, 16, 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    text = struct.pack("<HHII", 0x00FC, 8, 1, 1)
    more = struct.pack("<HH", 0x003C, 2000) + b"\xff" * 2000
    return compound({"Workbook": begin + text + more * records})


def merged_all(spans: int) -> bytes:
    """A small table with many merged ranges that each say they are the whole sheet."""
    sheet = unzipped(xlsx())[_SHEET]
    ranges = b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * spans + b"</mergeCells>"
    return with_part(_SHEET, sheet.replace(b"</sheetData>", b"</sheetData>" + ranges))


def locked() -> bytes:
    """What Excel writes for a workbook with a password: an OLE2 file around the encrypted package."""
    noise = random.Random(5).randbytes(9000)
    return compound({"EncryptedPackage": noise, "EncryptionInfo": noise[:300], "\x06DataSpaces": b""})


def locked_xls() -> bytes:
    """An old workbook whose first record after its beginning says that the rest is encrypted."""
    begin = struct.pack("<HHHHHHII", 0x0809, 16, 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    return compound({"Workbook": begin + struct.pack("<HHH", 0x002F, 54, 1) + random.Random(6).randbytes(5000)})


def macros() -> bytes:
    """A workbook with macros, one of which would run when it is opened."""
    kinds = unzipped(xlsx())["[Content_Types].xml"].replace(
        b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml"
    )
    parts = {**unzipped(xlsx()), "[Content_Types].xml": kinds}
    return zipped({**parts, "xl/vbaProject.bin": compound({"VBA": b'Sub Auto_Open()\nShell "touch x"\nEnd Sub'})})


def formulas() -> bytes:
    """Formulas with stored values, among them some that would start a program or fetch from the net."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("ชื่อ", "อายุ"))
        for row, (formula, value) in enumerate(
            (
                ("=1+1", 2), ('=WEBSERVICE("http://127.0.0.1:9/")', "เก็บไว้"), ("=cmd|' /C calc'!A0", "ปลอดภัย"),
                ("='[other.xlsx]S'!A1", "จากไฟล์อื่น"), ("=1/0", "#DIV/0!"),
            ),
            start=1,
        ):  # fmt: skip
            sheet.write_formula(row, 0, formula, None, value)
    link = (
        b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook r:id="rId1" '
        b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/></externalLink>'
    )
    return with_part("xl/externalLinks/externalLink1.xml", link, out.getvalue())


def zip_locked() -> bytes:
    """A workbook in a zip whose parts are marked as encrypted."""
    data = bytearray(xlsx())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def not_tables() -> Mapping[str, bytes]:
    """What it looks like -> a file of that kind, by whatever name it is sent."""
    page = "<html><head><meta charset='windows-874'></head><body><table><tr><td>ชื่อ</td></tr></table></body></html>"
    return {
        "PDF": b"%PDF-1.7\n1 0 obj\n",
        "Word": zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}),
        "Word (.doc)": compound({"WordDocument": b"x" * 5000}),
        "PowerPoint": zipped({"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<p/>"}),
        "picture": b"\x89PNG\r\n\x1a\n" + bytes(50),
        "picture (.jpg)": b"\xff\xd8\xff\xe0" + bytes(50),
        "archive": zipped({"inner.zip": zipped({"a.xlsx": xlsx()})}),
        "HTML": page.encode("cp874"),
        "HTML (UTF-8)": ("\ufeff\r\n" + page).encode(),
        "XML": b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
        "program": b"MZ\x90\0" + bytes(50),
        "no text": random.Random(7).randbytes(5000),
    }


def cut(data: bytes, times: int, seed: int = 1) -> Iterator[bytes]:
    """The beginnings of a file, of random lengths."""
    chance = random.Random(seed)
    for _ in range(times):
        yield data[: chance.randrange(1, len(data))]


ODD_TEXTS = (
    "😀👨‍👩‍👧‍👦🇹🇭", "محمد عبد الله", "\u202eกลับด้าน\u202c", "ก" * 65, "e\u0301\u0323", "\u200bมอง\u200bไม่เห็น\ufeff",
    "=1+1", "'00123", "<b>&amp;</b>",
)  # fmt: skip
"""Emoji, right to left, reversed, long, combined, invisible, formula-like and markup."""
