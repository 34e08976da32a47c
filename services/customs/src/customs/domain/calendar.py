"""Legal days and hours: China's calendar, which has one zone and no summer time."""

from datetime import date, datetime, timedelta, timezone

from customs.domain.consignment import ConsignmentView, DeclarationType

CHINA = timezone(timedelta(hours=8))


def day_in_china(moment: datetime) -> date:
    """The calendar day at the port."""
    return moment.astimezone(CHINA).date()


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
