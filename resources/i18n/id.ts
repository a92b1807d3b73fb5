<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="id_ID">
<context>
    <name>AudioPanel</name>
    <message>
        <source>Program</source>
        <translation>Program</translation>
    </message>
    <message>
        <source>To participants</source>
        <translation>Ke peserta</translation>
    </message>
    <message>
        <source>To hall</source>
        <translation>Ke ruang</translation>
    </message>
    <message>
        <source>Hall microphones</source>
        <translation>Mik ruang</translation>
    </message>
    <message>
        <source>Audio</source>
        <translation>Audio</translation>
    </message>
    <message>
        <source>Hall microphones off</source>
        <translation>Mik ruang mati</translation>
    </message>
    <message>
        <source>Hall microphones on</source>
        <translation>Mik ruang nyala</translation>
    </message>
    <message>
        <source>{n} microphones open</source>
        <translation>{n} mik terbuka</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>Mati</translation>
    </message>
    <message>
        <source>On</source>
        <translation>Nyala</translation>
    </message>
    <message>
        <source>Sound of this source</source>
        <translation>Suara sumber ini</translation>
    </message>
</context>
<context>
    <name>BottomBar</name>
    <message>
        <source>Hall mic</source>
        <translation>Mik ruang</translation>
    </message>
    <message>
        <source>Hall microphones on or off</source>
        <translation>Mik ruang nyala atau mati</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Sumber</translation>
    </message>
    <message>
        <source>Cameras, screens and files</source>
        <translation>Kamera, layar, dan berkas</translation>
    </message>
    <message>
        <source>Spotlight</source>
        <translation>Sorot</translation>
    </message>
    <message>
        <source>Selected feed on program</source>
        <translation>Peserta terpilih ke program</translation>
    </message>
    <message>
        <source>Mute</source>
        <translation>Bisukan</translation>
    </message>
    <message>
        <source>Mute or open the selected feed</source>
        <translation>Bisukan atau buka mik peserta terpilih</translation>
    </message>
    <message>
        <source>Names</source>
        <translation>Nama</translation>
    </message>
    <message>
        <source>Names under the pictures</source>
        <translation>Nama di bawah gambar</translation>
    </message>
    <message>
        <source>Slate</source>
        <translation>Jeda</translation>
    </message>
    <message>
        <source>Cover the program with the slate</source>
        <translation>Tutup program dengan layar jeda</translation>
    </message>
    <message>
        <source>Chapter</source>
        <translation>Tandai bab</translation>
    </message>
    <message>
        <source>Mark a chapter now</source>
        <translation>Tandai bab sekarang</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Mulai rekam</translation>
    </message>
    <message>
        <source>Start or stop the recording</source>
        <translation>Mulai atau hentikan rekaman</translation>
    </message>
    <message>
        <source>Go live</source>
        <translation>Mulai siaran</translation>
    </message>
    <message>
        <source>Start or stop the livestream</source>
        <translation>Mulai atau hentikan siaran</translation>
    </message>
    <message>
        <source>Every action is written to the journal</source>
        <translation>Semua aksi tercatat dalam jurnal</translation>
    </message>
    <message>
        <source>Open mic</source>
        <translation>Buka mik</translation>
    </message>
    <message>
        <source>Stop recording</source>
        <translation>Hentikan rekam</translation>
    </message>
    <message>
        <source>Stop livestream</source>
        <translation>Hentikan siaran</translation>
    </message>
    <message>
        <source>Stop the livestream: hold for 2 seconds or Ctrl+Shift+L</source>
        <translation>Hentikan siaran: tahan 2 detik atau Ctrl+Shift+L</translation>
    </message>
    <message>
        <source>Stop the recording: hold for 2 seconds or Ctrl+Shift+R</source>
        <translation>Hentikan rekam: tahan 2 detik atau Ctrl+Shift+R</translation>
    </message>
</context>
<context>
    <name>ConfirmDialog</name>
    <message>
        <source>Cancel</source>
        <translation>Batal</translation>
    </message>
</context>
<context>
    <name>ConnectionBanner</name>
    <message>
        <source>The engine is of another version</source>
        <translation>Mesin berbeda versi</translation>
    </message>
    <message>
        <source>Close this window and start the console again.</source>
        <translation>Tutup jendela ini, lalu jalankan konsol lagi.</translation>
    </message>
    <message>
        <source>Engine not connected, connecting again…</source>
        <translation>Mesin terputus, menyambung kembali…</translation>
    </message>
    <message>
        <source>Since {time}. Pictures stand still; nothing can be switched.</source>
        <translation>Sejak {time}. Gambar diam; perintah belum dapat dikirim.</translation>
    </message>
</context>
<context>
    <name>ConsolePage</name>
    <message>
        <source>SLATE</source>
        <translation>JEDA</translation>
    </message>
    <message>
        <source>LIVE · {time}</source>
        <translation>DISIARKAN · {time}</translation>
    </message>
</context>
<context>
    <name>DestinationFields</name>
    <message>
        <source>Empty: as it is</source>
        <translation>Kosong: tidak berubah</translation>
    </message>
    <message>
        <source>Remove destination</source>
        <translation>Hapus tujuan</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nama</translation>
    </message>
    <message>
        <source>Address, without the key</source>
        <translation>Alamat, tanpa kunci</translation>
    </message>
    <message>
        <source>Stream key</source>
        <translation>Kunci siaran</translation>
    </message>
</context>
<context>
    <name>DestinationsTab</name>
    <message>
        <source>The stream key is kept in this machine&apos;s keyring, never in a file or a log.</source>
        <translation>Kunci siaran disimpan di gantungan kunci mesin ini, tidak pernah di berkas atau log.</translation>
    </message>
    <message>
        <source>Add destination</source>
        <translation>Tambah tujuan</translation>
    </message>
</context>
<context>
    <name>EmptyWall</name>
    <message>
        <source>No participants</source>
        <translation>Tidak ada peserta</translation>
    </message>
    <message>
        <source>Make invitation link</source>
        <translation>Buat tautan undangan</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>Tampilkan semua</translation>
    </message>
    <message>
        <source>Nobody matches this filter</source>
        <translation>Tidak ada peserta yang cocok</translation>
    </message>
    <message>
        <source>Search and filter hide all participants.</source>
        <translation>Pencarian dan saringan menyembunyikan semua peserta.</translation>
    </message>
    <message>
        <source>Nobody has joined yet</source>
        <translation>Belum ada peserta</translation>
    </message>
    <message>
        <source>Send an invitation link to the offices; they join with any browser.</source>
        <translation>Kirim tautan undangan ke kantor peserta; mereka bergabung lewat peramban apa pun.</translation>
    </message>
</context>
<context>
    <name>FloorRow</name>
    <message>
        <source>Floor</source>
        <translation>Giliran</translation>
    </message>
    <message>
        <source>Give the floor</source>
        <translation>Beri giliran bicara</translation>
    </message>
    <message>
        <source>Lower hand</source>
        <translation>Turunkan tangan</translation>
    </message>
</context>
<context>
    <name>FloorTab</name>
    <message>
        <source>Queue of raised hands</source>
        <translation>Antrean angkat tangan</translation>
    </message>
    <message>
        <source>Nobody has raised a hand.</source>
        <translation>Belum ada yang mengangkat tangan.</translation>
    </message>
</context>
<context>
    <name>HelpDialog</name>
    <message>
        <source>Keys</source>
        <translation>Tombol</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Tutup</translation>
    </message>
    <message>
        <source>A click on a tile puts it into the preview, a double click on program. </source>
        <translation>Klik pada petak membawanya ke pratinjau, klik ganda ke program. </translation>
    </message>
    <message>
        <source>Buttons that stop recording or livestream are held for two seconds.</source>
        <translation>Tombol untuk menghentikan rekaman atau siaran ditahan dua detik.</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message>
        <source>Selected</source>
        <translation>Terpilih</translation>
    </message>
    <message>
        <source>Choose a tile on the wall.</source>
        <translation>Pilih satu petak pada dinding.</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Pratinjau</translation>
    </message>
    <message>
        <source>Spotlight</source>
        <translation>Sorot</translation>
    </message>
    <message>
        <source>Mute</source>
        <translation>Bisukan</translation>
    </message>
    <message>
        <source>Floor</source>
        <translation>Giliran</translation>
    </message>
    <message>
        <source>Give the floor</source>
        <translation>Beri giliran bicara</translation>
    </message>
    <message>
        <source>Lower</source>
        <translation>Turunkan</translation>
    </message>
    <message>
        <source>Lower hand</source>
        <translation>Turunkan tangan</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Keluarkan</translation>
    </message>
    <message>
        <source>Selected · no. {n}</source>
        <translation>Terpilih · no. {n}</translation>
    </message>
    <message>
        <source>connected {time}</source>
        <translation>terhubung {time}</translation>
    </message>
    <message>
        <source>Own source</source>
        <translation>Sumber sendiri</translation>
    </message>
    <message>
        <source>mic consent</source>
        <translation>izin mik</translation>
    </message>
    <message>
        <source>no mic consent</source>
        <translation>tanpa izin mik</translation>
    </message>
    <message>
        <source>no figures yet</source>
        <translation>belum ada angka</translation>
    </message>
    <message>
        <source>loss {loss}% · RTT {rtt} ms · jitter {jitter} ms</source>
        <translation>hilang {loss}% · RTT {rtt} ms · jitter {jitter} ms</translation>
    </message>
    <message>
        <source>Open mic</source>
        <translation>Buka mik</translation>
    </message>
    <message>
        <source>Ask mic</source>
        <translation>Minta mik</translation>
    </message>
</context>
<context>
    <name>InviteDialog</name>
    <message>
        <source>Invitations</source>
        <translation>Undangan</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Tutup</translation>
    </message>
    <message>
        <source>For example: all subdistricts</source>
        <translation>Contoh: semua kecamatan</translation>
    </message>
    <message>
        <source>Let them in without the lobby</source>
        <translation>Masuk langsung tanpa lobi</translation>
    </message>
    <message>
        <source>How many may use it</source>
        <translation>Dapat dipakai berapa kali</translation>
    </message>
    <message>
        <source>Valid for hours</source>
        <translation>Berlaku (jam)</translation>
    </message>
    <message>
        <source>Make link</source>
        <translation>Buat tautan</translation>
    </message>
    <message>
        <source>For whom</source>
        <translation>Untuk siapa</translation>
    </message>
    <message>
        <source>Invitations that are out</source>
        <translation>Undangan yang beredar</translation>
    </message>
    <message>
        <source>Invitation link</source>
        <translation>Tautan undangan</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Salin</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Tersalin</translation>
    </message>
    <message>
        <source>{used} of {most} used</source>
        <translation>terpakai {used} dari {most}</translation>
    </message>
    <message>
        <source>without the lobby</source>
        <translation>tanpa lobi</translation>
    </message>
    <message>
        <source>No name</source>
        <translation>Tanpa nama</translation>
    </message>
</context>
<context>
    <name>InviteRow</name>
    <message>
        <source>Copy link</source>
        <translation>Salin tautan</translation>
    </message>
    <message>
        <source>Revoke</source>
        <translation>Cabut</translation>
    </message>
</context>
<context>
    <name>JournalBanner</name>
    <message>
        <source>The journal cannot be written</source>
        <translation>Jurnal tidak dapat ditulis</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Picture</source>
        <translation>Gambar</translation>
    </message>
    <message>
        <source>Floor and sound</source>
        <translation>Giliran dan suara</translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation>Keluaran</translation>
    </message>
    <message>
        <source>Wall and window</source>
        <translation>Dinding dan jendela</translation>
    </message>
    <message>
        <source>Cut: preview to program</source>
        <translation>Potong: pratinjau ke program</translation>
    </message>
    <message>
        <source>Fade: preview to program</source>
        <translation>Pudar: pratinjau ke program</translation>
    </message>
    <message>
        <source>Layout: single</source>
        <translation>Tata letak: tunggal</translation>
    </message>
    <message>
        <source>Layout: side by side</source>
        <translation>Tata letak: berdampingan</translation>
    </message>
    <message>
        <source>Layout: picture in picture</source>
        <translation>Tata letak: gambar dalam gambar</translation>
    </message>
    <message>
        <source>Layout: spotlight and strip</source>
        <translation>Tata letak: sorot dan deretan</translation>
    </message>
    <message>
        <source>Layout: grid 2 × 2</source>
        <translation>Tata letak: kisi 2 × 2</translation>
    </message>
    <message>
        <source>Layout: grid of everybody</source>
        <translation>Tata letak: kisi semua peserta</translation>
    </message>
    <message>
        <source>Selected feed on program, or off it</source>
        <translation>Peserta terpilih ke program, atau kembali</translation>
    </message>
    <message>
        <source>Names under the pictures</source>
        <translation>Nama di bawah gambar</translation>
    </message>
    <message>
        <source>Slate over the program, or off it</source>
        <translation>Layar jeda menutup program, atau dibuka</translation>
    </message>
    <message>
        <source>Floor to the next in the queue</source>
        <translation>Giliran untuk antrean berikutnya</translation>
    </message>
    <message>
        <source>Mute or open the selected feed</source>
        <translation>Bisukan atau buka mik peserta terpilih</translation>
    </message>
    <message>
        <source>Mute everybody</source>
        <translation>Bisukan semua</translation>
    </message>
    <message>
        <source>Hall microphones on or off</source>
        <translation>Mik ruang nyala atau mati</translation>
    </message>
    <message>
        <source>Start or stop the recording</source>
        <translation>Mulai atau hentikan rekaman</translation>
    </message>
    <message>
        <source>Start or stop the livestream</source>
        <translation>Mulai atau hentikan siaran</translation>
    </message>
    <message>
        <source>Mark a chapter</source>
        <translation>Tandai bab</translation>
    </message>
    <message>
        <source>Find a participant</source>
        <translation>Cari peserta</translation>
    </message>
    <message>
        <source>Back to the wall, end the search</source>
        <translation>Kembali ke dinding, akhiri pencarian</translation>
    </message>
    <message>
        <source>On the wall: choose a tile</source>
        <translation>Di dinding: pilih petak</translation>
    </message>
    <message>
        <source>On the wall: tile on program</source>
        <translation>Di dinding: petak ke program</translation>
    </message>
    <message>
        <source>Previous page of the wall</source>
        <translation>Halaman dinding sebelumnya</translation>
    </message>
    <message>
        <source>Next page of the wall</source>
        <translation>Halaman dinding berikutnya</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Pengaturan</translation>
    </message>
    <message>
        <source>This list</source>
        <translation>Daftar ini</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Spasi</translation>
    </message>
</context>
<context>
    <name>Layouts</name>
    <message>
        <source>Grid {n} × {n}</source>
        <translation>Kisi {n} × {n}</translation>
    </message>
    <message>
        <source>Single</source>
        <translation>Tunggal</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>Berdampingan</translation>
    </message>
    <message>
        <source>Picture in picture</source>
        <translation>Gambar dalam gambar</translation>
    </message>
    <message>
        <source>Spotlight and strip</source>
        <translation>Sorot dan deretan</translation>
    </message>
    <message>
        <source>Grid of everybody</source>
        <translation>Kisi semua peserta</translation>
    </message>
</context>
<context>
    <name>LiveDialog</name>
    <message>
        <source>Go live</source>
        <translation>Mulai siaran</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Batal</translation>
    </message>
    <message>
        <source>Empty: the key from this machine&apos;s keyring</source>
        <translation>Kosong: kunci dari gantungan kunci mesin ini</translation>
    </message>
    <message>
        <source>Destination</source>
        <translation>Tujuan</translation>
    </message>
    <message>
        <source>Stream key for this time only</source>
        <translation>Kunci siaran untuk kali ini saja</translation>
    </message>
    <message>
        <source>Go live now</source>
        <translation>Siarkan sekarang</translation>
    </message>
    <message>
        <source>There is no livestream destination yet. Add one in the settings.</source>
        <translation>Belum ada tujuan siaran. Tambahkan di pengaturan.</translation>
    </message>
    <message>
        <source>Open settings</source>
        <translation>Buka pengaturan</translation>
    </message>
    <message>
        <source>Encoder: no figures yet</source>
        <translation>Enkoder: belum ada angka</translation>
    </message>
    <message>
        <source>Encoder: {fps} fps, {late} late frames</source>
        <translation>Enkoder: {fps} fps, {late} frame terlambat</translation>
    </message>
    <message>
        <source>The slate covers the program</source>
        <translation>Layar jeda sedang menutup program</translation>
    </message>
    <message>
        <source>The program is visible</source>
        <translation>Program terlihat</translation>
    </message>
    <message>
        <source>The stream key is in the keyring</source>
        <translation>Kunci siaran ada di gantungan kunci</translation>
    </message>
    <message>
        <source>No stream key in the keyring: type it here or in the settings</source>
        <translation>Kunci siaran belum ada: ketik di sini atau di pengaturan</translation>
    </message>
    <message>
        <source>This machine has no keyring: type the stream key here</source>
        <translation>Mesin ini tidak punya gantungan kunci: ketik kunci siaran di sini</translation>
    </message>
</context>
<context>
    <name>LobbyRow</name>
    <message>
        <source>Admit</source>
        <translation>Terima</translation>
    </message>
    <message>
        <source>Refuse</source>
        <translation>Tolak</translation>
    </message>
</context>
<context>
    <name>LobbyTab</name>
    <message>
        <source>Lobby</source>
        <translation>Lobi</translation>
    </message>
    <message>
        <source>Nobody waits in the lobby.</source>
        <translation>Tidak ada yang menunggu di lobi.</translation>
    </message>
    <message>
        <source>Admit all</source>
        <translation>Terima semua</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Settings…</source>
        <translation>Pengaturan…</translation>
    </message>
    <message>
        <source>Invitations…</source>
        <translation>Undangan…</translation>
    </message>
    <message>
        <source>Verify the record</source>
        <translation>Periksa keutuhan catatan</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tombol</translation>
    </message>
    <message>
        <source>End the session…</source>
        <translation>Akhiri rapat…</translation>
    </message>
    <message>
        <source>Close the window?</source>
        <translation>Tutup jendela?</translation>
    </message>
    <message>
        <source>Recording and livestream go on without it. Open the console again to return.</source>
        <translation>Rekaman dan siaran tetap berjalan. Buka konsol lagi untuk kembali.</translation>
    </message>
    <message>
        <source>Close the window</source>
        <translation>Tutup jendela</translation>
    </message>
    <message>
        <source>End the session?</source>
        <translation>Akhiri rapat?</translation>
    </message>
    <message>
        <source>Everybody leaves, recording and livestream are finished.</source>
        <translation>Semua peserta keluar, rekaman dan siaran diakhiri.</translation>
    </message>
    <message>
        <source>End the session</source>
        <translation>Akhiri rapat</translation>
    </message>
    <message>
        <source>The record is complete: {n} facts.</source>
        <translation>Catatan utuh: {n} fakta.</translation>
    </message>
    <message>
        <source>The record is broken at fact {n}.</source>
        <translation>Catatan rusak pada fakta {n}.</translation>
    </message>
</context>
<context>
    <name>Monitor</name>
    <message>
        <source>No picture</source>
        <translation>Tidak ada gambar</translation>
    </message>
</context>
<context>
    <name>MonitorRow</name>
    <message>
        <source>PREVIEW</source>
        <translation>PRATINJAU</translation>
    </message>
    <message>
        <source>PROGRAM</source>
        <translation>PROGRAM</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>The engine is not connected; nothing was done.</source>
        <translation>Mesin tidak tersambung; perintah tidak dijalankan.</translation>
    </message>
    <message>
        <source>The engine did not answer. Look whether it was done before you try again.</source>
        <translation>Mesin tidak menjawab. Periksa hasilnya sebelum mencoba lagi.</translation>
    </message>
    <message>
        <source>The connection broke while a command was under way. Look whether it was done.</source>
        <translation>Sambungan putus saat perintah berjalan. Periksa apakah sudah terlaksana.</translation>
    </message>
    <message>
        <source>The stream key was not kept: this machine&apos;s keyring does not work.</source>
        <translation>Kunci siaran tidak tersimpan: gantungan kunci mesin ini tidak berfungsi.</translation>
    </message>
    <message>
        <source>Select a tile first</source>
        <translation>Pilih satu petak dulu</translation>
    </message>
    <message>
        <source>Something went wrong in this window. The details are in its log.</source>
        <translation>Terjadi kesalahan di jendela ini. Rinciannya ada di log.</translation>
    </message>
</context>
<context>
    <name>OpenPage</name>
    <message>
        <source>Open a session</source>
        <translation>Buka rapat</translation>
    </message>
    <message>
        <source>For example: Development planning meeting 2027</source>
        <translation>Contoh: Musrenbang RKPD Kabupaten 2027</translation>
    </message>
    <message>
        <source>For example: Command center</source>
        <translation>Contoh: Ruang Pusat Kendali</translation>
    </message>
    <message>
        <source>Title of the session</source>
        <translation>Judul rapat</translation>
    </message>
    <message>
        <source>Office</source>
        <translation>Kantor</translation>
    </message>
    <message>
        <source>Time zone</source>
        <translation>Zona waktu</translation>
    </message>
    <message>
        <source>Open session</source>
        <translation>Buka rapat</translation>
    </message>
    <message>
        <source>“{title}” ended at {time}.</source>
        <translation>“{title}” berakhir pukul {time}.</translation>
    </message>
</context>
<context>
    <name>SettingNames</name>
    <message>
        <source>General</source>
        <translation>Umum</translation>
    </message>
    <message>
        <source>Joining</source>
        <translation>Bergabung</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Gambar</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Rekaman</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Bahasa</translation>
    </message>
    <message>
        <source>Time zone</source>
        <translation>Zona waktu</translation>
    </message>
    <message>
        <source>Name of this office</source>
        <translation>Nama kantor ini</translation>
    </message>
    <message>
        <source>Ask before a session is ended</source>
        <translation>Tanya sebelum rapat diakhiri</translation>
    </message>
    <message>
        <source>Ask before going live</source>
        <translation>Tanya sebelum siaran dimulai</translation>
    </message>
    <message>
        <source>Hold for 2 seconds to stop an output</source>
        <translation>Tahan 2 detik untuk menghentikan keluaran</translation>
    </message>
    <message>
        <source>Ask before somebody is removed</source>
        <translation>Tanya sebelum peserta dikeluarkan</translation>
    </message>
    <message>
        <source>Host name in invitation links</source>
        <translation>Nama host pada tautan undangan</translation>
    </message>
    <message>
        <source>Port of the join page</source>
        <translation>Port halaman bergabung</translation>
    </message>
    <message>
        <source>Participants wait in the lobby</source>
        <translation>Peserta menunggu di lobi</translation>
    </message>
    <message>
        <source>Most participants</source>
        <translation>Peserta terbanyak</translation>
    </message>
    <message>
        <source>UDP ports of media</source>
        <translation>Port UDP media</translation>
    </message>
    <message>
        <source>TURN server</source>
        <translation>Peladen TURN</translation>
    </message>
    <message>
        <source>User name at the TURN server</source>
        <translation>Nama pengguna peladen TURN</translation>
    </message>
    <message>
        <source>Width of the program (px)</source>
        <translation>Lebar program (px)</translation>
    </message>
    <message>
        <source>Height of the program (px)</source>
        <translation>Tinggi program (px)</translation>
    </message>
    <message>
        <source>Pictures per second</source>
        <translation>Gambar per detik</translation>
    </message>
    <message>
        <source>Video rate of the program (bit/s)</source>
        <translation>Laju video program (bit/dtk)</translation>
    </message>
    <message>
        <source>Encoder preset</source>
        <translation>Preset enkoder</translation>
    </message>
    <message>
        <source>Codec asked of browsers</source>
        <translation>Kodek yang diminta dari peramban</translation>
    </message>
    <message>
        <source>Folder of the recordings</source>
        <translation>Folder rekaman</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Pengaturan</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Simpan</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Batal</translation>
    </message>
    <message>
        <source>Livestream</source>
        <translation>Siaran langsung</translation>
    </message>
    <message>
        <source>Ports, sizes and rates count from the next start of the engine.</source>
        <translation>Port, ukuran, dan laju berlaku sejak mesin dijalankan berikutnya.</translation>
    </message>
    <message>
        <source>fixed by the administrator</source>
        <translation>ditetapkan administrator</translation>
    </message>
</context>
<context>
    <name>SidePanel</name>
    <message>
        <source>Queue, lobby and sites</source>
        <translation>Antrean, lobi, dan situs</translation>
    </message>
    <message>
        <source>Mute all</source>
        <translation>Bisukan semua</translation>
    </message>
    <message>
        <source>Lock room</source>
        <translation>Kunci rapat</translation>
    </message>
    <message>
        <source>Floor</source>
        <translation>Antrean bicara</translation>
    </message>
    <message>
        <source>Lobby</source>
        <translation>Lobi</translation>
    </message>
    <message>
        <source>Sites</source>
        <translation>Situs</translation>
    </message>
    <message>
        <source>Unlock room</source>
        <translation>Buka kunci rapat</translation>
    </message>
</context>
<context>
    <name>Sites</name>
    <message>
        <source>no signal</source>
        <translation>tidak ada sinyal</translation>
    </message>
    <message>
        <source>connecting</source>
        <translation>menyambung</translation>
    </message>
    <message>
        <source>connection lost</source>
        <translation>terputus</translation>
    </message>
    <message>
        <source>Remove {name}?</source>
        <translation>Keluarkan {name}?</translation>
    </message>
    <message>
        <source>The picture and sound go at once. A participant needs the lobby to come back.</source>
        <translation>Gambar dan suara langsung hilang. Peserta harus lewat lobi untuk kembali.</translation>
    </message>
    <message>
        <source>The source stops at once.</source>
        <translation>Sumber langsung berhenti.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Keluarkan</translation>
    </message>
</context>
<context>
    <name>SitesTab</name>
    <message>
        <source>Site list</source>
        <translation>Daftar situs</translation>
    </message>
    <message>
        <source>Invitations…</source>
        <translation>Undangan…</translation>
    </message>
    <message>
        <source>Mute</source>
        <translation>Bisukan</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Keluarkan</translation>
    </message>
    <message>
        <source>Open mic</source>
        <translation>Buka mik</translation>
    </message>
</context>
<context>
    <name>SourceDialog</name>
    <message>
        <source>Add source</source>
        <translation>Tambah sumber</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Tambah</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Batal</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>Telusuri…</translation>
    </message>
    <message>
        <source>Belongs to the hall: its own picture or sound</source>
        <translation>Milik ruang: gambar atau suaranya sendiri</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Jenis</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nama</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Alamat</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Microphone</source>
        <translation>Mikrofon</translation>
    </message>
    <message>
        <source>Screen</source>
        <translation>Layar</translation>
    </message>
    <message>
        <source>Media file</source>
        <translation>Berkas media</translation>
    </message>
    <message>
        <source>Network camera (RTSP)</source>
        <translation>Kamera jaringan (RTSP)</translation>
    </message>
    <message>
        <source>Test card</source>
        <translation>Gambar uji</translation>
    </message>
    <message>
        <source>Empty: the whole screen</source>
        <translation>Kosong: seluruh layar</translation>
    </message>
    <message>
        <source>Path of the file</source>
        <translation>Lokasi berkas</translation>
    </message>
    <message>
        <source>Empty: the usual device</source>
        <translation>Kosong: perangkat biasa</translation>
    </message>
    <message>
        <source>A source needs a name and an address.</source>
        <translation>Sumber memerlukan nama dan alamat.</translation>
    </message>
</context>
<context>
    <name>SourceMenu</name>
    <message>
        <source>Add source…</source>
        <translation>Tambah sumber…</translation>
    </message>
    <message>
        <source>To preview</source>
        <translation>Ke pratinjau</translation>
    </message>
    <message>
        <source>Spotlight</source>
        <translation>Sorot</translation>
    </message>
    <message>
        <source>Sound on</source>
        <translation>Suara nyala</translation>
    </message>
    <message>
        <source>Sound off</source>
        <translation>Suara mati</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Hapus</translation>
    </message>
</context>
<context>
    <name>SpeakerCard</name>
    <message>
        <source>End</source>
        <translation>Selesai</translation>
    </message>
    <message>
        <source>End the spotlight</source>
        <translation>Akhiri sorotan</translation>
    </message>
    <message>
        <source>Speaking now</source>
        <translation>Sedang bicara</translation>
    </message>
    <message>
        <source>On program</source>
        <translation>Di program</translation>
    </message>
    <message>
        <source>Own source</source>
        <translation>Sumber sendiri</translation>
    </message>
    <message>
        <source>Mute</source>
        <translation>Bisukan</translation>
    </message>
    <message>
        <source>Open mic</source>
        <translation>Buka mik</translation>
    </message>
    <message>
        <source>Ask mic</source>
        <translation>Minta mik</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>Belum ada</translation>
    </message>
    <message>
        <source>{n} feeds in the picture</source>
        <translation>{n} peserta dalam gambar</translation>
    </message>
    <message>
        <source>Next: {name}</source>
        <translation>Berikutnya: {name}</translation>
    </message>
    <message>
        <source>Nobody waits</source>
        <translation>Antrean kosong</translation>
    </message>
    <message>
        <source>since {time}</source>
        <translation>sejak {time}</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Engine</source>
        <translation>Mesin</translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation>Enkoder</translation>
    </message>
    <message>
        <source>Uplink</source>
        <translation>Unggah</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>Diska</translation>
    </message>
    <message>
        <source>Program failed</source>
        <translation>Program gagal</translation>
    </message>
    <message>
        <source>Sound stands still</source>
        <translation>Suara berhenti</translation>
    </message>
    <message>
        <source>Certificate</source>
        <translation>Sertifikat</translation>
    </message>
    <message>
        <source>F1 Help</source>
        <translation>F1 Bantuan</translation>
    </message>
    <message>
        <source>All keys</source>
        <translation>Semua tombol</translation>
    </message>
    <message>
        <source>The mixer does not run; nobody can be heard.</source>
        <translation>Pencampur suara tidak berjalan; tidak ada yang terdengar.</translation>
    </message>
    <message>
        <source>Engine not connected</source>
        <translation>Mesin terputus</translation>
    </message>
    <message>
        <source>Engine connected</source>
        <translation>Mesin tersambung</translation>
    </message>
    <message>
        <source>Encoder {fps} fps · {late} late</source>
        <translation>Enkoder {fps} fps · {late} terlambat</translation>
    </message>
    <message>
        <source>Uplink {rate}</source>
        <translation>Unggah {rate}</translation>
    </message>
    <message>
        <source>Disk {size} free</source>
        <translation>Diska {size} kosong</translation>
    </message>
    <message>
        <source>{n} hours</source>
        <translation>{n} jam</translation>
    </message>
    <message>
        <source>The recording lost {n} packets</source>
        <translation>Rekaman kehilangan {n} paket</translation>
    </message>
</context>
<context>
    <name>StatusStrip</name>
    <message>
        <source>Recording</source>
        <translation>Rekaman</translation>
    </message>
    <message>
        <source>Livestream</source>
        <translation>Siaran langsung</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Jaringan</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>Jam</translation>
    </message>
    <message>
        <source>Menu and settings</source>
        <translation>Menu dan pengaturan</translation>
    </message>
    <message>
        <source>{n} registered</source>
        <translation>{n} terdaftar</translation>
    </message>
    <message>
        <source>{n} connected</source>
        <translation>{n} terhubung</translation>
    </message>
    <message>
        <source>{n} waiting in the lobby</source>
        <translation>{n} menunggu di lobi</translation>
    </message>
    <message>
        <source>room locked</source>
        <translation>rapat terkunci</translation>
    </message>
    <message>
        <source>Not recording</source>
        <translation>Tidak merekam</translation>
    </message>
    <message>
        <source>Recording failed, trying again</source>
        <translation>Rekaman gagal, mencoba lagi</translation>
    </message>
    <message>
        <source>RECORDING FAILED</source>
        <translation>REKAMAN GAGAL</translation>
    </message>
    <message>
        <source>Recording starts…</source>
        <translation>Rekaman dimulai…</translation>
    </message>
    <message>
        <source>chapter {n}</source>
        <translation>bab {n}</translation>
    </message>
    <message>
        <source>not verified</source>
        <translation>belum terverifikasi</translation>
    </message>
    <message>
        <source>REC {time}</source>
        <translation>REKAM {time}</translation>
    </message>
    <message>
        <source>LIVESTREAM FAILED</source>
        <translation>SIARAN GAGAL</translation>
    </message>
    <message>
        <source>Not live</source>
        <translation>Tidak siaran</translation>
    </message>
    <message>
        <source>{n} frames lost</source>
        <translation>{n} frame hilang</translation>
    </message>
    <message>
        <source>LIVE {time}</source>
        <translation>SIARAN LANGSUNG {time}</translation>
    </message>
    <message>
        <source>Going live…</source>
        <translation>Memulai siaran…</translation>
    </message>
    <message>
        <source>since {time}</source>
        <translation>sejak {time}</translation>
    </message>
    <message>
        <source>RECONNECTING</source>
        <translation>MENYAMBUNG KEMBALI</translation>
    </message>
    <message>
        <source>Room not reachable</source>
        <translation>Ruang tidak terjangkau</translation>
    </message>
    <message>
        <source>{good} good · {weak} fair · {bad} poor</source>
        <translation>{good} baik · {weak} sedang · {bad} buruk</translation>
    </message>
    <message>
        <source>Network ready</source>
        <translation>Jaringan siap</translation>
    </message>
    <message>
        <source>Network poor</source>
        <translation>Jaringan buruk</translation>
    </message>
    <message>
        <source>Network fair</source>
        <translation>Jaringan sedang</translation>
    </message>
    <message>
        <source>Network good</source>
        <translation>Jaringan baik</translation>
    </message>
</context>
<context>
    <name>Thumbnail</name>
    <message>
        <source>Picture of the selected feed</source>
        <translation>Gambar peserta terpilih</translation>
    </message>
</context>
<context>
    <name>Tile</name>
    <message>
        <source>No signal</source>
        <translation>Tidak ada sinyal</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>Menyambung…</translation>
    </message>
    <message>
        <source>Connection lost</source>
        <translation>Terputus</translation>
    </message>
    <message>
        <source>Camera off</source>
        <translation>Kamera mati</translation>
    </message>
    <message>
        <source>ON AIR</source>
        <translation>SIARAN</translation>
    </message>
    <message>
        <source>PREV.</source>
        <translation>PRATIN.</translation>
    </message>
</context>
<context>
    <name>Toast</name>
    <message>
        <source>Close message</source>
        <translation>Tutup pesan</translation>
    </message>
</context>
<context>
    <name>TransitionPanel</name>
    <message>
        <source>CUT</source>
        <translation>POTONG</translation>
    </message>
    <message>
        <source>Cut: preview to program</source>
        <translation>Potong: pratinjau ke program</translation>
    </message>
    <message>
        <source>FADE</source>
        <translation>PUDAR</translation>
    </message>
    <message>
        <source>Fade: preview to program</source>
        <translation>Pudar: pratinjau ke program</translation>
    </message>
    <message>
        <source>TRANSITION</source>
        <translation>TRANSISI</translation>
    </message>
    <message>
        <source>LAYOUT</source>
        <translation>TATA LETAK</translation>
    </message>
    <message>
        <source>Grid of everybody; hold for a certain size</source>
        <translation>Kisi semua peserta; tahan untuk ukuran tertentu</translation>
    </message>
</context>
<context>
    <name>WaitingPage</name>
    <message>
        <source>The engine is of another version</source>
        <translation>Mesin berbeda versi</translation>
    </message>
    <message>
        <source>End the running engine, then start the console again.</source>
        <translation>Hentikan mesin yang berjalan, lalu jalankan konsol lagi.</translation>
    </message>
    <message>
        <source>Starting the engine…</source>
        <translation>Menjalankan mesin…</translation>
    </message>
    <message>
        <source>This takes a few seconds.</source>
        <translation>Ini memerlukan beberapa detik.</translation>
    </message>
</context>
<context>
    <name>Wall</name>
    <message>
        <source>All</source>
        <translation>Semua</translation>
    </message>
    <message>
        <source>Raised hands</source>
        <translation>Angkat tangan</translation>
    </message>
    <message>
        <source>Audible</source>
        <translation>Bersuara</translation>
    </message>
    <message>
        <source>Own sources</source>
        <translation>Sumber sendiri</translation>
    </message>
    <message>
        <source>In trouble</source>
        <translation>Bermasalah</translation>
    </message>
    <message>
        <source>Order: number</source>
        <translation>Urut: nomor</translation>
    </message>
    <message>
        <source>Order: raised hands first</source>
        <translation>Urut: angkat tangan dulu</translation>
    </message>
    <message>
        <source>Order: name</source>
        <translation>Urut: nama</translation>
    </message>
    <message>
        <source>Order: audible first</source>
        <translation>Urut: bersuara dulu</translation>
    </message>
    <message>
        <source>Order: trouble first</source>
        <translation>Urut: bermasalah dulu</translation>
    </message>
</context>
<context>
    <name>WallModel</name>
    <message>
        <source>on program</source>
        <translation>sedang disiarkan</translation>
    </message>
    <message>
        <source>in preview</source>
        <translation>di pratinjau</translation>
    </message>
    <message>
        <source>hand raised, place {n}</source>
        <translation>angkat tangan, urutan {n}</translation>
    </message>
    <message>
        <source>not connected</source>
        <translation>tidak terhubung</translation>
    </message>
    <message>
        <source>microphone open</source>
        <translation>mikrofon terbuka</translation>
    </message>
    <message>
        <source>microphone off</source>
        <translation>mikrofon mati</translation>
    </message>
</context>
<context>
    <name>WallPanel</name>
    <message>
        <source>Participants</source>
        <translation>Peserta</translation>
    </message>
    <message>
        <source>Previous page</source>
        <translation>Halaman sebelumnya</translation>
    </message>
    <message>
        <source>Next page</source>
        <translation>Halaman berikutnya</translation>
    </message>
    <message>
        <source>Find…  (Ctrl+F)</source>
        <translation>Cari…  (Ctrl+F)</translation>
    </message>
    <message>
        <source>Find participant</source>
        <translation>Cari peserta</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>Hapus pencarian</translation>
    </message>
    <message>
        <source>Order of the wall</source>
        <translation>Urutan dinding</translation>
    </message>
    <message>
        <source>{a}–{b} of {n}</source>
        <translation>{a}–{b} dari {n}</translation>
    </message>
</context>
<context>
    <name>WallView</name>
    <message>
        <source>Wall of feeds</source>
        <translation>Dinding peserta</translation>
    </message>
</context>
</TS>
