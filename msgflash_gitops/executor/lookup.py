"""Looking campaigns up in the list, one listing for everybody who waits at that moment."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from msgflash_gitops.errors import ApiError
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.ports import CampaignApi, Clock

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 4.0


class Lookup:
    """Lists the account again and again until something shows or the time to settle is over.

    Thousands of ambiguous creates at once share the same listings: the request quota counts every page.
    """

    def __init__(self, api: CampaignApi, clock: Clock, settle: timedelta) -> None:
        self._api = api
        self._clock = clock
        self._settle = settle.total_seconds()
        self._quiet_from = clock.monotonic()
        self._listing: asyncio.Task[list[LiveCampaign]] | None = None
        self._waiting: asyncio.Task[list[LiveCampaign]] | None = None

    def doubt(self) -> None:
        """An answer was lost just now: the server may still be about to carry the request out."""
        self._quiet_from = self._clock.monotonic() + self._settle

    async def until(
        self, wanted: Callable[[list[LiveCampaign]], bool], *, settled: bool = False
    ) -> list[LiveCampaign] | None:
        """The first listing that satisfies `wanted`, else the last one, which began after the time to settle was over.

        `settled`: only a listing counts that began when every doubtful create had time to settle.
        None where the last listing failed: then nothing is known. Raises nothing of the API's.
        """
        end = self._clock.monotonic() + self._settle
        pause = _FIRST_PAUSE
        while True:
            began = self._clock.monotonic()
            last = began >= end
            campaigns = await self._try_list()
            if campaigns is not None and (began >= self._quiet_from or not settled) and wanted(campaigns):
                return campaigns
            if last:
                return campaigns
            await self._clock.sleep(min(pause, max(end - self._clock.monotonic(), 0.01)))
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _try_list(self) -> list[LiveCampaign] | None:
        try:
            return await self._fresh()
        except ApiError:
            return None

    async def _fresh(self) -> list[LiveCampaign]:
        """A listing that begins after this call: one that is under way already might miss what was just created."""
        if self._waiting is None:
            self._waiting = asyncio.ensure_future(self._after(self._listing))
        return await asyncio.shield(self._waiting)

    async def _after(self, running: "asyncio.Task[list[LiveCampaign]] | None") -> list[LiveCampaign]:
        if running is not None:
            await asyncio.wait([running])
        self._listing, self._waiting = self._waiting, None
        return await self._api.list_campaigns()
