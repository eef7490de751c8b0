"""What a loudspeaker says on its terminal or in its journal: Indonesian first. One line whenever its state changes."""

WORDS = {
    "away": "server {url} tidak terhubung ({why}); dicoba terus · no connection to the server, trying on",
    "refused": "{why} Dicoba terus · refused, trying on",
    "ready": "siap: zona {zone}, situs {site} · ready",
    "elsewhere": "siap; pengeras suara lain sedang bertugas di zona {zone} · ready, another speaker has the zone",
    "speaking": "memanggil · speaking: {text}",
    "no-sound": "tidak bisa bersuara ({why}); periksa kabel dan perangkat suara, dicoba terus · no sound, trying on",
    "no-clip": "rekaman tidak dapat diambil ({why}); tidak diucapkan di sini · a recording cannot be fetched",
    "late": "terlambat {seconds:.1f} detik · too late",
    "ended": "berhenti · ended",
    "which-site": "Server ini melayani beberapa situs; sebutkan dengan --site: {sites} · name one of these sites.",
    "4001": "Token tidak dikenal server; buat dengan: antrean token create --role kiosk --site {site} · unknown token.",
    "4003": "Token ini tidak boleh bersuara di situs {site}; buat dengan: antrean token create --role kiosk"
    " --site {site} · this token may not speak there.",
    "4004": "Server tidak mengenal situs {site} atau zona {zone} · the server knows no such site or zone.",
    "4004-site": "Tidak ada situs {site} di server ini; yang ada: {sites} · no such site.",
    "4004-zone": "Tidak ada zona {zone} di situs {site}; yang ada: {zones} · no such zone.",
    "no-token": "Token belum diberikan: --token atau ANTREAN_TOKEN; buat dengan: antrean token create --role kiosk"
    " · a token is needed.",
    "bad-token": "Token berisi huruf yang tidak mungkin; salin kata terakhir yang dicetak antrean token create"
    " · this cannot be a token.",
    "no-device": "Tidak ada perangkat suara di mesin ini · this machine has no sound device.",
}
