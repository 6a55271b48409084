"""The services that this simulator plays, found by looking into this folder."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from simulator.services.interface import Service


@cache
def all_services() -> dict[str, Service]:
    """Every service by its name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "interface")
    found = (importlib.import_module(f"{__name__}.{name}").SERVICE for name in names)
    return {service.name: service for service in found}
