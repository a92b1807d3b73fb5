<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="id_ID">
<context>
    <name>AccountBox</name>
    <message>
        <source>Sign in with the browser</source>
        <translation>Masuk lewat peramban</translation>
    </message>
    <message>
        <source>Sign in for this run only</source>
        <translation>Masuk untuk kali ini saja</translation>
    </message>
    <message>
        <source>Copy the sign-in address</source>
        <translation>Salin alamat masuk</translation>
    </message>
    <message>
        <source>Cancel the sign-in</source>
        <translation>Batalkan masuk akun</translation>
    </message>
    <message>
        <source>Sign out</source>
        <translation>Keluar dari akun</translation>
    </message>
    <message>
        <source>The browser cannot be opened. Copy the address and open it by hand.</source>
        <translation>Peramban tidak dapat dibuka. Salin alamatnya dan buka sendiri.</translation>
    </message>
    <message>
        <source>Signed in as {channel}, for this run only</source>
        <translation>Masuk sebagai {channel}, hanya untuk kali ini</translation>
    </message>
    <message>
        <source>Signed in as {channel}</source>
        <translation>Masuk sebagai {channel}</translation>
    </message>
    <message>
        <source>Finish the sign-in in the browser…</source>
        <translation>Selesaikan masuk akun di peramban…</translation>
    </message>
    <message>
        <source>No YouTube account is signed in</source>
        <translation>Belum ada akun YouTube yang masuk</translation>
    </message>
    <message>
        <source>The YouTube account has to sign in again</source>
        <translation>Akun YouTube harus masuk lagi</translation>
    </message>
    <message>
        <source>YouTube with an account is not set up</source>
        <translation>YouTube dengan akun belum disiapkan</translation>
    </message>
    <message>
        <source>YouTube quota used today by this engine: {used} of {all}</source>
        <translation>Kuota YouTube yang dipakai mesin ini hari ini: {used} dari {all}</translation>
    </message>
</context>
<context>
    <name>AlarmBanner</name>
    <message>
        <source>Acknowledge</source>
        <translation>Saya tahu</translation>
    </message>
    <message>
        <source>Seen: no banner and no beep until it is over; the chip below stays</source>
        <translation>Sudah dilihat: tanpa pita dan tanpa bunyi sampai selesai; tanda di bawah tetap ada</translation>
    </message>
    <message>
        <source>Since {time}.</source>
        <translation>Sejak {time}.</translation>
    </message>
</context>
<context>
    <name>Alarms</name>
    <message>
        <source>PROGRAM BLACK</source>
        <translation>PROGRAM HITAM</translation>
    </message>
    <message>
        <source>PROGRAM SILENT</source>
        <translation>PROGRAM TANPA SUARA</translation>
    </message>
    <message>
        <source>PROGRAM FROZEN</source>
        <translation>PROGRAM MEMBEKU</translation>
    </message>
    <message>
        <source>Check muted microphones, the faders and the hall&apos;s sound (F2).</source>
        <translation>Periksa mikrofon yang dibisukan, fader, dan suara ruang (F2).</translation>
    </message>
    <message>
        <source>Check the camera, cut to another feed, or press B for the slate.</source>
        <translation>Periksa kamera, potong ke gambar lain, atau tekan B (layar jeda).</translation>
    </message>
    <message>
        <source>Check the link of that office, cut to another feed, or press B for the slate.</source>
        <translation>Periksa sambungan kantor itu, potong ke gambar lain, atau tekan B.</translation>
    </message>
    <message>
        <source>black</source>
        <translation>hitam</translation>
    </message>
    <message>
        <source>silent</source>
        <translation>tanpa suara</translation>
    </message>
    <message>
        <source>frozen</source>
        <translation>membeku</translation>
    </message>
    <message>
        <source>Program {what} since {time}</source>
        <translation>Program {what} sejak {time}</translation>
    </message>
</context>
<context>
    <name>AudioPanel</name>
    <message>
        <source>Set up hall sound…</source>
        <translation>Siapkan suara aula…</translation>
    </message>
    <message>
        <source>Mixer: all strips</source>
        <translation>Mixer: semua jalur</translation>
    </message>
    <message>
        <source>Audio</source>
        <translation>Audio</translation>
    </message>
    <message>
        <source>Loudspeakers and microphones of the hall are off.</source>
        <translation>Pengeras suara dan mikrofon aula mati.</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>{n} warnings:</source>
        <translation>{n} peringatan:</translation>
    </message>
    <message>
        <source>Show the next one: {titles}</source>
        <translation>Tampilkan berikutnya: {titles}</translation>
    </message>
</context>
<context>
    <name>BottomBar</name>
    <message>
        <source>Hall mic</source>
        <translation>Mik aula</translation>
    </message>
    <message>
        <source>Hall microphones on or off</source>
        <translation>Mik aula nyala atau mati</translation>
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
        <source>Keys</source>
        <translation>Tombol</translation>
    </message>
    <message>
        <source>Lock or unlock the plain keys</source>
        <translation>Kunci atau buka tombol tunggal</translation>
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
        <source>Keys active</source>
        <translation>Tombol aktif</translation>
    </message>
    <message>
        <source>Keys locked</source>
        <translation>Tombol dikunci</translation>
    </message>
    <message>
        <source>The hall&apos;s sound is not used: set it up</source>
        <translation>Suara aula tidak dipakai: siapkan</translation>
    </message>
    <message>
        <source>Hall off</source>
        <translation>Aula mati</translation>
    </message>
    <message>
        <source>Hold {key}</source>
        <translation>Tahan {key}</translation>
    </message>
    <message>
        <source>Stop recording</source>
        <translation>Hentikan rekam</translation>
    </message>
    <message>
        <source>Cut off now</source>
        <translation>Putus sekarang</translation>
    </message>
    <message>
        <source>Cut off, the rest is not sent: hold 2 s (or Ctrl+Shift+L)</source>
        <translation>Putus, sisanya tidak dikirim: tahan 2 dtk (Ctrl+Shift+L)</translation>
    </message>
    <message>
        <source>Stop {n} livestreams</source>
        <translation>Hentikan {n} siaran</translation>
    </message>
    <message>
        <source>Stop livestream</source>
        <translation>Hentikan siaran</translation>
    </message>
    <message>
        <source>Stop the livestream: hold 2 s (or Ctrl+Shift+L)</source>
        <translation>Hentikan siaran: tahan 2 dtk (Ctrl+Shift+L)</translation>
    </message>
    <message>
        <source>Stop the recording: hold 2 s (or Ctrl+Shift+R)</source>
        <translation>Hentikan rekaman: tahan 2 dtk (Ctrl+Shift+R)</translation>
    </message>
</context>
<context>
    <name>BroadcastBar</name>
    <message>
        <source>Copy address</source>
        <translation>Salin alamat</translation>
    </message>
    <message>
        <source>Details…</source>
        <translation>Rincian…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Tutup</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Tersalin</translation>
    </message>
    <message>
        <source>A broadcast may still run at YouTube</source>
        <translation>Siaran mungkin masih berjalan di YouTube</translation>
    </message>
    <message>
        <source>YouTube was not told that “{title}” has ended. End it in YouTube Studio.</source>
        <translation>YouTube belum diberi tahu bahwa “{title}” sudah berakhir. Akhiri di YouTube Studio.</translation>
    </message>
    <message>
        <source>Since {time}.</source>
        <translation>Sejak {time}.</translation>
    </message>
    <message>
        <source>YOUTUBE SAYS ANOTHER THING</source>
        <translation>YOUTUBE BERKATA LAIN</translation>
    </message>
</context>
<context>
    <name>BroadcastForm</name>
    <message>
        <source>Look for planned broadcasts</source>
        <translation>Cari siaran terjadwal</translation>
    </message>
    <message>
        <source>Choose who may watch</source>
        <translation>Pilih siapa yang boleh menonton</translation>
    </message>
    <message>
        <source>Everybody</source>
        <translation>Semua orang</translation>
    </message>
    <message>
        <source>Who has the address</source>
        <translation>Yang punya alamatnya</translation>
    </message>
    <message>
        <source>Only this channel</source>
        <translation>Hanya kanal ini</translation>
    </message>
    <message>
        <source>None: YouTube takes one of the stream</source>
        <translation>Tidak ada: YouTube mengambil dari siaran</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Pilih…</translation>
    </message>
    <message>
        <source>Plan for later, do not go live now</source>
        <translation>Jadwalkan, jangan siarkan sekarang</translation>
    </message>
    <message>
        <source>Broadcast</source>
        <translation>Siaran</translation>
    </message>
    <message>
        <source>Picture (JPEG or PNG, 2 MB at most)</source>
        <translation>Gambar (JPEG atau PNG, paling besar 2 MB)</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Judul</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>Keterangan</translation>
    </message>
    <message>
        <source>Who may watch</source>
        <translation>Siapa yang boleh menonton</translation>
    </message>
    <message>
        <source>Planned time</source>
        <translation>Waktu terjadwal</translation>
    </message>
    <message>
        <source>Sign in to YouTube first.</source>
        <translation>Masuk ke YouTube dulu.</translation>
    </message>
    <message>
        <source>The broadcast needs a title.</source>
        <translation>Siaran perlu judul.</translation>
    </message>
    <message>
        <source>YouTube takes no &lt; and &gt; in title and description.</source>
        <translation>YouTube tidak menerima &lt; dan &gt; di judul dan keterangan.</translation>
    </message>
    <message>
        <source>The description is too long for YouTube.</source>
        <translation>Keterangan terlalu panjang untuk YouTube.</translation>
    </message>
    <message>
        <source>Choose who may watch.</source>
        <translation>Pilih siapa yang boleh menonton.</translation>
    </message>
    <message>
        <source>The planned time has passed.</source>
        <translation>Waktu terjadwal sudah lewat.</translation>
    </message>
    <message>
        <source>The picture is not there.</source>
        <translation>Gambarnya tidak ada.</translation>
    </message>
    <message>
        <source>The picture is larger than 2 MB.</source>
        <translation>Gambarnya lebih besar dari 2 MB.</translation>
    </message>
    <message>
        <source>Plan the broadcast</source>
        <translation>Jadwalkan siaran</translation>
    </message>
    <message>
        <source>Go live now</source>
        <translation>Siarkan sekarang</translation>
    </message>
    <message>
        <source>Picture of the broadcast</source>
        <translation>Gambar siaran</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Gambar</translation>
    </message>
    <message>
        <source>A new one</source>
        <translation>Siaran baru</translation>
    </message>
</context>
<context>
    <name>BroadcastStatus</name>
    <message>
        <source>Address to watch</source>
        <translation>Alamat menonton</translation>
    </message>
    <message>
        <source>Copy address</source>
        <translation>Salin alamat</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Tersalin</translation>
    </message>
</context>
<context>
    <name>CameraBox</name>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Camera {n}</source>
        <translation>Kamera {n}</translation>
    </message>
    <message>
        <source>Use this camera</source>
        <translation>Pakai kamera ini</translation>
    </message>
    <message>
        <source>Take it away</source>
        <translation>Lepas kamera</translation>
    </message>
    <message>
        <source>Picture of the hall&apos;s camera</source>
        <translation>Gambar kamera aula</translation>
    </message>
    <message>
        <source>Hall camera</source>
        <translation>Kamera aula</translation>
    </message>
    <message>
        <source>No camera is in use. A hall without one is fine too.</source>
        <translation>Belum ada kamera. Aula tanpa kamera juga boleh.</translation>
    </message>
    <message>
        <source>{name} is on the wall as an own source.</source>
        <translation>{name} ada di dinding sebagai sumber sendiri.</translation>
    </message>
</context>
<context>
    <name>Causes</name>
    <message>
        <source>The disk is full. Make room on it, or choose another folder in the settings.</source>
        <translation>Diska penuh. Kosongkan ruang, atau pilih folder lain di Pengaturan.</translation>
    </message>
    <message>
        <source>This user&apos;s share of the disk is used up. Make room, or ask the administrator for more.</source>
        <translation>Jatah diska pengguna ini habis. Kosongkan ruang, atau minta tambahan kepada administrator.</translation>
    </message>
    <message>
        <source>The disk takes no file larger than this. Choose a folder on another disk in the settings.</source>
        <translation>Diska tidak menerima berkas lebih besar dari ini. Pilih folder di diska lain di Pengaturan.</translation>
    </message>
    <message>
        <source>This user may not write in the folder. Choose another one in the settings.</source>
        <translation>Pengguna ini tidak boleh menulis di folder itu. Pilih folder lain di Pengaturan.</translation>
    </message>
    <message>
        <source>The disk is write-protected. Take the protection off, or choose another folder.</source>
        <translation>Diska terkunci untuk penulisan. Lepaskan kuncinya, atau pilih folder lain.</translation>
    </message>
    <message>
        <source>The folder is not there. Plug its disk in again, or choose another folder in the settings.</source>
        <translation>Folder tidak ada. Pasang lagi diskanya, atau pilih folder lain di Pengaturan.</translation>
    </message>
    <message>
        <source>A file of this name is there already. Start the recording again.</source>
        <translation>Berkas dengan nama ini sudah ada. Mulai rekaman sekali lagi.</translation>
    </message>
    <message>
        <source>The disk refuses to write. Check it and its cable, or choose another folder.</source>
        <translation>Diska menolak penulisan. Periksa diska dan kabelnya, atau pilih folder lain.</translation>
    </message>
    <message>
        <source>The disk does not answer. Check it and its cable, or choose another folder.</source>
        <translation>Diska tidak menjawab. Periksa diska dan kabelnya, atau pilih folder lain.</translation>
    </message>
    <message>
        <source>The file could not be written. Start the recording again, in another folder if it repeats.</source>
        <translation>Berkas tidak dapat ditulis. Mulai rekaman lagi; bila terulang, di folder lain.</translation>
    </message>
    <message>
        <source>The recorder failed through a fault of this program. Start the recording again.</source>
        <translation>Perekam gagal karena kesalahan program ini. Mulai rekaman lagi.</translation>
    </message>
    <message>
        <source>The disk does not confirm what is written; it is tried again. Check it and its cable, or choose another folder.</source>
        <translation>Diska tidak memastikan apa yang ditulis; dicoba terus. Periksa diska dan kabelnya, atau pilih folder lain.</translation>
    </message>
    <message>
        <source>A part of this file may be missing on the disk. Go on in a new file, on another disk if it repeats.</source>
        <translation>Sebagian berkas ini mungkin hilang di diska. Lanjutkan dalam berkas baru, di diska lain bila terulang.</translation>
    </message>
    <message>
        <source>Somebody deleted or moved the file, or its folder, while it was written. Leave the recordings alone while they run.</source>
        <translation>Seseorang menghapus atau memindahkan berkas ini, atau foldernya, saat sedang ditulis. Jangan sentuh rekaman selama berjalan.</translation>
    </message>
    <message>
        <source>The engine ended unexpectedly. The recording goes on in a new file.</source>
        <translation>Mesin berhenti mendadak. Rekaman dilanjutkan dalam berkas baru.</translation>
    </message>
    <message>
        <source>The file was not finished in time. What was written can be played; check the disk.</source>
        <translation>Berkas tidak selesai pada waktunya. Yang sudah tertulis dapat diputar; periksa diskanya.</translation>
    </message>
    <message>
        <source>No new file could be begun. The recording goes on in the old one.</source>
        <translation>Berkas baru tidak dapat dimulai. Rekaman berlanjut dalam berkas yang lama.</translation>
    </message>
    <message>
        <source>The disk is nearly full; the file was finished in good order. Make room on it.</source>
        <translation>Diska hampir penuh; berkas diselesaikan dengan baik. Kosongkan diska itu.</translation>
    </message>
    <message>
        <source>The file is not there any more.</source>
        <translation>Berkasnya tidak ada lagi.</translation>
    </message>
    <message>
        <source>It was cut off before its first picture.</source>
        <translation>Terputus sebelum gambar pertamanya.</translation>
    </message>
    <message>
        <source>Its disk has no room for a copy. It can be played; make room and start the engine again.</source>
        <translation>Diskanya tidak cukup untuk salinan. Berkas dapat diputar; kosongkan diska lalu jalankan mesin lagi.</translation>
    </message>
    <message>
        <source>It cannot be read. Keep the file, and tell the administrator.</source>
        <translation>Tidak dapat dibaca. Simpan berkasnya dan beri tahu administrator.</translation>
    </message>
    <message>
        <source>Its folder cannot be reached or written. Plug its disk in and start the engine again.</source>
        <translation>Foldernya tidak terjangkau atau tidak dapat ditulisi. Pasang diskanya lalu jalankan mesin lagi.</translation>
    </message>
    <message>
        <source>It is not the file that was closed: somebody changed it, so it is not sealed. Keep it, and tell the administrator.</source>
        <translation>Ini bukan berkas yang tadi ditutup: seseorang mengubahnya, jadi tidak disegel. Simpan berkas itu dan beri tahu administrator.</translation>
    </message>
    <message>
        <source>The destination&apos;s certificate is for another name. Check the destination&apos;s address.</source>
        <translation>Sertifikat tujuan siaran untuk nama lain. Periksa alamat tujuan.</translation>
    </message>
    <message>
        <source>The destination&apos;s certificate has expired. Check this machine&apos;s date, then tell who runs it.</source>
        <translation>Sertifikat tujuan siaran kedaluwarsa. Periksa tanggal mesin ini, lalu beri tahu pengelola tujuan.</translation>
    </message>
    <message>
        <source>This machine does not trust the destination&apos;s certificate. Check the address, or ask IT.</source>
        <translation>Sertifikat tujuan siaran tidak dipercaya mesin ini. Periksa alamatnya, atau tanyakan ke bagian TI.</translation>
    </message>
    <message>
        <source>The destination does not encrypt (TLS) there. Check the address and port.</source>
        <translation>Tujuan siaran tidak memakai enkripsi (TLS) di sana. Periksa alamat dan port.</translation>
    </message>
    <message>
        <source>The destination&apos;s name is not found. Check the address and this machine&apos;s network.</source>
        <translation>Nama tujuan siaran tidak ditemukan. Periksa alamat dan jaringan mesin ini.</translation>
    </message>
    <message>
        <source>The destination does not answer. Check network and firewall.</source>
        <translation>Tujuan siaran tidak menjawab. Periksa jaringan dan firewall.</translation>
    </message>
    <message>
        <source>The destination refuses connections. Check address and port, and whether its server runs.</source>
        <translation>Tujuan siaran menolak sambungan. Periksa alamat dan port, dan apakah peladennya berjalan.</translation>
    </message>
    <message>
        <source>The destination broke the connection off. If it repeats, look at the destination&apos;s page.</source>
        <translation>Tujuan siaran memutus sambungan. Bila terulang, lihat halaman pengelolaan tujuan.</translation>
    </message>
    <message>
        <source>The destination ends the stream at once. Check the stream key and the broadcast there.</source>
        <translation>Tujuan langsung mengakhiri siaran. Periksa kunci siaran dan acara siaran di sana.</translation>
    </message>
    <message>
        <source>No way leads from here to the destination. Check this machine&apos;s network.</source>
        <translation>Tidak ada jalur dari sini ke tujuan siaran. Periksa jaringan mesin ini.</translation>
    </message>
    <message>
        <source>The destination does not speak RTMP there. Check the address.</source>
        <translation>Tujuan siaran tidak memakai RTMP di sana. Periksa alamatnya.</translation>
    </message>
    <message>
        <source>The destination rejects the stream. Check address and stream key. It says: {said}</source>
        <translation>Tujuan menolak siaran. Periksa alamat dan kunci siaran. Katanya: {said}</translation>
    </message>
    <message>
        <source>The destination does not take the stream. Is the key in use already? It says: {said}</source>
        <translation>Tujuan tidak menerima siaran. Apakah kuncinya sedang dipakai? Katanya: {said}</translation>
    </message>
    <message>
        <source>The stream does not get through. Check the uplink, or lower the video rate in the settings.</source>
        <translation>Siaran tidak sampai. Periksa jaringan keluar, atau turunkan laju video di Pengaturan.</translation>
    </message>
    <message>
        <source>The program gives no pictures: viewers see a still one. See the line at the bottom.</source>
        <translation>Program tidak memberi gambar: penonton melihat gambar diam. Lihat baris di bawah.</translation>
    </message>
    <message>
        <source>The line is too narrow even for the smallest picture: viewers see a still one. Check the uplink, or lower the lowest video rate in the settings.</source>
        <translation>Jalur terlalu sempit, bahkan untuk gambar terkecil: penonton melihat gambar diam. Periksa jaringan keluar, atau turunkan laju gambar terendah di Pengaturan.</translation>
    </message>
    <message>
        <source>The livestream was stopped.</source>
        <translation>Siaran langsung sudah dihentikan.</translation>
    </message>
    <message>
        <source>The livestream failed through a fault of this program. Go live again.</source>
        <translation>Siaran langsung gagal karena kesalahan program ini. Mulai siaran lagi.</translation>
    </message>
    <message>
        <source>The stream key was not kept over the restart. Go live again and enter the key.</source>
        <translation>Kunci siaran hilang saat mesin dimulai ulang. Mulai siaran lagi dan masukkan kuncinya.</translation>
    </message>
    <message>
        <source>The destination&apos;s address is not right. Mend it in the settings, then go live again.</source>
        <translation>Alamat tujuan siaran tidak benar. Perbaiki di Pengaturan, lalu mulai siaran lagi.</translation>
    </message>
    <message>
        <source>The destination is no longer in the settings. Add it, then go live again.</source>
        <translation>Tujuan siaran tidak ada lagi di Pengaturan. Tambahkan, lalu mulai siaran lagi.</translation>
    </message>
    <message>
        <source>The livestream could not be taken up after the restart. Go live again.</source>
        <translation>Siaran langsung tidak dapat dilanjutkan setelah mesin dimulai ulang. Mulai siaran lagi.</translation>
    </message>
    <message>
        <source>The fault lies with the destination.</source>
        <translation>Gangguan ada di pihak tujuan siaran.</translation>
    </message>
    <message>
        <source>The fault lies on this machine.</source>
        <translation>Gangguan ada di mesin ini.</translation>
    </message>
    <message>
        <source>The fault lies here, there or on the way.</source>
        <translation>Gangguan ada di sini, di tujuan, atau di antaranya.</translation>
    </message>
    <message>
        <source>The file {file} is not there. Put it back, or remove this source and choose another file.</source>
        <translation>Berkas {file} tidak ada. Kembalikan, atau hapus sumber ini dan pilih berkas lain.</translation>
    </message>
    <message>
        <source>The file&apos;s name cannot be used. Rename the file and add it again.</source>
        <translation>Nama berkas tidak dapat dipakai. Ganti namanya, lalu tambahkan lagi.</translation>
    </message>
    <message>
        <source>This user may not read the file {file}. Copy it to a folder of this user.</source>
        <translation>Pengguna ini tidak boleh membaca berkas {file}. Salin ke folder milik pengguna ini.</translation>
    </message>
    <message>
        <source>The file {file} is damaged, or no picture, video or sound. Play it elsewhere to check it.</source>
        <translation>Berkas {file} rusak, atau bukan gambar, video, atau suara. Coba putar di program lain.</translation>
    </message>
    <message>
        <source>The file {file} has neither picture nor sound. Choose another file.</source>
        <translation>Berkas {file} tidak berisi gambar maupun suara. Pilih berkas lain.</translation>
    </message>
    <message>
        <source>The file {file} is damaged from here on. Copy it anew, then add it again.</source>
        <translation>Berkas {file} rusak mulai bagian ini. Salin ulang berkasnya, lalu tambahkan lagi.</translation>
    </message>
    <message>
        <source>The camera cannot be opened. Plug it in, and close other programs that use it.</source>
        <translation>Kamera tidak dapat dibuka. Pasang kamera, dan tutup program lain yang memakainya.</translation>
    </message>
    <message>
        <source>The camera gives no picture any more. Check its cable; it comes back by itself.</source>
        <translation>Kamera tidak memberi gambar lagi. Periksa kabelnya; gambar akan kembali sendiri.</translation>
    </message>
    <message>
        <source>There is no such microphone. Plug it in, or add another one.</source>
        <translation>Mikrofon itu tidak ada. Pasang mikrofonnya, atau tambahkan yang lain.</translation>
    </message>
    <message>
        <source>The microphone cannot be opened. Close other programs that use it.</source>
        <translation>Mikrofon tidak dapat dibuka. Tutup program lain yang memakainya.</translation>
    </message>
    <message>
        <source>The microphone gives no sound any more. Check its cable; it comes back by itself.</source>
        <translation>Mikrofon tidak memberi suara lagi. Periksa kabelnya; suara akan kembali sendiri.</translation>
    </message>
    <message>
        <source>Sound devices cannot be used: PortAudio is not installed. Ask the administrator.</source>
        <translation>Perangkat suara tidak dapat dipakai: PortAudio belum terpasang. Hubungi administrator.</translation>
    </message>
    <message>
        <source>The address of a network camera must look like rtsp://host/path. Remove it and add it anew.</source>
        <translation>Alamat kamera jaringan harus seperti rtsp://host/path. Hapus, lalu tambahkan lagi.</translation>
    </message>
    <message>
        <source>The network camera asks for a password. Set up a stream without one on the camera.</source>
        <translation>Kamera jaringan meminta kata sandi. Buat aliran tanpa kata sandi di kamera itu.</translation>
    </message>
    <message>
        <source>The network camera has no stream of this name. Check the path in its address.</source>
        <translation>Kamera jaringan tidak punya aliran dengan nama ini. Periksa bagian akhir alamatnya.</translation>
    </message>
    <message>
        <source>The network camera refuses the connection. Check address and port, and that it is on.</source>
        <translation>Kamera jaringan menolak sambungan. Periksa alamat dan port, dan pastikan kameranya menyala.</translation>
    </message>
    <message>
        <source>The network camera cannot be reached. Check its address, power and network cable.</source>
        <translation>Kamera jaringan tidak terjangkau. Periksa alamat, listrik, dan kabel jaringannya.</translation>
    </message>
    <message>
        <source>The network camera sends neither picture nor sound. Check its settings.</source>
        <translation>Kamera jaringan tidak mengirim gambar maupun suara. Periksa pengaturannya.</translation>
    </message>
    <message>
        <source>The network camera sends nothing any more. Check power and network; it comes back by itself.</source>
        <translation>Kamera jaringan tidak mengirim apa-apa lagi. Periksa listrik dan jaringan; ia akan kembali sendiri.</translation>
    </message>
    <message>
        <source>There is no screen to capture here. Log in at the desktop of this machine.</source>
        <translation>Tidak ada layar yang dapat ditangkap di sini. Masuk ke desktop mesin ini.</translation>
    </message>
    <message>
        <source>This desktop (Wayland) lets no program capture the screen. Log in with an X11 session.</source>
        <translation>Desktop ini (Wayland) tidak mengizinkan penangkapan layar. Masuk dengan sesi X11.</translation>
    </message>
    <message>
        <source>{window} is not the number of a window. Choose the window again.</source>
        <translation>{window} bukan nomor jendela. Pilih jendelanya lagi.</translation>
    </message>
    <message>
        <source>The screen or window cannot be captured. Choose it again, and see that the window is open.</source>
        <translation>Layar atau jendela tidak dapat ditangkap. Pilih lagi, dan pastikan jendelanya terbuka.</translation>
    </message>
    <message>
        <source>The screen or window gives no picture any more. See that the window is still open.</source>
        <translation>Layar atau jendela tidak memberi gambar lagi. Pastikan jendelanya masih terbuka.</translation>
    </message>
    <message>
        <source>There is no test card {card}. Use hall, flash or a number.</source>
        <translation>Tidak ada kartu uji {card}. Pakai hall, flash, atau angka.</translation>
    </message>
    <message>
        <source>The source has ended. Remove it, and add it again if it is needed.</source>
        <translation>Sumber sudah berakhir. Hapus, lalu tambahkan lagi bila diperlukan.</translation>
    </message>
    <message>
        <source>This source made its program crash three times and stays closed. Remove it and use another.</source>
        <translation>Sumber ini membuat programnya berhenti tiga kali dan tidak dibuka lagi. Hapus dan pakai yang lain.</translation>
    </message>
    <message>
        <source>The picture cannot be passed on: the memory for pictures is full. Close other programs.</source>
        <translation>Gambar tidak dapat diteruskan: memori gambar penuh. Tutup program lain.</translation>
    </message>
    <message>
        <source>The source failed through a fault of this program. Remove it and add it again.</source>
        <translation>Sumber gagal karena kesalahan program ini. Hapus, lalu tambahkan lagi.</translation>
    </message>
    <message>
        <source>Another program uses port {port}. Nobody can join. End that program (or the other console), or choose another “Port of the join page” in the settings and restart the engine. It is tried on.</source>
        <translation>Port {port} dipakai program lain. Belum ada yang bisa bergabung. Akhiri program (atau konsol) itu, atau pilih “Port halaman bergabung” lain di Pengaturan lalu hidupkan ulang mesin. Terus dicoba.</translation>
    </message>
    <message>
        <source>This user may not open port {port}. Choose a port above 1023 in the settings.</source>
        <translation>Pengguna ini tidak boleh membuka port {port}. Pilih port di atas 1023 di Pengaturan.</translation>
    </message>
    <message>
        <source>Address {host}, port {port} cannot be opened. Check the network and the setting join_host.</source>
        <translation>Alamat {host}, port {port} tidak dapat dibuka. Periksa jaringan dan pengaturan join_host.</translation>
    </message>
    <message>
        <source>The join page&apos;s program ended and is started again. Participants come back by themselves.</source>
        <translation>Program halaman gabung berhenti dan dijalankan lagi. Peserta akan kembali sendiri.</translation>
    </message>
    <message>
        <source>The join page finds no folder or certificate to use. Check disk space and the data folder.</source>
        <translation>Halaman gabung tidak punya folder atau sertifikat. Periksa ruang diska dan folder data.</translation>
    </message>
    <message>
        <source>The certificate {certificate} cannot be read. Check tls_cert; a local certificate is used.</source>
        <translation>Sertifikat {certificate} tidak dapat dibaca. Periksa tls_cert; sertifikat lokal dipakai.</translation>
    </message>
    <message>
        <source>The key {key} does not fit its certificate. Check tls_key; a local certificate is used.</source>
        <translation>Kunci {key} tidak cocok dengan sertifikatnya. Periksa tls_key; sertifikat lokal dipakai.</translation>
    </message>
    <message>
        <source>The certificate {certificate} is not valid today. Renew it; a local certificate is used.</source>
        <translation>Sertifikat {certificate} tidak berlaku hari ini. Perbarui; sertifikat lokal dipakai.</translation>
    </message>
    <message>
        <source>The certificate is not for {host}. Get one for this name; a local certificate is used.</source>
        <translation>Sertifikat bukan untuk {host}. Minta yang untuk nama ini; sertifikat lokal dipakai.</translation>
    </message>
    <message>
        <source>The certificate {certificate} expires in {days} days. Ask for a new one now.</source>
        <translation>Sertifikat {certificate} berakhir dalam {days} hari. Minta yang baru sekarang.</translation>
    </message>
    <message>
        <source>Nothing can be switched meanwhile. Check disk space and the rights of the data folder.</source>
        <translation>Sementara ini tidak ada yang dapat diubah. Periksa ruang diska dan izin folder data.</translation>
    </message>
    <message>
        <source>All of it goes to {file} in the data folder. After the session keep that for the administrator.</source>
        <translation>Seluruhnya disalin ke {file} di folder data. Setelah rapat, simpan berkas itu untuk administrator.</translation>
    </message>
    <message>
        <source>No copy can be written. Do not end the console; check disk space and rights of the data folder.</source>
        <translation>Salinan tidak dapat ditulis. Jangan akhiri konsol; periksa ruang diska dan izin folder data.</translation>
    </message>
    <message>
        <source>The journal was damaged. A new one was begun; keep the old one, {file}, for the administrator.</source>
        <translation>Catatan rapat rusak. Catatan baru dibuat; simpan yang lama, {file}, untuk administrator.</translation>
    </message>
    <message>
        <source>The last session cannot be read at fact {fact} and was not taken up. Open a new session.</source>
        <translation>Rapat terakhir tidak terbaca pada fakta {fact} dan tidak dilanjutkan. Buka rapat baru.</translation>
    </message>
    <message>
        <source>The record of this session was changed at fact {fact}. Tell the administrator.</source>
        <translation>Catatan rapat ini berubah pada fakta {fact}. Beri tahu administrator.</translation>
    </message>
    <message>
        <source>The memory for pictures is used up. Close other programs on this machine.</source>
        <translation>Memori gambar habis. Tutup program lain di mesin ini.</translation>
    </message>
    <message>
        <source>The encoder does not work. Check picture size and preset in the settings, then start again.</source>
        <translation>Enkoder tidak bekerja. Periksa ukuran gambar dan preset di Pengaturan, lalu mulai ulang.</translation>
    </message>
    <message>
        <source>The picture failed through a fault of this program and is begun again by itself.</source>
        <translation>Gambar gagal karena kesalahan program ini dan dimulai lagi dengan sendirinya.</translation>
    </message>
    <message>
        <source>The source&apos;s program ended (code {status}) and is started again.</source>
        <translation>Program sumber berhenti (kode {status}) dan dijalankan lagi.</translation>
    </message>
    <message>
        <source>The source&apos;s program was ended (signal {signal}) and is started again.</source>
        <translation>Program sumber dihentikan (sinyal {signal}) dan dijalankan lagi.</translation>
    </message>
    <message>
        <source>The source&apos;s program is gone and is started again.</source>
        <translation>Program sumber hilang dan dijalankan lagi.</translation>
    </message>
    <message>
        <source>There is no setting {name}. Update this window.</source>
        <translation>Tidak ada pengaturan {name}. Perbarui jendela ini.</translation>
    </message>
    <message>
        <source>{name}: this value cannot be used. Enter another one.</source>
        <translation>{name}: nilai ini tidak dapat dipakai. Masukkan nilai lain.</translation>
    </message>
    <message>
        <source>{name}: choose one of {choices}.</source>
        <translation>{name}: pilih salah satu dari {choices}.</translation>
    </message>
    <message>
        <source>{name}: enter a number from {low} to {high}.</source>
        <translation>{name}: masukkan angka dari {low} sampai {high}.</translation>
    </message>
    <message>
        <source>{name}: enter an even number.</source>
        <translation>{name}: masukkan angka genap.</translation>
    </message>
    <message>
        <source>{name}: choose Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT).</source>
        <translation>{name}: pilih Asia/Jakarta (WIB), Asia/Makassar (WITA), atau Asia/Jayapura (WIT).</translation>
    </message>
    <message>
        <source>{name}: enter ports from 1024 to 65535, such as 40000-40999.</source>
        <translation>{name}: masukkan port dari 1024 sampai 65535, misalnya 40000-40999.</translation>
    </message>
    <message>
        <source>{name}: {address} is no IP address. Enter one such as 192.168.1.5.</source>
        <translation>{name}: {address} bukan alamat IP. Masukkan misalnya 192.168.1.5.</translation>
    </message>
    <message>
        <source>{name}: enter an address such as turn:host:3478.</source>
        <translation>{name}: masukkan alamat seperti turn:host:3478.</translation>
    </message>
    <message>
        <source>{name}: enter three numbers of minutes, the largest first, such as 240,60,15.</source>
        <translation>{name}: isi tiga angka menit, yang terbesar dahulu, misalnya 240,60,15.</translation>
    </message>
    <message>
        <source>{name}: enter an address such as https://host/path.</source>
        <translation>{name}: isi alamat seperti https://host/path.</translation>
    </message>
    <message>
        <source>Two destinations have one name. Give each a name of its own.</source>
        <translation>Dua tujuan bernama sama. Beri masing-masing nama sendiri.</translation>
    </message>
    <message>
        <source>A destination has no name. Give each destination a name.</source>
        <translation>Ada tujuan tanpa nama. Beri setiap tujuan nama.</translation>
    </message>
    <message>
        <source>{destination}: enter an address such as rtmps://host/app, without the key.</source>
        <translation>{destination}: masukkan alamat seperti rtmps://host/app, tanpa kunci.</translation>
    </message>
    <message>
        <source>{destination}: the stream key is in the address. Take it out and enter it as the key.</source>
        <translation>{destination}: kunci siaran ada di dalam alamat. Hapus dari sana dan isi sebagai kunci.</translation>
    </message>
    <message>
        <source>{name}: enter the whole path of a folder.</source>
        <translation>{name}: masukkan jalur lengkap sebuah folder.</translation>
    </message>
    <message>
        <source>{name}: too long, enter at most {most} characters.</source>
        <translation>{name}: terlalu panjang, paling banyak {most} karakter.</translation>
    </message>
    <message>
        <source>{name} is fixed by the administrator. Ask the administrator to change it.</source>
        <translation>{name} ditetapkan administrator. Minta administrator mengubahnya.</translation>
    </message>
    <message>
        <source>A key file needs its certificate: set tls_cert as well.</source>
        <translation>Berkas kunci memerlukan sertifikatnya: atur juga tls_cert.</translation>
    </message>
    <message>
        <source>{file} cannot be written. Check disk space and the folder&apos;s rights.</source>
        <translation>{file} tidak dapat ditulis. Periksa ruang diska dan izin folder.</translation>
    </message>
    <message>
        <source>The settings file {file} cannot be used. Ask the administrator to mend it.</source>
        <translation>Berkas pengaturan {file} tidak dapat dipakai. Minta administrator memperbaikinya.</translation>
    </message>
    <message>
        <source>The engine knows no command {command}. Close this window and start the console again.</source>
        <translation>Mesin tidak mengenal perintah {command}. Tutup jendela ini dan jalankan konsol lagi.</translation>
    </message>
    <message>
        <source>The engine cannot read the command {command}. Close this window and start the console again.</source>
        <translation>Mesin tidak dapat membaca perintah {command}. Tutup jendela ini dan jalankan konsol lagi.</translation>
    </message>
    <message>
        <source>Unknown fault, see the details.</source>
        <translation>Gangguan tidak dikenal, lihat rinciannya.</translation>
    </message>
    <message>
        <source>Details: {detail}</source>
        <translation>Rincian: {detail}</translation>
    </message>
    <message>
        <source>The recording cannot be written in {folder}.</source>
        <translation>Rekaman tidak dapat ditulis di {folder}.</translation>
    </message>
    <message>
        <source>YouTube with an account is not set up here ({file}). IT staff set it up: docs/install.md, youtube_client_file. Or use a stream key.</source>
        <translation>YouTube dengan akun belum disiapkan di sini ({file}). Petugas TI menyiapkannya: docs/install.md, youtube_client_file. Atau pakai kunci siaran.</translation>
    </message>
    <message>
        <source>This computer has no password store that works. The account can be used for this run only.</source>
        <translation>Komputer ini tidak punya penyimpan kata sandi yang berfungsi. Akun hanya dapat dipakai untuk kali ini.</translation>
    </message>
    <message>
        <source>The sign-in was refused in the browser. Sign in again and allow the access.</source>
        <translation>Masuk akun ditolak di peramban. Masuk lagi dan izinkan aksesnya.</translation>
    </message>
    <message>
        <source>Nobody signed in within five minutes. Sign in again.</source>
        <translation>Tidak ada yang masuk dalam lima menit. Masuk lagi.</translation>
    </message>
    <message>
        <source>An answer came that was not for this sign-in and was not used. Sign in again.</source>
        <translation>Datang jawaban yang bukan untuk proses masuk ini; jawaban itu tidak dipakai. Masuk lagi.</translation>
    </message>
    <message>
        <source>The sign-in was cancelled.</source>
        <translation>Masuk akun dibatalkan.</translation>
    </message>
    <message>
        <source>YouTube no longer accepts the account. Sign in again; what is being sent goes on.</source>
        <translation>YouTube tidak lagi menerima akun ini. Masuk lagi; siaran yang sedang dikirim tetap berjalan.</translation>
    </message>
    <message>
        <source>Another account signed in than the one of the broadcast that runs; it was not taken. End the broadcast first.</source>
        <translation>Akun lain masuk, bukan akun siaran yang sedang berjalan; akun itu tidak dipakai. Akhiri siaran lebih dulu.</translation>
    </message>
    <message>
        <source>Google refuses this office&apos;s Cloud project. Ask the administrator to check project and YouTube API.</source>
        <translation>Google menolak proyek Cloud kantor ini. Minta admin memeriksa proyek dan YouTube API.</translation>
    </message>
    <message>
        <source>The account did not allow to manage YouTube. Sign in again and tick that permission.</source>
        <translation>Akun tidak mengizinkan pengelolaan YouTube. Masuk lagi dan centang izin itu.</translation>
    </message>
    <message>
        <source>This account has no YouTube channel. Make one, or sign in with another account.</source>
        <translation>Akun ini tidak punya kanal YouTube. Buat kanal, atau masuk dengan akun lain.</translation>
    </message>
    <message>
        <source>Today&apos;s YouTube quota of the office&apos;s Cloud project is used up. Go live with the stream key.</source>
        <translation>Kuota YouTube hari ini untuk proyek Cloud kantor sudah habis. Siarkan dengan kunci siaran.</translation>
    </message>
    <message>
        <source>This channel may not stream live yet. Enable it in YouTube Studio; that takes up to 24 hours.</source>
        <translation>Kanal ini belum boleh siaran langsung. Aktifkan di YouTube Studio; perlu waktu sampai 24 jam.</translation>
    </message>
    <message>
        <source>YouTube does not let this account do that. Check in YouTube Studio whether it may stream live.</source>
        <translation>YouTube tidak mengizinkan akun ini melakukannya. Periksa di YouTube Studio apakah boleh siaran langsung.</translation>
    </message>
    <message>
        <source>YouTube asks to wait a little. It is tried again by itself.</source>
        <translation>YouTube minta menunggu sebentar. Dicoba lagi dengan sendirinya.</translation>
    </message>
    <message>
        <source>The channel has too many broadcasts. Delete some in YouTube Studio, or use the stream key.</source>
        <translation>Kanal ini punya terlalu banyak siaran. Hapus sebagian di YouTube Studio, atau pakai kunci siaran.</translation>
    </message>
    <message>
        <source>YouTube cannot be asked at the moment. It is tried again by itself; check the network.</source>
        <translation>YouTube saat ini tidak dapat ditanya. Dicoba lagi dengan sendirinya; periksa jaringan.</translation>
    </message>
    <message>
        <source>There is no trusted line to YouTube. Check this machine&apos;s date, then ask IT.</source>
        <translation>Tidak ada sambungan tepercaya ke YouTube. Periksa tanggal komputer ini, lalu tanyakan bagian TI.</translation>
    </message>
    <message>
        <source>YouTube has a fault of its own. It is tried again by itself.</source>
        <translation>YouTube sedang bermasalah. Dicoba lagi dengan sendirinya.</translation>
    </message>
    <message>
        <source>YouTube&apos;s answer cannot be understood. It is tried again; a login page of the network?</source>
        <translation>Jawaban YouTube tidak dapat dipahami. Dicoba lagi; apakah ada halaman masuk jaringan?</translation>
    </message>
    <message>
        <source>YouTube cannot switch the broadcast now. Look at it in YouTube Studio. It says: {said}</source>
        <translation>YouTube sekarang tidak dapat mengubah siaran ini. Lihat di YouTube Studio. Katanya: {said}</translation>
    </message>
    <message>
        <source>YouTube no longer has this broadcast or stream. Make a new broadcast.</source>
        <translation>Siaran atau aliran ini sudah tidak ada di YouTube. Buat siaran baru.</translation>
    </message>
    <message>
        <source>YouTube does not take this. Check title, description and picture. It says: {said}</source>
        <translation>YouTube tidak menerima ini. Periksa judul, keterangan, dan gambar. Katanya: {said}</translation>
    </message>
    <message>
        <source>Title up to 100 characters, description up to 5,000, both without the signs &lt; and &gt;.</source>
        <translation>Judul paling banyak 100 huruf, keterangan 5.000, keduanya tanpa tanda &lt; dan &gt;.</translation>
    </message>
    <message>
        <source>The time must be in the future, within one year.</source>
        <translation>Waktunya harus di masa depan, paling lama satu tahun lagi.</translation>
    </message>
    <message>
        <source>The picture {file} cannot be read. Choose it again.</source>
        <translation>Gambar {file} tidak dapat dibaca. Pilih lagi.</translation>
    </message>
    <message>
        <source>The picture {file} is larger than 2 MB. Choose a smaller one.</source>
        <translation>Gambar {file} lebih besar dari 2 MB. Pilih yang lebih kecil.</translation>
    </message>
    <message>
        <source>The picture {file} is neither JPEG nor PNG. Choose another one.</source>
        <translation>Gambar {file} bukan JPEG maupun PNG. Pilih yang lain.</translation>
    </message>
    <message>
        <source>The stream before this one still sends what it held back. Then this broadcast begins.</source>
        <translation>Siaran sebelumnya masih mengirim bagian yang tertunda. Setelah itu siaran ini dimulai.</translation>
    </message>
    <message>
        <source>Sending to YouTube cannot be started; it is tried again. Check the disk of this computer.</source>
        <translation>Pengiriman ke YouTube tidak dapat dimulai; dicoba terus. Periksa diska komputer ini.</translation>
    </message>
    <message>
        <source>The public never saw the broadcast. A planned one stays planned, a new one is deleted.</source>
        <translation>Siaran itu belum pernah terlihat publik. Siaran terjadwal tetap terjadwal, yang baru dihapus.</translation>
    </message>
    <message>
        <source>YouTube could not be told of the end. End the broadcast in YouTube Studio.</source>
        <translation>YouTube tidak dapat diberi tahu bahwa siaran berakhir. Akhiri siaran di YouTube Studio.</translation>
    </message>
    <message>
        <source>The broadcast was ended at YouTube. Make a new broadcast to go live again.</source>
        <translation>Siaran diakhiri di YouTube. Buat siaran baru untuk tayang lagi.</translation>
    </message>
    <message>
        <source>We send, but YouTube gets nothing: the public sees no picture. Check uplink and firewall.</source>
        <translation>Kita mengirim, tetapi YouTube tidak menerima: publik tidak melihat gambar. Periksa unggahan dan firewall.</translation>
    </message>
    <message>
        <source>We send, but YouTube calls the stream bad: the public sees it stutter. Check the uplink.</source>
        <translation>Kita mengirim, tetapi YouTube menilai siaran buruk: publik melihatnya tersendat. Periksa unggahan.</translation>
    </message>
    <message>
        <source>YouTube gets the stream, but the public does not see it. Look at it in YouTube Studio.</source>
        <translation>YouTube menerima siaran, tetapi publik tidak melihatnya. Lihat di YouTube Studio.</translation>
    </message>
    <message>
        <source>We do not send, but YouTube gets a stream. Does another machine use the same stream key?</source>
        <translation>Kita tidak mengirim, tetapi YouTube menerima siaran. Apakah mesin lain memakai kunci siaran yang sama?</translation>
    </message>
</context>
<context>
    <name>CertificateBox</name>
    <message>
        <source>If a browser warns that the connection is not safe: this page explains how to install the certificate once. Read the fingerprint out for comparison.</source>
        <translation>Bila peramban memperingatkan sambungan tidak aman: halaman ini menjelaskan cara memasang sertifikat satu kali. Bacakan sidik jarinya untuk dicocokkan.</translation>
    </message>
    <message>
        <source>Page about the certificate</source>
        <translation>Halaman tentang sertifikat</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Salin</translation>
    </message>
    <message>
        <source>Copy address and fingerprint of the certificate</source>
        <translation>Salin alamat dan sidik jari sertifikat</translation>
    </message>
    <message>
        <source>SHA-256 fingerprint:</source>
        <translation>Sidik jari SHA-256:</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Tersalin</translation>
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
        <source>SLATE · behind it: {layout}</source>
        <translation>JEDA · di baliknya: {layout}</translation>
    </message>
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
        <source>Empty: there is none</source>
        <translation>Kosong: tidak ada</translation>
    </message>
    <message>
        <source>Empty: asked when you go live</source>
        <translation>Kosong: diminta saat mulai siaran</translation>
    </message>
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
        <source>Backup address</source>
        <translation>Alamat cadangan</translation>
    </message>
    <message>
        <source>Stream key</source>
        <translation>Kunci siaran</translation>
    </message>
</context>
<context>
    <name>DestinationsTab</name>
    <message>
        <source>The stream key is kept in this computer&apos;s password store, never in a file or a log.</source>
        <translation>Kunci siaran disimpan di penyimpan kata sandi komputer ini, tidak pernah di berkas atau log.</translation>
    </message>
    <message>
        <source>Add destination</source>
        <translation>Tambah tujuan</translation>
    </message>
    <message>
        <source>The password store of this computer does not work, so the stream key was not kept. Empty the field to save without it, and type the key when you go live.</source>
        <translation>Penyimpan kata sandi komputer ini tidak berfungsi, jadi kunci siaran tidak disimpan. Kosongkan kolomnya untuk menyimpan tanpa kunci, lalu ketik kuncinya saat memulai siaran.</translation>
    </message>
</context>
<context>
    <name>Disk</name>
    <message>
        <source>{n} hours</source>
        <translation>{n} jam</translation>
    </message>
    <message>
        <source>{h} h {m} min</source>
        <translation>{h} jam {m} mnt</translation>
    </message>
    <message>
        <source>{m} min</source>
        <translation>{m} mnt</translation>
    </message>
    <message>
        <source>The disk of {folder} has room for about {left} of recording. Make room in good time, or choose another folder in the settings.</source>
        <translation>Diska folder {folder} cukup untuk rekaman sekitar {left} lagi. Kosongkan diska sebelum habis, atau pilih folder lain di Pengaturan.</translation>
    </message>
    <message>
        <source>The disk of {folder} has room for about {left} only. Delete or move old recordings now.</source>
        <translation>Diska folder {folder} hanya cukup untuk sekitar {left} lagi. Hapus atau pindahkan rekaman lama sekarang.</translation>
    </message>
    <message>
        <source>The disk of {folder} is full in about {left}. Recordings of single participants end; make room now, or the recording of the program ends too.</source>
        <translation>Diska folder {folder} penuh dalam sekitar {left}. Rekaman peserta tersendiri diakhiri; kosongkan diska sekarang, atau rekaman program juga berakhir.</translation>
    </message>
    <message>
        <source>Nothing is recorded in {folder} any more: only {free} are free. What was recorded is whole. Make room, then start the recording again. Session and livestream go on.</source>
        <translation>Tidak ada lagi yang direkam di {folder}: tinggal {free}. Yang sudah direkam tetap utuh. Kosongkan diska, lalu mulai rekaman lagi. Rapat dan siaran langsung tetap berjalan.</translation>
    </message>
    <message>
        <source>Both copies are on one disk: the second folder of the recordings is not on a disk of its own. Check that its disk is connected, or choose another folder in the settings.</source>
        <translation>Kedua salinan berada di satu diska: folder kedua rekaman tidak berada di diska tersendiri. Periksa apakah diskanya tersambung, atau pilih folder lain di Pengaturan.</translation>
    </message>
    <message>
        <source>His own recording was ended: the disk is nearly full.</source>
        <translation>Rekaman tersendiri peserta ini diakhiri: diska hampir penuh.</translation>
    </message>
    <message>
        <source>Not recorded by itself: {why}</source>
        <translation>Tidak direkam tersendiri: {why}</translation>
    </message>
</context>
<context>
    <name>DiskBanner</name>
    <message>
        <source>{folder} has only {free} left. Make room now: the recording there ends at {reserve}.</source>
        <translation>Sisa ruang {folder} hanya {free}. Kosongkan diska sekarang: rekaman di sana berakhir pada {reserve}.</translation>
    </message>
    <message>
        <source>DISK ALMOST FULL</source>
        <translation>DISKA HAMPIR PENUH</translation>
    </message>
    <message>
        <source>Nothing can be recorded in {folder}: only {free} are free. Make room there, or choose another folder in the settings.</source>
        <translation>Di {folder} tidak dapat direkam apa pun: hanya tersisa {free}. Kosongkan ruang di sana, atau pilih folder lain di Pengaturan.</translation>
    </message>
    <message>
        <source>DISK FULL · second folder</source>
        <translation>DISKA PENUH · folder kedua</translation>
    </message>
    <message>
        <source>DISK FULL · one copy ended</source>
        <translation>DISKA PENUH · satu salinan berakhir</translation>
    </message>
    <message>
        <source>Nothing can be recorded in {folder}: only {free} are free. Make room there. The recording goes on in its own folder.</source>
        <translation>Di {folder} tidak dapat direkam apa pun: hanya tersisa {free}. Kosongkan ruang di sana. Rekaman berlanjut di foldernya sendiri.</translation>
    </message>
    <message>
        <source>DISK FULL · the recording goes on</source>
        <translation>DISKA PENUH · rekaman berlanjut</translation>
    </message>
    <message>
        <source>DISK FULL · NOT RECORDING</source>
        <translation>DISKA PENUH · TIDAK MEREKAM</translation>
    </message>
</context>
<context>
    <name>DiskWatch</name>
    <message>
        <source>There is room again in {folder}. The recording can be started again.</source>
        <translation>Sudah ada ruang lagi di {folder}. Rekaman dapat dimulai lagi.</translation>
    </message>
    <message>
        <source>Ended, for the disk is nearly full: the recordings of {names} by themselves.</source>
        <translation>Diakhiri karena diska hampir penuh: rekaman tersendiri {names}.</translation>
    </message>
</context>
<context>
    <name>EchoWatch</name>
    <message>
        <source>Echo from {name} · {key} turns it down</source>
        <translation>Gema dari {name} · {key} meredamnya</translation>
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
        <source>Open the lobby</source>
        <translation>Buka lobi</translation>
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
        <source>{n} waiting in the lobby</source>
        <translation>{n} menunggu di lobi</translation>
    </message>
    <message>
        <source>Ctrl+L opens the lobby: admit them there.</source>
        <translation>Ctrl+L membuka lobi: persilakan masuk di sana.</translation>
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
    <name>EngineEnd</name>
    <message>
        <source>The running engine has other settings. Not used until it is restarted: {names}. End the session, choose “Stop the engine…” in the menu and open the console again.</source>
        <translation>Mesin yang berjalan memakai pengaturan lain. Belum dipakai sampai dihidupkan ulang: {names}. Akhiri rapat, pilih “Hentikan mesin…” di menu, lalu buka konsol lagi.</translation>
    </message>
    <message>
        <source>The session, its recording and its livestream go on without the window.</source>
        <translation>Rapat, rekaman, dan siaran tetap berjalan tanpa jendela ini.</translation>
    </message>
    <message>
        <source>The session and its recording go on without the window.</source>
        <translation>Rapat dan rekamannya tetap berjalan tanpa jendela ini.</translation>
    </message>
    <message>
        <source>The session and its livestream go on without the window.</source>
        <translation>Rapat dan siarannya tetap berjalan tanpa jendela ini.</translation>
    </message>
    <message>
        <source>The session goes on without the window; participants stay connected.</source>
        <translation>Rapat tetap berjalan tanpa jendela ini; peserta tetap tersambung.</translation>
    </message>
    <message>
        <source>Open the console again to return. To finish, cancel and choose “End the session…”.</source>
        <translation>Buka konsol lagi untuk kembali. Untuk mengakhiri, batalkan lalu pilih “Akhiri rapat…”.</translation>
    </message>
    <message>
        <source>Close the window?</source>
        <translation>Tutup jendela?</translation>
    </message>
    <message>
        <source>Close the window</source>
        <translation>Tutup jendela</translation>
    </message>
    <message>
        <source>The engine cannot be stopped now</source>
        <translation>Mesin belum bisa dihentikan</translation>
    </message>
    <message>
        <source>A session is open. End the session first; its recording and livestream are finished then.</source>
        <translation>Sebuah rapat masih terbuka. Akhiri rapat dahulu; rekaman dan siarannya lalu diselesaikan.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Tutup</translation>
    </message>
    <message>
        <source>Stop the engine?</source>
        <translation>Hentikan mesin?</translation>
    </message>
    <message>
        <source>The join page ends and this window closes. Opening the console starts the engine anew.</source>
        <translation>Halaman gabung berhenti dan jendela ini tertutup. Membuka konsol lagi menghidupkan mesin kembali.</translation>
    </message>
    <message>
        <source>Stop the engine</source>
        <translation>Hentikan mesin</translation>
    </message>
    <message>
        <source>Restart the engine?</source>
        <translation>Hidupkan ulang mesin?</translation>
    </message>
    <message>
        <source>The new settings count from the next start of the engine. No session is open: it takes a few seconds.</source>
        <translation>Pengaturan baru berlaku sejak mesin dihidupkan lagi. Tidak ada rapat terbuka: ini makan waktu beberapa detik.</translation>
    </message>
    <message>
        <source>Restart the engine</source>
        <translation>Hidupkan ulang mesin</translation>
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
    <name>FolderField</name>
    <message>
        <source>Choose a folder</source>
        <translation>Pilih folder</translation>
    </message>
</context>
<context>
    <name>HallBanner</name>
    <message>
        <source>Sound devices…</source>
        <translation>Perangkat suara…</translation>
    </message>
    <message>
        <source>The hall has no sound</source>
        <translation>Suara aula gagal</translation>
    </message>
    <message>
        <source>Sound of the hall</source>
        <translation>Suara aula</translation>
    </message>
    <message>
        <source>Since {time}.</source>
        <translation>Sejak {time}.</translation>
    </message>
    <message>
        <source>Session, recording and livestream go on.</source>
        <translation>Rapat, perekaman, dan siaran tetap berjalan.</translation>
    </message>
</context>
<context>
    <name>HallDevices</name>
    <message>
        <source>Microphones of the hall</source>
        <translation>Mikrofon aula</translation>
    </message>
    <message>
        <source>Loudspeakers of the hall</source>
        <translation>Pengeras suara aula</translation>
    </message>
    <message>
        <source>Operator&apos;s headphones (program)</source>
        <translation>Headphone operator (program)</translation>
    </message>
    <message>
        <source>Operator&apos;s microphone (talkback)</source>
        <translation>Mikrofon operator (talkback)</translation>
    </message>
    <message>
        <source>Default of the system</source>
        <translation>Bawaan sistem</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Tidak ada</translation>
    </message>
    <message>
        <source>{name} (not there now)</source>
        <translation>{name} (sedang tidak ada)</translation>
    </message>
</context>
<context>
    <name>HallDialog</name>
    <message>
        <source>Sound of the hall</source>
        <translation>Suara aula</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Tutup</translation>
    </message>
    <message>
        <source>Use the loudspeakers and microphones of the hall</source>
        <translation>Pakai pengeras suara dan mikrofon aula</translation>
    </message>
    <message>
        <source>Step by step…</source>
        <translation>Langkah demi langkah…</translation>
    </message>
    <message>
        <source>Tests</source>
        <translation>Uji suara</translation>
    </message>
    <message>
        <source>Off: the hall hears nobody and nobody hears the hall.</source>
        <translation>Mati: aula tidak mendengar siapa pun dan tidak terdengar.</translation>
    </message>
</context>
<context>
    <name>HallTests</name>
    <message>
        <source>Chime</source>
        <translation>Bunyi lonceng</translation>
    </message>
    <message>
        <source>Record 3 s and play them</source>
        <translation>Rekam 3 dtk lalu putar</translation>
    </message>
    <message>
        <source>Room test</source>
        <translation>Uji ruang</translation>
    </message>
    <message>
        <source>delay {n} ms</source>
        <translation>jeda {n} ms</translation>
    </message>
    <message>
        <source>echo in the microphone {n} dB</source>
        <translation>gema di mikrofon {n} dB</translation>
    </message>
</context>
<context>
    <name>HallWizard</name>
    <message>
        <source>Camera of the hall</source>
        <translation>Kamera aula</translation>
    </message>
    <message>
        <source>Microphones and loudspeakers</source>
        <translation>Mikrofon dan pengeras suara</translation>
    </message>
    <message>
        <source>Do you hear it?</source>
        <translation>Apakah terdengar?</translation>
    </message>
    <message>
        <source>Echo of the room</source>
        <translation>Gema ruang</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Siap</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Kembali</translation>
    </message>
    <message>
        <source>Turn the hall&apos;s sound on</source>
        <translation>Nyalakan suara aula</translation>
    </message>
    <message>
        <source>The microphones of the hall stay muted until you open them in the last step.</source>
        <translation>Mikrofon aula tetap bisu sampai Anda membukanya pada langkah terakhir.</translation>
    </message>
    <message>
        <source>The hall&apos;s picture stands on the wall beside the offices. See whether the camera works.</source>
        <translation>Gambar aula tampil di dinding bersama kantor lain. Lihat apakah kamera bekerja.</translation>
    </message>
    <message>
        <source>Choose by name; this machine remembers it.</source>
        <translation>Pilih menurut nama; komputer ini mengingatnya.</translation>
    </message>
    <message>
        <source>Sound a chime, then record three seconds and hear them again.</source>
        <translation>Bunyikan lonceng, lalu rekam tiga detik dan dengarkan kembali.</translation>
    </message>
    <message>
        <source>The room test plays a sweep and measures what the microphones hear of the loudspeakers.</source>
        <translation>Uji ruang memutar nada sapuan dan mengukur apa yang didengar mikrofon dari pengeras suara.</translation>
    </message>
    <message>
        <source>{title} · step {n} of {most}</source>
        <translation>{title} · langkah {n} dari {most}</translation>
    </message>
    <message>
        <source>Leave</source>
        <translation>Tinggalkan</translation>
    </message>
    <message>
        <source>Finish</source>
        <translation>Selesai</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Lanjut</translation>
    </message>
    <message>
        <source>Open the hall&apos;s microphones</source>
        <translation>Buka mikrofon aula</translation>
    </message>
    <message>
        <source>Mute them again</source>
        <translation>Bisukan lagi</translation>
    </message>
    <message>
        <source>The hall&apos;s sound is off. You can turn it on at any time with {key}.</source>
        <translation>Suara aula mati. Anda dapat menyalakannya kapan saja dengan {key}.</translation>
    </message>
    <message>
        <source>The hall hears the offices and is heard while {key} is held.</source>
        <translation>Aula mendengar kantor peserta dan terdengar selama {key} ditahan.</translation>
    </message>
    <message>
        <source>The hall hears the offices. Its microphones are still muted.</source>
        <translation>Aula mendengar kantor peserta. Mikrofon aula masih bisu.</translation>
    </message>
    <message>
        <source>The hall hears the offices and is heard.</source>
        <translation>Aula mendengar kantor peserta dan terdengar.</translation>
    </message>
</context>
<context>
    <name>HallWords</name>
    <message>
        <source>The device</source>
        <translation>Perangkat</translation>
    </message>
    <message>
        <source>No microphone was found. Plug one in; it is taken by itself.</source>
        <translation>Mikrofon tidak ditemukan. Pasang mikrofon; ia dipakai dengan sendirinya.</translation>
    </message>
    <message>
        <source>No loudspeaker was found. Plug one in; it is taken by itself.</source>
        <translation>Pengeras suara tidak ditemukan. Pasang satu; ia dipakai dengan sendirinya.</translation>
    </message>
    <message>
        <source>{name} is gone. Plug it in again or choose another one.</source>
        <translation>{name} hilang. Pasang lagi atau pilih perangkat lain.</translation>
    </message>
    <message>
        <source>{name} gives no sound any more. It is being started again.</source>
        <translation>{name} tidak memberi suara lagi. Sedang dimulai ulang.</translation>
    </message>
    <message>
        <source>{name} is completely silent. Look at its mute key and cable.</source>
        <translation>{name} sama sekali tidak bersuara. Periksa tombol bisu dan kabelnya.</translation>
    </message>
    <message>
        <source>The system has put another device in place of {name}.</source>
        <translation>Sistem memakai perangkat lain sebagai ganti {name}.</translation>
    </message>
    <message>
        <source>This machine has no sound device. Plug one in; it is taken by itself.</source>
        <translation>Komputer ini tidak punya perangkat suara. Pasang satu; ia dipakai dengan sendirinya.</translation>
    </message>
    <message>
        <source>The microphones did not hear the loudspeakers. Turn them up, or look at the cables.</source>
        <translation>Mikrofon tidak mendengar pengeras suara. Keraskan, atau periksa kabelnya.</translation>
    </message>
    <message>
        <source>The process that carries the hall&apos;s sound ended. It is being started again.</source>
        <translation>Proses pembawa suara aula berhenti. Sedang dimulai lagi.</translation>
    </message>
    <message>
        <source>It was stopped.</source>
        <translation>Dihentikan.</translation>
    </message>
    <message>
        <source>The system&apos;s sound service has stopped. It is tried again.</source>
        <translation>Layanan suara sistem berhenti. Sedang dicoba lagi.</translation>
    </message>
    <message>
        <source>{name} does not work at a rate that can be used.</source>
        <translation>{name} tidak bekerja pada laju cuplik yang dapat dipakai.</translation>
    </message>
    <message>
        <source>The sound library PortAudio is missing on this machine.</source>
        <translation>Pustaka suara PortAudio tidak ada di komputer ini.</translation>
    </message>
    <message>
        <source>Another program uses {name}. Close it, or choose another device.</source>
        <translation>Program lain memakai {name}. Tutup program itu, atau pilih perangkat lain.</translation>
    </message>
    <message>
        <source>{name} does not work. It is tried again.</source>
        <translation>{name} tidak bekerja. Sedang dicoba lagi.</translation>
    </message>
    <message>
        <source>Full duplex</source>
        <translation>Dua arah penuh</translation>
    </message>
    <message>
        <source>Strong</source>
        <translation>Kuat</translation>
    </message>
    <message>
        <source>Echo canceller off</source>
        <translation>Peredam gema mati</translation>
    </message>
    <message>
        <source>Full duplex: both sides may talk at once</source>
        <translation>Dua arah penuh: kedua pihak boleh bicara bersama</translation>
    </message>
    <message>
        <source>Strong: cuts the hall while the offices talk</source>
        <translation>Kuat: aula terpotong selagi kantor lain bicara</translation>
    </message>
    <message>
        <source>Off: for a speakerphone that cancels by itself</source>
        <translation>Mati: untuk speakerphone yang meredam sendiri</translation>
    </message>
    <message>
        <source>Fallen back to strong</source>
        <translation>Beralih ke mode kuat</translation>
    </message>
    <message>
        <source>not in use</source>
        <translation>tidak dipakai</translation>
    </message>
    <message>
        <source>{n} channels</source>
        <translation>{n} kanal</translation>
    </message>
    <message>
        <source>starts…</source>
        <translation>dimulai…</translation>
    </message>
    <message>
        <source>Microphone</source>
        <translation>Mikrofon</translation>
    </message>
    <message>
        <source>Loudspeaker</source>
        <translation>Pengeras suara</translation>
    </message>
    <message>
        <source>Monitor</source>
        <translation>Monitor</translation>
    </message>
    <message>
        <source>Operator&apos;s microphone</source>
        <translation>Mikrofon operator</translation>
    </message>
    <message>
        <source>The hall&apos;s sound starts…</source>
        <translation>Suara aula dimulai…</translation>
    </message>
    <message>
        <source>The hall&apos;s sound runs</source>
        <translation>Suara aula berjalan</translation>
    </message>
    <message>
        <source>Turn the loudspeaker down by {n} dB: it is louder in the microphone than people are.</source>
        <translation>Kecilkan pengeras suara {n} dB: di mikrofon ia lebih keras daripada orang bicara.</translation>
    </message>
    <message>
        <source>The delay is long (Bluetooth, or the sound of a TV set?): use a cable.</source>
        <translation>Jedanya panjang (Bluetooth, atau suara televisi?): pakai kabel.</translation>
    </message>
    <message>
        <source>The clocks of both devices differ much: one device for both is better.</source>
        <translation>Detak kedua perangkat jauh berbeda: satu perangkat untuk keduanya lebih baik.</translation>
    </message>
    <message>
        <source>Too little echo is taken out: choose the mode Strong, or a lower loudspeaker.</source>
        <translation>Gema kurang teredam: pilih mode Kuat, atau kecilkan pengeras suara.</translation>
    </message>
    <message>
        <source>The room is good as it is.</source>
        <translation>Ruangnya sudah baik.</translation>
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
    <message>
        <source>Plain letters, digits, Space and Enter change the program only while keys are unlocked.</source>
        <translation>Huruf, angka, Spasi dan Enter mengubah program hanya saat tombol tidak terkunci.</translation>
    </message>
    <message>
        <source>Open the folder of the logs</source>
        <translation>Buka folder log</translation>
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
        <source>Talkback</source>
        <translation>Talkback</translation>
    </message>
    <message>
        <source>Turn down</source>
        <translation>Redam</translation>
    </message>
    <message>
        <source>Record by itself</source>
        <translation>Rekam tersendiri</translation>
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
        <source>You speak to {name} only</source>
        <translation>Anda bicara hanya kepada {name}</translation>
    </message>
    <message>
        <source>Echo from {name} · {key} turns it down</source>
        <translation>Gema dari {name} · {key} meredamnya</translation>
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
        <source>Bring back</source>
        <translation>Pulihkan</translation>
    </message>
    <message>
        <source>Own recording waits for a picture. Click stops it; files stay.</source>
        <translation>Rekaman tersendiri menunggu gambar. Klik untuk menghentikan; berkas tetap ada.</translation>
    </message>
    <message>
        <source>Recorded by itself: {time} · {size} · {n} gaps. Click stops it; files stay.</source>
        <translation>Direkam tersendiri: {time} · {size} · {n} celah. Klik untuk menghentikan; berkas tetap ada.</translation>
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
        <source>valid until {time}</source>
        <translation>berlaku sampai {time}</translation>
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
    <message>
        <source>The journal&apos;s file was deleted or replaced</source>
        <translation>Berkas catatan rapat dihapus atau diganti</translation>
    </message>
    <message>
        <source>The record is damaged</source>
        <translation>Catatan rapat rusak</translation>
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
        <translation>Mik aula nyala atau mati</translation>
    </message>
    <message>
        <source>Held: the hall talks (push to talk)</source>
        <translation>Ditahan: aula bicara (tekan untuk bicara)</translation>
    </message>
    <message>
        <source>Held: hall microphones off (cough)</source>
        <translation>Ditahan: mik aula mati (batuk)</translation>
    </message>
    <message>
        <source>Held: talk to the selected office</source>
        <translation>Ditahan: bicara ke kantor terpilih</translation>
    </message>
    <message>
        <source>Talk to it until pressed again</source>
        <translation>Bicara ke sana sampai ditekan lagi</translation>
    </message>
    <message>
        <source>Turn down who returns sound, or bring back</source>
        <translation>Redam kantor yang menggema, atau pulihkan</translation>
    </message>
    <message>
        <source>Mixer</source>
        <translation>Mixer</translation>
    </message>
    <message>
        <source>Sound devices of the hall</source>
        <translation>Perangkat suara aula</translation>
    </message>
    <message>
        <source>Set up camera and sound of the hall</source>
        <translation>Siapkan kamera dan suara aula</translation>
    </message>
    <message>
        <source>Start or stop the recording</source>
        <translation>Mulai atau hentikan rekaman</translation>
    </message>
    <message>
        <source>Pause the recording, or go on</source>
        <translation>Jeda rekaman, atau lanjutkan</translation>
    </message>
    <message>
        <source>Start or stop the livestream</source>
        <translation>Mulai atau hentikan siaran</translation>
    </message>
    <message>
        <source>Acknowledge the alarms</source>
        <translation>Peringatan sudah diketahui</translation>
    </message>
    <message>
        <source>Mark a chapter</source>
        <translation>Tandai bab</translation>
    </message>
    <message>
        <source>Lock or unlock the plain keys</source>
        <translation>Kunci atau buka tombol tunggal</translation>
    </message>
    <message>
        <source>Open the lobby</source>
        <translation>Buka lobi</translation>
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
    <name>LineTest</name>
    <message>
        <source>The test was stopped.</source>
        <translation>Uji dihentikan.</translation>
    </message>
    <message>
        <source>Backup address {host}: {cause}</source>
        <translation>Alamat cadangan {host}: {cause}</translation>
    </message>
    <message>
        <source>{host} answers within {ms} ms; its certificate and name are right.</source>
        <translation>{host} menjawab dalam {ms} ms; sertifikat dan namanya benar.</translation>
    </message>
    <message>
        <source>{host} answers within {ms} ms; the line is not encrypted.</source>
        <translation>{host} menjawab dalam {ms} ms; jalurnya tidak terenkripsi.</translation>
    </message>
    <message>
        <source>The line carried {rate}: enough for the program, which needs {need}.</source>
        <translation>Jalur mengangkut {rate}: cukup untuk program, yang memerlukan {need}.</translation>
    </message>
    <message>
        <source>The line carried {rate}, hardly more than the program needs ({need}).</source>
        <translation>Jalur mengangkut {rate}, hampir tidak lebih dari keperluan program ({need}).</translation>
    </message>
    <message>
        <source>The line carried only {rate}; the program needs {need}.</source>
        <translation>Jalur hanya mengangkut {rate}; program memerlukan {need}.</translation>
    </message>
    <message>
        <source>Set the video rate of the program to {rate} or less (settings, tab Picture).</source>
        <translation>Setel laju gambar program ke {rate} atau kurang (pengaturan, tab Gambar).</translation>
    </message>
    <message>
        <source>Asked for: {asked} during {n} s; most that waited: {size}.</source>
        <translation>Diminta: {asked} selama {n} dtk; antrean terbanyak: {size}.</translation>
    </message>
    <message>
        <source>The server confirms nothing: this is what left this computer.</source>
        <translation>Server tidak mengonfirmasi apa pun: inilah yang keluar dari komputer ini.</translation>
    </message>
    <message>
        <source>The server took the stream key. What viewers see was not tested.</source>
        <translation>Server menerima kunci siaran. Yang dilihat penonton tidak diuji.</translation>
    </message>
    <message>
        <source>Not tested: the stream key and how much the line carries. Nothing was sent.</source>
        <translation>Tidak diuji: kunci siaran dan daya angkut jalur. Tidak ada yang disiarkan.</translation>
    </message>
</context>
<context>
    <name>LineTestBox</name>
    <message>
        <source>Test the line</source>
        <translation>Uji jalur</translation>
    </message>
    <message>
        <source>Also send a test picture for {n} s</source>
        <translation>Kirim juga gambar uji selama {n} dtk</translation>
    </message>
    <message>
        <source>Stop the test</source>
        <translation>Hentikan uji</translation>
    </message>
    <message>
        <source>Progress of the test</source>
        <translation>Kemajuan uji</translation>
    </message>
    <message>
        <source>Viewers see the test picture where the event begins by itself. Use it before that time.</source>
        <translation>Penonton melihat gambar uji bila acara dimulai otomatis. Pakailah sebelum waktunya.</translation>
    </message>
</context>
<context>
    <name>LineWords</name>
    <message>
        <source>Uplink {rate}</source>
        <translation>Unggah {rate}</translation>
    </message>
    <message>
        <source>{n} of {all} with picture</source>
        <translation>{n} dari {all} dengan gambar</translation>
    </message>
    <message>
        <source>picture to offices reduced</source>
        <translation>gambar ke kantor diperkecil</translation>
    </message>
    <message>
        <source>tiles reduced</source>
        <translation>petak diperkecil</translation>
    </message>
    <message>
        <source>The line to {name} is narrow: livestream and recording go on at {rate} of {top}.</source>
        <translation>Jalur ke {name} sempit: siaran dan rekaman berjalan dengan {rate} dari {top}.</translation>
    </message>
    <message>
        <source>The uplink is full: livestream and recording go on at {rate} of {top}.</source>
        <translation>Jalur keluar penuh: siaran dan rekaman berjalan dengan {rate} dari {top}.</translation>
    </message>
    <message>
        <source>begins in {n} s</source>
        <translation>mulai dalam {n} dtk</translation>
    </message>
    <message>
        <source>delayed {n} s</source>
        <translation>siaran tertunda {n} dtk</translation>
    </message>
    <message>
        <source>line too slow, pictures left out</source>
        <translation>jalur terlalu lambat, gambar dilewati</translation>
    </message>
</context>
<context>
    <name>LiveChecks</name>
    <message>
        <source>good</source>
        <translation>baik</translation>
    </message>
    <message>
        <source>to be looked at</source>
        <translation>perlu dilihat</translation>
    </message>
    <message>
        <source>bad</source>
        <translation>buruk</translation>
    </message>
    <message>
        <source>being checked</source>
        <translation>sedang diperiksa</translation>
    </message>
    <message>
        <source>No figures yet</source>
        <translation>Belum ada angka</translation>
    </message>
    <message>
        <source>It begins anew by itself; wait until it runs.</source>
        <translation>Mulai lagi sendiri; tunggu sampai berjalan.</translation>
    </message>
    <message>
        <source>{fps} of {wanted} pictures per second</source>
        <translation>{fps} dari {wanted} gambar per detik</translation>
    </message>
    <message>
        <source>Close other programs, or choose a smaller picture in the settings.</source>
        <translation>Tutup program lain, atau pilih gambar lebih kecil di Pengaturan.</translation>
    </message>
    <message>
        <source>The encoder begins with the first output.</source>
        <translation>Enkoder baru mulai saat merekam atau menyiarkan.</translation>
    </message>
    <message>
        <source>{now} dB now, loudest {loudest} dB in {n} s</source>
        <translation>Sekarang {now} dB, terkeras {loudest} dB dalam {n} dtk</translation>
    </message>
    <message>
        <source>No sound since {time}</source>
        <translation>Tanpa suara sejak {time}</translation>
    </message>
    <message>
        <source>Let somebody speak: the meter PROGRAM must move.</source>
        <translation>Minta seseorang bicara: meter PROGRAM harus bergerak.</translation>
    </message>
    <message>
        <source>Black since {time}</source>
        <translation>Hitam sejak {time}</translation>
    </message>
    <message>
        <source>Nothing moves since {time}</source>
        <translation>Tidak bergerak sejak {time}</translation>
    </message>
    <message>
        <source>Nothing is on program yet</source>
        <translation>Belum ada gambar di program</translation>
    </message>
    <message>
        <source>Choose a feed and press CUT.</source>
        <translation>Pilih sumber gambar, lalu tekan POTONG.</translation>
    </message>
    <message>
        <source>Neither black nor frozen</source>
        <translation>Tidak hitam, tidak membeku</translation>
    </message>
    <message>
        <source>The slate covers the program</source>
        <translation>Layar jeda menutupi program</translation>
    </message>
    <message>
        <source>Viewers see only the slate; press B to lift it.</source>
        <translation>Penonton hanya melihat layar jeda; tekan B untuk membukanya.</translation>
    </message>
    <message>
        <source>Shown as long as nothing is on program</source>
        <translation>Tampil selama program masih kosong</translation>
    </message>
    <message>
        <source>Off, the program is visible</source>
        <translation>Tidak tampil, program terlihat</translation>
    </message>
    <message>
        <source>{size} free, enough for {n} hours</source>
        <translation>{size} kosong, cukup untuk {n} jam</translation>
    </message>
    <message>
        <source>Delete old recordings, or choose another folder in the settings.</source>
        <translation>Hapus rekaman lama, atau pilih folder lain di Pengaturan.</translation>
    </message>
    <message>
        <source>Not recording</source>
        <translation>Tidak merekam</translation>
    </message>
    <message>
        <source>What goes live only cannot be had again.</source>
        <translation>Yang hanya disiarkan tidak dapat diputar lagi.</translation>
    </message>
    <message>
        <source>Paused since {time}</source>
        <translation>Dijeda sejak {time}</translation>
    </message>
    <message>
        <source>Nothing is written until it goes on.</source>
        <translation>Tidak ada yang ditulis sampai dilanjutkan.</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Gagal</translation>
    </message>
    <message>
        <source>Starts…</source>
        <translation>Dimulai…</translation>
    </message>
    <message>
        <source>What is written was not confirmed by the disk. Check it and its cable.</source>
        <translation>Apa yang ditulis belum dipastikan oleh diska. Periksa diska dan kabelnya.</translation>
    </message>
    <message>
        <source>Running, not verified</source>
        <translation>Berjalan, belum terverifikasi</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Berjalan</translation>
    </message>
    <message>
        <source>Running, file verified {n} s ago</source>
        <translation>Berjalan, berkas diperiksa {n} dtk lalu</translation>
    </message>
    <message>
        <source>Being tested…</source>
        <translation>Sedang diuji…</translation>
    </message>
    <message>
        <source>Not tested</source>
        <translation>Belum diuji</translation>
    </message>
    <message>
        <source>Press “Test the line”: it takes a few seconds.</source>
        <translation>Tekan “Uji jalur”: hanya beberapa detik.</translation>
    </message>
    <message>
        <source>The destination answers</source>
        <translation>Tujuan menjawab</translation>
    </message>
    <message>
        <source>The test failed</source>
        <translation>Uji gagal</translation>
    </message>
    <message>
        <source>Its reason stands at the left, below the button.</source>
        <translation>Sebabnya ada di kiri, di bawah tombol.</translation>
    </message>
    <message>
        <source>The YouTube account is not ready</source>
        <translation>Akun YouTube belum siap</translation>
    </message>
    <message>
        <source>No destination is ticked</source>
        <translation>Belum ada tujuan yang dicentang</translation>
    </message>
    <message>
        <source>Tick where the livestream is to go.</source>
        <translation>Centang tujuan siaran.</translation>
    </message>
    <message>
        <source>None for {names}</source>
        <translation>Tidak ada untuk {names}</translation>
    </message>
    <message>
        <source>Type it at the left, or keep it in the settings.</source>
        <translation>Ketik di kiri, atau simpan di Pengaturan.</translation>
    </message>
    <message>
        <source>The password store is asked…</source>
        <translation>Menanyakan penyimpan kata sandi…</translation>
    </message>
    <message>
        <source>There</source>
        <translation>Ada</translation>
    </message>
    <message>
        <source>{name}: no stream key, type it at the left</source>
        <translation>{name}: belum ada kunci siaran, ketik di sebelah kiri</translation>
    </message>
    <message>
        <source>Not all destinations are ready</source>
        <translation>Belum semua tujuan siap</translation>
    </message>
    <message>
        <source>YouTube (account): {problem}</source>
        <translation>YouTube (akun): {problem}</translation>
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
        <source>Start recording</source>
        <translation>Mulai merekam</translation>
    </message>
    <message>
        <source>Destinations…</source>
        <translation>Tujuan siaran…</translation>
    </message>
    <message>
        <source>Stream key</source>
        <translation>Kunci siaran</translation>
    </message>
    <message>
        <source>Line</source>
        <translation>Jalur</translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation>Enkoder</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Gambar</translation>
    </message>
    <message>
        <source>Slate</source>
        <translation>Layar jeda</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>Suara</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Rekaman</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>Diska</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Judul</translation>
    </message>
    <message>
        <source>Where to</source>
        <translation>Tujuan</translation>
    </message>
    <message>
        <source>The stream goes out {n} s later than the program (settings).</source>
        <translation>Siaran keluar {n} dtk lebih lambat dari program (Pengaturan).</translation>
    </message>
    <message>
        <source>Last checks</source>
        <translation>Pemeriksaan terakhir</translation>
    </message>
    <message>
        <source>The engine is not connected.</source>
        <translation>Mesin tidak terhubung.</translation>
    </message>
    <message>
        <source>Tick a destination first.</source>
        <translation>Centang dulu satu tujuan.</translation>
    </message>
    <message>
        <source>Go live all the same</source>
        <translation>Tetap siarkan</translation>
    </message>
    <message>
        <source>Bad: {names}. Go live all the same? Press once more.</source>
        <translation>Buruk: {names}. Tetap siarkan? Tekan sekali lagi.</translation>
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
</context>
<context>
    <name>LivestreamChip</name>
    <message>
        <source>being made at YouTube…</source>
        <translation>sedang dibuat di YouTube…</translation>
    </message>
    <message>
        <source>is not sent yet</source>
        <translation>belum dikirim</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>gagal</translation>
    </message>
    <message>
        <source>is being ended…</source>
        <translation>sedang diakhiri…</translation>
    </message>
    <message>
        <source>ends at {time}: the rest still goes out</source>
        <translation>berakhir {time}: sisanya masih keluar</translation>
    </message>
    <message>
        <source>live since {time}</source>
        <translation>disiarkan sejak {time}</translation>
    </message>
    <message>
        <source>live</source>
        <translation>disiarkan</translation>
    </message>
    <message>
        <source>stalled since {time}</source>
        <translation>macet sejak {time}</translation>
    </message>
    <message>
        <source>connecting since {time}</source>
        <translation>menyambung sejak {time}</translation>
    </message>
    <message>
        <source>reconnecting since {time}</source>
        <translation>menyambung ulang sejak {time}</translation>
    </message>
    <message>
        <source>LIVESTREAM FAILED</source>
        <translation>SIARAN GAGAL</translation>
    </message>
    <message>
        <source>LIVE {time} · {n} destinations</source>
        <translation>SIARAN {time} · {n} tujuan</translation>
    </message>
    <message>
        <source>LIVE {n} of {all}</source>
        <translation>SIARAN {n} dari {all}</translation>
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
        <source>Mixer…</source>
        <translation>Mixer…</translation>
    </message>
    <message>
        <source>Sound of the hall…</source>
        <translation>Suara aula…</translation>
    </message>
    <message>
        <source>Set up camera and sound of the hall…</source>
        <translation>Siapkan kamera dan suara aula…</translation>
    </message>
    <message>
        <source>YouTube account…</source>
        <translation>Akun YouTube…</translation>
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
        <source>Open the folder of the logs</source>
        <translation>Buka folder log</translation>
    </message>
    <message>
        <source>End the session…</source>
        <translation>Akhiri rapat…</translation>
    </message>
    <message>
        <source>Stop the engine…</source>
        <translation>Hentikan mesin…</translation>
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
    <message>
        <source>Nothing was stopped: hold the button for 2 seconds.</source>
        <translation>Tidak ada yang dihentikan: tahan tombolnya 2 detik.</translation>
    </message>
</context>
<context>
    <name>MixerDialog</name>
    <message>
        <source>Mixer</source>
        <translation>Mixer</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Tutup</translation>
    </message>
    <message>
        <source>No office has its microphone open, and no source has sound.</source>
        <translation>Tidak ada kantor yang miknya terbuka, dan tidak ada sumber yang bersuara.</translation>
    </message>
    <message>
        <source>Open microphones and own sources</source>
        <translation>Mik terbuka dan sumber sendiri</translation>
    </message>
    <message>
        <source>Test tone</source>
        <translation>Nada uji</translation>
    </message>
    <message>
        <source>1 kHz at −18 dBFS on program</source>
        <translation>1 kHz pada −18 dBFS di program</translation>
    </message>
    <message>
        <source>Duck silent microphones</source>
        <translation>Redam mik yang diam</translation>
    </message>
    <message>
        <source>Turn open microphones that nobody speaks into down softly</source>
        <translation>Mik terbuka yang tidak dipakai bicara diredam perlahan</translation>
    </message>
    <message>
        <source>Sound devices…</source>
        <translation>Perangkat suara…</translation>
    </message>
    <message>
        <source>Talk</source>
        <translation>Bicara</translation>
    </message>
    <message>
        <source>Held: the hall talks</source>
        <translation>Ditahan: aula bicara</translation>
    </message>
    <message>
        <source>Cough</source>
        <translation>Batuk</translation>
    </message>
    <message>
        <source>Held: hall microphones off</source>
        <translation>Ditahan: mik aula mati</translation>
    </message>
    <message>
        <source>Talkback</source>
        <translation>Talkback</translation>
    </message>
    <message>
        <source>Loudspeakers and microphones of the hall are off.</source>
        <translation>Pengeras suara dan mikrofon aula mati.</translation>
    </message>
    <message>
        <source>You speak to {name} only</source>
        <translation>Anda bicara hanya kepada {name}</translation>
    </message>
    <message>
        <source>Talkback goes to {name}</source>
        <translation>Talkback ke {name}</translation>
    </message>
    <message>
        <source>Select a tile for talkback</source>
        <translation>Pilih petak untuk talkback</translation>
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
        <source>Keys are locked, nothing was done. F9 unlocks them.</source>
        <translation>Tombol terkunci, tidak ada yang dilakukan. F9 membukanya.</translation>
    </message>
    <message>
        <source>Something went wrong in this window. The details are in the folder {folder}; F1 opens it.</source>
        <translation>Terjadi kesalahan di jendela ini. Rinciannya ada di folder {folder}; tekan F1 untuk membukanya.</translation>
    </message>
    <message>
        <source>Select a tile first</source>
        <translation>Pilih satu petak dulu</translation>
    </message>
    <message>
        <source>No office returns sound</source>
        <translation>Tidak ada kantor yang menggema</translation>
    </message>
    <message>
        <source>Taken behind the slate. It still covers the program; press B to lift it.</source>
        <translation>Diambil di balik layar jeda. Program masih tertutup layar jeda; tekan B untuk membukanya.</translation>
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
        <source>Settings</source>
        <translation>Pengaturan</translation>
    </message>
    <message>
        <source>Then set up camera and sound of the hall</source>
        <translation>Lalu siapkan kamera dan suara aula</translation>
    </message>
    <message>
        <source>“{title}” ended at {time}.</source>
        <translation>“{title}” berakhir pukul {time}.</translation>
    </message>
</context>
<context>
    <name>OutputRow</name>
    <message>
        <source>Stop</source>
        <translation>Hentikan</translation>
    </message>
</context>
<context>
    <name>OutputsPopup</name>
    <message>
        <source>Recording and livestreams</source>
        <translation>Rekaman dan siaran</translation>
    </message>
    <message>
        <source>Stop the recording</source>
        <translation>Hentikan rekaman</translation>
    </message>
    <message>
        <source>Nothing is recorded or live.</source>
        <translation>Tidak ada rekaman atau siaran.</translation>
    </message>
    <message>
        <source>To stop, hold the button for 2 seconds; the others go on.</source>
        <translation>Untuk menghentikan, tahan tombolnya 2 detik; yang lain tetap berjalan.</translation>
    </message>
    <message>
        <source>“Cut off now” held for 2 seconds: what is still held back is not sent.</source>
        <translation>“Putus sekarang” ditahan 2 detik: sisa yang masih ditunda tidak dikirim.</translation>
    </message>
    <message>
        <source>Go live…</source>
        <translation>Mulai siaran…</translation>
    </message>
    <message>
        <source>paused since {time}</source>
        <translation>dijeda sejak {time}</translation>
    </message>
    <message>
        <source>starts…</source>
        <translation>dimulai…</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Rekaman</translation>
    </message>
    <message>
        <source>Stop recording {name} by itself</source>
        <translation>Hentikan rekaman sendiri {name}</translation>
    </message>
    <message>
        <source>Recorded by themselves besides: {n}</source>
        <translation>Direkam sendiri selain itu: {n}</translation>
    </message>
    <message>
        <source>Stop the livestream to {name}</source>
        <translation>Hentikan siaran ke {name}</translation>
    </message>
    <message>
        <source>Cut off now</source>
        <translation>Putus sekarang</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Hentikan</translation>
    </message>
    <message>
        <source>Resume recording</source>
        <translation>Lanjutkan rekaman</translation>
    </message>
    <message>
        <source>Pause recording</source>
        <translation>Jeda rekaman</translation>
    </message>
    <message>
        <source>is not written</source>
        <translation>tidak ditulis</translation>
    </message>
    <message>
        <source>waits for a picture</source>
        <translation>menunggu gambar</translation>
    </message>
    <message>
        <source>recorded by itself: {time} · {size}</source>
        <translation>direkam sendiri: {time} · {size}</translation>
    </message>
</context>
<context>
    <name>RecordingChip</name>
    <message>
        <source>since {time}</source>
        <translation>sejak {time}</translation>
    </message>
    <message>
        <source>RECORDING PAUSED</source>
        <translation>REKAMAN DIJEDA</translation>
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
        <source>Not recording</source>
        <translation>Tidak merekam</translation>
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
        <source>one of 2 folders fails</source>
        <translation>satu dari 2 folder gagal</translation>
    </message>
    <message>
        <source>both copies on one disk</source>
        <translation>kedua salinan di satu diska</translation>
    </message>
    <message>
        <source>not verified</source>
        <translation>belum terverifikasi</translation>
    </message>
    <message>
        <source>How much room {folder} has is not known.</source>
        <translation>Sisa ruang di {folder} tidak diketahui.</translation>
    </message>
    <message>
        <source>verified {n} s ago</source>
        <translation>terverifikasi {n} dtk lalu</translation>
    </message>
    <message>
        <source>{n} copies verified</source>
        <translation>{n} salinan terverifikasi</translation>
    </message>
    <message>
        <source>REC part {n} · {time}</source>
        <translation>REKAM bagian {n} · {time}</translation>
    </message>
    <message>
        <source>picture stutters</source>
        <translation>gambar tersendat</translation>
    </message>
    <message>
        <source>REC {time}</source>
        <translation>REKAM {time}</translation>
    </message>
    <message>
        <source>{path}: not written since {time}. {cause}</source>
        <translation>{path}: tidak ditulis sejak {time}. {cause}</translation>
    </message>
</context>
<context>
    <name>RecordingKept</name>
    <message>
        <source>The recording of {name} is kept in {folder}: {file}</source>
        <translation>Rekaman {name} disimpan di {folder}: {file}</translation>
    </message>
    <message>
        <source>The recording is kept in {folder}: {file}</source>
        <translation>Rekaman tersimpan di {folder}: {file}</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Buka folder</translation>
    </message>
</context>
<context>
    <name>RepairWatch</name>
    <message>
        <source>Open folder</source>
        <translation>Buka folder</translation>
    </message>
    <message>
        <source>A recording is not sealed: {file}. {why}</source>
        <translation>Rekaman tidak disegel: {file}. {why}</translation>
    </message>
    <message>
        <source>A recording that was cut off stays as it is: {file}. {why}</source>
        <translation>Rekaman yang terputus dibiarkan apa adanya: {file}. {why}</translation>
    </message>
    <message>
        <source>A recording that was cut off is finished: {file}, {time}, {n} chapters.</source>
        <translation>Rekaman yang terputus sudah diselesaikan: {file}, {time}, {n} bab.</translation>
    </message>
    <message>
        <source>A recording of a single participant that was cut off is finished: {file}, {time}.</source>
        <translation>Rekaman peserta tersendiri yang terputus sudah diselesaikan: {file}, {time}.</translation>
    </message>
    <message>
        <source>Not recorded until the next file began: {n} s.</source>
        <translation>Tidak terekam sampai berkas berikutnya dimulai: {n} dtk.</translation>
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
        <source>Line out</source>
        <translation>Jalur keluar</translation>
    </message>
    <message>
        <source>Alarms</source>
        <translation>Peringatan</translation>
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
        <source>Video rate of the program</source>
        <translation>Laju video program</translation>
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
    <message>
        <source>Second folder of the recordings</source>
        <translation>Folder rekaman kedua</translation>
    </message>
    <message>
        <source>The second folder is for</source>
        <translation>Guna folder kedua</translation>
    </message>
    <message>
        <source>New file after (minutes)</source>
        <translation>Berkas baru setelah (menit)</translation>
    </message>
    <message>
        <source>New file at a size of (MB)</source>
        <translation>Berkas baru pada ukuran (MB)</translation>
    </message>
    <message>
        <source>Delay of the livestream (seconds)</source>
        <translation>Penundaan siaran (detik)</translation>
    </message>
    <message>
        <source>Mb/s</source>
        <translation>Mb/dtk</translation>
    </message>
    <message>
        <source>Lowest video rate on a narrow line</source>
        <translation>Laju gambar terendah pada jalur sempit</translation>
    </message>
    <message>
        <source>What this office&apos;s line can send (0: not known)</source>
        <translation>Daya kirim jalur kantor ini (0: tidak diketahui)</translation>
    </message>
    <message>
        <source>Program silent for so many seconds (0: never)</source>
        <translation>Program tanpa suara selama sekian detik (0: tidak pernah)</translation>
    </message>
    <message>
        <source>Program black for so many seconds (0: never)</source>
        <translation>Program hitam selama sekian detik (0: tidak pernah)</translation>
    </message>
    <message>
        <source>Program frozen for so many seconds (0: never)</source>
        <translation>Program membeku selama sekian detik (0: tidak pernah)</translation>
    </message>
    <message>
        <source>Beep until an alarm is acknowledged</source>
        <translation>Bunyi sampai peringatan ditandai diketahui</translation>
    </message>
    <message>
        <source>Both folders at once</source>
        <translation>Dua folder sekaligus</translation>
    </message>
    <message>
        <source>Reserve, if the first one fails</source>
        <translation>Cadangan, bila yang pertama gagal</translation>
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
        <source>Counts from the next start of the engine: {names}.</source>
        <translation>Berlaku sejak mesin dijalankan berikutnya: {names}.</translation>
    </message>
    <message>
        <source>Everything in this tab counts from the next start of the engine.</source>
        <translation>Semua di tab ini berlaku sejak mesin dijalankan berikutnya.</translation>
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
        <source>turned down for its echo</source>
        <translation>diredam karena menggema</translation>
    </message>
    <message>
        <source>Echo from {name}</source>
        <translation>Gema dari {name}</translation>
    </message>
    <message>
        <source>In the same room as no. {name}</source>
        <translation>Satu ruang dengan no. {name}</translation>
    </message>
    <message>
        <source>Joined twice: also no. {name}</source>
        <translation>Masuk dua kali: juga no. {name}</translation>
    </message>
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
        <source>Program</source>
        <translation>Program</translation>
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
        <source>Disk almost full</source>
        <translation>Diska hampir penuh</translation>
    </message>
    <message>
        <source>Encoder too slow</source>
        <translation>Enkoder terlalu lambat</translation>
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
        <source>Encoder {fps} fps</source>
        <translation>Enkoder {fps} fps</translation>
    </message>
    <message>
        <source>You speak to {name} only</source>
        <translation>Anda bicara hanya kepada {name}</translation>
    </message>
    <message>
        <source>This computer cannot keep up: recording and livestream stutter. Close other programs; for the next session choose fewer pictures per second or a smaller picture in the settings, tab Picture.</source>
        <translation>Komputer ini kewalahan: rekaman dan siaran tersendat. Tutup program lain; untuk rapat berikutnya pilih gambar per detik atau ukuran gambar yang lebih kecil di pengaturan, tab Gambar.</translation>
    </message>
    <message>
        <source>Disk {size} free</source>
        <translation>Diska {size} kosong</translation>
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
        <source>Open the lobby</source>
        <translation>Buka lobi</translation>
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
        <source>Lobby {n}</source>
        <translation>Lobi {n}</translation>
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
        <source>LIVESTREAM FAILED</source>
        <translation>SIARAN GAGAL</translation>
    </message>
    <message>
        <source>Not live</source>
        <translation>Tidak siaran</translation>
    </message>
    <message>
        <source>1 frame lost</source>
        <translation>1 frame hilang</translation>
    </message>
    <message>
        <source>{n} frames lost</source>
        <translation>{n} frame hilang</translation>
    </message>
    <message>
        <source>{name} failed</source>
        <translation>{name} gagal</translation>
    </message>
    <message>
        <source>LIVE {time}</source>
        <translation>SIARAN LANGSUNG {time}</translation>
    </message>
    <message>
        <source>until {time} the rest goes out; hold again to cut it off</source>
        <translation>sisanya tayang sampai {time}; tahan lagi untuk memotong</translation>
    </message>
    <message>
        <source>ENDING</source>
        <translation>MENGAKHIRI</translation>
    </message>
    <message>
        <source>Going live…</source>
        <translation>Memulai siaran…</translation>
    </message>
    <message>
        <source>STALLED</source>
        <translation>TERHENTI</translation>
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
    <name>Strip</name>
    <message>
        <source>Fader {name}</source>
        <translation>Fader {name}</translation>
    </message>
    <message>
        <source>Open {name}</source>
        <translation>Buka {name}</translation>
    </message>
    <message>
        <source>Mute {name}</source>
        <translation>Bisukan {name}</translation>
    </message>
    <message>
        <source>silent until the key says otherwise</source>
        <translation>diam sampai tombolnya berkata lain</translation>
    </message>
</context>
<context>
    <name>Strips</name>
    <message>
        <source>PROGRAM</source>
        <translation>PROGRAM</translation>
    </message>
    <message>
        <source>To offices</source>
        <translation>Ke kantor</translation>
    </message>
    <message>
        <source>To hall</source>
        <translation>Ke aula</translation>
    </message>
    <message>
        <source>Hall mic</source>
        <translation>Mik aula</translation>
    </message>
</context>
<context>
    <name>Target</name>
    <message>
        <source>Another key</source>
        <translation>Kunci lain</translation>
    </message>
    <message>
        <source>Stream key, for this time only</source>
        <translation>Kunci siaran, hanya untuk kali ini</translation>
    </message>
    <message>
        <source>Stream key of {name}</source>
        <translation>Kunci siaran {name}</translation>
    </message>
    <message>
        <source>Live already</source>
        <translation>Sudah disiarkan</translation>
    </message>
    <message>
        <source>Asking the password store…</source>
        <translation>Menanyakan penyimpan kata sandi…</translation>
    </message>
    <message>
        <source>Stream key in the password store</source>
        <translation>Kunci siaran ada di penyimpan kata sandi</translation>
    </message>
    <message>
        <source>This computer has no password store: type the stream key here</source>
        <translation>Tidak ada penyimpan kata sandi: ketik kunci siaran di sini</translation>
    </message>
    <message>
        <source>No stream key in the password store: type it here or in the settings</source>
        <translation>Kunci siaran belum disimpan: ketik di sini atau di Pengaturan</translation>
    </message>
</context>
<context>
    <name>TestsBox</name>
    <message>
        <source>Through</source>
        <translation>Lewat</translation>
    </message>
    <message>
        <source>Through the loudspeakers</source>
        <translation>Lewat pengeras suara</translation>
    </message>
    <message>
        <source>Through the headphones</source>
        <translation>Lewat headphone</translation>
    </message>
    <message>
        <source>Stop the test</source>
        <translation>Hentikan uji</translation>
    </message>
    <message>
        <source>Progress of the test</source>
        <translation>Kemajuan uji</translation>
    </message>
    <message>
        <source>Turn the hall&apos;s sound on to test it.</source>
        <translation>Nyalakan suara aula untuk mengujinya.</translation>
    </message>
    <message>
        <source>The hall is off program while the room test runs.</source>
        <translation>Selama uji ruang, aula tidak terdengar di program.</translation>
    </message>
    <message>
        <source>The test failed. {reason}</source>
        <translation>Uji gagal. {reason}</translation>
    </message>
    <message>
        <source>Did you hear it? If not, choose another device or turn it up.</source>
        <translation>Apakah terdengar? Jika tidak, pilih perangkat lain atau keraskan.</translation>
    </message>
    <message>
        <source>A chime sounds now.</source>
        <translation>Lonceng sedang berbunyi.</translation>
    </message>
    <message>
        <source>Speak now; after 3 seconds you hear it.</source>
        <translation>Bicaralah; setelah 3 detik Anda mendengarnya.</translation>
    </message>
    <message>
        <source>A sweep sounds through the loudspeakers. Please be quiet.</source>
        <translation>Nada sapuan berbunyi lewat pengeras suara. Mohon tenang.</translation>
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
        <source>Open mic: waiting for an answer</source>
        <translation>Buka mik: menunggu jawaban</translation>
    </message>
    <message>
        <source>Open mic: declined</source>
        <translation>Buka mik: ditolak</translation>
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
        <source>You speak to {name}</source>
        <translation>Anda bicara ke {name}</translation>
    </message>
    <message>
        <source>Turned down · {key} brings back</source>
        <translation>Diredam · {key} memulihkan</translation>
    </message>
    <message>
        <source>{key} · Echo from {name}</source>
        <translation>{key} · Gema dari {name}</translation>
    </message>
    <message>
        <source>Same room as no. {name}</source>
        <translation>Seruang dengan no. {name}</translation>
    </message>
    <message>
        <source>Joined twice: no. {name}</source>
        <translation>Masuk dua kali: no. {name}</translation>
    </message>
    <message>
        <source>ON PROGRAM</source>
        <translation>DI PROGRAM</translation>
    </message>
    <message>
        <source>PREV.</source>
        <translation>PRATIN.</translation>
    </message>
</context>
<context>
    <name>TileMenu</name>
    <message>
        <source>Stop recording by itself</source>
        <translation>Hentikan rekaman tersendiri</translation>
    </message>
    <message>
        <source>Record by itself</source>
        <translation>Rekam tersendiri</translation>
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
        <source>Mute</source>
        <translation>Bisukan</translation>
    </message>
    <message>
        <source>Open mic</source>
        <translation>Buka mik</translation>
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
    <name>Treatment</name>
    <message>
        <source>Echo canceller</source>
        <translation>Peredam gema</translation>
    </message>
    <message>
        <source>Take steady noise out (fans, air conditioning)</source>
        <translation>Redam derau tetap (kipas, pendingin ruangan)</translation>
    </message>
    <message>
        <source>Keep the microphones at one level</source>
        <translation>Jaga mikrofon pada satu tingkat suara</translation>
    </message>
    <message>
        <source>Push to talk: the hall is heard while {key} is held</source>
        <translation>Tekan untuk bicara: aula terdengar selama {key} ditahan</translation>
    </message>
    <message>
        <source>No figures while the hall&apos;s sound is off.</source>
        <translation>Tidak ada angka selama suara aula mati.</translation>
    </message>
</context>
<context>
    <name>WaitingPage</name>
    <message>
        <source>Start the engine</source>
        <translation>Hidupkan mesin</translation>
    </message>
    <message>
        <source>The engine was stopped</source>
        <translation>Mesin sudah dihentikan</translation>
    </message>
    <message>
        <source>Nobody can join. Start it again, or close this window.</source>
        <translation>Tidak ada yang bisa bergabung. Hidupkan lagi, atau tutup jendela ini.</translation>
    </message>
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
        <translation>tampil di program</translation>
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
    <message>
        <source>returns sound</source>
        <translation>menggema</translation>
    </message>
    <message>
        <source>turned down</source>
        <translation>diredam</translation>
    </message>
    <message>
        <source>joined twice, also number {name}</source>
        <translation>masuk dua kali, juga nomor {name}</translation>
    </message>
    <message>
        <source>recorded by itself</source>
        <translation>direkam tersendiri</translation>
    </message>
    <message>
        <source>own recording waits for a picture</source>
        <translation>rekaman tersendiri menunggu gambar</translation>
    </message>
    <message>
        <source>own recording failed</source>
        <translation>rekaman tersendiri gagal</translation>
    </message>
    <message>
        <source>you speak to this office</source>
        <translation>Anda bicara ke kantor ini</translation>
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
        <source>Find…</source>
        <translation>Cari…</translation>
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
<context>
    <name>Youtube</name>
    <message>
        <source>YouTube: the stream is good</source>
        <translation>YouTube: siaran baik</translation>
    </message>
    <message>
        <source>YouTube: the stream works, with faults</source>
        <translation>YouTube: siaran jalan, ada kekurangan</translation>
    </message>
    <message>
        <source>YouTube: the stream is bad</source>
        <translation>YouTube: siaran buruk</translation>
    </message>
    <message>
        <source>YouTube: nothing arrives</source>
        <translation>YouTube: tidak ada yang tiba</translation>
    </message>
    <message>
        <source>YouTube: the stream was blocked</source>
        <translation>YouTube: siaran diblokir</translation>
    </message>
    <message>
        <source>YouTube: waits for the stream</source>
        <translation>YouTube: menunggu siaran</translation>
    </message>
    <message>
        <source>YouTube: the stream arrives</source>
        <translation>YouTube: siaran tiba</translation>
    </message>
    <message>
        <source>YouTube: the stream cannot be used</source>
        <translation>YouTube: siaran tidak dapat dipakai</translation>
    </message>
    <message>
        <source>The sound&apos;s bit rate is higher than YouTube advises.</source>
        <translation>Laju bit suara lebih tinggi dari anjuran YouTube.</translation>
    </message>
    <message>
        <source>The sound&apos;s bit rate is lower than YouTube advises.</source>
        <translation>Laju bit suara lebih rendah dari anjuran YouTube.</translation>
    </message>
    <message>
        <source>Main and backup line carry sound of different bit rates.</source>
        <translation>Laju bit suara jalur utama dan cadangan berbeda.</translation>
    </message>
    <message>
        <source>The sound is coded in a way YouTube does not take; use AAC.</source>
        <translation>Format suara tidak diterima YouTube; pakai AAC.</translation>
    </message>
    <message>
        <source>Main and backup line carry sound that is coded differently.</source>
        <translation>Format suara jalur utama dan cadangan berbeda.</translation>
    </message>
    <message>
        <source>The sound&apos;s sample rate should be 44.1 or 48 kHz.</source>
        <translation>Laju sampel suara sebaiknya 44,1 atau 48 kHz.</translation>
    </message>
    <message>
        <source>Main and backup line carry sound of different sample rates.</source>
        <translation>Laju sampel suara jalur utama dan cadangan berbeda.</translation>
    </message>
    <message>
        <source>One of main and backup line is mono, the other stereo.</source>
        <translation>Salah satu jalur utama dan cadangan mono, yang lain stereo.</translation>
    </message>
    <message>
        <source>The sound has more than two channels; use mono or stereo.</source>
        <translation>Suara lebih dari dua kanal; pakai mono atau stereo.</translation>
    </message>
    <message>
        <source>The stream is packed in a way YouTube does not take.</source>
        <translation>Kemasan siaran tidak diterima YouTube.</translation>
    </message>
    <message>
        <source>The stream&apos;s bit rate is higher than YouTube advises.</source>
        <translation>Laju bit siaran lebih tinggi dari anjuran YouTube.</translation>
    </message>
    <message>
        <source>The stream&apos;s bit rate is lower than YouTube advises: the picture may look poor.</source>
        <translation>Laju bit siaran lebih rendah dari anjuran YouTube: gambar bisa terlihat buruk.</translation>
    </message>
    <message>
        <source>More pictures a second than YouTube takes; use at most 60.</source>
        <translation>Gambar per detik lebih banyak dari yang diterima YouTube; paling banyak 60.</translation>
    </message>
    <message>
        <source>Main and backup line carry different numbers of pictures a second.</source>
        <translation>Jumlah gambar per detik jalur utama dan cadangan berbeda.</translation>
    </message>
    <message>
        <source>Main and backup line have different key picture intervals.</source>
        <translation>Jarak gambar kunci jalur utama dan cadangan berbeda.</translation>
    </message>
    <message>
        <source>Key pictures are too far apart: viewers may wait. Use every 4 seconds or less.</source>
        <translation>Jarak gambar kunci terlalu jauh: penonton bisa menunggu. Pakai tiap 4 detik atau kurang.</translation>
    </message>
    <message>
        <source>Key pictures come too seldom: the picture may stall. Use every 4 seconds or less.</source>
        <translation>Gambar kunci terlalu jarang: gambar bisa macet. Pakai tiap 4 detik atau kurang.</translation>
    </message>
    <message>
        <source>Key pictures come too often: the picture may look poor. Use every 2 seconds.</source>
        <translation>Gambar kunci terlalu sering: gambar bisa terlihat buruk. Pakai tiap 2 detik.</translation>
    </message>
    <message>
        <source>The picture is interlaced; send whole pictures.</source>
        <translation>Gambarnya interlaced; kirim gambar utuh (progressive).</translation>
    </message>
    <message>
        <source>The stream has more than one sound; send one.</source>
        <translation>Siaran berisi lebih dari satu suara; kirim satu saja.</translation>
    </message>
    <message>
        <source>The stream has more than one picture; send one.</source>
        <translation>Siaran berisi lebih dari satu gambar; kirim satu saja.</translation>
    </message>
    <message>
        <source>No sound arrives at YouTube.</source>
        <translation>Suara tidak tiba di YouTube.</translation>
    </message>
    <message>
        <source>No picture arrives at YouTube.</source>
        <translation>Gambar tidak tiba di YouTube.</translation>
    </message>
    <message>
        <source>Pictures refer past key pictures (open GOP); use closed ones.</source>
        <translation>Gambar mengacu melewati gambar kunci (open GOP); pakai yang tertutup.</translation>
    </message>
    <message>
        <source>Main and backup line carry pictures of different sizes.</source>
        <translation>Ukuran gambar jalur utama dan cadangan berbeda.</translation>
    </message>
    <message>
        <source>Main and backup line carry pictures of different bit rates.</source>
        <translation>Laju bit gambar jalur utama dan cadangan berbeda.</translation>
    </message>
    <message>
        <source>The picture is coded in a way YouTube does not take; use H.264.</source>
        <translation>Format gambar tidak diterima YouTube; pakai H.264.</translation>
    </message>
    <message>
        <source>Main and backup line carry pictures that are coded differently.</source>
        <translation>Format gambar jalur utama dan cadangan berbeda.</translation>
    </message>
    <message>
        <source>The stream arrives faster than time passes; after an outage this goes by itself.</source>
        <translation>Siaran tiba lebih cepat dari waktu nyata; setelah gangguan ini hilang sendiri.</translation>
    </message>
    <message>
        <source>Too little arrives at YouTube: viewers see it stop and buffer. Check the uplink.</source>
        <translation>Terlalu sedikit yang tiba di YouTube: penonton melihat siaran berhenti-henti. Periksa unggahan.</translation>
    </message>
    <message>
        <source>One of main and backup line is interlaced, the other is not.</source>
        <translation>Salah satu jalur utama dan cadangan interlaced, yang lain tidak.</translation>
    </message>
    <message>
        <source>Main and backup line use different H.264 profiles.</source>
        <translation>Profil H.264 jalur utama dan cadangan berbeda.</translation>
    </message>
    <message>
        <source>The picture&apos;s size is not one that YouTube advises; 1280×720 is.</source>
        <translation>Ukuran gambar bukan anjuran YouTube; yang dianjurkan 1280×720.</translation>
    </message>
    <message>
        <source>The picture&apos;s size is not supported by YouTube; use 1280×720.</source>
        <translation>Ukuran gambar tidak didukung YouTube; pakai 1280×720.</translation>
    </message>
    <message>
        <source>YouTube (account)</source>
        <translation>YouTube (akun)</translation>
    </message>
    <message>
        <source>Sending the picture of the broadcast…</source>
        <translation>Mengirim gambar siaran…</translation>
    </message>
    <message>
        <source>Preparing the stream at YouTube…</source>
        <translation>Menyiapkan siaran di YouTube…</translation>
    </message>
    <message>
        <source>Making the broadcast at YouTube…</source>
        <translation>Membuat siaran di YouTube…</translation>
    </message>
    <message>
        <source>We send; waiting until the public sees it…</source>
        <translation>Kita mengirim; menunggu sampai publik melihatnya…</translation>
    </message>
    <message>
        <source>Connecting to YouTube…</source>
        <translation>Menyambung ke YouTube…</translation>
    </message>
    <message>
        <source>We send; the broadcast is public</source>
        <translation>Kita mengirim; siaran terlihat publik</translation>
    </message>
    <message>
        <source>We do not send at the moment</source>
        <translation>Saat ini kita tidak mengirim</translation>
    </message>
    <message>
        <source>We send no more; at YouTube the broadcast still runs</source>
        <translation>Kita tidak mengirim lagi; di YouTube siaran masih berjalan</translation>
    </message>
    <message>
        <source>Ending the broadcast…</source>
        <translation>Mengakhiri siaran…</translation>
    </message>
    <message>
        <source>The broadcast has ended</source>
        <translation>Siaran sudah berakhir</translation>
    </message>
    <message>
        <source>There is no broadcast</source>
        <translation>Tidak ada siaran</translation>
    </message>
    <message>
        <source>{said} (said {ago} ago)</source>
        <translation>{said} (dikatakan {ago} lalu)</translation>
    </message>
    <message>
        <source>YouTube reports: {name}</source>
        <translation>YouTube melaporkan: {name}</translation>
    </message>
    <message>
        <source>{n} viewers</source>
        <translation>{n} penonton</translation>
    </message>
</context>
<context>
    <name>YoutubeDialog</name>
    <message>
        <source>YouTube account</source>
        <translation>Akun YouTube</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Tutup</translation>
    </message>
    <message>
        <source>A broadcast is begun with “Go live”; the stream key works without an account too.</source>
        <translation>Siaran dimulai lewat “Mulai siaran”; kunci siaran juga berfungsi tanpa akun.</translation>
    </message>
</context>
<context>
    <name>YoutubeTarget</name>
    <message>
        <source>Live already</source>
        <translation>Sudah disiarkan</translation>
    </message>
</context>
</TS>
