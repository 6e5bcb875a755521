# ChunkOta itself, through real processes. Sourced by measure.sh.

# Publisher: ota-admin's publish and what the server did from then until its deltas were built. Bytes: on the socket,
# both ways, of the whole upgrade. upgrade.sh compares the installed tree.
peer_ours() {
  version=$(git -C "$here" rev-parse --short HEAD 2>/dev/null || echo unknown)
  "$perf/upgrade.sh" "$old" "$new" >upgrade.json
  bytes=$(jq '.wire_bytes_up + .wire_bytes_down' upgrade.json)
  jq -r '"\(.publisher.new.cpu_seconds) 0 \(.publisher.new.peak_rss_bytes / 1024)",
    "\(.deltas.building.cpu_seconds) 0 \(.deltas.building.peak_rss_bytes / 1024)"' upgrade.json >publisher.cost
  jq -r '.agent.upgrade | "\(.cpu_seconds) 0 \(.peak_rss_bytes / 1024)"' upgrade.json >client.cost
  details=$(jq '{agent: .agent.binary, changed_bytes, wire_bytes_up, wire_bytes_down, deltas}' upgrade.json)
  ln -s "$new" result
}
