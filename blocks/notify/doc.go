// Package notify tells a person that something has happened: in her inbox here always, and by
// e-mail as she wishes. A notice is a struct whose exported fields are all its text needs; its
// texts are the keys notice.<kind>.subject and notice.<kind>.body in both languages, with the
// fields as values (Code is {{.code}}, AnswerBy is {{.answerBy}}); notice.<kind>.name, where it
// exists, names the sort of notice on the page of preferences.
//
// A field called Path is where the reader goes on, and no value. A time.Time is written as day and
// hour, with the tag `notice:"date"` as a day; an int64 called Amount or tagged `notice:"money"`
// is a sum in đồng.
//
//	notice      what was told to whom, whether it was read, and how its e-mail stands
//	setting     a person's language and what she wants by e-mail in general
//	preference  what she wants for one kind of notice
//
// E-mails leave by a job after the act. Each bears one Message-ID made of its notice: a crash may
// repeat a mail, never lose it, and the receiver's system can tell.
package notify
