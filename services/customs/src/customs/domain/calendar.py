"""Legal days and hours: China's calendar, which has one zone and no summer time."""

from calendar import monthrange
from datetime import date, datetime, timedelta, timezone

from customs.domain.consignment import ConsignmentView, DeclarationType

CHINA = timezone(timedelta(hours=8))
_LAST = datetime.max.replace(tzinfo=CHINA)


def day_in_china(moment: datetime) -> date:
    """The calendar day at the port; the calendar's last where it is already the year 10000 there."""
    return min(moment, _LAST).astimezone(CHINA).date()


def days_late(view: ConsignmentView, accepted: datetime, free_days: int) -> int:
    """Days beyond the free ones between declared arrival and acceptance of an import; 0 where no limit runs."""
    supplementary = view.declaration_type == DeclarationType.SUPPLEMENTARY
    if not view.is_import or supplementary or view.arrival_time is None:
        return 0
    return max((day_in_china(accepted) - day_in_china(view.arrival_time)).days - free_days, 0)


def hours_before_loading(view: ConsignmentView, accepted: datetime) -> float | None:
    """Hours between acceptance and planned loading of an export, negative after it; None where no limit runs."""
    supplementary = view.declaration_type == DeclarationType.SUPPLEMENTARY
    if view.is_import or supplementary or view.loading_time is None:
        return None
    return (view.loading_time - accepted) / timedelta(hours=1)


def unclaimed_since(view: ConsignmentView, accepted: datetime, months: int) -> date | None:
    """The first day on which an import counted as unclaimed, where it was declared then or later; None elsewhere.

    Months are of the calendar: from 30 November three months end with February.
    """
    supplementary = view.declaration_type == DeclarationType.SUPPLEMENTARY
    if not view.is_import or supplementary or view.arrival_time is None or accepted < view.arrival_time:
        return None
    arrival = day_in_china(view.arrival_time)
    years, month = divmod(arrival.month - 1 + months, 12)
    year, month = arrival.year + years, month + 1
    last = date(year, month, min(arrival.day, monthrange(year, month)[1]))
    return last + timedelta(days=1) if day_in_china(accepted) > last else None
