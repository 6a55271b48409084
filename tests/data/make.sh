#!/bin/sh
# Makes the recordings that tests cannot make themselves (no encoder in PyAV). Needs ffmpeg with libspeex.
set -eu
cd "$(dirname "$0")"
ffmpeg -hide_banner -loglevel error -nostdin -y -f lavfi -i "sine=frequency=330:duration=3:sample_rate=8000" \
  -map_metadata -1 -fflags +bitexact -flags:a +bitexact -c:a libspeex -b:a 8k short.spx
