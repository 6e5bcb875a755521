# Input: the names of the families, one a line, in the order of the table; $rows: the results.
def order: ["ours", "ostree", "bsdiff", "zstd", "xdelta3", "rsync", "casync", "zchunk", "zsync", "borg", "restic"];
def rounded($digits): . * pow(10; $digits) | round / pow(10; $digits);
def megabytes: . / 1e6 | rounded(if . < 0.1 then 4 elif . < 1 then 3 elif . < 100 then 2 else 1 end) | tostring;
def cost: "\(.cpu_seconds | rounded(1)) / \(.peak_rss_bytes / 1e6 | round)";
def line: "| " + join(" | ") + " |";
def list(f): [f] | unique | join(", ");

# Input: the rows of one upgrade.
def upgrade: "\(.[0].family) \(.[0].from) → \(.[0].to)";
def tree: map(.tree_bytes // 0) | max | megabytes;
def of($peer; cell): map(select(.peer == $peer)) | if . == [] then "" elif .[0].bytes == null then "–" else .[0] | cell end;
def ratio: # ours beside the best peer
  (map(select(.peer == "ours").bytes // empty) | first) as $ours
  | (map(select(.peer != "ours" and .bytes != null).bytes) | min) as $best
  | if $ours and $best then $ours / $best | rounded(2) | tostring else "" end;

(split("\n") | to_entries | map({key: .value, value: .key}) | from_entries) as $place
| ($rows | group_by([.family, .from, .to, .peer]) | map(last)) as $latest
| [order[] as $peer | select(any($latest[]; .peer == $peer)) | $peer] as $peers
| ($latest | group_by([.family, .from, .to])
   | sort_by($place[.[0].family], (.[0].from | split(".") | map(tonumber? // .)))) as $upgrades
| def table($first; $names; cells):
    ([$first] + $names | line), (["---"] + ($names | map("---:")) | line), ($upgrades[] | [upgrade] + cells | line);
  "Measured \($latest | list(.[].date)) on \($latest | list(.[].machine)).",
  ($latest | map(select(.peer == "ours" and .bytes != null)) | select(. != [])
   | "Ours: commit \(list(.[].commit)), the \(list(.[].details.agent)) agent."),
  ($latest | map(select(.peer != "ours" and .version)) | select(. != []) | "Peers: \(list(.[] | "\(.peer) \(.version)"))."),
  "",
  table("MB to download"; ["tree"] + $peers + ["ours ÷ best peer"];
    [tree] + [of($peers[]; .bytes | megabytes)] + [ratio]),
  "",
  table("publisher: CPU s / peak MB"; $peers; [of($peers[]; .publisher | cost)]),
  "",
  table("client: CPU s / peak MB"; $peers; [of($peers[]; .client | cost)]),
  ($latest | map(select(.bytes == null)) | select(. != [])
   | "", "Could not (–):", "", (.[] | "- \(.peer), \(.family) \(.from) → \(.to): \(.reason)"))
