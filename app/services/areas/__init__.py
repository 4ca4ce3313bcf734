"""Areas: the tree of provinces, districts, LAOs and schools, and a person's place in it."""

from app.services.areas.loading import load_areas
from app.services.areas.paths import AreaPath, area_of, require_country, scope_filter
from app.services.areas.places import Place, find_place, inside, names_above, names_of, search_places

__all__ = [
    "AreaPath",
    "Place",
    "area_of",
    "find_place",
    "inside",
    "load_areas",
    "names_above",
    "names_of",
    "require_country",
    "scope_filter",
    "search_places",
]
