// Package forms asks questions and checks answers. A form is data: sections of pages of questions
// in both languages, with conditions, repeated groups and sources for what is known already. Each
// version is kept; a record keeps the version it was answered under. The block knows no use case.
//
//	version  a form's dated definition
//	draft    answers of one person that are not yet submitted
//
// Answers are text in one canonical writing: "yes"/"no", ISO dates, digits with a decimal point.
// Decode reads what a person typed, Check judges it, Summary and Text show it again.
package forms
