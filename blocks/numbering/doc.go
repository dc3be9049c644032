// Package numbering gives numbers: none twice under parallel load, none lost by a rollback, and
// every number that is not in use explained. A number is taken inside the act that uses it, so
// the series' row stays locked until that act commits; take it as late as possible.
//
//	series  the last number given, by agency, name and period
//	gap     numbers that stand for nothing, each with its reason
//
// In SQL, numbering.next(agency, series, period) and numbering.daily_code(prefix, series, at) may
// stand inside the INSERT that needs them: one round trip instead of two.
package numbering
