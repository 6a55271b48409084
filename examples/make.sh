#!/bin/sh
# Makes the recordings in this folder: speech by espeak-ng, music by sox, encoded by lame and ffmpeg.
# Debian: apt-get install espeak-ng sox lame ffmpeg.   Then: sh examples/make.sh
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p podcasts songs memos videos

# No encoder's build or command line ends up in a file, and the same input gives the same bytes.
encode() { ffmpeg -hide_banner -loglevel error -nostdin -y "$@"; }
plain="-map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact"

# speak NAME VOICE WORDS_A_MINUTE TEXT -> $work/NAME.wav, half a second of silence around it
speak() {
  espeak-ng -v "$2" -s "$3" -g 4 -w "$work/spoken.wav" "$4"
  sox -V1 -R "$work/spoken.wav" -r 22050 -c 1 "$work/$1.wav" gain -n -3 pad 0.5 0.5
}

# bar NAME SECONDS BASS NOTE NOTE NOTE -> one bar of plucked strings over a bass
bar() {
  sox -V1 -R -n -r 22050 -c 2 "$work/$1.wav" synth "$2" \
    pluck "$3" pluck "$4" pluck "$5" pluck "$6" \
    delay 0 0.25 0.5 0.75 remix 1,2v0.7,3v0.9,4v0.6 1,2v0.9,3v0.7,4v0.8 fade l 0.01 "$2" 0.2 gain -n -4
}

# song NAME SECONDS_A_BAR ROUNDS -> $work/NAME.wav from the bars b1 to b4
song() {
  bars=""
  round=0
  while [ "$round" -lt "$3" ]; do
    bars="$bars $work/b1.wav $work/b2.wav $work/b3.wav $work/b4.wav"
    round=$((round + 1))
  done
  # shellcheck disable=SC2086  # the names of bars are words on purpose
  sox -V1 -R $bars "$work/$1.wav" reverb 30 fade t 0 -0 1.5
}

speak ep01 en-gb 165 "Welcome to episode one. Before we send a single file, we read how long it is.
A length is all it takes to know the price. Nobody should have to guess what a folder of recordings will cost.
Today: why short clips are dear. Every clip is rounded up to a whole cent, so a hundred clips of twenty seconds
cost a dollar, although their minutes would cost a third of that. Join them first, if you can."
speak ep02 en-us 170 "This is episode two, about caps. A cap is the most that a batch may ever cost, over all its runs.
Set it once. Each price is set aside before the upload begins, and what is set aside is never spent twice.
When the cap is reached, nothing new is sent. What is already running is finished, fetched and kept.
Then you decide: a higher cap, a smaller batch, or enough for today."
speak ep03 en-gb-scotland 160 "Episode three. The line was cut in the middle of an upload. Was it received? Was it paid?
We do not send it again and hope. We look for the job under the name that the file was given.
Only when it surely did not arrive is it sent once more."
speak trailer en-us 150 "Coming up this season: lengths that do not lie, prices that are known beforehand,
and results that are never lost. New episodes every month."
speak memo en-gb 150 "Note to myself. The folder from the archive has four hundred episodes.
Three of them are cut off, one is empty, and the rest can be planned tonight."
speak walkthrough en-gb 155 "First, plan the folder. The table shows what each service costs, and what was left out.
Second, run the manifest with a cap. Third, open the results."

bar b1 2 A2 A3 C4 E4; bar b2 2 F2 A3 C4 F4; bar b3 2 C3 G3 C4 E4; bar b4 2 G2 G3 B3 D4
song first-light 2 2
bar b1 1.5 D2 D3 F3 A3; bar b2 1.5 Bb2 D3 F3 Bb3; bar b3 1.5 F2 C3 F3 A3; bar b4 1.5 C2 C3 E3 G3
song night-train 1.5 4
bar b1 2.5 E2 E3 G3 B3; bar b2 2.5 C2 E3 G3 C4; bar b3 2.5 G2 D3 G3 B3; bar b4 2.5 D2 D3 F#3 A3
song harbour 2.5 2
sox -V1 -R "$work/harbour.wav" -c 1 "$work/sketch.wav" tempo 1.6

album="Counting minutes"
tags="--ta Earmark --ty 2026 --id3v2-only --pad-id3v2-size 256"
# shellcheck disable=SC2086
lame --quiet --noreplaygain -m m --resample 22.05 -b 40 $tags --tl "$album" --tt "Short clips are dear" --tn 1 \
  "$work/ep01.wav" podcasts/ep01.mp3
# shellcheck disable=SC2086
lame --quiet --noreplaygain -m m -V 8 --resample 16 $tags --tl "$album" --tt "What a cap is" --tn 2 "$work/ep02.wav" podcasts/ep02.mp3
# shellcheck disable=SC2086
encode -i "$work/ep03.wav" $plain -metadata title="A lost answer" -metadata album="$album" \
  -c:a aac -b:a 32k podcasts/ep03.m4a
# shellcheck disable=SC2086
encode -i "$work/trailer.wav" $plain -c:a libopus -b:a 20k -application voip podcasts/trailer.opus
# shellcheck disable=SC2086
encode -i "$work/first-light.wav" $plain -metadata title="First light" -ac 1 -ar 16000 -sample_fmt s16 -c:a flac \
  -compression_level 8 songs/first-light.flac
# shellcheck disable=SC2086
encode -i "$work/night-train.wav" $plain -metadata title="Night train" -c:a libvorbis -q:a 1 songs/night-train.ogg
# shellcheck disable=SC2086
lame --quiet --noreplaygain -m j -V 6 $tags --tl "Test pressings" --tt "Harbour" "$work/harbour.wav" songs/harbour.mp3
# shellcheck disable=SC2086
encode -i "$work/sketch.wav" $plain -metadata title="Sketch" -ar 16000 -c:a aac -b:a 40k songs/sketch.m4a
# shellcheck disable=SC2086
encode -i "$work/memo.wav" $plain -ar 8000 -c:a pcm_s16le memos/archive-note.wav
# shellcheck disable=SC2086
encode -f lavfi -i "color=c=0x204060:size=192x108:rate=5" -i "$work/walkthrough.wav" -shortest $plain \
  -c:v libx264 -preset veryslow -crf 40 -pix_fmt yuv420p -c:a aac -b:a 32k -movflags +faststart videos/walkthrough.mp4
