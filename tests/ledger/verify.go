// SPDX-License-Identifier: Apache-2.0

// verify DIR VKEY: whether a log in a folder holds what its checkpoints say, found with code that is not ours
// (golang.org/x/mod/sumdb): signatures, the inclusion of every entry, and consistency from every size to the last.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder string

func (folder) Height() int { return 8 }

func (folder) SaveTiles([]tlog.Tile, [][]byte) {}

// C2SP tlog-tiles, Merkle Tree: as the names of tlog, without the height.
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		bytes, err := os.ReadFile(filepath.Join(string(f), strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		all = append(all, bytes)
	}
	return all, nil
}

func (f folder) entries(size int64) ([][]byte, error) {
	var all [][]byte
	for n := int64(0); n < size; n += 256 {
		tile := tlog.Tile{H: 8, L: 0, N: n / 256, W: 256}
		if size-n < 256 {
			tile.W = int(size - n)
		}
		bytes, err := os.ReadFile(filepath.Join(string(f), strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)))
		if err != nil {
			return nil, err
		}
		for i := 0; i < tile.W; i++ {
			if len(bytes) < 2 || len(bytes)-2 < int(binary.BigEndian.Uint16(bytes)) {
				return nil, fmt.Errorf("%s is cut off", tile.Path())
			}
			end := 2 + int(binary.BigEndian.Uint16(bytes))
			all, bytes = append(all, bytes[2:end]), bytes[end:]
		}
		if len(bytes) > 0 {
			return nil, fmt.Errorf("%s is too long", tile.Path())
		}
	}
	return all, nil
}

func checkpoint(file string, keys note.Verifiers) (tree tlog.Tree, err error) {
	bytes, err := os.ReadFile(file)
	if err != nil {
		return tree, err
	}
	signed, err := note.Open(bytes, keys)
	if err != nil {
		return tree, fmt.Errorf("%s: %v", file, err)
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 {
		return tree, fmt.Errorf("%s: is no checkpoint", file)
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	copy(tree.Hash[:], root)
	return tree, err
}

func verify(dir string, vkey string) error {
	key, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	tree, err := checkpoint(filepath.Join(dir, "checkpoint"), note.VerifierList(key))
	if err != nil {
		return err
	}
	hashes := tlog.TileHashReader(tree, folder(dir))
	entries, err := folder(dir).entries(tree.N)
	if err != nil {
		return err
	}
	for n, entry := range entries {
		proof, err := tlog.ProveRecord(tree.N, int64(n), hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, int64(n), tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("entry %d: %v", n, err)
		}
		root, err := tlog.TreeHash(int64(n+1), hashes)
		if err != nil {
			return err
		}
		consistency, err := tlog.ProveTree(tree.N, int64(n+1), hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(consistency, tree.N, tree.Hash, int64(n+1), root); err != nil {
			return fmt.Errorf("size %d: %v", n+1, err)
		}
	}
	return older(dir, key, hashes)
}

// The checkpoints that there were before, kept as checkpoint.N.
func older(dir string, key note.Verifier, hashes tlog.HashReader) error {
	files, _ := filepath.Glob(filepath.Join(dir, "checkpoint.*"))
	for _, file := range files {
		was, err := checkpoint(file, note.VerifierList(key))
		if err != nil {
			return err
		}
		// An empty tree has no hash in this library.
		if root, err := tlog.TreeHash(was.N, hashes); was.N > 0 && (err != nil || root != was.Hash) {
			return fmt.Errorf("%s: the log has another root for size %d (%v)", file, was.N, err)
		}
	}
	return nil
}

func main() {
	if err := verify(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
