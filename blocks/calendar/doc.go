// Package calendar knows when this province works, and until when an answer is due.
//
// The upper half of the package is pure: a Calendar is a value made of dated hours and dated
// days (holidays, days given for a weekend, swapped days); Deadline, WorkingBetween and
// TimingOf read it and nothing else. The lunar calendar proposes the days of a coming year.
// The lower half (Block) keeps both in the database: an authorised person publishes a year.
//
//	calendar.hours     opening hours per agency and use, by the day they begin to hold
//	calendar.year      a year's list of days: draft or published, by whom and when
//	calendar.day       the days of a year
//	calendar.revision  counts the changes, so that every node sees them
//
// law: public-services.md 8, 9 and 18.1 — the rules of counting and the worked examples.
package calendar
