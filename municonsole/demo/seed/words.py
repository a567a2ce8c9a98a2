"""What residents report and what is noted about it, in the demo's words.

`{street}` is filled in. Everything is fictitious; GBV narratives say that help is asked for, never more.
"""

from __future__ import annotations

from municonsole.domain.values import Category, Language, Severity

Words = tuple[str, ...]

_LOW, _MEDIUM, _HIGH, _CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL
_EN, _ZU, _AF = Language.ENGLISH, Language.ISIZULU, Language.AFRIKAANS

REPORTS: dict[Category, dict[Language, tuple[tuple[Severity, str], ...]]] = {
    Category.WATER: {
        _EN: (
            (_CRITICAL, "Burst main in {street}, water is running down the whole road and into two yards."),
            (_HIGH, "No water in {street} since early this morning, neighbours have none either."),
            (_MEDIUM, "Water meter leaks at the pavement in {street}, the hole around it is full."),
            (_MEDIUM, "Very low water pressure in {street} every evening between 17:00 and 20:00."),
            (_HIGH, "Brown water with a smell from all taps in {street}."),
            (_LOW, "Meter box lid missing in {street}, children could step into it."),
            (_MEDIUM, "Leaking hydrant near the corner of {street}, getting worse since the weekend."),
            (_HIGH, "Pipe broken by contractors digging in {street}, they have left the site."),
            (_LOW, "Communal tap in {street} does not close properly."),
            (_MEDIUM, "Water was turned off for repairs in {street} and has not come back on."),
        ),
        _ZU: (
            (_CRITICAL, "Ipayipi liqhumile e-{street}, amanzi agcwele umgwaqo."),
            (_HIGH, "Asinamanzi kusukela izolo e-{street}."),
            (_HIGH, "Amanzi aphuma empompini anombala onsundu e-{street}."),
            (_MEDIUM, "Imitha yamanzi iyavuza e-{street}."),
        ),
        _AF: (
            (_CRITICAL, "Gebarste waterpyp in {street}, die water loop in die straat af."),
            (_HIGH, "Geen water sedert gisteraand in {street} nie."),
            (_MEDIUM, "Watermeter lek by die sypaadjie in {street}."),
            (_HIGH, "Die water in {street} is bruin en ruik sleg."),
        ),
    },
    Category.ROADS: {
        _EN: (
            (_HIGH, "Deep pothole in {street}, two cars lost a tyre this week."),
            (_MEDIUM, "Row of potholes in {street} opened up after the rain."),
            (_HIGH, "Traffic light at the corner of {street} is out, long queues in all directions."),
            (_CRITICAL, "Sinkhole beside the road in {street}, about a metre wide, not cordoned off."),
            (_LOW, "Road markings at the school crossing in {street} can no longer be seen."),
            (_MEDIUM, "Stop sign knocked down in {street}."),
            (_LOW, "Grass on the verge of {street} hides the oncoming traffic."),
            (_MEDIUM, "Kerb broken by a truck in {street}, the pavement is blocked."),
            (_MEDIUM, "Storm water does not drain in {street}, the road is under water."),
            (_LOW, "Street name board missing at the end of {street}."),
        ),
        _ZU: (
            (_HIGH, "Kunomgodi omkhulu emgwaqweni e-{street}."),
            (_HIGH, "Irobhothi alisebenzi e-{street}."),
            (_MEDIUM, "Uphawu lomgwaqo luwile e-{street}."),
        ),
        _AF: (
            (_HIGH, "Groot slaggat in {street}, motors swaai uit vir mekaar."),
            (_HIGH, "Die verkeerslig werk nie by {street} nie."),
            (_MEDIUM, "Padteken het omgeval in {street}."),
        ),
    },
    Category.ELECTRICITY: {
        _EN: (
            (_HIGH, "No electricity in {street} since last night, the rest of the suburb has power."),
            (_CRITICAL, "Power cable hangs low over the pavement in {street}."),
            (_MEDIUM, "Street lights are out along all of {street}."),
            (_LOW, "Street light in {street} burns day and night."),
            (_HIGH, "Sparks from the substation near {street} when it rains."),
            (_MEDIUM, "Prepaid meter in {street} does not accept the token."),
            (_MEDIUM, "Power in {street} trips every evening at the same time."),
            (_CRITICAL, "Door of the electrical kiosk in {street} is open, live parts can be reached."),
            (_LOW, "Street light cover broken and hanging in {street}."),
            (_HIGH, "Three phases are down to one in {street}, fridges switch off."),
        ),
        _ZU: (
            (_HIGH, "Awukho ugesi e-{street} kusukela ekuseni."),
            (_MEDIUM, "Isibani somgwaqo asikhanyi e-{street}."),
            (_CRITICAL, "Ucingo lukagesi luwile e-{street}."),
        ),
        _AF: (
            (_HIGH, "Geen krag sedert vanoggend in {street} nie."),
            (_MEDIUM, "Straatlig buite werking in {street}."),
            (_CRITICAL, "’n Kragkabel hang laag oor {street}."),
        ),
    },
    Category.WASTE: {
        _EN: (
            (_MEDIUM, "Refuse was not collected in {street} this week."),
            (_MEDIUM, "Illegal dumping on the open plot in {street}, building rubble and tyres."),
            (_LOW, "Wheelie bin stolen in {street}, please replace it."),
            (_LOW, "Wheel of the bin broke off during collection in {street}."),
            (_HIGH, "Dump on the corner of {street} is burning, smoke drifts into the houses."),
            (_MEDIUM, "Skip in {street} has been overflowing for days."),
            (_LOW, "Recycling bags were left behind in {street}."),
            (_MEDIUM, "Dead animal on the verge in {street}."),
            (_MEDIUM, "Rats around the refuse point in {street}."),
        ),
        _ZU: (
            (_MEDIUM, "Udoti awuqoqwanga kuleli sonto e-{street}."),
            (_MEDIUM, "Udoti ulahlwe ngokungemthetho e-{street}."),
            (_LOW, "Umgqomo kadoti ulahlekile e-{street}."),
        ),
        _AF: (
            (_MEDIUM, "Vullis is hierdie week nie in {street} verwyder nie."),
            (_MEDIUM, "Onwettige storting op die oop erf in {street}."),
            (_LOW, "Vullisdrom gesteel in {street}."),
        ),
    },
    Category.SANITATION: {
        _EN: (
            (_CRITICAL, "Sewage runs over the pavement in {street} and into the storm drain."),
            (_HIGH, "Blocked sewer in {street}, the manhole cover has lifted."),
            (_HIGH, "Toilets at the taxi rank near {street} are blocked."),
            (_MEDIUM, "Bad smell from the drain in {street} since last week."),
            (_MEDIUM, "Manhole cover missing in {street}."),
            (_HIGH, "Sewer backs up into the yard in {street} whenever it rains."),
            (_LOW, "Storm water grate in {street} is full of leaves and sand."),
            (_MEDIUM, "Pump station near {street} has been silent for two days, the level is rising."),
        ),
        _ZU: (
            (_CRITICAL, "Indle iyachitheka emgwaqweni e-{street}."),
            (_HIGH, "Umgodi wendle uvaliwe e-{street}."),
            (_MEDIUM, "Kunephunga elibi elivela emseleni e-{street}."),
        ),
        _AF: (
            (_CRITICAL, "Riool loop oor die sypaadjie in {street}."),
            (_HIGH, "Verstopte rioolpyp in {street}."),
            (_MEDIUM, "Slegte reuk uit die stormwaterdrein in {street}."),
        ),
    },
    Category.OTHER: {
        _EN: (
            (_MEDIUM, "Tree fell across the pavement in {street}."),
            (_LOW, "Stray dogs around the playground in {street}."),
            (_LOW, "Loud music from the hall in {street} after midnight."),
            (_MEDIUM, "Swing at the playground in {street} is broken and has sharp edges."),
            (_LOW, "Library in {street} was closed during opening hours."),
            (_MEDIUM, "Fence of the cemetery near {street} has been cut."),
            (_LOW, "Question about the rates account of a house in {street}."),
            (_HIGH, "Bees have settled in the bus shelter in {street}."),
        ),
        _ZU: (
            (_MEDIUM, "Isihlahla siwele emgwaqweni e-{street}."),
            (_LOW, "Izinja ezilahlekile zizulazula e-{street}."),
            (_LOW, "Kunomsindo omkhulu ebusuku e-{street}."),
        ),
        _AF: (
            (_MEDIUM, "’n Boom het oor die sypaadjie geval in {street}."),
            (_LOW, "Rondloperhonde by die speelpark in {street}."),
            (_LOW, "Harde musiek laatnag in {street}."),
        ),
    },
    Category.GBV: {
        _EN: (
            (_HIGH, "Caller asks to speak to a police liaison in private. Details follow by phone."),
            (_CRITICAL, "Caller does not feel safe at home and asks for help today."),
            (_HIGH, "A neighbour is worried about a household and asks that somebody looks in."),
            (_MEDIUM, "Caller asks how a protection order is applied for and wants to be called back."),
            (_HIGH, "Caller has left home with a child and asks for a safe place for the night."),
            (_MEDIUM, "Caller asks for an interpreter and a female officer for a statement."),
        ),
        _ZU: (
            (_HIGH, "Ofonayo ucela ukukhuluma nephoyisa ngasese."),
            (_CRITICAL, "Ofonayo akazizwa ephephile ekhaya, ucela usizo namuhla."),
        ),
        _AF: (
            (_HIGH, "Die oproeper vra om privaat met ’n skakelbeampte te praat."),
            (_CRITICAL, "Die oproeper voel nie veilig tuis nie en vra vandag hulp."),
        ),
    },
}  # fmt: skip

STARTED: Words = (
    "Crew dispatched.",
    "Team is on site.",
    "Inspection done, repair planned.",
    "Work order printed and handed to the crew.",
    "Supervisor informed, crew leaves the depot at 13:00.",
)
WORKING: Words = (
    "Crew reports: fault found, parts are on the van.",
    "Second visit needed, the crew had to leave for an emergency.",
    "Photos received from the resident by e-mail.",
    "Caller asks for news, told that the crew is on its way.",
    "Same fault as at the neighbouring house.",
    "Access is by the back gate, ring the bell twice.",
    "Duplicate calls about this one, four so far.",
)
PUBLIC: Words = (
    "A team has been sent to the address.",
    "We have found the cause and are working on it.",
    "The repair is planned for tomorrow morning.",
    "Please keep clear of the area until the work is done.",
)
HOLDS: Words = (
    "Waiting for parts from the supplier.",
    "Waiting for the resident to give access.",
    "Waiting for the contractor’s quotation.",
    "Waiting for road closure by the traffic department.",
    "Waiting for dry weather.",
    "Waiting for the wayleave of another utility.",
)
RESUMED: Words = (
    "Parts have arrived, work goes on.",
    "Access given, crew is booked.",
    "Order placed, contractor starts today.",
    "Road is closed for us, crew is on site.",
)
RESOLVED: Words = (
    "Repaired and tested.",
    "Fixed, site cleaned up.",
    "Done; the resident was told on site.",
    "Replaced the broken part, works again.",
    "Crew found no fault any more, area checked.",
    "Cleared, nothing left to do.",
)
REOPENED: Words = (
    "Resident called again: the fault is back.",
    "Repair did not hold, crew must go back.",
    "Only half of the street was done.",
)
ESCALATED: Words = (
    "Third call about this, residents are upset.",
    "Danger to the public, needs a decision today.",
    "Crew needs equipment that only the manager can order.",
    "Ward councillor asks for a report.",
)
HANDED_BACK: Words = (
    "Not ours, handed back for routing.",
    "Crew is fully booked, back to the queue.",
)
MOVED: Words = (
    "Address lies in the other team’s area.",
    "The other team has a crew nearby.",
    "Balanced the load between the teams.",
)
GIVEN: Words = (
    "Knows the site.",
    "Was there last week.",
    "Please take this one next.",
    "Has the smaller pile today.",
)
SAPS_NOTES: Words = (
    "Reached through the agreed channel, appointment made.",
    "Call back tomorrow before noon, as asked.",
    "Referred to the support centre, place confirmed.",
    "Statement planned, interpreter booked.",
    "Visited; all well at the time of the visit.",
)
SAPS_HOLDS: Words = ("Waiting for the caller’s decision.", "Waiting for the court’s date.")
SAPS_RESOLVED: Words = (
    "Handed over to the investigating officer.",
    "Support arranged, caller wishes no further steps.",
    "Protection order served.",
)
SAPS_MOVED: Words = ("Lies in the other station’s area.", "Other station knows the household.")
ADMIN_REASONS: Words = (
    "Asked by the liaison to check the routing of this report.",
    "Complaint about the hotline, checking when it was logged.",
)
CONTACT: Words = ("Call before noon only.", "Do not leave a message.", "Text first, then call.")
