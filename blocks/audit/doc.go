// Package audit is the Book: the only door to a write, and the memory of who did and who read
// what. An act is one transaction that knows who and when; its entry, notices and jobs stand or
// fall with it. Entries are sealed in order into a Merkle tree with signed checkpoints, so that
// nobody can rewrite history quietly.
//
//	entry       one act, one access or one batch; leaf = SHA-256(salt ‖ canonical entry)
//	subject     who a person-related entry is about: what "who opened my record" reads
//	once        first answers of acts that a person may send twice
//	hash        stored hashes of the tree (golang.org/x/mod/sumdb/tlog)
//	checkpoint  signed tree heads (golang.org/x/mod/sumdb/note)
package audit
