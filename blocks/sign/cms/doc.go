// Package cms makes and takes apart the signatures inside PDF files: CMS SignedData as CAdES
// wants it (RFC 5652, RFC 5035) and the time-stamp tokens of RFC 3161. It judges digests and
// signatures; whether a certificate is to be believed is not its subject.
package cms
