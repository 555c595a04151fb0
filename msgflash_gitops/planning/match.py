"""Which live campaigns belong to which key: by marker, by pin, and last by name (design, "Identity")."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from msgflash_gitops.model.campaign import ACTIVE, ENDED, LiveCampaign
from msgflash_gitops.model.memory import Remembered
from msgflash_gitops.model.plan import Desired, FieldChange
from msgflash_gitops.planning.diff import differences
from msgflash_gitops.planning.marker import Marker, damaged_key, read_marker


@dataclass(frozen=True, slots=True)
class Candidate:
    """A live campaign that belongs to a key. `digest` is None for one without our marker, matched by pin or name."""

    live: LiveCampaign
    digest: str | None
    differences: tuple[FieldChange, ...] = ()

    @property
    def status(self) -> str:
        return self.live.status


@dataclass(slots=True)
class Matches:
    """`problems` block a key: the reason why it cannot be told what belongs to it. `remarks` are warnings per key."""

    by_key: dict[str, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    orphans: dict[str, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    problems: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unmanaged: list[LiveCampaign] = field(default_factory=list)


def match(
    desired: Sequence[Desired],
    live: Iterable[LiveCampaign],
    project: str,
    formerly: Collection[str] = (),
    memory: Mapping[str, Remembered] = MappingProxyType({}),
) -> Matches:
    """Sort the account's campaigns out. Campaigns of other projects, and those nothing points to, are `unmanaged`.

    `formerly`: earlier names of the project, whose markers are its own. `memory`: what the ledger says of campaigns, by id: it tells
    whose a campaign is whose name lost its marker, and that something is wrong where the marker names another key.
    """
    names = {project, *formerly}
    matches = Matches()
    by_key = {one.key: one for one in desired}
    renamed = {one.renamed_from: one for one in desired if one.renamed_from}
    pinned = {one.pinned_id.lower(): one for one in desired if one.pinned_id}
    for campaign in live:
        marker = read_marker(campaign.name)[1]
        known = memory.get(campaign.id)
        if known is not None and marker is not None and _contradicts(marker, names, known, renamed):
            _report_contradiction(matches, campaign, marker, known, names)
            continue
        told = _identity(marker, names, known)
        owner = (by_key.get(told.key) or renamed.get(told.key)) if told else None
        _place(matches, campaign, told, owner, pinned.get(campaign.id.lower()))
    _report_renamed_project(matches, by_key)
    _report_missing_pins(matches, pinned.values())
    _report_damaged(matches, by_key, project)
    _adopt_namesakes(matches, desired)
    return matches


@dataclass(frozen=True, slots=True)
class _Told:
    key: str
    digest: str | None


def _place(
    matches: Matches, campaign: LiveCampaign, told: _Told | None, owner: Desired | None, pin: Desired | None
) -> None:
    """`told`: the key that it belongs to, by its marker or by memory; `owner`: its definition; `pin`: the one that pins it."""
    if told is not None and owner is None:
        matches.orphans[told.key].append(Candidate(campaign, told.digest))
    elif told is not None and owner is not None:
        matches.by_key[owner.key].append(Candidate(campaign, told.digest, _compared(owner, campaign)))
        _check_pin(matches, pin, owner)
    elif pin is not None and read_marker(campaign.name)[1] is None:
        matches.by_key[pin.key].append(Candidate(campaign, None, differences(pin, campaign)))
    else:
        matches.unmanaged.append(campaign)
        if pin is not None:
            matches.problems[pin.key] = f"the campaign that `id:` pins belongs to another project: {campaign.name!r}"


def _identity(marker: Marker | None, names: Collection[str], known: Remembered | None) -> _Told | None:
    """Whose campaign it is, by its marker, else by what is remembered of it."""
    if marker is not None:
        return _Told(marker.key, marker.digest) if marker.project in names else None
    return _Told(known.key, known.digest) if known is not None else None


def _compared(owner: Desired, campaign: LiveCampaign) -> tuple[FieldChange, ...]:
    """Of one that was not read, only what is remembered can differ."""
    return differences(owner, campaign, with_name=campaign.seen_at is None and not campaign.partial)


def _contradicts(marker: Marker, names: Collection[str], known: Remembered, renamed: Mapping[str, Desired]) -> bool:
    """Whether the name says something else than what the campaign is remembered for."""
    if marker.project not in names:
        return True
    now_called, meant = (renamed[key].key if key in renamed else key for key in (marker.key, known.key))
    return now_called != meant


def _report_contradiction(
    matches: Matches, campaign: LiveCampaign, marker: Marker, known: Remembered, names: Collection[str]
) -> None:
    """Nobody can tell whose it is: nothing is done for either key, and nothing to the campaign."""
    ours = marker.project in names
    whose = repr(marker.key) if ours else f"{marker.key!r} of project {marker.project!r}"
    for key in {known.key, marker.key} if ours else {known.key}:
        matches.problems.setdefault(
            key,
            f"campaign {campaign.id} is remembered for {known.key!r}, and its name says that it is {whose} ({campaign.name!r}): "
            f"correct its name in the dashboard, or give it up with `msgflash-gitops unlink {known.key} {campaign.id}`",
        )


def leftover_renames(
    desired: Iterable[Desired], live: Iterable[LiveCampaign], names: Collection[str], doubtful: Collection[str] = ()
) -> list[Desired]:
    """Definitions whose `renamed_from` nothing bears any more. `names`: every name that the project has or had; `doubtful`: keys in doubt."""
    borne = {marker.key for campaign in live if (marker := read_marker(campaign.name)[1]) and marker.project in names}
    borne |= set(doubtful)
    return [one for one in desired if one.renamed_from and one.renamed_from not in borne]


def _report_renamed_project(matches: Matches, by_key: dict[str, Desired]) -> None:
    """The very same form of a key under another project's name, and none of ours that can send: most likely this project was renamed."""
    for campaign in matches.unmanaged:
        marker = read_marker(campaign.name)[1]
        owner = by_key.get(marker.key) if marker else None
        if marker is None or owner is None or marker.digest != owner.digest:
            continue
        if campaign.status in ("completed", *ENDED) or any(
            each.status in ACTIVE for each in matches.by_key.get(owner.key, ())
        ):
            continue
        matches.problems.setdefault(
            owner.key,
            f"campaign {campaign.id} of project {marker.project!r} bears this key in the very same form and is still to be "
            f"sent: creating it here would send it twice. If this project was called {marker.project!r} before, say "
            f"`formerly: [{marker.project}]` in msgflash.yaml",
        )


def _check_pin(matches: Matches, pin: Desired | None, owner: Desired) -> None:
    if pin is not None and pin.key != owner.key:
        matches.problems[pin.key] = f"the campaign that `id:` pins is the one of {owner.key!r}"


def _report_missing_pins(matches: Matches, pinned: Iterable[Desired]) -> None:
    for one in pinned:
        if not matches.by_key.get(one.key) and one.key not in matches.problems:
            matches.problems[one.key] = (
                f"`id: {one.pinned_id}` pins a campaign that this account does not have: remove `id:` to create it"
            )


def _report_damaged(matches: Matches, by_key: dict[str, Desired], project: str) -> None:
    """A cut or altered marker may be this key's own campaign: creating it again could send it twice."""
    for campaign in matches.unmanaged:
        key = damaged_key(campaign.name, project)
        if key is None or campaign.status not in ACTIVE | {"paused"}:
            continue
        for owner in by_key.values():
            if owner.key.startswith(key) or owner.key.lower() == key.lower():
                matches.problems.setdefault(
                    owner.key,
                    f"campaign {campaign.id} bears what looks like this definition's marker, damaged: {campaign.name!r}. "
                    "Stop it in the dashboard, or pin it with `id:`",
                )


def _adopt_namesakes(matches: Matches, desired: Sequence[Desired]) -> None:
    """Rule 3: unmarked, same instance, exactly the same name, still to be sent."""
    unmarked: dict[tuple[str, object], list[LiveCampaign]] = defaultdict(list)
    for campaign in matches.unmanaged:
        if read_marker(campaign.name)[1] is None and campaign.status in ACTIVE | {"paused"}:
            unmarked[campaign.name, campaign.fields.get("instanceId")].append(campaign)
    if not unmarked:
        return
    shared = Counter((one.name, one.fields["instanceId"]) for one in desired)
    adopted: set[str] = set()
    for one in desired:
        name = (one.name, one.fields["instanceId"])
        namesakes = unmarked.get(name, [])
        if shared[name] > 1:
            namesakes = [each for each in namesakes if each.fields.get("schedule") == one.fields["schedule"]]
        if namesakes:
            adopted |= _adopt(matches, one, namesakes)
    matches.unmanaged = [campaign for campaign in matches.unmanaged if campaign.id not in adopted]


def _adopt(matches: Matches, one: Desired, namesakes: list[LiveCampaign]) -> set[str]:
    candidates = matches.by_key.get(one.key, [])
    ours = any(each.status not in ("completed", "cancelled", "failed") for each in candidates)
    to_send = [each for each in namesakes if each.status in ACTIVE]
    if ours or not to_send:
        ids = ", ".join(f"{each.id} ({each.status})" for each in namesakes)
        matches.remarks[one.key].append(f"a campaign of the same name that git does not manage exists beside it: {ids}")
        return set()
    if len(to_send) > 1:
        ids = ", ".join(each.id for each in to_send)
        matches.problems[one.key] = (
            f"{len(to_send)} campaigns without a marker bear this name and are still to be sent ({ids}): "
            "pin the right one with `id:` or stop the others in the dashboard"
        )
        return set()
    matches.by_key[one.key].append(Candidate(to_send[0], None, differences(one, to_send[0])))
    return {to_send[0].id}
