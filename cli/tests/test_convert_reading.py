"""Whatever wraps a declaration and however it is encoded, it is read; what is dangerous or none is refused."""

from datetime import UTC, datetime

import pytest

from tongguan.convert import Limits, Unconverted, convert_files, default_profile
from tongguan.convert.refusals import NotADeclaration, NotReadable, NotXml

SOAP = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><ticket>77</ticket></soap:Header>
<soap:Body><request><detail>{}</detail></request></soap:Body></soap:Envelope>"""


def body(text: str) -> str:
    """The document without its XML declaration."""
    return text[text.index("?>") + 2 :].strip()


def refusal(results):
    [result] = results
    assert isinstance(result, Unconverted)
    return result.refusal


def test_wrapped_requests_are_unwrapped(convert, shellfish):
    plain = convert(shellfish).submission
    wrapped = convert(SOAP.format(body(shellfish)))
    assert wrapped.submission == plain
    assert "Envelope/Header/ticket" in [entry.path for entry in wrapped.report.not_carried]


def test_a_bare_declaration_is_enough(convert, shellfish):
    declaration = shellfish[shellfish.index("<Declaration ") : shellfish.index("</md:MetaData>")]
    assert convert(declaration).submission == convert(shellfish).submission


@pytest.mark.parametrize("namespace", ["", "urn:wco:datamodel:WCO:DEC-DMS:2", "urn:wco:datamodel:WCO:DEC:3", "urn:x"])
def test_namespaces_and_prefixes_do_not_matter(convert, shellfish, namespace):
    declaration = shellfish[shellfish.index("<Declaration ") : shellfish.index("</md:MetaData>")]
    declaration = declaration.replace(' xmlns="urn:wco:datamodel:WCO:DEC-DMS:2"', "")
    if namespace:
        declaration = (
            declaration.replace("</", "</w:").replace("<w:", "</w:").replace("<", "<w:").replace("<w:/w:", "</w:")
        )
        declaration = declaration.replace("<w:!--", "<!--").replace(
            "<w:Declaration", f'<w:Declaration xmlns:w="{namespace}"'
        )
    assert convert(declaration).submission == convert(shellfish).submission


@pytest.mark.parametrize(
    ("stated", "encoding"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        ("UTF-16", "utf-16-be"),
        ("GB18030", "gb18030"),
        ("GBK", "gbk"),
        ("utf-32", "utf-32"),
    ],
)
def test_every_usual_encoding_is_read(convert, shellfish, stated, encoding):
    text = shellfish.replace("Rúa", "Rua") if encoding == "gbk" else shellfish
    document = text.replace('encoding="UTF-8"', f'encoding="{stated}"').encode(encoding)
    assert convert(document).submission == convert(text).submission


def test_declared_latin_1_is_read_as_latin_1(convert, shellfish):
    text = shellfish.replace("宁波象山海鲜进口有限公司", "Importación Xiangshan").replace("石浦港路 12 号", "12 Shipu")
    document = text.replace('encoding="UTF-8"', "encoding='ISO-8859-1'").encode("latin-1")
    consignment = convert(document).submission.consignment
    assert consignment.trader.name == "Importación Xiangshan"
    assert consignment.consignor.address_lines[0] == "Rúa do Peirao 7"


def test_comments_within_values_and_sections_of_characters_are_no_obstacle(convert, shellfish):
    text = shellfish.replace(">Live oysters<", "><!-- alive --><![CDATA[Live oysters & <more>]]><!-- still --><")
    assert convert(text).submission.consignment.items[1].description == "Live oysters & <more>"


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE a [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>',
        '<!DOCTYPE a [<!ENTITY secret SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a SYSTEM "http://192.0.2.1/declaration.dtd">',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://192.0.2.1/p"> %p;]>',
        "<!DOCTYPE a>",
    ],
)
def test_document_types_and_entities_are_refused(attempt, shellfish, prologue):
    found = refusal(attempt(prologue + body(shellfish)))
    assert isinstance(found, NotXml)
    assert str(found) == "it holds a document type or entities, which are refused"


def test_an_entity_nobody_declared_is_refused(attempt, shellfish):
    assert isinstance(refusal(attempt(shellfish.replace("Live oysters", "&xxe;"))), NotXml)


def test_deep_nesting_is_refused_at_the_limit(attempt, convert, shellfish):
    deep = body(shellfish)
    depth = 9  # of the sample's own elements
    assert convert("<a>" * (64 - depth) + deep + "</a>" * (64 - depth))
    assert str(refusal(attempt("<a>" * 64 + deep + "</a>" * 64))) == "its elements are nested deeper than 64"
    assert isinstance(refusal(attempt("<a>" * 500_000)), NotXml)


def test_a_file_too_large_is_refused(attempt, shellfish):
    size = len(shellfish.encode())
    assert isinstance(refusal(attempt(shellfish, limits=Limits(size=size - 1))), NotReadable)
    [converted] = attempt(shellfish, limits=Limits(size=size))
    assert not isinstance(converted, Unconverted)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (b"", NotXml),
        (b"reference,weight\nA1,20\n", NotXml),
        (b"<Declaration>", NotXml),
        (b"\x00\x01\x02\x03", NotXml),
        ("<Declaration>é</Declaration>".encode("latin-1"), NotReadable),
        (b'<?xml version="1.0" encoding="utf-7"?><Declaration/>', NotReadable),
        (b'<?xml version="1.0" encoding="klingon"?><Declaration/>', NotReadable),
        (b"<invoice/>", NotADeclaration),
        (b"<Declaration/>", NotADeclaration),
        (b"<MetaData><Response><Declaration><ID>1</ID></Declaration></Response></MetaData>", NotADeclaration),
    ],
)
def test_what_is_no_declaration_is_refused_by_kind(attempt, document, kind):
    assert isinstance(refusal(attempt(document)), kind)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<TypeCode>IMA<", "<TypeCode>COR<", "it is an amendment of an earlier declaration, not a declaration"),
        ("<TypeCode>IMA<", "<TypeCode>INV<", "it is a cancellation of an earlier declaration, not a declaration"),
        (
            "<TypeCode>IMA<",
            "<TypeCode>GPR<",
            "it is a presentation of goods of an earlier declaration, not a declaration",
        ),
        ("<FunctionCode>9<", "<FunctionCode>1<", "it is a cancellation of an earlier declaration, not a declaration"),
        ("GovernmentAgencyGoodsItem>", "OtherItem>", "it holds no goods items; a submission holds 1 to 999"),
    ],
)
def test_messages_about_a_declaration_are_no_declaration(attempt, shellfish, old, new, expected):
    assert str(refusal(attempt(shellfish.replace(old, new)))) == expected


def test_a_bad_file_harms_no_other(shellfish, tmp_path):
    names = ("a.xml", "b.xml", "c.xml", "d.xml")
    for name, text in zip(names, (shellfish, "<x>", "", shellfish), strict=True):
        (tmp_path / name).write_text(text)
    paths = [*(tmp_path / name for name in names), tmp_path / "absent.xml"]
    results = list(convert_files(paths, default_profile(), datetime(2026, 3, 2, 8, tzinfo=UTC)))
    assert [isinstance(result, Unconverted) for result in results] == [False, True, True, False, True]
    assert "cannot be read" in str(results[-1].refusal)
