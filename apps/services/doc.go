// Package services is the one-stop shop: a citizen files a dossier for an administrative
// procedure, the counter accepts it, an officer handles it, a leader decides and signs, the clerk
// numbers and seals, the desk returns the result. A dossier is never silent: it is on a named desk
// with a due time, returned with a reason and a way to mend it, or ended.
//
// law: public-services.md 4–8, 11, 12 — channels, forms, states, deadlines, catalogue.
//
//	procedure  what can be asked for; version: its dated definition, pinned by each dossier
//	published  what ministries published about it; doubt: what of that an official must confirm
//	dossier    one request, in one of the ten national states
//	move       the control slip (Phiếu kiểm soát): every hand-over, append-only, each legal by 6.2
//	request    one supplement request with its items
//	paper      the papers filed, each a place in the list of the definition
//	outgoing   Forms 01–05, receipts and results as signed files
//	opinion    what another body was asked about a dossier, until when, and what it said
//	filer      who filed in the name of a child, a ward or a business, and by which mandate
//	rating     what the citizen thought of it
package services
