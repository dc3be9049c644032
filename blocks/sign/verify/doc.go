// Package verify judges the signatures of a PDF file: whether the signed bytes are whole,
// what was done to the file after each signature, whether the signer's certificate leads to
// an anchor and was good at the proven time, and whether it was revoked. It needs no
// database and no network. What it allows and refuses is written in docs/signatures.md.
package verify
