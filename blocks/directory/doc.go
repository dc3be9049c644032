// Package directory knows who is who: administrative units, agencies of the four branches,
// people, their posts and who stands in for whom. All of it is dated: every read takes the day
// it asks about, so that 2023 stays as it was after the reorganisation of 2025.
//
//	unit, unit_successor       territory, and what became of it on a day (whole, part, remainder)
//	agency, agency_version     bodies with parent, unit and electronic identifier
//	agency_successor           who took over from whom
//	person                     every natural person, official or citizen
//	post                       a person in a position of an agency, from and to
//	position, position_right   what a position allows, and how far it reaches
//	delegation                 substitution and delegated signing, with dates and document
//	import_draft               a file of people waiting to be confirmed
//
// A dated row holds from valid_from to the day before valid_to; no valid_to means until now.
// Rights are plain strings whose meaning belongs to the modules that check them.
//
// law: documents.md 2.3 — delegations carry giver, taker, form, scope, dates and document.
// law: public-services.md 13 — the personal number is neither a key nor unique.
package directory
