"""Mistakes in a site file: what is put in place of what in a good one, and what is told of it."""

COUNTER_1 = 'id = "loket-1"\nlabel = "Loket 1"'
KTP = '{ id = "ktp-baru", name = "KTP baru", minutes = 10, keywords = ["bikin ktp"] }'
EXTRA = "x" * 300

SPOILED = {
    "a site without an id": ('id = "gerai"\n', "", 'site.id: is missing; add id = "a-short-name"'),
    "a site without a time zone": (
        'timezone = "Asia/Makassar"\n',
        "",
        'site.timezone: is missing; add timezone = "Asia/Makassar"',
    ),
    "an id with capitals": (
        'id = "loket-2"',
        'id = "Loket_2"',
        'counters[2].id: "Loket_2" is no id; write 1 to 40 small letters, digits and hyphens, no',
    ),
    "an id with a line break at its end": ('"gerai"', '"gerai\\n"', 'site.id: "gerai\\n" is no id; '),
    "an id of 41 characters": ('"gerai"', f'"{"g" * 41}"', "site.id: "),
    "two zones of one id": (
        'id = "teras"',
        'id = "aula"',
        'zones[2].id: "aula" is already the id of zones[1]; give each zone its own',
    ),
    "two agencies of one id": (
        'id = "imigrasi"',
        'id = "disdukcapil"',
        'agencies[2].id: "disdukcapil" is already the id of agencies[1]; give each agency its own',
    ),
    "two services of one id in different agencies": (
        'id = "paspor-baru"',
        'id = "kk-baru"',
        'agencies[imigrasi].services[kk-baru].id: "kk-baru" is already the id of '
        "agencies[disdukcapil].services[kk-baru]; give each service its own",
    ),
    "two services of one id in one agency": (
        'id = "kk-baru"',
        'id = "ktp-baru"',
        'agencies[disdukcapil].services[2].id: "ktp-baru" is already the id of '
        "agencies[disdukcapil].services[1]; give each service its own",
    ),
    "two counters of one id": (
        'id = "loket-2"',
        'id = "loket-1"',
        'counters[2].id: "loket-1" is already the id of counters[1]; give each counter its own',
    ),
    "two counters of one label": (
        'label = "Loket 2"',
        'label = "Loket 1 "',
        'counters[loket-2].label: "Loket 1" is already the label of counters[loket-1]; give each',
    ),
    "two services of one name in one agency": (
        'name = "KK baru"',
        'name = "KTP baru"',
        'agencies[disdukcapil].services[kk-baru].name: "KTP baru" is already the name of '
        "agencies[disdukcapil].services[ktp-baru]; give each service its own",
    ),
    "two agencies of one prefix": (
        'prefix = "IM"',
        'prefix = "A"',
        'agencies[imigrasi].prefix: "A" is already the prefix of agencies[disdukcapil]; give each',
    ),
    "a prefix in small letters": (
        'prefix = "IM"',
        'prefix = "im"',
        'agencies[imigrasi].prefix: "im" is no prefix; write one or two capital letters, like "A" or "KN"',
    ),
    "a prefix of three letters": (
        'prefix = "IM"',
        'prefix = "IMI"',
        'agencies[imigrasi].prefix: "IMI" is no',
    ),
    "a prefix of foreign letters": (
        'prefix = "IM"',
        'prefix = "ÀÉ"',
        'agencies[imigrasi].prefix: "ÀÉ" is no',
    ),
    "an empty prefix": ('prefix = "IM"', 'prefix = ""', 'agencies[imigrasi].prefix: "" is no prefix; '),
    "an unknown zone": (
        'zone = "teras"',
        'zone = "terras"',
        'counters[loket-2].zone: unknown zone "terras"; did you mean "teras"?',
    ),
    "an unknown agency at a counter": (
        '["disdukcapil"]',
        '["disdukcapil", "imigrsi"]',
        'counters[loket-1].agencies[2]: unknown agency "imigrsi"; did you mean "imigrasi"?',
    ),
    "an unknown service at a counter": (
        '["paspor-baru"]',
        '["paspor-baru", "zzz"]',
        'counters[loket-2].services[2]: unknown service "zzz"; '
        "the services of this file are kk-baru, ktp-baru, paspor-baru",
    ),
    "a counter that serves nothing": (
        'services = ["paspor-baru"]',
        "services = []",
        "counters[loket-2]: serves nothing; name its agencies or its services",
    ),
    "an hour that ends before it starts": (
        '"08:00-12:00"',
        '"12:00-08:00"',
        'agencies[disdukcapil].hours.mon[1]: "12:00-08:00" ends before it has begun; 12:00 must be',
    ),
    "an hour of no length": (
        '"08:00-12:00"',
        '"08:00-08:00"',
        'agencies[disdukcapil].hours.mon[1]: "08:00-08:00" ends before it has begun; ',
    ),
    "an hour after 24:00": (
        '"08:00-24:00"',
        '"08:00-24:30"',
        'hours.tue[1]: "08:00-24:30" is no span of time; ',
    ),
    "an hour from 24:00": (
        '"08:00-24:00"',
        '"24:00-24:00"',
        'hours.tue[1]: "24:00-24:00" is no span of time; ',
    ),
    "an hour written with a dot": (
        '"08:00-12:00"',
        '"08.00-12.00"',
        'agencies[disdukcapil].hours.mon[1]: "08.00-12.00" is no span of time; write it like "08:00-12:00"',
    ),
    "an hour in other digits": ('"08:00-12:00"', '"٠٨:00-12:00"', "hours.mon[1]: "),
    "overlapping hours": (
        '"13:00-15:00"',
        '"11:59-15:00"',
        'agencies[disdukcapil].hours.mon: "11:59-15:00" begins before "08:00-12:00" has ended; write',
    ),
    "hours out of order": (
        '"08:00-12:00", "13:00-15:00"',
        '"13:00-15:00", "08:00-12:00"',
        'agencies[disdukcapil].hours.mon: "08:00-12:00" begins before "13:00-15:00" has ended; write',
    ),
    "an English weekday": (
        "mon = [",
        "Monday = [",
        'agencies[disdukcapil].hours.Monday: unknown weekday; did you mean "mon"?',
    ),
    "an Indonesian weekday": (
        "mon = [",
        "senin = [",
        'agencies[disdukcapil].hours.senin: unknown weekday; did you mean "mon"?',
    ),
    "a weekday in quotes": (
        "mon = [",
        '"Jum\'at" = [',
        'agencies[disdukcapil].hours."Jum\'at": unknown weekday; did you mean "fri"?',
    ),
    "no weekday at all": (
        "mon = [",
        "x = [",
        "agencies[disdukcapil].hours.x: unknown weekday; write mon, tue, wed, thu, fri, sat, sun",
    ),
    "an agency that never opens": (
        'tue = ["08:00-24:00"]',
        "tue = []",
        "agencies[imigrasi].hours: this agency never opens; write the hours of at least one weekday",
    ),
    "an unknown time zone": (
        "Asia/Makassar",
        "Asia/Makasar",
        'site.timezone: "Asia/Makasar" is no time zone; did you mean "Asia/Makassar"',
    ),
    "an Indonesian name of a time zone": (
        "Asia/Makassar",
        "WITA",
        'site.timezone: "WITA" is no time zone; did you mean "Asia/Makassar"?',
    ),
    "a time zone like nothing": (
        "Asia/Makassar",
        "?",
        'site.timezone: "?" is no time zone; write for example "Asia/',
    ),
    "a time zone that is a path": ("Asia/Makassar", "../../etc/passwd", "site.timezone: "),
    "a service that no counter serves": (
        'agencies = ["disdukcapil"]',
        'services = ["ktp-baru"]',
        "agencies[disdukcapil].services[kk-baru]: no counter serves this service; name it at a counter",
    ),
    "an agency that no counter serves": (
        'services = ["paspor-baru"]',
        'agencies = ["disdukcapil"]',
        "agencies[imigrasi]: no counter serves this agency; name it in the agencies of a counter",
    ),
    "an agency without services": (
        '[{ id = "paspor-baru", name = "Paspor baru", minutes = 15 }]',
        "[]",
        "agencies[imigrasi].services: this agency has no services; add at least one, or remove the agency",
    ),
    "a zone without counters": (
        'zone = "teras"',
        'zone = "aula"',
        "zones[teras]: no counter is in this zone; put one there, or remove the zone",
    ),
    "an unknown key": (
        'label = "Loket 2"',
        'label = "Loket 2"\nspokn = "x"',
        "counters[loket-2].spokn: unknown key; ",
    ),
    "an unknown key of the head starts": (
        "[[zones]]",
        "[site.head_start]\nelder = 15\n[[zones]]",
        'site.head_start.elder: unknown key; did you mean "elderly"?',
    ),
    "an unknown key like none": (
        "[[zones]]",
        "[site.announcement]\nzzz = 1\n[[zones]]",
        "site.announcement.zzz: unknown key; the keys here are agency, english, expires, repeat",
    ),
    "a pronunciation of nothing": (
        "[[zones]]",
        '[pronunciation]\nIKD = ""\n[[zones]]',
        "pronunciation.IKD: is empty; write at least one visible character",
    ),
    "a pronunciation without a word": (
        "[[zones]]",
        '[pronunciation]\nIKD = "..."\n[[zones]]',
        'pronunciation.IKD: "..." holds nothing to say; write it as it is heard, like "i ka de"',
    ),
    "a pronunciation that is no text": (
        "[[zones]]",
        "[pronunciation]\nIKD = 4\n[[zones]]",
        "pronunciation.IKD: is 4; write text in quotes",
    ),
    "a pronunciation of a word with a space behind it": (
        "[[zones]]",
        '[pronunciation]\n"IKD " = "i ka de"\n[[zones]]',
        'pronunciation."IKD ": "IKD " has spaces too many; write it as it stands in names',
    ),
    "a pronunciation of no word": (
        "[[zones]]",
        '[pronunciation]\n"" = "i ka de"\n[[zones]]',
        'pronunciation."": is empty; ',
    ),
    "a pronunciation of a whole sentence": (
        "[[zones]]",
        f'[pronunciation]\n{EXTRA} = "i ka de"\n[[zones]]',
        "is 300 characters long; shorten it to at most 60",
    ),
    "a pronunciation table within the site": (
        "[[zones]]",
        '[site.pronunciation]\nIKD = "i ka de"\n[[zones]]',
        "site.pronunciation: unknown key; ",
    ),
    "an unknown table": ("[[zones]]", '[[desks]]\nid = "x"\n[[zones]]', "desks: unknown key; "),
    "an unknown key with a line break": (
        "[[zones]]",
        '"a\\nb" = 1\n[[zones]]',
        'site."a\\nb": unknown key; ',
    ),
    "text where a number belongs": (
        "minutes = 10,",
        'minutes = "10",',
        'agencies[disdukcapil].services[ktp-baru].minutes: is "10"; write a number without quotes',
    ),
    "true where a number belongs": ("minutes = 10,", "minutes = true,", "minutes: is true; write a number"),
    "a number where text belongs": (
        'label = "Loket 2"',
        "label = 2",
        "counters[loket-2].label: is 2; write text in quotes",
    ),
    "a day where text belongs": (
        '"Gerai Contoh"',
        "2026-12-25",
        "site.name: is a date; write text in quotes",
    ),
    "text where a list belongs": (
        '["disdukcapil"]',
        '"disdukcapil"',
        'counters[loket-1].agencies: is "disdukcapil"; write a list in square brackets',
    ),
    "a list where a table belongs": (
        KTP,
        "[]",
        "agencies[disdukcapil].services[1]: is a list; write a table",
    ),
    "text where true or false belongs": (
        "[[zones]]",
        'public_holidays = "ja"\n[[zones]]',
        'site.public_holidays: is "ja"; write true or false without quotes',
    ),
    "a fraction where a whole number belongs": (
        "[[zones]]",
        "recall_limit = 2.5\n[[zones]]",
        "site.recall_limit: is 2.5; write a whole number without quotes",
    ),
    "an hour of the day that is none": (
        "[[zones]]",
        "day_begins = 24\n[[zones]]",
        "site.day_begins: is 24; write 23 or less",
    ),
    "negative minutes": ("minutes = 10,", "minutes = -3,", "minutes: is -3; write a number above 0"),
    "no minutes": ("minutes = 10,", "minutes = 0,", "minutes: is 0; write a number above 0"),
    "endless minutes": ("minutes = 10,", "minutes = inf,", "minutes: is inf; write "),
    "minutes that are no number": (
        "minutes = 10,",
        "minutes = nan,",
        "minutes: is nan; write an ordinary number",
    ),
    "minutes beyond any float": (
        "minutes = 10,",
        f"minutes = 1{'0' * 400},",
        "services[ktp-baru].minutes: is 1000",
    ),
    "a negative head start": (
        "[[zones]]",
        "[site.head_start]\ninfant = -1\n[[zones]]",
        "site.head_start.infant: is -1; write 0 or more",
    ),
    "an unknown way to say numbers": (
        "[[zones]]",
        'number_style = "digit"\n[[zones]]',
        'site.number_style: is "digit"; write "digits" or "number"',
    ),
    "an empty name": (
        '"Gerai Contoh"',
        '""',
        "site.name: is empty; write at least one visible character",
    ),
    "a name of spaces": ('"Kantor Imigrasi"', '"  "', "agencies[imigrasi].name: is empty; write at least"),
    "an empty keyword": (
        '["bikin ktp"]',
        '["bikin ktp", ""]',
        "services[ktp-baru].keywords[2]: is empty; write",
    ),
    "a control character": (
        '"Gerai Contoh"',
        '"Gerai\\u0007"',
        "site.name: contains the control character \\u0007; remove it",
    ),
    "a line break in a name": (
        '"Loket 2"',
        '"Loket\\n2"',
        "label: contains the control character \\n; remove it",
    ),
    "a mark that turns text around": (
        '"Loket 2"',
        '"\\u202e2"',
        "label: contains the control character \\u202e",
    ),
    "an absurdly long name": (
        '"Gerai Contoh"',
        f'"{EXTRA}"',
        "site.name: is 300 characters long; shorten it to at most 120",
    ),
    "an absurdly long zone": (
        'zone = "teras"',
        f'zone = "{EXTRA}"',
        'counters[loket-2].zone: unknown zone "xxx',
    ),
    "a day that is none": (
        "[[zones]]",
        'closed_days = { 2026-02-30 = "Libur" }\n[[zones]]',
        'site.closed_days.2026-02-30: "2026-02-30" is no day of the calendar; write it like "2026-12-25"',
    ),
    "an open day that is none": (
        "[[zones]]",
        'open_days = ["25-12-2026"]\n[[zones]]',
        'site.open_days[1]: "25-12-2026" is no day of the calendar; write it like',
    ),
    "a day both open and closed": (
        "[[zones]]",
        'open_days = ["2026-12-24"]\nclosed_days = { 2026-12-24 = "Libur" }\n[[zones]]',
        'site.open_days[1]: "2026-12-24" is among closed_days too; keep it in one of the two',
    ),
}
