// Package records keeps a person's own papers: results that were issued to her and papers that
// were digitised with her dossiers, so that the state need not ask for them again. Nobody reuses a
// paper without a purpose and her consent, and she sees each use.
//
// law: public-services.md 11 — a stored paper has owner, type, number, issuer, date, validity,
// source, file, signature and visibility; reuse records purpose and consent, the citizen sees it.
//
//	paper    one paper of one person
//	consent  what she allowed whom, for which purpose and until when
//	reuse    each use of a paper, append-only
package records
