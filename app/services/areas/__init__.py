"""Areas: the tree of provinces, districts, LAOs and schools, and a person's place in it."""

from app.services.areas.loading import load_areas
from app.services.areas.paths import AreaPath, area_of, require_country, scope_filter
from app.services.areas.places import Place, find_place, find_place_inside, inside, names_above, names_of, search_places
from app.services.areas.rules import DistrictRules

__all__ = [
    "AreaPath",
    "DistrictRules",
    "Place",
    "area_of",
    "find_place",
    "find_place_inside",
    "inside",
    "load_areas",
    "names_above",
    "names_of",
    "require_country",
    "scope_filter",
    "search_places",
]
