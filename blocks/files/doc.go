// Package files keeps bytes: what people send and what the system makes. A file is a row that
// names a blob by its SHA-256; equal bytes are kept once. No name or header from a person
// reaches the disk: blobs are named by their hash, uploads by ids of our own.
//
// The way of a file from outside:
//
//	Begin → Append … → (last piece) hashed, sniffed, looked at in the sandbox child, scanned,
//	stored, and a row that belongs to nobody but its sender → Attach inside another module's
//	act makes it part of a dossier.
//
// Who may open a file is said by the module that owns its subject (Guard); where nobody has
// said so, nobody may. Every opening is written down before a byte is shown.
//
// Tables: files.file (one per name and place of use), files.upload (in progress).
package files
