// Reads a log in tlog-tiles layout with golang.org/x/mod/sumdb, a library of others: nothing of this project is run.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run read-log.go DIRECTORY VERIFIER_KEY
//
// The directory holds the file checkpoint, the tiles, the bundles of entries and a file proofs, whose lines are
// "inclusion SIZE INDEX HASHES" and "consistency SIZE SMALLER HASHES" with hashes in hexadecimal, separated by commas.
//
// Checked are the checkpoint's signature, that the library makes of the entries the same root and the same tiles, and of
// the tiles the same proofs, and that each proof holds. Exit status 0 if all do, 1 at the first that does not.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if len(os.Args) != 3 {
		fail("expected a directory and a verifier key")
	}
	log := tiles(os.Args[1])
	tree := log.checkpoint(os.Args[2])
	hashes := log.hashEntries(tree.N)
	root, err := tlog.TreeHash(tree.N, hashes)
	check(err, "root")
	if root != tree.Hash {
		fail("the entries have another root than the checkpoint")
	}
	made := log.checkTiles(tree.N, hashes)
	proofs := log.checkProofs(hashes, tlog.TileHashReader(tree, log))
	fmt.Printf("ok: checkpoint of %d entries, %d tiles, %d proofs\n", tree.N, made, proofs)
}

func fail(format string, arguments ...interface{}) {
	fmt.Printf("FAIL: "+format+"\n", arguments...)
	os.Exit(1)
}

func check(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

// tiles is the directory of the log.
type tiles string

func (log tiles) read(path string) []byte {
	data, err := os.ReadFile(filepath.Join(string(log), path))
	check(err, "reading")
	return data
}

// path is the library's path of the tile without the height, which tlog-tiles leaves out.
func path(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", tile.H), "tile/", 1)
}

func (log tiles) Height() int { return 8 }

func (log tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range wanted {
		data = append(data, log.read(path(tile)))
	}
	return data, nil
}

func (log tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (log tiles) checkpoint(key string) tlog.Tree {
	verifier, err := note.NewVerifier(key)
	check(err, "verifier key")
	signed, err := note.Open(log.read("checkpoint"), note.VerifierList(verifier))
	check(err, "checkpoint")
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		fail("the checkpoint has %d lines and is of %q", len(lines)-1, lines[0])
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "size")
	var root tlog.Hash
	decoded, err := base64.StdEncoding.DecodeString(lines[2])
	check(err, "root")
	copy(root[:], decoded)
	return tlog.Tree{N: size, Hash: root}
}

// stored holds all complete nodes of the tree, in the library's order.
type stored []tlog.Hash

func (hashes stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var read []tlog.Hash
	for _, index := range indexes {
		read = append(read, hashes[index])
	}
	return read, nil
}

func (log tiles) hashEntries(size int64) stored {
	var hashes stored
	for index := int64(0); index < size; {
		tile := tlog.Tile{H: 8, L: -1, N: index / 256, W: 256}
		if size-index < 256 {
			tile.W = int(size - index)
		}
		bundle := log.read(strings.Replace(path(tile), "tile/data/", "tile/entries/", 1))
		for i := 0; i < tile.W; i++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				fail("entry %d is cut off", index)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			complete, err := tlog.StoredHashes(index, bundle[2:end], hashes)
			check(err, "entry")
			hashes = append(hashes, complete...)
			bundle = bundle[end:]
			index++
		}
		if len(bundle) > 0 {
			fail("%d bytes follow entry %d", len(bundle), index-1)
		}
	}
	return hashes
}

func (log tiles) checkTiles(size int64, hashes tlog.HashReader) int {
	count := 0
	for _, tile := range tlog.NewTiles(8, 0, size) {
		if last := size>>(8*tile.L) - 256*tile.N; tile.W < 256 && int64(tile.W) < last {
			continue // As it was when the tree was smaller.
		}
		count++
		made, err := tlog.ReadTileData(tile, hashes)
		check(err, "tile")
		if !bytes.Equal(made, log.read(path(tile))) {
			fail("the library makes another %s", path(tile))
		}
	}
	return count
}

func (log tiles) checkProofs(hashes, read tlog.HashReader) int {
	file, err := os.Open(filepath.Join(string(log), "proofs"))
	check(err, "proofs")
	defer file.Close()
	count := 0
	for lines := bufio.NewScanner(file); lines.Scan(); count++ {
		fields := strings.Split(lines.Text(), " ")
		size, err := strconv.ParseInt(fields[1], 10, 64)
		check(err, "size")
		number, err := strconv.ParseInt(fields[2], 10, 64)
		check(err, "number")
		root, err := tlog.TreeHash(size, hashes)
		check(err, "root")
		if fields[0] == "inclusion" {
			leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, number)})
			check(err, "leaf")
			checkInclusion(size, number, root, leaf[0], parse(fields[3]), read)
		} else {
			old, err := tlog.TreeHash(number, hashes)
			check(err, "root")
			checkConsistency(size, number, root, old, parse(fields[3]), read)
		}
	}
	return count
}

func checkInclusion(size, index int64, root, leaf tlog.Hash, proof []tlog.Hash, read tlog.HashReader) {
	made, err := tlog.ProveRecord(size, index, read)
	check(err, "proof")
	same(proof, made, fmt.Sprintf("inclusion of %d in %d", index, size))
	check(tlog.CheckRecord(proof, size, root, index, leaf), "inclusion")
}

func checkConsistency(size, smaller int64, root, old tlog.Hash, proof []tlog.Hash, read tlog.HashReader) {
	made, err := tlog.ProveTree(size, smaller, read)
	check(err, "proof")
	same(proof, made, fmt.Sprintf("consistency from %d to %d", smaller, size))
	check(tlog.CheckTree(proof, size, root, smaller, old), "consistency")
}

func same(given, made []tlog.Hash, what string) {
	if fmt.Sprint(given) != fmt.Sprint(made) {
		fail("%s: the library makes another proof", what)
	}
}

func parse(list string) []tlog.Hash {
	var hashes []tlog.Hash
	for _, text := range strings.Split(list, ",") {
		if text == "" {
			continue
		}
		var hash tlog.Hash
		decoded, err := hex.DecodeString(text)
		check(err, "hash")
		copy(hash[:], decoded)
		hashes = append(hashes, hash)
	}
	return hashes
}
