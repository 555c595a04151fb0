"""`schedule`, `until`, `timezone` and `fold` of a definition to instants, and what is wrong with them."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from msgflash_gitops.model.definition import Repeat, Schedule
from msgflash_gitops.model.finding import Finding, Severity, finding_at
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.source import Source
from msgflash_gitops.planning.localtime import LocalTimeError, is_ambiguous, to_instant

_WRITTEN = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})(?:T(?P<time>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(?P<offset>Z|[+-]\d{2}:\d{2})?)?"
)
_FOLDS = {"earlier": 0, "later": 1}
_FIRST_YEAR, _LAST_YEAR = 2000, 2999


@dataclass(frozen=True, slots=True)
class Times:
    schedule: Schedule
    until: datetime | None = None


# Files of the database that are no place: the machine's own time, rules without a zone, copies with leap seconds.
_NO_PLACES = re.compile(r"(?:factory|localtime|posixrules|(?:posix|right)/.*)", re.IGNORECASE)


@cache
def load_zone(name: str) -> ZoneInfo | None:
    """None for a name that the IANA database does not hold, or that names no place there (`Factory`, `localtime`)."""
    if _NO_PLACES.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


@cache
def _zone_names() -> list[str]:
    import zoneinfo  # noqa: PLC0415 - reads the whole database's folder

    return sorted(each for each in zoneinfo.available_timezones() if not _NO_PLACES.fullmatch(each))


def near_zones(name: str) -> str:
    """A hint with the nearest names."""
    by_fold = {each.casefold(): each for each in _zone_names()}
    near = difflib.get_close_matches(name.casefold(), list(by_fold), n=2, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(by_fold[each] for each in near)}?"
    return "use an IANA name such as Europe/Paris"


class TimesReader:
    """One definition's times. `default_zone` is the project's."""

    def __init__(self, data: Mapping[str, Json], source: Source, default_zone: str | None, key: str | None) -> None:
        self._data = data
        self._source = source
        self._default = default_zone
        self._key = key
        self.findings: list[Finding] = []

    def read(self, repeat: Repeat) -> Times | None:
        """None where there is an error. Values of another type than text are the schema's to report."""
        if not isinstance(self._data.get("schedule"), str) or not isinstance(self._data.get("until", ""), str):
            return None
        zone_name = self._zone_name()
        schedule = self._instant("schedule", zone_name)
        if self._has_offset("schedule"):
            if "timezone" in self._data:
                self._report(
                    "timezone", "timezone-beside-offset", "the schedule has an offset already", "remove one of them"
                )
            zone_name = None
        until = self._until(zone_name, repeat, schedule)
        if schedule is None or any(finding.severity is Severity.ERROR for finding in self.findings):
            return None
        return Times(Schedule(schedule, zone_name), until)

    def _zone_name(self) -> str | None:
        name = self._data.get("timezone")
        if not isinstance(name, str):
            return self._default
        if load_zone(name) is None:
            self._report("timezone", "timezone-unknown", f"there is no time zone {name!r}", near_zones(name))
            return None
        return name

    def _until(self, zone_name: str | None, repeat: Repeat, schedule: datetime | None) -> datetime | None:
        if "until" not in self._data:
            return None
        if repeat is Repeat.NONE:
            self._report(
                "until", "until-without-repeat", "`until` ends a series, and this campaign does not repeat", "remove it"
            )
            return None
        until = self._instant("until", zone_name or self._default)
        if until is not None and schedule is not None and until <= schedule:
            self._report("until", "until-before-schedule", "`until` is not after the first send", "set a later one")
        return until

    def _has_offset(self, field: str) -> bool:
        found = _WRITTEN.fullmatch(str(self._data.get(field)))
        return bool(found and found["offset"])

    def _instant(self, field: str, zone_name: str | None) -> datetime | None:
        written = self._data[field]
        assert isinstance(written, str)
        found = _WRITTEN.fullmatch(written)
        if found is None or found["time"] is None:
            self._report_form(field, written, dateless=found is not None)
            return None
        try:
            moment = datetime.fromisoformat(written)
        except ValueError as error:
            self._report(field, "time-invalid", f"{written} cannot exist: {error}")
            return None
        if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            self._report(field, "time-invalid", f"{written}: the year must be between {_FIRST_YEAR} and {_LAST_YEAR}")
            return None
        if moment.tzinfo is not None:
            if field == "schedule":
                self._check_fold_unused()
            return moment.astimezone(UTC)
        return self._local(field, moment, zone_name)

    def _report_form(self, field: str, written: str, *, dateless: bool) -> None:
        if dateless:
            self._report(field, "time-invalid", f"{written} is a date without a time", f"write {written}T09:00:00")
        else:
            hint = "write it as 2027-04-15T09:00:00, with +02:00 or Z behind it where it is not local"
            self._report(field, "time-invalid", f"{written!r} is no date and time", hint)

    def _local(self, field: str, wall: datetime, zone_name: str | None) -> datetime | None:
        zone = load_zone(zone_name) if zone_name else None
        if zone is None:
            if not isinstance(self._data.get("timezone"), str):
                hint = "add `timezone: Europe/Paris` here or in msgflash.yaml, or an offset"
                self._report(field, "timezone-missing", f"{wall.isoformat()} is local, and no time zone is given", hint)
            return None
        fold = _FOLDS.get(str(self._data.get("fold"))) if field == "schedule" else 0
        try:
            instant = to_instant(wall, zone, fold)
        except LocalTimeError as error:
            hint = "say `fold: earlier` or `fold: later`" if error.rule == "time-ambiguous" else "choose another time"
            self._report(field, error.rule, str(error), hint)
            return None
        if field == "schedule" and fold is not None and not is_ambiguous(wall, zone):
            self._check_fold_unused()
        return instant

    def _check_fold_unused(self) -> None:
        if "fold" in self._data:
            self._report("fold", "fold-unused", "this time happens once", "remove `fold`", Severity.WARNING)

    def _report(
        self, field: str, rule: str, message: str, hint: str | None = None, severity: Severity = Severity.ERROR
    ) -> None:
        position = self._source.at(field)
        self.findings.append(finding_at(position, rule, message, severity=severity, hint=hint, key=self._key))
