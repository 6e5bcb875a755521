# Peers that fetch the pieces of the new release that the old one lacks. Sourced by measure.sh.

# Chunks of 64 KiB on average, as ours; a stream without owners and times, as ours; xz is its smallest compression.
# Bytes: new chunks and the index.
peer_casync() {
  version=$(debian_version casync)
  local before how=(--with=permissions --with=symlinks)
  local making=("${how[@]}" --compression=xz --chunk-size=65536 --store=store)
  casync make "${making[@]}" old.caidx "$old" >&2
  before=$(bytes_in store)
  published casync make "${making[@]}" new.caidx "$new" >&2
  bytes=$(($(bytes_in store) - before + $(bytes_in new.caidx)))
  applied casync extract "${how[@]}" --store=store --seed="$old" new.caidx result >&2
}

# A server of ranges on loopback; its log tells the bytes of requests and answers.
start_range_server() {
  local modules=/usr/lib/apache2/modules
  mkdir www
  cat >range-server.conf <<CONF
ServerRoot $work
ServerName 127.0.0.1
Listen 127.0.0.1:\${PORT}
PidFile $work/range-server.pid
ErrorLog $work/range-server.errors
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
DocumentRoot $work/www
MaxRanges unlimited
LogFormat "%I %O" wire
CustomLog $work/wire.log wire
CONF
  start_daemon env PORT=@PORT@ apache2 -X -f "$work/range-server.conf"
}

stop_range_server() { # waits until the log is whole
  kill "$daemon"
  wait "$daemon" || true
  daemon=
  bytes=$(awk '{ n += $1 + $2 } END { printf "%d", n }' wire.log)
}

# The client fetches pieces of a gzip file that was made to be fetched in pieces, less than half of the plain tar's.
peer_zsync() {
  version=$(debian_version zsync)
  make_tars
  start_range_server
  published zsyncmake -z -u new.tar.gz -o www/new.tar.zsync new.tar >&2
  mv new.tar.gz www/
  applied zsync -q -i old.tar -o made.tar "http://127.0.0.1:$port/new.tar.zsync" >&2
  stop_range_server
  unpack made.tar
}

peer_zchunk() {
  version=$(debian_version zchunk)
  make_tars
  start_range_server
  zck -o old.tar.zck old.tar
  published zck -o www/new.tar.zck new.tar
  applied zckdl -q --fail-no-ranges -s old.tar.zck "http://127.0.0.1:$port/new.tar.zck" >&2
  stop_range_server
  applied unzck new.tar.zck
  unpack new.tar
}
