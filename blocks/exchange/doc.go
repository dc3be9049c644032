// Package exchange tells other systems what happens to our records, in order and until they have
// confirmed it, and hears what they say. A silent or broken peer never holds up a record: what is
// owed to it waits here, is seen, and is tried again. Where a peer says something else than we do,
// nothing is overwritten: an officer decides, and the decision is kept.
//
// law: public-services.md 6.3 — outbox, retries with back-off, idempotent on code and sequence,
// out-of-order rejected, "last synced" visible; 18.2 A30, A31.
//
//	cursor    how far the log of the house has been read
//	record    what a peer has been told of a record, and since when something is owed
//	sent      the messages, one by one
//	heard     what a peer told us, by its own sequence
//	copy      a dossier that another system works: only what it says
//	conflict  two systems say different things: both sides, and what was decided
//
// The queue is not a table of messages: each act writes its line into the record's own slip and its
// entry into the log, in one transaction; the log says that something is owed and the slip says what.
// So an act pays nothing for the exchange, and no message can be lost or made twice.
package exchange
