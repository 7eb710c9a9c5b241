#!/usr/bin/env bash
# Checks segments with tools that nobody here wrote: lz4, sha256sum, openssl, od. Nothing of this project is run.
# docs/FORMAT.md says what is checked and why.
#
#   check-golden.sh [DIRECTORY]     the *.lz4 files of the directory, in the order of their names, as the beginning of
#                                   one stream; compared also with NAME.log and EXPECTED.md where they are there.
#                                   Segments may be missing only where the one behind them declares it
#   check-golden.sh --self-test     the golden segments damaged in many ways: each way must be found
#
# Prints each check. Exit status 0 if all hold, 1 at the first that does not, 2 if a tool is missing.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
golden=$here/../resources/golden

for tool in lz4 sha256sum openssl od; do
    command -v "$tool" >/dev/null || { echo "the tool $tool is missing" >&2; exit 2; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ok() { printf 'ok    %s\n' "$1"; }
fail() { printf 'FAIL  %s\n' "$1"; exit 1; }

# same WHAT EXPECTED FOUND
same() {
    if [ "$2" = "$3" ]; then ok "$1"; else fail "$1: expected $2, found $3"; fi
}

# bytes OFFSET LENGTH: so many bytes of the segment, as they are; text OFFSET LENGTH: in hexadecimal
bytes() { tail -c +$(($1 + 1)) "$segment" | head -c "$2" || true; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
text() { bytes "$1" "$2" | hex; }
number() { printf '%d' "0x$(text "$1" "$2")"; }
digest() { sha256sum | cut -c 1-64; }

# unhex TEXT: the bytes
unhex() {
    local i
    for ((i = 0; i < ${#1}; i += 2)); do
        printf '%b' "\\x${1:i:2}"
    done
}

# signed WHAT PUBLIC_KEY SIGNATURE (both in hexadecimal): the message is in $work/message
signed() {
    # An Ed25519 public key in DER (RFC 8410) is these twelve bytes and the key.
    unhex "302a300506032b6570032100$2" >"$work/key.der"
    unhex "$3" >"$work/signature"
    if openssl pkeyutl -verify -pubin -inkey "$work/key.der" -keyform DER -rawin \
        -in "$work/message" -sigfile "$work/signature" >/dev/null 2>&1; then
        ok "$1"
    else
        fail "$1: openssl does not verify the signature"
    fi
}

# The entries of the manifest: $chunks is the sum of the chunks' lengths, $epoch_at the offset of the epoch's body,
# $lost the last range of segments that is declared lost.
walk_manifest() {
    chunks=0
    epoch_at=0
    lost=
    local at=320 end=$((320 + manifest_length)) type length
    while [ "$at" -lt "$end" ]; do
        [ $((at + 3)) -le "$end" ] || fail "an entry has type and length"
        type=$(number "$at" 1)
        length=$(number $((at + 1)) 2)
        [ $((at + 3 + length)) -le "$end" ] || fail "an entry lies within the manifest"
        case $type in
            1) [ "$at" -eq 320 ] || fail "an epoch is the first entry"; epoch_at=$((at + 3)) ;;
            3) chunks=$((chunks + $(number $((at + 3 + 12)) 4))) ;;
            2 | 4 | 5 | 6 | 8) ;;
            7) lost="$(number $((at + 3)) 8) to $(number $((at + 11)) 8)" ;;
            *) fail "an entry has a type from 1 to 8, found $type" ;;
        esac
        at=$((at + 3 + length))
    done
}

# The identity's signature over: domain, stream, epoch, sequence, previous, key, reason, node.
check_epoch() {
    local identity node_length
    identity=$(text $((epoch_at + 5)) 32)
    node_length=$(number $((epoch_at + 101)) 2)
    same "the stream is named after the identity" \
        "$(bytes $((epoch_at + 5)) 32 | digest | cut -c 1-32)" "$(text 16 16)"
    {
        printf 'kiroku epoch v1\0'
        bytes 16 64
        bytes 192 32
        bytes "$epoch_at" 1
        bytes $((epoch_at + 103)) "$node_length"
    } >"$work/message"
    signed "the identity vouches for the key" "$identity" "$(text $((epoch_at + 37)) 64)"
}

# expected FIELD VALUE: as EXPECTED.md has it for this segment
expected() {
    [ -f "$directory/EXPECTED.md" ] || return 0
    same "the $1 of EXPECTED.md" \
        "$(sed -n "/^## $(basename "$segment")\$/,/^Manifest/s/^| $1 | \(.*\) |\$/\1/p" "$directory/EXPECTED.md")" "$2"
}

# Announced by the segment before, or vouched for where an epoch begins.
check_key() {
    if [ "$sequence" -eq 1 ] || [ "$(number 32 8)" -ne "$last_epoch" ]; then
        [ "$epoch_at" -ne 0 ] || fail "an epoch is opened by its entry"
        [ "$(number "$epoch_at" 1)" -ne 3 ] || fail "an epoch is opened for a reason"
    else
        same "the key that the previous segment announced" "$last_next_key" "$(text 192 32)"
    fi
}

check_segment() {
    segment=$1
    echo "--- $(basename "$segment")"
    same "a header of version 1" 4b49524f4b550001 "$(text 8 8)"
    manifest_length=$(number 112 4)
    local payload_length raw_length salt sequence
    payload_length=$(number 116 4)
    raw_length=$(number 120 4)
    salt=$((320 + manifest_length + 8))
    sequence=$(number 40 8)
    same "the length" $((360 + manifest_length + payload_length)) "$(wc -c <"$segment" | tr -d ' ')"
    same "a skippable frame with header and manifest" \
        "502a4d18$(printf '%08x' $((312 + manifest_length)) | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/')" "$(text 0 8)"
    same "a skippable frame with the salt" 512a4d1820000000 "$(text $((salt - 8)) 8)"
    same "the flags" "$(($(number 124 4) & 1))" "$(number 124 4)"

    same "the manifest's SHA-256" "$(text 128 32)" "$(bytes 320 "$manifest_length" | digest)"
    same "the SHA-256 of salt and payload" "$(text 160 32)" "$(tail -c +$((salt + 1)) "$segment" | digest)"
    bytes 8 248 >"$work/message"
    signed "the header's signature" "$(text 192 32)" "$(text 256 64)"

    walk_manifest
    same "the stream" "${stream:=$(text 16 16)}" "$(text 16 16)"
    if [ -n "$lost" ] && [ "$sequence" -gt $((last_sequence + 1)) ]; then
        same "the missing segments $((last_sequence + 1)) to $((sequence - 1)) are declared lost" \
            "$((last_sequence + 1)) to $((sequence - 1))" "$lost"
        same "the segment behind them restates" 1 "$(number 124 4)"
        [ "$epoch_at" -ne 0 ] || fail "the identity vouches behind missing segments"
    else
        same "the sequence" $((last_sequence + 1)) "$sequence"
        same "the link to the previous header" "$last_hash" "$(text 48 32)"
        check_key
    fi
    [ "$epoch_at" -eq 0 ] || check_epoch

    lz4 -t -q "$segment" 2>/dev/null || fail "lz4 -t"
    ok "lz4 -t"
    lz4 -dc -q "$segment" >"$work/log"
    same "the log's length" "$raw_length" "$(wc -c <"$work/log" | tr -d ' ')"
    same "the chunks' lengths together" "$raw_length" "$chunks"
    if [ -f "${segment%.lz4}.log" ]; then
        cmp "$work/log" "${segment%.lz4}.log" || fail "the log is ${segment%.lz4}.log"
        ok "lz4 -dc prints the log"
    fi
    check_fields

    last_sequence=$sequence
    last_hash=$(bytes 8 312 | digest)
    last_next_key=$(text 224 32)
    last_epoch=$(number 32 8)
}

check_fields() {
    expected length "$(wc -c <"$segment" | tr -d ' ')"
    expected file_sha256 "$(digest <"$segment")"
    expected header_hash "$(bytes 8 312 | digest)"
    expected stream "$(text 16 16)"
    expected epoch "$(number 32 8)"
    expected sequence "$(number 40 8)"
    expected previous "$(text 48 32)"
    expected wall_nanos "$(number 80 8)"
    expected boot_nanos "$(number 88 8)"
    expected boot_id "$(text 96 16)"
    expected manifest_length "$(number 112 4)"
    expected payload_length "$(number 116 4)"
    expected raw_length "$(number 120 4)"
    expected flags "$(number 124 4)"
    expected manifest_digest "$(text 128 32)"
    expected payload_digest "$(text 160 32)"
    expected key "$(text 192 32)"
    expected next_key "$(text 224 32)"
    expected signature "$(text 256 64)"
    expected log_sha256 "$(digest <"$work/log")"
}

check_directory() {
    directory=$1
    last_sequence=0
    last_hash=$(printf '%064d' 0)
    last_epoch=0
    stream=
    local found=0 file
    for file in "$directory"/*.lz4; do
        [ -f "$file" ] || break
        check_segment "$file"
        found=$((found + 1))
    done
    [ "$found" -gt 0 ] || fail "there are *.lz4 files in $directory"
    echo "$found segments hold"
}

# must_fail WHAT DIRECTORY
must_fail() {
    if "$0" "$2" >"$work/output" 2>&1; then
        fail "self-test: $1 was not found"
    fi
    grep -q '^FAIL' "$work/output" || { cat "$work/output"; fail "self-test: $1 stopped the check without a word"; }
    ok "$1: $(grep '^FAIL' "$work/output" | cut -c 7- | cut -c 1-90)"
}

fresh() {
    rm -rf "$work/copy"
    mkdir "$work/copy"
    cp "$golden"/*.lz4 "$work/copy"
}

# flip FILE OFFSET: changes the lowest bit of one byte
flip() {
    local old
    old=$(tail -c +$(($2 + 1)) "$1" | head -c 1 | hex)
    unhex "$(printf '%02x' $((0x$old ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# flipped FILE OFFSET: one such byte must be found
flipped() {
    fresh
    flip "$work/copy/$1" "$2"
    must_fail "$1, byte $2 changed" "$work/copy"
}

self_test() {
    fresh
    "$0" "$work/copy" >/dev/null || fail "self-test: the golden segments themselves"
    # The first segment: both words of the first frame, every field of the header, the last byte of the signature, the
    # manifest's first and last byte, both words of the second frame, the salt, the payload's first and last byte.
    local at
    for at in 0 4 8 14 16 32 40 48 80 88 96 112 116 120 124 128 160 192 224 256 319 320 800 801 805 809 841 859; do
        flipped 00000001.lz4 "$at"
    done
    # The second: a chunk, the log. The third: the identity and what it signed.
    flipped 00000002.lz4 323
    flipped 00000002.lz4 700
    flipped 00000003.lz4 328
    flipped 00000003.lz4 360
    fresh
    head -c 859 "$golden/00000001.lz4" >"$work/copy/00000001.lz4"
    must_fail "the last byte cut off" "$work/copy"
    fresh
    printf 'x' >>"$work/copy/00000001.lz4"
    must_fail "a byte added" "$work/copy"
    fresh
    rm "$work/copy/00000001.lz4"
    must_fail "the first segment dropped" "$work/copy"
    fresh
    mv "$work/copy/00000003.lz4" "$work/copy/00000002.lz4"
    must_fail "the second segment dropped" "$work/copy"
    fresh
    rm "$work/copy/00000003.lz4"
    must_fail "a segment dropped that none declares lost" "$work/copy"
    fresh
    mv "$work/copy/00000002.lz4" "$work/copy/00000004.lz4"
    must_fail "two segments swapped" "$work/copy"
    fresh
    cp "$golden/00000002.lz4" "$work/copy/00000002a.lz4"
    must_fail "a segment repeated" "$work/copy"
    echo "the check finds what it should"
}

case ${1:-} in
    --self-test) self_test ;;
    *) check_directory "${1:-$golden}" ;;
esac
