// Package represent says who may act for whom: a parent for a child, a guardian for a ward, the
// head of a business for it and, by rights that she gives and ends, her staff. A mandate rests on
// what the state knows, on a paper that an officer looked at, or on somebody who had the right to
// give it. Until it is proved, one may file by it and see what one filed oneself, nothing else.
//
// law: public-services.md 4 — applicant (người nộp) ≠ dossier owner (chủ hồ sơ); 13 — organisations, tax codes.
//
//	business  an organisation that files; its id is that of a row in directory.person
//	mandate   by what one person acts for a party, from when to when, with which rights
package represent
