"""Prices as the fleet reads them: once for all hosts that ask."""

from manifests.money import Rate
from runner.api.interface import JobApi
from runner.engine.messages import RatesRead, ReadRates
from runner.reading import Reader


class PriceList:
    """Answers what a check of prices asks of a client."""

    def __init__(self, api: JobApi, reader: Reader) -> None:
        self._api, self._reader = api, reader
        self._found: RatesRead | None = None

    def rates(self) -> dict[str, Rate]:
        """Live cents a minute by wallet service type.

        Raises:
            ApiError: no answer.
        """
        return dict(self._read.rates)

    def service_types(self) -> list[str]:
        """The wallet's names of what it sells.

        Raises:
            ApiError: no answer.
        """
        return sorted(self._read.types)

    @property
    def _read(self) -> RatesRead:
        """Read once; a `cached_property` of Python 3.11 would hold one lock for all shifts while it waits."""
        if self._found is None:
            found = self._reader(self._api, ReadRates())
            assert isinstance(found, RatesRead)
            self._found = found
        return self._found
