// Package worklist is one table of what is on whose desk, why and until when, across all modules.
// Modules feed it inside their acts, so it is never behind; each item is on a named person's desk
// or on an office's desk for a right, and always has a due time.
//
//	item  one thing to do: open while done_at is null, at most one per subject and slot
//	view  a filter that an official keeps under a name
package worklist
