# Sourced by tools/test: the programs for people, run as people do: the examples of the flows, the demo.
# Each ends within its time, whatever happens.

export INNATE_BUILD=build-clang

# says STATUS TEXT COMMAND…: it ends with this status, and prints this. A function sees to its own time.
says() {
  local expected=$1 text=$2 status=0 output limit=(timeout 60)
  shift 2
  declare -F "$1" >/dev/null && limit=()
  output=$("${limit[@]}" "$@" 2>&1) || status=$?
  if [ "$status" != "$expected" ] || ! grep -qF -- "$text" <<<"$output"; then
    printf '%s\nstatus %s, expected %s and: %s\n' "$output" "$status" "$expected" "$text"
    return 1
  fi
}

while read -r name text; do
  check "example $name" says 0 "$text" tools/with-server "$INNATE_BUILD/examples/$name"
done <<'EXAMPLES'
flow1_agents agent-a got 'Hello from Agent B' from agent-b
flow2_document_update rag.query.nats was forgotten: document_updated: doc-123; 1 entry is left
flow3_async_task completed: {"summary of":{"chapter":0}}
flow4_monitoring alert of agent: 2 errors in a window, threshold 2
flow5_cache_monitoring hit rate 75 %
own_component invoice 7 is paid by joe
EXAMPLES

everything="done: everything expected happened, and nothing else"
check "demo" says 0 "$everything" env -u NATS_URL ./tools/demo
check "demo --processes" says 0 "$everything" env -u NATS_URL ./tools/demo --processes

# A server that spoils it: an event is lost, one comes twice, one under another name.
spoiled() {
  says 1 "demo failed: $1" tools/with-server -c "$2" "$INNATE_BUILD/tools/system" "${@:3}"
}
deny() { echo "authorization { users: [{user: u, password: p, permissions: {publish: {deny: \"$1\"}}}] }, no_auth_user: u"; }
lost=$(deny rag.embeddings.generated)
check "demo: an event is lost" spoiled "'rag.documents.ingested' came, expected was rag.embeddings.generated" "$lost"
check "demo --processes: an event is lost" \
  spoiled "'rag.documents.ingested' came, expected was rag.embeddings.generated" "$lost" --processes
check "demo: an event comes twice" \
  spoiled "'cache.hit' came, expected was cache.miss" 'mappings = { cache.miss: cache.hit }'
check "demo: an event has another name" \
  spoiled "'agent.announcement' came, expected was agent.broadcast" 'mappings = { agent.broadcast: agent.announcement }'

# The roles never get ready, so that the demo waits when the server goes.
without_server() {
  tools/with-server -c "$(deny 'demo.ready.>')" bash -c '
    coproc demo { exec timeout 60 "$INNATE_BUILD/tools/system" "$@" 2>&1; }
    pid=$demo_PID
    exec {output}<&"${demo[0]}"
    read -r connected <&"$output"
    kill -9 "$NATS_SERVER_PID"
    cat <&"$output"
    wait "$pid"' demo "$@"
}
for mode in "" --processes; do
  # shellcheck disable=SC2086
  check "demo $mode: the server goes" says 1 "demo failed: " without_server $mode
done
check "demo: wrong arguments" says 2 "demo: '--flows' is not understood" "$INNATE_BUILD/tools/system" --flows
check "demo: no server" says 1 "demo failed: cannot connect to 127.0.0.1 port 1" env NATS_URL=nats://127.0.0.1:1 "$INNATE_BUILD/tools/system"
