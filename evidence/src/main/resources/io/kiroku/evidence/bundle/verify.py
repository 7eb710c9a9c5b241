#!/usr/bin/env python3
"""Checks an evidence bundle of Kiroku, independently of the program that made it.

    python3 verify.py FILE [--key VKEY]... [--witness VKEY]...

Needs Python 3.8 or later and the command openssl 3.0 or later, nothing else. --key names a key of the log, as
NAME+ID+KEY, if you know it from elsewhere; otherwise those in the bundle are taken. --witness names a witness
that must have signed the log's state. It checks: every file against the manifest; each segment's signature,
digests and link to the one before; that the log has each segment's header; the log's signatures; that the log
continues the earlier states in the bundle; and that the log files are what the segments hold, under the names
and sources that the segments give. Exit status 0 if all holds, 1 if not, 2 if it could not be checked.

Signatures are Ed25519 and ML-DSA-44. For the latter openssl has to be 3.5 or later; with an older one they are
not checked, which is said, and does not count as a signature.

What it does not check, and `kiroku verify` does:
- the policy, and the signatures of witnesses that were not named;
- the time stamps: see README.txt for openssl ts;
- what is missing: gaps.json, whether lost segments and bytes were declared, and the manifest's list of streams;
- case, purpose, selection and tool in the manifest, which nobody signs;
- the archive's own form, and files that have no place in a bundle.
It is slow: about 10 MB of log a second.
"""
import argparse
import base64
import binascii
import collections
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zipfile

KEY_PREFIX = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: an Ed25519 public key in DER
ML_DSA_PREFIX = bytes.fromhex("30820532300b06096086480165030403110382052100")  # RFC 9881: one of ML-DSA-44
KEY_LENGTHS = {1: 32, 4: 32, 6: 1312}
MOST_SEGMENT = 12583307
MOST_LOG_NAME = 448


class Wrong(Exception):
    """Something is not as it has to be."""


def sha256(data):
    return hashlib.sha256(data).digest()


def signed(key, message, signature, directory, prefix=KEY_PREFIX):
    """Whether the signature holds: Ed25519 (RFC 8032), or what the prefix of the key says."""
    for name, data in (("key", prefix + key), ("message", message), ("signature", signature)):
        with open(os.path.join(directory, name), "wb") as out:
            out.write(data)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-rawin",
               "-in", "message", "-sigfile", "signature"]
    return subprocess.run(command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


# ---- the log: RFC 9162 trees, C2SP notes and checkpoints

def node(left, right):
    return sha256(b"\x01" + left + right)


def included(index, size, leaf, path, root):
    """RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def consistent(first, second, first_root, second_root, path):
    """RFC 9162, section 2.1.4.2."""
    if first == second:
        return not path and first_root == second_root
    if not 0 < first < second or not path:
        return False
    if first & (first - 1) == 0:
        path = [first_root] + path
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root


def shown(text):
    """Words of others, without what moves the cursor of a terminal or turns the direction of a line."""
    return "".join(c if c.isprintable() else "?" for c in text)


def parse_checkpoint(note):
    """Text, signatures [(name, id, bytes)], origin, size and root of a checkpoint."""
    text, _, rest = note.rpartition("\n\n")
    lines = text.split("\n")
    if len(lines) < 3:
        raise Wrong("expected a checkpoint of origin, size and root, found %d lines" % len(lines))
    signatures = []
    for line in rest.splitlines():
        _, name, value = line.split(" ")
        value = base64.b64decode(value, validate=True)
        signatures.append((name, value[:4], value[4:]))
    return text + "\n", signatures, lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)


def parse_key(text):
    """Name, id, type and public key of a verifier key."""
    name, key_id, material = text.split("+", 2)
    material = base64.b64decode(material, validate=True)
    kind = material[0] if material else 0
    if len(material) - 1 != KEY_LENGTHS.get(kind) or sha256(name.encode() + b"\n" + material)[:4].hex() != key_id:
        raise Wrong("expected a verifier key of type 0x01, 0x04 or 0x06, found " + text[:100])
    return name, key_id, kind, material[1:]


def has_ml_dsa():
    """Whether this openssl knows ML-DSA-44, as those from 3.5 on do."""
    listed = subprocess.run(["openssl", "list", "-signature-algorithms"], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL).stdout
    return b"ML-DSA-44" in listed


def holds(checkpoint, signature, key, directory):
    """Whether a signature on a checkpoint holds; None if this openssl cannot tell."""
    text, _, origin, size, root = checkpoint
    name, _, kind, public = key
    if kind == 1:
        return signed(public, text.encode(), signature, directory)
    time, signature = signature[:8], signature[8:]
    if len(time) != 8:
        return False
    if kind == 4:
        head = "cosignature/v1\ntime %d\n" % struct.unpack(">Q", time)
        return signed(public, head.encode() + text.encode(), signature, directory)
    if not has_ml_dsa():
        return None
    name, origin = name.encode(), origin.encode()
    message = b"subtree/v1\n\0" + bytes([len(name)]) + name + time + bytes([len(origin)]) + origin
    return signed(public, message + struct.pack(">QQ", 0, size) + root, signature, directory, ML_DSA_PREFIX)


def check_signatures(note, keys, directory):
    """One of the keys signed the checkpoint, and none of them wrongly. Returns those that openssl could not check."""
    checkpoint = parse_checkpoint(note)
    good, unknown = [], []
    for key in keys:
        for signer, signer_id, signature in checkpoint[1]:
            if (signer, signer_id.hex()) == key[:2]:
                outcome = holds(checkpoint, signature, key, directory)
                if outcome is None:
                    unknown.append(signer)
                elif outcome:
                    good.append(signer)
                else:
                    raise Wrong("the signature of %s on the checkpoint does not hold" % signer)
    if not good:
        raise Wrong("the checkpoint is not signed by %s%s" % (
            ", ".join(sorted({key[0] for key in keys})) or "any key",
            ", or this openssl cannot check how: 3.5 or later can" if unknown else ""))
    return unknown


def parse_proof(text, first):
    """Number, hashes and checkpoint of a proof whose line that says so begins with that word."""
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    while lines and not lines[0].startswith(first + " "):
        lines.pop(0)
    if not lines:
        raise Wrong("expected a line that begins with " + first)
    return int(lines[0].split(" ")[1]), [base64.b64decode(h, validate=True) for h in lines[1:]], note


# ---- segments

def unpack(block, most):
    """An LZ4 block (LZ4 block format)."""
    out, at = bytearray(), 0
    while True:
        token = block[at]
        at += 1
        length = token >> 4
        if length == 15:
            while True:
                more = block[at]
                at += 1
                length += more
                if more != 255:
                    break
        out += block[at:at + length]
        at += length
        if at >= len(block):
            break
        back = block[at] | block[at + 1] << 8
        at += 2
        length = (token & 15) + 4
        if length == 19:
            while True:
                more = block[at]
                at += 1
                length += more
                if more != 255:
                    break
        start = len(out) - back
        if back == 0 or start < 0 or len(out) + length > most:
            raise Wrong("expected an LZ4 block of at most %d bytes" % most)
        if back >= length:
            out += out[start:start + length]
        else:
            out += (bytes(out[start:]) * (length // back + 1))[:length]
    if len(out) > most:
        raise Wrong("expected an LZ4 block of at most %d bytes" % most)
    return out


def decompress(frame, length):
    """The log bytes in an LZ4 frame of the one form that segments have."""
    if frame[:6] != bytes.fromhex("04224d186860") or struct.unpack("<Q", frame[6:14])[0] != length:
        raise Wrong("expected an LZ4 frame of %d bytes" % length)
    out, at = bytearray(), 15
    while len(out) < length:
        word = struct.unpack("<I", frame[at:at + 4])[0]
        size, at = word & 0x7fffffff, at + 4
        block = frame[at:at + size]
        out += block if word >> 31 else unpack(block, 1 << 20)
        at += size
    if len(out) != length or frame[at:] != bytes(4):
        raise Wrong("expected exactly %d bytes of log" % length)
    return bytes(out)


class Segment:
    """A segment, cut into its parts; all digests hold."""

    def __init__(self, data, directory):
        if len(data) < 379 or data[8:16] != b"KIROKU\x00\x01":
            raise Wrong("expected a segment of version 1")
        self.header = data[8:320]
        h = self.header
        self.stream, self.previous = h[8:24], h[40:72]
        self.epoch, self.sequence = struct.unpack(">QQ", h[24:40])
        manifest_length, payload_length, self.raw, self.flags = struct.unpack(">IIII", h[104:120])
        self.key, self.next_key, self.signature = h[184:216], h[216:248], h[248:312]
        if len(data) != 360 + manifest_length + payload_length:
            raise Wrong("expected %d bytes, found %d" % (360 + manifest_length + payload_length, len(data)))
        salt = 320 + manifest_length
        if data[:8] != bytes.fromhex("502a4d18") + struct.pack("<I", 312 + manifest_length) \
                or data[salt:salt + 8] != bytes.fromhex("512a4d1820000000"):
            raise Wrong("expected two skippable LZ4 frames")
        if not signed(self.key, h[:248], self.signature, directory):
            raise Wrong("the header's signature does not hold")
        self.manifest = data[320:salt]
        if sha256(self.manifest) != h[120:152]:
            raise Wrong("the manifest's digest does not hold")
        if sha256(data[salt + 8:]) != h[152:184]:
            raise Wrong("the payload's digest does not hold")
        self.log = decompress(data[salt + 40:], self.raw)
        self.hash = sha256(h)

    def entries(self):
        at = 0
        while at < len(self.manifest):
            kind, length = struct.unpack(">BH", self.manifest[at:at + 3])
            yield kind, self.manifest[at + 3:at + 3 + length]
            at += 3 + length

    def custody(self):
        """Whether it is of a collector's custody log, which may be in pieces: each of its segments says so."""
        bodies = list(self.entries())
        paths = {body[74:74 + struct.unpack(">H", body[72:74])[0]] for kind, body in bodies if kind == 2}
        kind, epoch = bodies[0] if bodies else (0, b"")
        node = epoch[103:103 + struct.unpack(">H", epoch[101:103])[0]] if kind == 1 else b""
        return node == b"@collector" and paths == {b"/kiroku/custody"}

    def vouched(self, directory):
        """Whether the stream's identity vouches for the segment's key; wrong if it does so wrongly."""
        for kind, body in self.entries():
            if kind != 1:
                return False
            end = 103 + struct.unpack(">H", body[101:103])[0]
            identity, signature, node_name = body[5:37], body[37:101], body[103:end]
            message = b"kiroku epoch v1\0" + self.header[8:72] + self.key + body[:1] + node_name
            if not signed(identity, message, signature, directory):
                raise Wrong("the identity's signature does not hold")
            handovers = [body[at:at + 96] for at in range(end, len(body), 96)]
            self.line = [handover[:32] for handover in handovers] + [identity]
            if sha256(self.line[0])[:16] != self.stream:
                raise Wrong("the stream is not named after the identity that had it first")
            for place, handover in enumerate(handovers, 1):
                message = b"kiroku handover v1\0" + self.stream + struct.pack(">I", place) + self.line[place]
                if not signed(handover[:32], message, handover[32:], directory):
                    raise Wrong("it does not hold that an identity handed the stream over")
            return True
        return False


# ---- the bundle

def log_name(source):
    """What the log file of a source is called, if no other has that name."""
    path = bytes.fromhex(source)
    plain = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-/"
    escaped = "".join(chr(octet) if octet in plain else "%%%02X" % octet for octet in path)
    escaped = re.sub(r"(^|/)\.(\.?)(?=/|\Z)", r"\1%2E\2", escaped)
    name = "logs/files/" + escaped.lstrip("/")
    parts = escaped.split("/")
    if len(parts) >= 3 and re.fullmatch(r"[0-9]+\.log", parts[-1]):
        pod = re.fullmatch(r"([^_]+)_([^_]*_.*)", parts[-3])
        if pod:
            name = "logs/%s/%s/%s/%s" % (pod.group(1), pod.group(2), parts[-2], parts[-1])
    if len(name) > MOST_LOG_NAME or any(part in name for part in ("//", "/./", "/../")) or name.endswith("/"):
        name = "logs/files/" + sha256(path).hex()
    return name


class Bundle:
    def __init__(self, path, keys, witnesses, directory):
        self.raw = open(path, "rb")
        self.zip = zipfile.ZipFile(self.raw)
        self.names = [info.filename for info in self.zip.infolist()]
        self.info = {info.filename: info for info in self.zip.infolist()}
        self.keys = keys
        self.witnesses = witnesses
        self.directory = directory
        self.findings = []
        self.starts = {}

    def say(self, name, sentence):
        self.findings.append("%s: %s" % (name, sentence))

    def read(self, name, most=1 << 26):
        if name not in self.info or self.info[name].file_size > most:
            raise Wrong("expected the file %s of at most %d bytes" % (name, most))
        return self.zip.read(name)

    def part(self, name, at, length):
        """Bytes of a file; they lie in the archive as they are."""
        if name not in self.starts:
            offset = self.info[name].header_offset
            self.raw.seek(offset + 26)
            name_length, extra = struct.unpack("<HH", self.raw.read(4))
            self.starts[name] = offset + 30 + name_length + extra
        self.raw.seek(self.starts[name] + at)
        return self.raw.read(length)

    def check(self):
        manifest = json.loads(self.read("manifest.json", 1 << 30))
        self.files(manifest)
        self.logs(manifest)
        self.checkpoint(manifest)
        self.earlier()
        self.pieces = [[one["stream"], one["first"]] for one in manifest["streams"]]
        segments = [name for name in self.names if name.startswith("segments/")]
        if not segments:
            self.say("the bundle", "it has no segment, so nothing in it is proven")
        before = None
        for name in segments:
            try:
                before = self.segment(name, before)
            except (Wrong, IndexError, ValueError, struct.error) as wrong:
                self.say(name, wrong or "it is cut off")
                before = None
        for runs in self.runs.values():
            if any(at < run["to"] - run["from"] for run, at in zip(runs["runs"], runs["done"])):
                self.say(runs["name"], "it holds bytes that are in no segment")
        for _, source in sorted(self.sources - self.named):
            self.say("manifest.json", "it has a log file of the source %s, which no segment names" % source)
        return len(segments)

    def files(self, manifest):
        if len(set(self.names)) != len(self.names) or any(i.compress_type for i in self.zip.infolist()):
            raise Wrong("expected each file once, and stored as it is")
        listed = {one["name"]: one for one in manifest["files"]}
        for name in sorted(set(listed) ^ set(self.names) - {"manifest.json"}):
            self.say(name, "it is in the archive or in the manifest, but not in both")
        sums = []
        for name in (name for name in self.names if name in listed):
            digest, length = hashlib.sha256(), 0
            with self.zip.open(name) as file:
                for piece in iter(lambda: file.read(1 << 20), b""):
                    digest.update(piece)
                    length += len(piece)
            if digest.hexdigest() != listed[name]["sha256"] or length != listed[name]["length"]:
                self.say(name, "its length or SHA-256 is not the one that the manifest states")
            if name != "SHA256SUMS":
                sums.append("%s  %s\n" % (digest.hexdigest(), name))
        if self.read("SHA256SUMS", 1 << 30).decode() != "".join(sums):
            self.say("SHA256SUMS", "its sums are not those of the files")

    def logs(self, manifest):
        self.runs, self.sources, self.declared, self.named, self.lines = {}, set(), {}, set(), {}
        files = {}
        for log in manifest["logs"]:
            source = (log["stream"], log["sourceHex"])
            if source in self.sources:
                self.say("manifest.json", "it has two log files of the source " + log["sourceHex"])
            self.sources.add(source)
            at = last = 0
            for run in log["runs"]:
                if run["to"] <= run["from"] or run["file"] < last:
                    self.say("manifest.json", "the runs of %s are not in their order" % log["name"])
                last = run["file"]
                if files.setdefault((log["stream"], last), source) != source:
                    self.say("manifest.json", "it counts file %d to two log files" % last)
                of_file = self.runs.setdefault(
                    source + (last,), {"name": log["name"], "runs": [], "starts": [], "done": []})
                of_file["runs"].append(run)
                of_file["starts"].append(at)
                of_file["done"].append(0)
                at += run["to"] - run["from"]
            if log["name"] not in self.info or self.info[log["name"]].file_size != at:
                self.say(log["name"], "it has not the %d bytes that the manifest says" % at)
        described = {log["name"] for log in manifest["logs"]}
        for name in sorted(name for name in self.names if name.startswith("logs/") and name not in described):
            self.say(name, "the manifest does not say what it consists of")
        plain = collections.Counter(log_name(source) for _, source in self.sources)
        for log in manifest["logs"]:
            stream, source = log["stream"], log["sourceHex"]
            name = log_name(source)
            if plain[name] > 1:
                name += "." + sha256(bytes.fromhex(stream + source))[:4].hex()
            if log["name"] != name:
                self.say("manifest.json", "the log file of the source %s is to be called %s" % (source, name))

    def checkpoint(self, manifest):
        self.note = self.read("checkpoint").decode()
        _, _, origin, self.size, self.root = parse_checkpoint(self.note)
        if (origin, self.size, self.root.hex()) != (manifest["origin"], manifest["size"], manifest["root"]):
            self.say("checkpoint", "it is another than the one that the manifest states")
        if not self.keys:
            self.keys = self.read("keys/log.vkey").decode().splitlines()
            print("The log's keys come from the bundle itself:\n  " + "\n  ".join(
                shown(key if len(key) < 200 else key[:100] + "...") for key in self.keys))
        self.keys = [parse_key(key) for key in self.keys]
        self.keys = [key for key in self.keys if key[0] == origin and key[2] != 4]
        for name in check_signatures(self.note, self.keys, self.directory):
            print("NOT CHECKED  the ML-DSA-44 signature of %s: this openssl has none, 3.5 or later has" % shown(name))
        for witness in self.witnesses:
            check_signatures(self.note, [parse_key(witness)], self.directory)

    def earlier(self):
        for name in self.names:
            if name.endswith(".checkpoint"):
                try:
                    note = self.read(name).decode()
                    check_signatures(note, self.keys, self.directory)
                    _, _, _, size, root = parse_checkpoint(note)
                    path = []
                    if 0 < size < self.size:
                        old, path, now = parse_proof(self.read("consistency/%d.proof" % size).decode(), "old")
                        if old != size or now != self.note:
                            raise Wrong("its proof is of other trees")
                    if size > 0 and not consistent(size, self.size, root, self.root, path):
                        raise Wrong("the log does not continue this state")
                except (Wrong, ValueError, binascii.Error) as wrong:
                    self.say(name, wrong)

    def segment(self, name, before):
        segment = Segment(self.read(name, MOST_SEGMENT), self.directory)
        stream = segment.stream.hex()
        place = "%s/%010d" % (stream, segment.sequence)
        if name != "segments/%s.lz4" % place:
            self.say(name, "another segment lies in its place: " + place)
        vouched = segment.vouched(self.directory)
        line = self.lines.get(stream, [])
        if vouched and segment.line[:len(line)] != line:
            self.say(name, "the identity that vouches for it does not have the stream any more")
        elif vouched:
            self.lines[stream] = segment.line
        if before is None or before.stream != segment.stream:
            if not vouched:
                self.say(name, "no identity vouches for the first segment of the stretch")
        elif segment.sequence != before.sequence + 1:
            if [stream, segment.sequence] in self.pieces and segment.custody():
                print("Before %s segments were not selected, the manifest says." % shown(name))
            else:
                print("Before %s segments are missing; kiroku verify says whether they are declared lost."
                      % shown(name))
            if not vouched:
                self.say(name, "segments before it are missing, and no identity vouches for its key")
        elif segment.previous != before.hash:
            self.say(name, "it does not link to the segment before it")
        elif segment.epoch == before.epoch and segment.key != before.next_key:
            self.say(name, "it is signed by another key than its predecessor announced")
        elif segment.epoch != before.epoch and not vouched:
            self.say(name, "no identity vouches for the key of the new epoch")
        index, path, note = parse_proof(self.read("proofs/%s.tlog-proof" % place).decode(), "index")
        if note != self.note or not included(index, self.size, sha256(b"\0" + segment.header), path, self.root):
            self.say(name, "it is not proven that the log has its header")
        self.rebuild(name, stream, segment)
        return segment

    def rebuild(self, name, stream, segment):
        at = 0
        for kind, body in segment.entries():
            if kind == 2:
                length = struct.unpack(">H", body[72:74])[0]
                source = (stream, body[74:74 + length].hex())
                self.declared[stream, struct.unpack(">I", body[:4])[0]] = source
                self.named.add(source)
            elif kind == 7:
                self.named.add((stream, body[48:].hex()))
            elif kind == 3:
                file, start, length = struct.unpack(">IQI", body)
                source = self.declared.get((stream, file))
                if source in self.sources and not self.compare(source, file, start, segment.log[at:at + length]):
                    self.say(name, "bytes from %d of file %d are not in the log file as they are here" % (start, file))
                at += length
        if at != segment.raw:
            self.say(name, "its chunks are not as long as its log")

    def compare(self, source, file, start, data):
        log = self.runs.get(source + (file,))
        if log is None:
            return False
        for i, run in enumerate(log["runs"]):
            done = log["done"][i]
            if done < run["to"] - run["from"]:
                log["done"][i] += len(data)
                fits = run["from"] + done == start and start + len(data) <= run["to"]
                return fits and self.part(log["name"], log["starts"][i] + done, len(data)) == data
        return False


def main():
    options = argparse.ArgumentParser(description="Checks an evidence bundle of Kiroku.")
    options.add_argument("file")
    options.add_argument("--key", action="append", default=[], help="a key of the log, NAME+ID+KEY; repeat it for more")
    options.add_argument("--witness", action="append", default=[], help="the key of a witness that must have signed")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        try:
            bundle = Bundle(given.file, given.key, given.witness, directory)
            segments = bundle.check()
            findings = bundle.findings
        except FileNotFoundError as missing:
            print("verify.py: not found: %s" % missing.filename, file=sys.stderr)
            return 2
        except (Wrong, zipfile.BadZipFile, KeyError, IndexError, ValueError, struct.error, RuntimeError) as wrong:
            segments, findings = 0, ["the bundle: %s" % (wrong or type(wrong).__name__)]
    for finding in findings[:100]:
        print("WRONG  " + shown(finding))
    if findings:
        print("%d findings: this is not what was sealed, or the bundle is not whole." % len(findings))
        return 1
    print("All holds: %d segments are as they were sealed, the log has them, and the log files are what they hold." % segments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
