// Package pki plays what stands behind signatures in the demonstration: a root and an issuing
// authority, their lists of revoked certificates, an OCSP responder and a time-stamp
// authority. Every name says that nothing here has legal value. It also locks private keys
// for keeping in a database.
package pki
