// What people say → what offices write. Only words that hold in every hall; what belongs to one service stands in
// the site file as that service's keywords.

export const EVERYDAY = {
  bikin: "pembuatan penerbitan baru perekaman", buat: "pembuatan penerbitan baru perekaman", urus: "pengurusan permohonan",
  ngurus: "pengurusan permohonan", bayar: "pembayaran", ganti: "penggantian perubahan", ubah: "perubahan",
  ilang: "hilang kehilangan", hilang: "kehilangan", pindah: "mutasi", cabut: "pencabutan", daftar: "pendaftaran",
  cetak: "pencetakan", ambil: "pengambilan", lapor: "pelaporan laporan", nambah: "penambahan", jual: "jualan",
  motor: "kendaraan", mobil: "kendaraan", kawin: "nikah perkawinan", nikah: "perkawinan", cerai: "perceraian",
  lahir: "kelahiran", bayi: "kelahiran anak", mati: "kematian", meninggal: "kematian", wafat: "kematian",
  akte: "akta", surat2: "surat", identitas: "ktp", ektp: "ktp", kk: "keluarga", keluarga: "kk", pasport: "paspor",
  pasfor: "paspor", kerja: "pencari kerja ak1", pengangguran: "pencari kerja", usaha: "nib izin", ijin: "izin",
  dagang: "usaha nib", rumah: "bangunan", tanah: "sertipikat pertanahan", sertifikat: "sertipikat",
  listrik: "pln", air: "pdam", pensiun: "taspen", berobat: "kesehatan", dokter: "kesehatan", bpjs: "jaminan",
  narkoba: "narkotika", polisi: "polres", skck: "catatan kepolisian", stnk: "kendaraan", plat: "tnkb kendaraan",
  ga: "tidak", gak: "tidak", nggak: "tidak", enggak: "tidak", belom: "belum", telat: "terlambat", robek: "rusak",
  sobek: "rusak", patah: "rusak", nunggak: "tunggakan", ngalir: "mengalir", dompet: "kehilangan", ngambil: "pengambilan",
  nyari: "pencari", sertipikat: "sertifikat", surat2an: "surat", masukin: "penambahan", gantiin: "penggantian",
  cairin: "klaim cair", cairkan: "klaim cair", perpanjangin: "perpanjangan", ktpnya: "ktp", simnya: "sim", anakku: "anak",
  expired: "habis berlaku", kadaluarsa: "habis berlaku", kedaluwarsa: "habis berlaku", luntur: "rusak", basah: "rusak",
  kerendam: "rusak", terendam: "rusak", pecah: "rusak pemecahan", tipu: "penipuan", ketipu: "penipuan", dicuri: "pencurian",
  maling: "pencurian", kecopetan: "kehilangan", bule: "asing wna", suntik: "vaksin imunisasi", got: "saluran drainase",
  mampet: "tersumbat", macet: "tersumbat", berlubang: "rusak", bolong: "rusak", sd: "sekolah", smp: "sekolah", sma: "sekolah",
  training: "pelatihan", apotik: "apotek", ijasah: "ijazah", mahal: "keberatan keringanan", kemahalan: "keberatan",
  padam: "gangguan", nabung: "tabungan setor", utang: "tunggakan", hutang: "tunggakan", duit: "uang",
  // English
  passport: "paspor", license: "sim izin", licence: "sim izin", driving: "sim", permit: "izin", tax: "pajak",
  car: "kendaraan", motorcycle: "kendaraan", vehicle: "kendaraan", id: "ktp", card: "kartu ktp", family: "keluarga",
  birth: "kelahiran", death: "kematian", marriage: "perkawinan nikah", divorce: "perceraian", land: "tanah",
  certificate: "akta sertifikat", business: "usaha nib", health: "kesehatan", work: "kerja", electricity: "listrik",
  water: "air", police: "polres skck", lost: "hilang kehilangan", renew: "perpanjangan", renewal: "perpanjangan",
  new: "baru", address: "alamat pindah", moving: "pindah", complaint: "pengaduan", pension: "pensiun",
};
