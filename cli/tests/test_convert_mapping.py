"""Element by element: what a declaration says stands in the submission, exactly."""

import pytest

from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.goods_pb2 import Document
from clearance.common.v1.transport_pb2 import TransportMeans

from .declarations import notes, reason, replaced


def test_an_item_keeps_code_masses_value_and_packages(convert, shellfish):
    mussels, oysters = convert(shellfish).submission.consignment.items
    assert mussels.commodity_code == "0307311010"
    assert mussels.description == "Chilled mussels (Mytilus) for human consumption"
    assert (mussels.gross_mass_kg, mussels.net_mass_kg, mussels.supplementary_quantity) == (4030.5, 4000, 400)
    assert (mussels.value.currency_code, mussels.value.minor_units) == ("EUR", 840045)
    [boxes] = mussels.packages
    assert (boxes.type_code, boxes.count, boxes.marks) == ("BX", 400, "UMIA 1/400")
    assert list(mussels.procedure_codes) == ["4000", "000"]
    assert list(mussels.statement_codes) == ["00500"]
    assert list(mussels.container_numbers) == ["CSQU3054383"]
    assert list(mussels.dangerous_goods_codes) == ["1845"]
    assert (oysters.number, oysters.commodity_code, oysters.gross_mass_kg) == (2, "030711", 1200)
    assert list(oysters.container_numbers) == ["TEMU9000010"]


def test_documents_are_category_and_type_number_and_status(convert, shellfish):
    consignment = convert(shellfish).submission.consignment
    assert list(consignment.items[0].documents) == [
        Document(type_code="N853", number="ES-CHED-0099", status_code="AE"),
        Document(type_code="N935", number="INV 0417"),
    ]
    assert list(consignment.documents) == [Document(type_code="1DAN", number="1108654")]
    assert list(consignment.items[0].previous_documents) == [Document(type_code="YSDE", number="26ESD0004711")]
    assert list(consignment.previous_documents) == [
        Document(type_code="ZDCR", number="6ES33333333-0417"),
        Document(type_code="UCR", number="6ES33333333-0417"),
    ]


def test_the_whole_keeps_its_totals_countries_containers_and_place(convert, shellfish):
    consignment = convert(shellfish).submission.consignment
    assert consignment.reference == "MEXILLON-0417"
    assert (consignment.invoice_total.currency_code, consignment.invoice_total.minor_units) == ("EUR", 2070045)
    assert (consignment.total_packages, consignment.total_gross_mass_kg) == (430, 5230.5)
    assert (consignment.dispatch_country_code, consignment.destination_country_code) == ("ES", "CN")
    assert [container.number for container in consignment.containers] == ["CSQU3054383", "TEMU9000010"]
    assert list(consignment.containers[0].seal_numbers) == ["ES-771", "ES-772"]
    assert consignment.goods_location_code == "CNAUBEILUN2"
    border, inland = consignment.border_transport, consignment.inland_transport
    assert (border.mode, border.identification, border.nationality_code) == (TransportMeans.MODE_SEA, "9319466", "LR")
    assert (inland.mode, inland.identification) == (TransportMeans.MODE_ROAD, "ZHE-B-1234")


def test_parties_stand_in_their_places(convert, shellfish):
    consignment = convert(shellfish).submission.consignment
    assert consignment.trader.name == "宁波象山海鲜进口有限公司"
    assert consignment.consignor.name == "Mariscos do Umia, S.L."
    assert list(consignment.consignor.address_lines) == ["Rúa do Peirao 7", "Cambados", "36630"]
    assert consignment.consignor.country_code == "ES"
    assert consignment.declarant.identifier == "ES22222222"


def test_the_exporter_of_an_export_is_the_trader_and_the_importer_its_consignee(convert, shellfish):
    consignment = convert(shellfish.replace("IMA<", "EXA<")).submission.consignment
    assert consignment.direction == Consignment.DIRECTION_EXPORT
    assert consignment.trader.name == "Mariscos do Umia, S.L."
    assert consignment.consignee.name == "宁波象山海鲜进口有限公司"


@pytest.mark.parametrize(
    ("code", "direction", "declaration_type"),
    [
        ("IMA", "IMPORT", "STANDARD"),
        ("IMB", "IMPORT", "STANDARD"),
        ("EXC", "EXPORT", "STANDARD"),
        ("EXJ", "EXPORT", "STANDARD"),
        ("IMD", "IMPORT", "PRE_LODGED"),
        ("IME", "IMPORT", "PRE_LODGED"),
        ("EXF", "EXPORT", "PRE_LODGED"),
        ("IMK", "IMPORT", "PRE_LODGED"),
        ("IMX", "IMPORT", "SUPPLEMENTARY"),
        ("EXY", "EXPORT", "SUPPLEMENTARY"),
        ("IMZ", "IMPORT", "SUPPLEMENTARY"),
        ("IMQ", "IMPORT", "SUPPLEMENTARY"),
        ("COA", "IMPORT", "STANDARD"),
        ("IM", "IMPORT", "STANDARD"),
        ("", "IMPORT", "STANDARD"),
    ],
)
def test_type_code_tells_direction_and_declaration_type(convert, shellfish, code, direction, declaration_type):
    consignment = convert(shellfish.replace("<TypeCode>IMA<", f"<TypeCode>{code}<")).submission.consignment
    assert Consignment.Direction.Name(consignment.direction) == f"DIRECTION_{direction}"
    assert Consignment.DeclarationType.Name(consignment.declaration_type) == f"DECLARATION_TYPE_{declaration_type}"


def test_a_direction_left_open_follows_the_procedure_requested_and_is_said(convert, shellfish):
    text = shellfish.replace("IMA<", "COA<").replace("<CurrentCode>40<", "<CurrentCode>10<")
    converted = convert(text)
    assert converted.submission.consignment.direction == Consignment.DIRECTION_EXPORT
    assert notes(converted.report, "direction") == [
        "EXPORT, because it names the procedure requested and TypeCode leaves it open"
    ]


def test_odd_codes_of_country_container_and_commodity_are_carried_as_declared(convert, shellfish):
    text = replaced(
        shellfish,
        ("<ExportCountry><ID>ES", "<ExportCountry><ID>QX"),
        ("<ID>TEMU9000010</ID>", "<ID>CN-1234228/34</ID>"),
        ("<ID>03073110</ID>", "<ID>0307.31</ID>"),
        ("<ID>9319466</ID>", "<ID>9319467</ID>"),
    )
    consignment = convert(text).submission.consignment
    assert consignment.dispatch_country_code == "QX"
    assert consignment.containers[1].number == "CN-1234228/34"
    assert consignment.items[0].commodity_code == "0307.3110"
    assert consignment.border_transport.identification == "9319467"


def test_what_does_not_fit_its_field_is_missing_and_listed(convert, shellfish):
    text = replaced(
        shellfish,
        ("<ExportCountry><ID>ES", "<ExportCountry><ID>西班牙"),
        ("<ID>TEMU9000010</ID>", "<ID>EIGHTEEN-CHARACTER</ID>"),
        ("<QuantityQuantity>400<", "<QuantityQuantity>400.5<"),
    )
    converted = convert(text)
    consignment = converted.submission.consignment
    assert consignment.dispatch_country_code == ""
    assert [container.number for container in consignment.containers] == ["CSQU3054383"]
    assert not consignment.items[0].packages[0].HasField("count")
    shipment = "Declaration/GoodsShipment"
    assert "characters" in reason(converted.report, f"{shipment}/ExportCountry/ID")
    assert "longer than 17" in reason(converted.report, f"{shipment}/Consignment/TransportEquipment[2]/ID")
    packages = f"{shipment}/GovernmentAgencyGoodsItem[1]/Packaging/QuantityQuantity"
    assert reason(converted.report, packages) == "it is not a whole number"


def test_text_is_normalised_and_cleaned_and_that_is_said(convert, shellfish):
    converted = convert(replaced(shellfish, ("Live oysters", "Cafe\u0301\tdu\u202eport")))
    assert converted.submission.consignment.items[1].description == "Café du port"
    assert notes(converted.report, "items[1].description") == [
        "normalised to NFC",
        "control characters replaced by a space: U+0009, U+202E",
    ]


def test_text_too_long_is_shortened_and_that_is_said(convert, shellfish):
    converted = convert(replaced(shellfish, ("Live oysters", "oyster " * 100)))
    assert len(converted.submission.consignment.items[1].description) == 512
    assert notes(converted.report, "items[1].description") == ["shortened from 699 to 512 characters"]


def test_a_long_reference_is_shortened_always_alike(convert, shellfish):
    text = replaced(shellfish, ("MEXILLON-0417", "MEXILLON 0417 / SEGUNDO ENVIO"))
    first, second = convert(text), convert(text)
    reference = first.submission.consignment.reference
    assert reference.startswith("MEXILLON0417/")
    assert len(reference) == 22
    assert reference == second.submission.consignment.reference
    assert notes(first.report, "reference")


def test_a_missing_reference_comes_from_the_content(convert, shellfish):
    text = replaced(shellfish, ("<FunctionalReferenceID>MEXILLON-0417</FunctionalReferenceID>", ""))
    reference = convert(text).submission.consignment.reference
    assert reference.startswith("DECLARATION-")
    assert reference == convert(text).submission.consignment.reference
    assert reference != convert(replaced(text, ("Live oysters", "Dead oysters"))).submission.consignment.reference


def test_item_numbers_that_are_taken_or_none_are_given_anew(convert, shellfish):
    text = replaced(shellfish, ("<SequenceNumeric>2</SequenceNumeric>\n        <Commodity>", "<Commodity>"))
    converted = convert(text)
    assert [item.number for item in converted.submission.consignment.items] == [1, 2]
    assert notes(converted.report, "items[1].number")


def test_items_that_agree_tell_the_country_the_header_leaves_out(convert, shellfish):
    text = replaced(shellfish, ("<ExportCountry><ID>ES</ID></ExportCountry>", ""))
    agreeing = text.replace(
        "<Origin><CountryCode>ES", "<ExportCountry><ID>FR</ID></ExportCountry><Origin><CountryCode>ES"
    )
    assert convert(agreeing).submission.consignment.dispatch_country_code == "FR"
    differing = agreeing.replace("<ID>FR</ID>", "<ID>GB</ID>", 1)
    assert convert(differing).submission.consignment.dispatch_country_code == ""


def test_goods_arriving_on_a_ship_crossed_the_border_on_it(convert, shellfish):
    text = replaced(
        shellfish,
        ("<ID>9319466</ID>", ""),
        ("<ID>ZHE-B-1234</ID><IdentificationTypeCode>30<", "<ID>MAR DE ONS</ID><IdentificationTypeCode>11<"),
    )
    converted = convert(text)
    assert converted.submission.consignment.border_transport.identification == "MAR DE ONS"
    assert notes(converted.report, "border_transport.identification")


def test_the_bill_of_lading_among_the_documents_is_the_transport_document(convert, shellfish):
    text = replaced(
        shellfish, ("<ID>INV 0417</ID><Name>Commercial invoice</Name><TypeCode>935<", "<ID>MAEU0417</ID><TypeCode>705<")
    )
    converted = convert(text)
    assert converted.submission.consignment.transport_document_number == "MAEU0417"
    assert "transport_document_number" not in converted.report.supplied


def test_two_declarations_in_one_file_are_two_submissions(attempt, shellfish):
    declaration = shellfish[shellfish.index("<Declaration ") : shellfish.index("</md:MetaData>")]
    second = declaration.replace("MEXILLON-0417", "MEXILLON-0418")
    converted = attempt(replaced(shellfish, ("</md:MetaData>", f"{second}</md:MetaData>")))
    assert [one.submission.consignment.reference for one in converted] == ["MEXILLON-0417", "MEXILLON-0418"]
    assert [one.report.position for one in converted] == [1, 2]
    assert converted[0].submission.request_id != converted[1].submission.request_id


def test_the_same_document_is_the_same_submission(convert, shellfish):
    assert convert(shellfish).submission == convert(shellfish).submission


def test_many_items_are_carried_and_too_many_are_refused(attempt, shellfish):
    item = shellfish[shellfish.index("<GovernmentAgencyGoodsItem>") : shellfish.index("<Importer>")].strip()
    [many] = attempt(shellfish.replace(item, item * 499))
    assert len(many.submission.consignment.items) == 998
    [too_many] = attempt(shellfish.replace(item, item * 500))
    assert str(too_many.refusal) == "it holds 1000 goods items; a submission holds 1 to 999"
