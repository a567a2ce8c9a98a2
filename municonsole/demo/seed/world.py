"""The demo's two fictitious municipalities: suburbs, teams, people, calendars and SLA policies.

Coordinates are degrees of WGS 84. An area is a polygon of (longitude, latitude) points, x before y.
Names of people are neutral: nobody in the demo is anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

from municonsole.domain.municipal import Window, WorkingCalendar
from municonsole.domain.values import Category, Role


@dataclass(frozen=True, slots=True)
class Suburb:
    """A part of a town with its middle and some of its streets."""

    name: str
    latitude: float
    longitude: float
    streets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Crew:
    """A team: what it does, its service area as west, south, east, north, and its depot.

    A SAPS team names no manager: municipal roles see teams, and are not to know who the liaisons are.
    """

    name: str
    category: Category
    area: tuple[float, float, float, float]
    depot_latitude: float
    depot_longitude: float
    manager: str | None

    @property
    def is_saps(self) -> bool:
        """Whether it is a police station's team."""
        return self.category.is_sensitive

    @property
    def polygon(self) -> str:
        """The service area as PostgreSQL reads a polygon: (longitude, latitude) corners."""
        west, south, east, north = self.area
        corners = ((west, south), (east, south), (east, north), (west, north))
        return "(" + ",".join(f"({x},{y})" for x, y in corners) + ")"

    def covers(self, latitude: float, longitude: float) -> bool:
        """Whether a point lies in the service area."""
        west, south, east, north = self.area
        return west <= longitude <= east and south <= latitude <= north


@dataclass(frozen=True, slots=True)
class Login:
    """An operator of the demo; `team` is a team's name in the municipality, or None."""

    username: str
    role: Role
    municipality: str
    full_name: str
    team: str | None


@dataclass(frozen=True, slots=True)
class Policy:
    """SLA targets in hours of a calendar; a category of None is the municipality's default."""

    category: Category | None
    calendar: str
    response_hours: int
    resolution_hours: int
    warning_percent: int = 80


@dataclass(frozen=True, slots=True)
class Town:
    """One municipality; `share` is its part of all tickets."""

    code: str
    name: str
    share: float
    suburbs: tuple[Suburb, ...]
    crews: tuple[Crew, ...]
    people: tuple[Login, ...]
    calendars: tuple[WorkingCalendar, ...]
    policies: tuple[Policy, ...]


_STREETS = (
    "Marula Street", "Protea Avenue", "Knob Thorn Road", "Weaver Lane", "Assegai Road", "Tamboti Street",
    "Sugarbush Close", "Kingfisher Drive", "Buchu Street", "Fever Tree Avenue", "Hornbill Road", "Lapwing Lane",
    "Milkwood Drive", "Spekboom Street", "Hoopoe Close", "Quarry Road", "Station Road", "Reservoir Road",
    "Market Street", "Clinic Street", "School Lane", "Mission Road", "Ferry Street", "Orchard Road",
    "Wagon Road", "Cycad Street", "Lourie Avenue", "Bushwillow Road", "Sandpiper Lane", "Aloe Street",
)  # fmt: skip


def _suburbs(*middles: tuple[str, float, float]) -> tuple[Suburb, ...]:
    count = len(_STREETS)
    return tuple(
        Suburb(
            name,
            latitude,
            longitude,
            tuple(_STREETS[(place * 7 + k * 3) % count] for k in range(9)),
        )
        for place, (name, latitude, longitude) in enumerate(middles)
    )


_THORNVELD = _suburbs(
    ("Aloe Ridge", -27.985, 30.105),
    ("Weaverdale", -27.992, 30.158),
    ("Emthunzini Park", -27.968, 30.189),
    ("Northgate Extension", -28.004, 30.128),
    ("Old Siding", -28.011, 30.171),
    ("Thornveld Central", -28.024, 30.149),
    ("Klipfontein Heights", -28.031, 30.111),
    ("Umlaza View", -28.058, 30.182),
    ("Marula Glen", -28.064, 30.139),
    ("Rooikopjes", -28.072, 30.101),
    ("Lower Valley", -28.083, 30.160),
    ("Sizanani", -28.091, 30.127),
    ("Vergelee", -28.098, 30.186),
)
_KESTREL = _suburbs(
    ("Kestrel Point", -30.612, 30.527),
    ("Harbour Rise", -30.621, 30.519),
    ("Lagoon Side", -30.634, 30.511),
    ("Sandpiper Flats", -30.643, 30.502),
    ("Ekuphumuleni", -30.626, 30.488),
    ("Milkwood Hill", -30.615, 30.498),
    ("Bay Central", -30.629, 30.505),
    ("Duineveld", -30.652, 30.494),
    ("Sugar Mill", -30.640, 30.471),
    ("Upper Ferry", -30.606, 30.479),
    ("Mission Kloof", -30.659, 30.468),
)

_TVD_ALL = (30.08, -28.12, 30.21, -27.95)
_TVD_NORTH = (30.08, -28.04, 30.21, -27.95)
_TVD_SOUTH = (30.08, -28.12, 30.21, -28.04)
_KSB_ALL = (30.45, -30.68, 30.54, -30.59)


def _crews_tvd() -> tuple[Crew, ...]:
    first, second = "tvd_manager1", "tvd_manager2"
    return (
        Crew("Water North", Category.WATER, _TVD_NORTH, -28.001, 30.131, first),
        Crew("Water South", Category.WATER, _TVD_SOUTH, -28.070, 30.144, first),
        Crew("Roads North", Category.ROADS, _TVD_NORTH, -28.008, 30.165, second),
        Crew("Roads South", Category.ROADS, _TVD_SOUTH, -28.086, 30.151, second),
        Crew("Electricity", Category.ELECTRICITY, _TVD_ALL, -28.026, 30.152, first),
        Crew("Waste", Category.WASTE, _TVD_ALL, -28.077, 30.109, second),
        Crew("Sanitation", Category.SANITATION, _TVD_ALL, -28.066, 30.175, first),
        Crew("General Services", Category.OTHER, _TVD_ALL, -28.023, 30.147, second),
        Crew("SAPS Thornveld Central", Category.GBV, _TVD_NORTH, -28.022, 30.153, None),
        Crew("SAPS Lower Valley", Category.GBV, _TVD_SOUTH, -28.085, 30.157, None),
    )


def _crews_ksb() -> tuple[Crew, ...]:
    manager = "ksb_manager1"
    return (
        Crew("Water", Category.WATER, _KSB_ALL, -30.631, 30.497, manager),
        Crew("Roads", Category.ROADS, _KSB_ALL, -30.642, 30.476, manager),
        Crew("Electricity", Category.ELECTRICITY, _KSB_ALL, -30.627, 30.503, manager),
        Crew("Waste", Category.WASTE, _KSB_ALL, -30.655, 30.473, manager),
        Crew("Sanitation", Category.SANITATION, _KSB_ALL, -30.645, 30.505, manager),
        Crew("General Services", Category.OTHER, _KSB_ALL, -30.628, 30.506, manager),
        Crew("SAPS Kestrel Bay", Category.GBV, _KSB_ALL, -30.628, 30.508, None),
        Crew("SAPS Sugar Mill", Category.GBV, _KSB_ALL, -30.641, 30.470, None),
    )


def _people(code: str, crews: tuple[Crew, ...]) -> tuple[Login, ...]:
    """One operator a municipal team, one liaison a SAPS team, the managers, and one admin."""
    municipal = [crew for crew in crews if not crew.is_saps]
    stations = [crew for crew in crews if crew.is_saps]
    managers = sorted({crew.manager for crew in municipal if crew.manager})
    return (
        *(
            Login(f"{code}_op{place}", Role.OPERATOR, code, f"Operator {place}", crew.name)
            for place, crew in enumerate(municipal, 1)
        ),
        *(
            Login(username, Role.MANAGER, code, f"Manager {place}", None)
            for place, username in enumerate(managers, 1)
        ),
        Login(f"{code}_admin1", Role.ADMIN, code, "Administrator 1", None),
        *(
            Login(f"{code}_saps{place}", Role.SAPS_LIAISON, code, f"Liaison {place}", crew.name)
            for place, crew in enumerate(stations, 1)
        ),
    )


_ALWAYS = "round the clock"
_OFFICE = "office hours"
_SHIFT = "early shift"


def _always(name: str) -> WorkingCalendar:
    return WorkingCalendar(
        name, is_always=True, windows=(), country=None, region=None, add={}, remove=frozenset()
    )


def _weekdays(
    name: str, *windows: tuple[float, float], saturday: tuple[float, float] | None = None
) -> WorkingCalendar:
    """Monday to Friday in hours of the day, perhaps Saturday too, without South Africa's public holidays."""
    week = [(weekday, window) for weekday in range(1, 6) for window in windows]
    if saturday is not None:
        week.append((6, saturday))
    return WorkingCalendar(
        name,
        is_always=False,
        windows=tuple(
            Window(weekday, int(opens * 60), int(closes * 60)) for weekday, (opens, closes) in week
        ),
        country="ZA",
        region=None,
        add={},
        remove=frozenset(),
    )


TOWNS = (
    Town(
        "tvd",
        "Thornveld",
        0.62,
        _THORNVELD,
        _crews_tvd(),
        _people("tvd", _crews_tvd()),
        (
            _always(_ALWAYS),
            _weekdays(_OFFICE, (8, 16.5)),
            _weekdays(_SHIFT, (6, 10), (10.5, 14.5), saturday=(6, 12)),
        ),
        (
            Policy(None, _OFFICE, 8, 42),
            Policy(Category.WATER, _ALWAYS, 4, 48),
            Policy(Category.ROADS, _OFFICE, 8, 42),
            Policy(Category.ELECTRICITY, _ALWAYS, 2, 24),
            Policy(Category.WASTE, _SHIFT, 8, 24),
            Policy(Category.SANITATION, _ALWAYS, 4, 48),
            Policy(Category.OTHER, _OFFICE, 16, 85, 75),
        ),
    ),
    Town(
        "ksb",
        "Kestrel Bay",
        0.38,
        _KESTREL,
        _crews_ksb(),
        _people("ksb", _crews_ksb()),
        (_always(_ALWAYS), _weekdays(_OFFICE, (7.5, 12.5), (13.25, 16))),
        (
            Policy(None, _OFFICE, 8, 40),
            Policy(Category.WATER, _ALWAYS, 6, 72),
            Policy(Category.ROADS, _OFFICE, 8, 62),
            Policy(Category.ELECTRICITY, _ALWAYS, 4, 48),
            Policy(Category.WASTE, _OFFICE, 6, 24),
            Policy(Category.SANITATION, _ALWAYS, 6, 48, 75),
            Policy(Category.OTHER, _OFFICE, 16, 78),
        ),
    ),
)
"""The demo's world; the order is the order of the ids in a new database."""


def people(_seed: int = 1) -> tuple[Login, ...]:
    """Everybody who can log in: the same for every seed, so that a demo seeded anew keeps its logins."""
    return tuple(login for town in TOWNS for login in town.people)
