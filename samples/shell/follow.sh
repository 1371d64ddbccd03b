#!/usr/bin/env bash
# Follows the events of a service live and keeps them in a file, one JSON text a line.
#
# usage: follow.sh URL TOKEN_FILE EVENTS_FILE
#   URL          of the service, such as https://agents.example.com
#   TOKEN_FILE   holds an API token with the scope events:read
#   EVENTS_FILE  is made, or continued
#
# The last line of the file is also the position, so the two cannot disagree: a kill at any moment
# leaves at most a part of a line, which the next start removes and gets again.
set -euo pipefail
url=$1 token_file=$2 file=$3

# One follower for each file. The descriptor of the file is the lock; what a killed follower began ends soon.
exec 9>>"$file"
flock --wait 20 9 || { echo "$file has a follower already" >&2; exit 1; }

# A last line without an end was being written when the follower was killed.
[[ -z $(tail -c 1 "$file") ]] || truncate -s "-$(tail -n 1 "$file" | wc -c)" "$file"

# The log's id and the position of the last event, as the service writes and reads them: "<id>-<position>".
last=$(tail -n 1 "$file" | sed -E 's/,"data":.*//; s/.*"logid":"([^"]*)".*"sequence":"0*([0-9]+)".*/\1-\2/')

# The service sends a line at least every 15 seconds; without one for a minute, the connection is dead.
stream() {
  curl --silent --show-error --fail --no-buffer --speed-limit 1 --speed-time 60 \
    --header @<(printf 'Authorization: Bearer %s' "$(<"$token_file")") \
    --header 'Accept: text/event-stream' ${last:+--header "Last-Event-ID: $last"} "$url/api/v1/events"
}

while true; do
  exec 3< <(exec 9>&-; stream)
  while IFS= read -r line <&3; do
    case $line in
      id:*) id=${line#id: } ;;
      data:*)
        next=${last%-*}-$((${last##*-} + 1))
        [[ -z $last || $id == "$next" ]] || { echo "expected $next, received $id" >&2; exit 1; }
        printf '%s\n' "${line#data: }" >&9
        last=$id
        ;;
    esac
  done
  # Curl says 22 where the service refuses: the token is not valid, or the log is another one. A person must look.
  code=0 && wait $! || code=$?
  [[ $code -ne 22 ]] || exit 1
  sleep 1
done
