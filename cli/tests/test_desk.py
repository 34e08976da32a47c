"""Work as an officer reads it in a row."""

from clearance.agency.v1.work_service_pb2 import Work
from tongguan.desk import work_row, work_table


def test_a_row_says_where_to_go() -> None:
    work = Work(kind=Work.KIND_EXAMINATION, state=Work.STATE_TAKEN, place="宁波保税区扬帆路17号")
    row = dict(zip((column.header for column in work_table().columns), work_row(work), strict=True))
    assert row["place"] == "宁波保税区扬帆路17号"
