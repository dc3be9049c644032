// Package silence proves that no dossier is silent: each is on a named desk with a due time, returned
// with a reason and a way to mend it, or ended. A job looks at all of them again and again, writes
// down what it found, lays it on the supervisor's desk and mends nothing by itself.
//
// law: public-services.md 17 — status stuck for days, never routed: alarm; show holder and next step.
//
//	silence_run  one look: when, how many were checked by each rule, how many broke it and since when
//	silence      what was found, from when it was first seen until it was no longer
package silence
