package verify

import (
	"embed"
	"slices"
	"time"

	"datmui/kit/lang"
)

//go:embed text.*.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Verdict is the answer for a signature or a file.
type Verdict string

// The verdicts, from good to bad.
const (
	Valid        Verdict = "valid"
	Undetermined Verdict = "undetermined" // never to be shown as valid
	Invalid      Verdict = "invalid"
	Unsigned     Verdict = "unsigned"
)

// Exit is the exit status that the contract of `datmui verify` gives a verdict.
func (v Verdict) Exit() int {
	return slices.Index([]Verdict{Valid, Invalid, Undetermined, Unsigned}, v)
}

// Code is a reason in a word. Each has a text in both languages.
type Code string

// Reasons that make a signature invalid.
const (
	DigestMismatch  Code = "digest-mismatch"  // the signed bytes were changed
	SignatureWrong  Code = "signature-wrong"  // made by another key
	ByteRange       Code = "byte-range"       // the signed ranges leave out more than the signature itself
	Contents        Code = "contents"         // the place of the CMS holds something else
	DuplicateKey    Code = "duplicate-key"    // the dictionary can be read in two ways
	Malformed       Code = "malformed"        // the CMS or the field cannot be read
	WeakAlgorithm   Code = "weak-algorithm"   // MD5, SHA-1, RSA below 2048
	CertMissing     Code = "cert-missing"     // no certificate of the signer came along
	CertMismatch    Code = "cert-mismatch"    // what was signed names another certificate
	ESSMissing      Code = "ess-missing"      // what was signed names no certificate, which CAdES demands
	ChangedAfter    Code = "changed-after"    // something a reader sees was changed after signing
	StructureAfter  Code = "structure-after"  // what follows the signed part is no incremental update
	Removed         Code = "removed"          // a signature was taken out of the file
	Expired         Code = "expired"          // at the time that counts
	NotYetValid     Code = "not-yet-valid"    // at the time that counts
	Revoked         Code = "revoked"          // before the time that counts
	KeyUsage        Code = "key-usage"        // the certificate is not for signing documents
	NameConstraints Code = "name-constraints" // an authority certified a name it may not
	ChainBroken     Code = "chain-broken"     // an issuer that is no authority
	StampWrong      Code = "timestamp-wrong"  // a time-stamp over something else, or forged
)

// Reasons that leave a signature undetermined.
const (
	ChainUnknown      Code = "chain-unknown"      // no anchor known
	RevocationUnknown Code = "revocation-unknown" // no usable CRL or OCSP response
	Unsupported       Code = "unsupported"        // an algorithm or form not known here
	Encrypted         Code = "encrypted"          // changes cannot be judged
	Structure         Code = "structure"          // the cross-reference is broken: readers may differ
	Limit             Code = "limit"              // asks for more time or memory than allowed
	Unreadable        Code = "unreadable"         // the file or the trust folder cannot be read
)

// Reasons that only inform.
const (
	TimeClaimed    Code = "time-claimed"        // no proven time: judged at --at or now
	StampUntrusted Code = "timestamp-untrusted" // its authority is not known or not good
	NotPDF         Code = "not-pdf"
	NoSignature    Code = "no-signature"
	Empty          Code = "empty"
	Damaged        Code = "damaged" // begins like a PDF file, but holds no readable document
)

var invalidating = []Code{DigestMismatch, SignatureWrong, ByteRange, Contents, DuplicateKey, Malformed,
	WeakAlgorithm, CertMissing, CertMismatch, ESSMissing, ChangedAfter, StructureAfter, Removed, Expired,
	NotYetValid, Revoked, KeyUsage, NameConstraints, ChainBroken, StampWrong}

var unsettling = []Code{ChainUnknown, RevocationUnknown, Unsupported, Encrypted, Structure, Limit, Unreadable}

// Covers says how much of the file a signature signs.
type Covers string

// Changes says what happened to the file after a signature.
type Changes string

// What a signature covers, and what came after it.
const (
	Whole     Covers  = "whole"
	Revision  Covers  = "revision"
	None      Changes = "none"
	Permitted Changes = "permitted" // further signatures, time-stamps, DSS, reserved fields
	Forbidden Changes = "forbidden"
)

// Signature is the judgement of one signature.
type Signature struct {
	Verdict      Verdict    `json:"verdict"`
	Signer       string     `json:"signer"`
	Organisation string     `json:"organisation"`
	SignedAt     *time.Time `json:"signed_at"`   // the proven time, else the claimed one
	Timestamped  bool       `json:"timestamped"` // whether it is proven
	Covers       Covers     `json:"covers"`
	ChangesAfter Changes    `json:"changes_after"`
	Reasons      []Code     `json:"reasons"`
	Explain      string     `json:"explain"`

	Title       string    `json:"title,omitempty"`  // post of the signer
	Issuer      string    `json:"issuer,omitempty"` // of the certificate
	Field       string    `json:"field,omitempty"`
	Serial      string    `json:"serial,omitempty"`       // of the certificate, hexadecimal
	Certificate string    `json:"certificate,omitempty"`  // SHA-256, hexadecimal
	Stamp       bool      `json:"is_timestamp,omitempty"` // a document time-stamp, no signature of a person
	CheckedAt   time.Time `json:"checked_at"`             // the time at which the certificate was judged
	Detail      string    `json:"detail,omitempty"`       // for whoever looks into it; English

	end int // first byte the signature does not cover
}

func (s *Signature) add(c Code) {
	if !slices.Contains(s.Reasons, c) {
		s.Reasons = append(s.Reasons, c)
	}
}

// Report is the judgement of a file.
type Report struct {
	Verdict    Verdict     `json:"verdict"`
	Signatures []Signature `json:"signatures"`
	Reasons    []Code      `json:"reasons"` // why the file is unsigned or undetermined as a whole
	Explain    string      `json:"explain"`
}

func judge(reasons []Code) Verdict {
	v := Valid
	for _, r := range reasons {
		switch {
		case slices.Contains(invalidating, r):
			return Invalid
		case slices.Contains(unsettling, r):
			v = Undetermined
		}
	}
	return v
}

// worst is the verdict of a file: that of its worst signature.
func worst(sigs []Signature) Verdict {
	v := Valid
	for _, s := range sigs {
		if s.Verdict == Invalid {
			return Invalid
		}
		if s.Verdict == Undetermined {
			v = Undetermined
		}
	}
	return v
}
